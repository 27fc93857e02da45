"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: Path, text: str | bytes, folder_mode: int = 0o777, *, shared: bool = False) -> None:
    """Write a file beside the old one and put it in its place; its folder is made where it is missing.

    Args:
        path: the file.
        text: what it holds.
        folder_mode: permissions of a folder that has to be made, before the umask.
        shared: whether others may read it as far as the umask lets them; the user alone otherwise.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    path.parent.mkdir(mode=folder_mode, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        if shared:
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
