#!/usr/bin/env bash
# Expected: Textual is built on Rich, so square brackets in a label are markup for both or for neither, and Rich's
# escape() makes text safe for both. What happens: since Textual has a markup of its own, a Static drops "[W1]" and
# keeps "[x, y]", while a cell of a DataTable, still Rich's markup, does the reverse; rich.markup.escape("[W1]") changes
# nothing, as Rich sees no tag in it, and Textual then swallows it. Digits hide it all: "x[0]" and "[0.5, 1.0]" pass.
# Looked at: Textual 8.2.8 with Rich 15.0.0.
# It matters to who shows indices and shapes: W[i] vanishes in both, [B] in one, [x, y] in the other, without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check textual==8.2.8 rich==15.0.0

"$python" - <<'END'
import asyncio
from importlib.metadata import version

from rich.markup import escape
from textual.app import App
from textual.widgets import DataTable, Static

print("textual", version("textual"), "rich", version("rich"))
texts = ("x[0]", "[0.5, 1.0]", "W[i]", "[batch]", "[W1]", "[B]", "[x, y]", escape("[W1]"))


class Shown(App):
    def compose(self):
        for n, text in enumerate(texts):
            yield Static(text, id=f"text{n}")
        yield DataTable(show_header=False)

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_column("text", width=12)
        for text in texts:
            table.add_row(text)


async def main():
    app = Shown()
    async with app.run_test(size=(30, 30)) as pilot:
        await pilot.pause()
        table = app.query_one(DataTable)
        for n, text in enumerate(texts):
            static = app.query_one(f"#text{n}").render_line(0).text.strip()
            cell = table.render_line(n).text.strip()
            print(f"{text:12} Static {static!r:14} DataTable {cell!r}")
            yield text, static, cell


async def collect():
    return {text: (static, cell) async for text, static, cell in main()}


shown = asyncio.run(collect())
assert shown["x[0]"] == ("x[0]", "x[0]") and shown["[0.5, 1.0]"] == ("[0.5, 1.0]", "[0.5, 1.0]")
assert shown["W[i]"] == ("W", "W") and shown["[batch]"] == ("", "")
assert escape("[W1]") == "[W1]" and shown["[W1]"] == ("", "[W1]"), "Static and DataTable agree on [W1] now"
assert shown["[x, y]"] == ("[x, y]", ""), "Static and DataTable agree on [x, y] now"
END
