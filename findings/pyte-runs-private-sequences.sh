#!/usr/bin/env bash
# Expected: a terminal emulator ignores a control sequence that it does not know, as real terminals do.
# What happens: pyte drops the private mark `>` and carries out what is left, so that xterm's request for modified
# keys, CSI > 4 ; 1 m, switches underline and bold on for all that follows; CSI < u, with which Textual gives the
# kitty keyboard back on exit, leaves the letter u on the screen; and colours with colons, CSI 38:2:... m, are
# printed as text. Erasing the screen in a colour colours only cells that held something; erasing a line, all.
# Looked at: pyte 0.8.2. It matters to tests that read a terminal program's screen through pyte: they fail, or
# pass, for what no terminal shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pyte==0.8.2

"$python" - <<'END'
from importlib.metadata import version

import pyte

print("pyte", version("pyte"))


def fed(text):
    screen = pyte.Screen(24, 3)
    pyte.Stream(screen).feed(text)
    return screen


modified_keys = fed("\x1b[>4;1mloss").buffer[0][0]
print("CSI > 4 ; 1 m loss -> bold", modified_keys.bold, "underscore", modified_keys.underscore)
assert modified_keys.bold and modified_keys.underscore, "the private sequence is ignored now"

sequences = ("?u", "<u", "=1;1u", "38:2::255:0:0m")
shown = {sequence: fed(f"\x1b[{sequence}$").display[0].rstrip() for sequence in sequences}
for sequence, text in shown.items():
    print(f"CSI {sequence:15} $ -> {text!r}")
assert shown["?u"] == "$"
assert shown["<u"] == "u$" and shown["=1;1u"] == "1;1u$", "the kitty sequences are ignored now"
assert shown["38:2::255:0:0m"] == "2::255:0:0m$", "colons are read now"

screen, line = fed("ab\x1b[44m\x1b[2J").buffer[0], fed("ab\x1b[44m\x1b[2K").buffer[0]
print("erased in blue, cells 0-3: screen", [screen[x].bg for x in range(4)], " line", [line[x].bg for x in range(4)])
assert [screen[x].bg for x in range(4)] == ["blue", "blue", "default", "default"], "all cells are coloured now"
assert [line[x].bg for x in range(4)] == ["blue"] * 4
END
