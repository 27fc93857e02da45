"""Measure training, its slopes and the app against their goals: ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys

SECTIONS = (
    "training", "native", "sweeps", "slopes", "ulp", "app", "looking", "pictures", "ssh", "host", "kill",
)  # fmt: skip
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=SECTIONS, help="one section in place of all")
    parser.add_argument(
        "--against",
        metavar="TREE",
        help="ratios to another folder with this program, or to a commit",
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: does it run at all?")
    arguments = parser.parse_args()
    os.environ |= ONE_THREAD  # before NumPy is imported, which looks at it once
    if arguments.against is not None:
        from tests.benchmarks import against

        against.main(arguments.against, quick=arguments.quick)
        return
    if arguments.only is not None:
        importlib.import_module(f"tests.benchmarks.{arguments.only}").main(quick=arguments.quick)
        return
    options = ["--quick"] if arguments.quick else []
    for section in SECTIONS:  # a process each: one section's packages would slow down the next
        subprocess.run([sys.executable, "-m", "tests.benchmarks", "--only", section, *options], check=True)


if __name__ == "__main__":
    main()
