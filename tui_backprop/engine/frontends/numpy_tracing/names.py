"""Which variable's name each line of the formula gets."""

from __future__ import annotations

from collections.abc import Iterable

from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.language.formula import check_name
from tui_backprop.engine.language.reading.aliases import MODULES
from tui_backprop.engine.language.syntax import CONSTANTS
from tui_backprop.text.spelling import pretty


def usable(name: str) -> bool:
    """Tell whether a variable's name can be one of the formula's."""
    if name.startswith("_") or name in CONSTANTS or any(m.split(".")[0] == name for m in MODULES):
        return False
    try:
        check_name(name, 1, 1)
    except FormulaError:
        return False
    return True


class Names:
    """Hands out names.

    Args:
        taken: those of what is given, which nothing else gets.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._shown = {pretty(name): name for name in self._taken}
        self._until: dict[str, float] = {}
        self._unnamed = 0

    def take(self, wanted: Iterable[tuple[int, int, str]], since: int, until: float) -> str:
        """Return the name of a value that is made at one place of the run and used until another.

        ``wanted`` are the variables that held it: how deep, since when, name.
        A name that is free again is given again: the formula then assigns it several times, as programs do.
        """
        for _, _, name in sorted(wanted):
            name = name.lstrip("_")
            for spelled in (name, f"{name}_"):
                if usable(spelled):
                    return self._numbered(spelled, since, until)
        while True:
            self._unnamed += 1
            if self._is_free(name := f"v{self._unnamed}", since):
                return self._keep(name, until)

    def _numbered(self, name: str, since: int, until: float) -> str:
        tried, number = name, 1
        while not self._is_free(tried, since):
            number += 1
            tried = f"{name}_{number}"
        return self._keep(tried, until)

    def _is_free(self, name: str, since: int) -> bool:
        if name in self._taken or self._shown.get(pretty(name), name) != name:
            return False
        return self._until.get(name, -1.0) <= since

    def _keep(self, name: str, until: float) -> str:
        self._until[name] = until
        self._shown[pretty(name)] = name
        return name
