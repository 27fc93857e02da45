"""What cannot be compiled."""


class UntraceableError(Exception):
    """Something that compiled code cannot be written for; it can still be done step by step."""


class NotTogetherError(UntraceableError):
    """Something that has no form for many runs at a time; one after the other they can still be done."""
