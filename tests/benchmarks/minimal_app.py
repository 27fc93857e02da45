"""What any Textual app needs to start: a header, a table with something in it, and a footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import DataTable, Footer, Header


class MinimalApp(App[None]):
    BINDINGS = (Binding("q", "quit", "Quit"),)

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("name", "value")
        table.add_row("the only row", "1")


if __name__ == "__main__":
    MinimalApp().run()
