"""Python for many runs of one graph at a time: arrays have an axis of runs in front."""
