"""A network from dials: layers, data and training as a few settings that make a lesson."""
