"""Commands run in processes of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

COMMAND = shutil.which("tui-backprop") or str(Path(sys.executable).with_name("tui-backprop"))


def run(*args: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(args, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload]
