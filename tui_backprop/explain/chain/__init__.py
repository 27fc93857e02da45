"""The whole chain from the loss to one node."""
