"""What cannot be machine code."""

from tui_backprop.engine.compile.errors import UntraceableError


class NotNativeError(UntraceableError):
    """Something has no form as machine code, and is computed by NumPy."""
