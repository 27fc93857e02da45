#!/usr/bin/env bash
# Expected: a text with a terminal's colour codes, shown by a library for terminals, looks as on the terminal. What
# happens: Rich's Text.from_ansi reads each number of an underline colour, CSI 58;5;1 m, as a code of its own, so that
# the text is bold and blinks; it takes the private CSI > 4;1 m for bold; and of a line that was overwritten after a
# carriage return it keeps the last piece alone: 'loss 0.25' followed by 'step' leaves 'step'. prompt_toolkit's ANSI
# prints the rest of codes that it does not read: colours with colons, the hiding of the cursor (25l) and links.
# Looked at: Rich 15.0.0, prompt_toolkit 3.0.53. It matters to who shows a training program's output in a panel of an
# own interface.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check rich==15.0.0 prompt_toolkit==3.0.53

"$python" - <<'END'
from importlib.metadata import version

from prompt_toolkit.formatted_text import ANSI, fragment_list_to_text, to_formatted_text
from rich.text import Text

print("rich", version("rich"), "prompt_toolkit", version("prompt_toolkit"))
styles = {"\x1b[58;5;1mloss": "bold blink", "\x1b[>4;1mloss": "bold", "\x1b[4mloss": "underline"}
for text, style in styles.items():
    read = Text.from_ansi(text)
    print(f"Rich {text!r} -> {read.plain!r} {[str(span.style) for span in read.spans]}")
    assert [str(span.style) for span in read.spans] == [style], "it has another style now"
overwritten = Text.from_ansi("loss 0.25\rstep").plain
print("Rich 'loss 0.25\\rstep' ->", repr(overwritten), " on a terminal 'step 0.25'")
assert overwritten == "step"

texts = {
    "\x1b[38:2::255:0:0mloss": "2::255:0:0mloss",
    "\x1b[4:3mloss": "3mloss",
    "\x1b[?25lloss": "25lloss",
    "\x1b]8;;https://example.org\x1b\\loss\x1b]8;;\x1b\\": "8;;https://example.orgloss8;;",
    "\x1b[38;2;255;0;0mloss": "loss",
}
for text, shown in texts.items():
    read = fragment_list_to_text(to_formatted_text(ANSI(text)))
    print(f"prompt_toolkit {text!r} -> {read!r}")
    assert read.replace("\x1b", "").replace("\\", "") == shown, "it shows another text now"
END
