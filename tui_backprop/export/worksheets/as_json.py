"""A worksheet as JSON, for somebody's own page, quiz or grader: names are as the lesson writes them."""

from __future__ import annotations

import json
from typing import Any

from tui_backprop.export.worksheets.worksheet import Item, Worksheet


def write_sheet(sheet: Worksheet) -> str:
    """Write the page to fill in: the value of a blank is null, and it says its number and its shape."""
    steps = [
        {
            "number": step.number,
            "section": step.section,
            "title": step.title,
            "items": [_item(i) for i in step.items],
        }
        for step in sheet.steps
    ]
    given = {name: value.tolist() for name, value in sheet.given}
    return _text(
        {**_heading(sheet), "formula": list(sheet.formula), "given": given, "learning_rate": sheet.rate,
         "blanks": len(sheet.blanks), "steps": steps}
    )  # fmt: skip


def write_key(sheet: Worksheet) -> str:
    """Write what stands in the blanks, by their numbers."""
    answers = [
        {"blank": item.blank, "step": step.number, "kind": item.kind, "of": item.of, "text": item.text,
         "value": item.value.tolist()}
        for step, item in sheet.blanks
    ]  # fmt: skip
    return _text({**_heading(sheet), "answers": answers})


def _text(page: dict[str, Any]) -> str:
    return json.dumps(page, ensure_ascii=False, indent=2) + "\n"


def _heading(sheet: Worksheet) -> dict[str, Any]:
    return {"lesson": sheet.lesson, "title": sheet.title, "seed": sheet.seed, "iteration": 0}


def _item(item: Item) -> dict[str, Any]:
    read = item.shown and not item.blank
    return {
        "kind": item.kind, "of": item.of, "text": item.text, "blank": item.blank or None,
        "shape": list(item.value.shape), "value": item.value.tolist() if read else None,
    }  # fmt: skip
