"""Nothing of the program reads a lesson, a session or a choice without saying within what."""

from __future__ import annotations

import ast
from pathlib import Path

import tui_backprop

WITH_SANDBOX = {
    "load_lesson": 2, "resume": 2, "SessionAutosave": 2,
    "choices_file": 1, "load_choices": 1, "save_choices": 2, "crash_file": 1,
}  # fmt: skip
"""What assumes a plain user's own login where no sandbox is given, and as which argument it comes."""


def test_every_call_passes_its_sandbox_on() -> None:
    seen = set()
    for path in Path(tui_backprop.__file__).parent.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in source for name in WITH_SANDBOX):
            continue
        for call in ast.walk(ast.parse(source)):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if (place := WITH_SANDBOX.get(call.func.id)) is not None:
                seen.add(call.func.id)
                named = any(argument.arg == "sandbox" for argument in call.keywords)
                assert named or len(call.args) >= place, f"{path.name}, line {call.lineno}"
    assert seen == set(WITH_SANDBOX)


def test_what_confines_is_no_state_of_a_module() -> None:
    for path in Path(tui_backprop.__file__).parent.rglob("*.py"):
        assert "_confinement" not in path.read_text(encoding="utf-8"), path
