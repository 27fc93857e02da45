"""The chain rule: the graph of a computation, and the tape that walks it forward and backward."""
