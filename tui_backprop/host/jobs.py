"""Whether a shell with job control waits behind this process, so that Ctrl+Z has somewhere to go.

The kernel stops nobody for Ctrl+Z in an orphaned process group: one none of whose members has a parent in
another group of the same session. SIGSTOP, by which a program stops itself, would let it sleep for good.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FAR = 50
"""Generations that are looked through, at most."""


def can_be_woken() -> bool:
    """Tell whether this process may stop itself: somebody who started it can go on with it."""
    group, session = os.getpgrp(), os.getsid(0)
    parent = os.getppid()
    for _ in range(FAR):
        if parent < 1:
            return False
        try:
            if os.getsid(parent) != session:
                return False  # the session's leader is of our own group: there is no shell
            if os.getpgid(parent) != group:
                return True
        except OSError:  # it has ended, or is not to be seen from here
            return False
        parent = _parent_of(parent)
    return False


def _parent_of(process: int) -> int:
    """Return a process's parent; 0 where that cannot be found out."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[1])
    import subprocess  # macOS has no /proc

    ask = ["/bin/ps", "-o", "ppid=", "-p", str(process)]
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        return int(subprocess.run(ask, capture_output=True, text=True, timeout=2, check=False).stdout)
    return 0
