#!/usr/bin/env bash
# Expected: what a type checker passes as an argument of `dataclasses.replace` is a dataclass.
# What happens: msgspec's Struct is declared with `dataclass_transform`, and mypy in strict mode takes a struct for
# a dataclass in `dataclasses.replace`; when it runs, it raises TypeError. `msgspec.structs.replace` is meant, and
# `copy.replace` from Python 3.13 on. Looked at: msgspec 0.23.0 with mypy 2.4.1.
# It matters when records move from dataclasses to structs: the checker names none of the calls that break.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check msgspec==0.23.0 mypy==2.4.1

cat >"$folder/record.py" <<'END'
from dataclasses import replace

from msgspec import Struct, structs


class Step(Struct, frozen=True):
    name: str
    line: int = 1


def main() -> None:
    step = Step("w")
    print("msgspec.structs.replace:", structs.replace(step, line=2))
    try:
        print("dataclasses.replace:", replace(step, line=2))
    except TypeError as error:
        print("dataclasses.replace:", error)
    else:
        raise SystemExit("dataclasses.replace takes a struct now")


main()
END
cd "$folder"
venv/bin/mypy --strict record.py || { echo "mypy names it now"; exit 1; }
venv/bin/python record.py
