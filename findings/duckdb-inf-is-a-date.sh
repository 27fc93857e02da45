#!/usr/bin/env bash
# Expected: inf in a CSV file is a float, as it is when it comes after an ordinary number. What happens: DuckDB's type
# detection first holds inf for a date, and infinity is one: the losses of a run that diverged at once, all inf,
# become a column of dates, 31 December 9999, and inf followed by numbers becomes a column of strings. So the type of
# a column depends on its first row; nan has no such trouble, and with the type given all are read. The file that
# DuckDB itself wrote from doubles is read in the same way. Looked at: DuckDB 2.0.1. It matters for training logs and
# for bounds, which often begin with an infinite best loss.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1

"$python" - <<'END'
import tempfile
from importlib.metadata import version
from pathlib import Path

import duckdb

print("duckdb", version("duckdb"))
folder = Path(tempfile.mkdtemp())
path = str(folder / "losses.csv")


def read(losses, **options):
    duckdb.sql("select unnest(?) as loss", params=[[float(loss) for loss in losses]]).write_csv(path, header=True)
    table = duckdb.read_csv(path, header=True, **options)
    return str(table.types[0]), [row[0] for row in table.fetchall()]


expected = {
    ("0.5", "inf", "1.5"): "DOUBLE",
    ("nan", "0.5", "1.5"): "DOUBLE",
    ("inf", "0.5", "1.5"): "VARCHAR",
    ("inf", "inf", "inf"): "DATE",
}
for losses, name in expected.items():
    found, values = read(losses)
    print(f"{Path(path).read_text()!r} -> {found} {[str(value) for value in values]}")
    assert found == name, "it is another type now"
    told = read(losses, dtype={"loss": "DOUBLE"})[1]
    assert [str(value) for value in told] == list(losses)
assert str(read(["inf", "inf"])[1][0]) == "9999-12-31"
END
