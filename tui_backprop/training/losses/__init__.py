"""The losses of a training: the last ones exact, older ones thinned out, and any of them again by replay."""
