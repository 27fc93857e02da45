"""Where no session can be kept: which folder is in the way, and why."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

_LASTING = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Errors by which a folder cannot be had, however often it is tried; a full disk is another matter."""


class NoPlaceError(OSError):
    """There is no folder that sessions can be kept in; its text names what is in the way.

    Attributes:
        reason: the system's word for it, without any path.
    """

    reason = ""


def no_place(error: OSError, folder: Path | None) -> OSError:
    """Return the error as one that names the deepest folder there is on the way; others are left as they are.

    Args:
        error: what making a folder, or a file in it, has ended with.
        folder: the folder; None where not even its name could be found out.
    """
    if error.errno not in _LASTING or isinstance(error, NoPlaceError):
        return error
    text = reason = system_reason(error)
    if folder is not None:
        place = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
        shown = printable(str(place), 200)
        text = (
            tr("cannot write in {folder}: {reason}", folder=shown, reason=reason)
            if place.is_dir()
            else tr("{folder} is no folder: {reason}", folder=shown, reason=reason)
        )
    found = NoPlaceError(error.errno, text)
    found.reason = reason
    return found
