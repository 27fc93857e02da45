"""What all tests share: the slow ones by folder, Hypothesis, and a configuration folder of their own."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.support")

# The same examples every time, though the order of the tests is another: a change is judged by what it
# changes. ``--hypothesis-profile=search`` draws new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("search", deadline=None, database=None, print_blob=True)
settings.load_profile("repeatable")

_COUNT = count()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what lies in a folder called ``slow``; a slow case of a fast test carries the mark itself."""
    if "slow" in item.path.parts:
        item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _numpy_by_itself(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have NumPy chosen where no test asks for a back end, whether llvmlite is there or not.

    Numbers that are compared with what a script of NumPy prints are NumPy's; a test marked ``by_itself`` has
    the back end that users get.
    """
    if request.node.get_closest_marker("by_itself") is None:
        monkeypatch.setattr("tui_backprop.engine.core.backends.can_compile", lambda: False)


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the user's remembered choices out of the tests, and the tests' out of the user's folders.

    Few tests write there, so the folders are named and not made.
    """
    own = tmp_path_factory.getbasetemp() / f"own-{next(_COUNT)}"
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(own / variable.lower()))
