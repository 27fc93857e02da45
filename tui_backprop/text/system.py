"""What the operating system says of a file, in the language that is spoken."""

from __future__ import annotations

from tui_backprop.text.sentences import later, tr

KNOWN = frozenset(
    {
        later("No such file or directory"),
        later("Permission denied"),
        later("File exists"),
        later("Not a directory"),
        later("Is a directory"),
        later("Invalid argument"),
        later("File too large"),
        later("No space left on device"),
        later("Read-only file system"),
        later("File name too long"),
        later("Too many levels of symbolic links"),
        later("Too many open files"),
        later("Input/output error"),
        later("Disk quota exceeded"),
        later("Address already in use"),
        later("Cannot assign requested address"),
        later("Operation not permitted"),
    }
)
"""What Linux says most often."""


def system_reason(error: OSError) -> str:
    """Return why something failed, as the system says it; what has no translation stays as it is."""
    reason = error.strerror or str(error)
    return tr(reason) if reason in KNOWN else reason
