"""What cannot be compiled."""


class UntraceableError(Exception):
    """Something that compiled code cannot be written for; it can still be done step by step."""
