"""Everything that a worksheet is written as: a row a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tui_backprop.export.worksheets import as_json, latex, markdown, page
from tui_backprop.export.worksheets.worksheet import Worksheet


class Format(NamedTuple):
    """What writes the page to fill in, and what writes its key."""

    sheet: Callable[[Worksheet], str]
    key: Callable[[Worksheet], str]


FORMATS: Final = {
    "markdown": Format(markdown.write_sheet, markdown.write_key),
    "latex": Format(latex.write_sheet, latex.write_key),
    "html": Format(page.write_sheet, page.write_key),
    "json": Format(as_json.write_sheet, as_json.write_key),
}
