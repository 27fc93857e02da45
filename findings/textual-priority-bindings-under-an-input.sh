#!/usr/bin/env bash
# Expected: a priority binding, which Textual checks before the widget that has the focus, fires while an Input has
# it; or, as the Input wants its printable keys, fires for none of these. What happens: it fires for / - + @ _ and the
# backslash, but not for ? : , . = * or a letter. The six are the keys that Textual names otherwise than Unicode does
# (slash, not solidus), so that their character is not found from the name and the Input is not asked. So with
# bindings on ? and / help stays shut while one types a number, search opens, and an Input in an app with a binding on
# minus takes no negative number. Looked at: Textual 8.2.8, with its Pilot and in a pseudo-terminal. It matters to
# whoever gives an app one-key commands and a field for numbers, paths or formulas.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check textual==8.2.8

"$python" - <<'END'
import asyncio
import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import textual

print("textual", textual.__version__)
source = '''
from textual.app import App
from textual.binding import Binding
from textual.keys import _character_to_key
from textual.widgets import Input

KEYS = "/-+@_\\\\?:,.=*x7"


class Field(App):
    BINDINGS = [Binding(_character_to_key(key), "fire", priority=True) for key in KEYS]

    def compose(self):
        yield Input()

    def action_fire(self):
        self.exit("fires")

    def on_input_changed(self, event):
        self.exit("typed " + event.value[:1])


if __name__ == "__main__":
    open("result", "w").write(Field().run())
'''
folder = Path(tempfile.mkdtemp())
(folder / "field.py").write_text(source)
sys.path.insert(0, str(folder))
from field import KEYS, Field


def in_terminal(key):
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "field.py"],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
    )

    def drain():
        try:
            while os.read(ours, 65536):
                pass
        except OSError:
            pass

    os.close(theirs)
    threading.Thread(target=drain, daemon=True).start()
    for _ in range(100):
        time.sleep(0.5)
        if program.poll() is not None:
            break
        os.write(ours, key.encode())
    program.kill()
    return (folder / "result").read_text()


async def in_pilot(key):
    app = Field()
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
    return app.return_value


found = {key: asyncio.run(in_pilot(key)) for key in KEYS}
print("Pilot:   ", found)
assert found == {key: "fires" if key in "/-+@_\\" else f"typed {key}" for key in KEYS}, "the bindings are even now"
found = {key: in_terminal(key) for key in "/-?x"}
print("terminal:", found)
assert found == {"/": "fires", "-": "fires", "?": "typed ?", "x": "typed x"}
END
