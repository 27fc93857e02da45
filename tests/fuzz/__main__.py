"""``python -m tests.fuzz formula|toml|csv``: feed the commands lesson files of a stranger, and report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.support.fuzz.harness import KINDS, campaign


def main() -> int:
    """Run a campaign and print its summary; the exit code is 1 where something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to run one again")
    parser.add_argument("--save", type=Path, default=Path("fuzz-failures"), help="folder for reproducers")
    given = parser.parse_args()
    summary = campaign(given.kind, 60 * given.minutes, given.seed, given.first, given.save)
    sys.stdout.write(f"{summary.text()}\n")
    return 1 if summary.failures else 0


if __name__ == "__main__":
    sys.exit(main())
