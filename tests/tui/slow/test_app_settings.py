"""A file of choices that is nonsense, and what is imported without the app."""

from __future__ import annotations

import subprocess
import sys

from tui_backprop.tui.choices import Choices, save_choices


async def test_the_app_starts_with_a_nonsensical_file(launch):
    save_choices(Choices("no such theme", "cubic", "nowhere"))
    async with launch("linear") as session:
        await session.press("n")
        assert "· linear" in session.lines[1]
        assert "Model: linear" in session.screen


def imported(code):
    check = f"import sys; {code}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_only_the_tui_imports_textual_and_plotext():
    code = (
        "import pkgutil, importlib, tui_backprop as tb; "
        "names = [module.name for module in pkgutil.walk_packages(tb.__path__, 'tui_backprop.')]; "
        "ours = ('tui_backprop.tui', 'tui_backprop.__main__'); "
        "[importlib.import_module(name) for name in names if not name.startswith(ours)]"
    )
    names = imported(code)
    assert "tui_backprop" in names
    assert not names & {"textual", "plotext", "rich"}
