"""What a sweep has done, kept in the user's cache, so that one that was interrupted goes on from there.

A file for each lesson: a line of JSON for each setting that is done, and for some that were begun where they
stood. Nothing in it is executed, and a line that is damaged counts as not there.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError, never
from tui_backprop.sessions.format import ArrayPart, pack_array, unpack_array
from tui_backprop.sweeps.elsewhere.messages import (
    DifferingPart,
    GroupPart,
    pack_differing,
    pack_state,
    unpack_differing,
    unpack_state,
)
from tui_backprop.sweeps.plan import SweepPlan, SweepPoint
from tui_backprop.sweeps.portions import Begun, Portion
from tui_backprop.sweeps.rows import NO_LOSSES, SweepRow, plain
from tui_backprop.sweeps.run import SweepRunner
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason
from tui_backprop.training.running import Reason
from tui_backprop.version import __version__

KEPT = 50
"""Files that stay; older ones go."""
MOST_BYTES = 1 << 28
"""A file that is longer is none of ours."""
MOST_BEGUN = 1 << 24
"""Bytes of the state of trainings that were begun; larger ones begin anew."""


class KeptSetting(Struct, frozen=True):
    """A setting that is done.

    Attributes:
        rows: iterations and losses.
        ended: how its training ended.
    """

    rows: tuple[tuple[int, float], ...]
    ended: Reason


class _BegunPart(Struct, frozen=True):
    """Trainings that were begun together, and where they stood."""

    settings: list[str]
    differing: DifferingPart
    state: GroupPart
    losses: ArrayPart


class SweepFile:
    """Keeps what is done of a sweep, or of others of the same lesson.

    Args:
        plan: the sweep.
        resumes: whether what an earlier sweep has done counts; it is dropped otherwise.
        folder: where files are kept; in the user's cache by default.

    Attributes:
        problem: why nothing can be kept; "" where it can.
    """

    def __init__(self, plan: SweepPlan, *, resumes: bool, folder: Path | None = None) -> None:
        self.problem = ""
        self._plan = plan
        self._known: dict[str, KeptSetting] = {}
        self._begun: dict[tuple[str, ...], _BegunPart] = {}
        self._path: Path | None = None
        try:
            place = sweeps_folder() if folder is None else folder
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path = place / f"{_key(plan)}.jsonl"
            if resumes:
                for page in _read(self._path):
                    self._take(page)
            else:
                self._path.unlink(missing_ok=True)
                _drop_old(place)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self._path, self.problem = None, system_reason(error)

    def _take(self, page: Any) -> None:
        """Take in a line; leave one that is damaged."""
        with contextlib.suppress(ValueError, KeyError, TypeError, msgspec.MsgspecError):
            if "begun" in page:
                data = base64.b64decode(page["begun"], validate=True)
                part = msgspec.msgpack.decode(data, type=_BegunPart)
                self._begun[tuple(part.settings)] = part
                return
            rows = tuple((int(iteration), float(loss)) for iteration, loss in page["rows"])
            if rows and page["ended"] in Reason.__args__:  # type: ignore[attr-defined]
                self._known[str(page["setting"])] = KeptSetting(rows, page["ended"])

    @property
    def done(self) -> int:
        """How many settings of the sweep are done already."""
        return sum(_name(point) in self._known for point in self._plan)

    def rows(self, point: SweepPoint) -> list[SweepRow] | None:
        """Return the rows of a setting that is done; None of another."""
        kept = self._known.get(_name(point))
        if kept is None:
            return None
        return [SweepRow(point.settings, k, loss, NO_LOSSES, kept.ended) for k, loss in kept.rows]

    def keep(self, point: SweepPoint, rows: Iterable[SweepRow]) -> None:
        """Note that a setting is done."""
        found = list(rows)
        page = {
            "setting": _name(point),
            "rows": [(row.iteration, row.loss) for row in found],
            "ended": found[-1].ended,
        }
        self._write(page)

    @property
    def begun(self) -> list[Begun]:
        """Trainings of the sweep that were begun and are not done, where they stood."""
        numbers = {_name(point): point.number for point in self._plan} if self._begun else {}
        found, taken = [], set[str]()
        for names, part in reversed(self._begun.items()):
            left = numbers.keys() - self._known.keys() - taken
            if not left.issuperset(names):
                continue
            with contextlib.suppress(ValueError):
                state = unpack_state(part.state)
                assert state is not None
                found.append(
                    Begun(
                        tuple(numbers[name] for name in names), unpack_differing(part.differing), state,
                        unpack_array(part.losses),
                    )
                )  # fmt: skip
                taken.update(names)
        return found

    def keep_begun(self, portions: Iterable[Portion]) -> None:
        """Note where trainings stand that were begun together and are not done."""
        names = {point.number: _name(point) for point in self._plan}
        for portion in portions:
            state = pack_state(portion.state)
            if state is None or portion.state is None or not portion.state.alive:
                continue
            losses = portion.losses.between(0, portion.state.iteration, portion.state.alive)
            part = _BegunPart(
                [names[number] for number in portion.numbers], pack_differing(portion.family.differing),
                state, pack_array(losses),
            )  # fmt: skip
            data = msgspec.msgpack.encode(part)
            if len(data) <= MOST_BEGUN:
                self._write({"begun": base64.b64encode(data).decode()})

    def _write(self, page: Mapping[str, Any]) -> None:
        if self._path is None:
            return
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            with open(handle, "a", encoding="utf-8") as file:
                file.write(f"\n{json.dumps(page)}\n")  # behind a line that was cut off
        except OSError as error:
            self._fail(error)


def sweeps_folder() -> Path:
    """Return where sweeps are kept; raise an OSError where there is no home folder."""
    from platformdirs import user_cache_path

    path = user_cache_path("tui-backprop")
    if not path.is_absolute():
        raise OSError(2, tr("there is no home folder"))
    return path / "sweeps"


def resumed(
    plan: SweepPlan, file: SweepFile, runner: SweepRunner, should_stop: Callable[[], bool] = never
) -> Iterator[tuple[SweepPoint, list[SweepRow]]]:
    """Yield the rows of each setting, those that are done already first, and keep the others.

    Where it is interrupted, it is kept as well how far those are that were begun together.

    Raises:
        Interrupted: ``should_stop`` said so; what was yielded is kept.
    """
    left: list[SweepPoint] = []
    for point in plan:
        rows = file.rows(point)
        if rows is None:
            left.append(point)
        else:
            yield point, rows
    try:
        for trained in runner.train(plan, left, should_stop):
            rows = list(trained.rows(plan.every))
            file.keep(trained.point, rows)
            yield trained.point, rows
    except (KeyboardInterrupt, BackpropError):
        file.keep_begun(runner.going)
        raise


def _key(plan: SweepPlan) -> str:
    """Return what tells sweeps apart whose rows are not the same: lesson, samples, length and version."""
    lesson = plan.lesson
    hashed = hashlib.sha256()
    hyperparameters = lesson.hyperparameters.replace(**plan.base).plain()
    hyperparameters["backend"] = plan.schedule(next(iter(plan)).settings).at(0).hyperparameters.backend
    hashed.update(repr((__version__, lesson.text, hyperparameters, plan.iterations, plan.every)).encode())
    held: Mapping[str, Any] = {} if lesson.validation is None else lesson.validation.samples
    for arrays in (lesson.samples, held, lesson.beside):
        for name, array in arrays.items():
            hashed.update(f"{name}{array.shape}".encode())
            hashed.update(array.tobytes())
    return hashed.hexdigest()[:32]


def _name(point: SweepPoint) -> str:
    return json.dumps({name: plain(value) for name, value in sorted(point.settings.items())})


def _read(path: Path) -> Iterator[Any]:
    """Yield the lines of a file; nothing where there is no such file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with open(handle, encoding="utf-8", errors="replace") as file:
        for line in file.read(MOST_BYTES).splitlines():
            with contextlib.suppress(ValueError, RecursionError):
                page = json.loads(line)
                if isinstance(page, dict):
                    yield page


def _drop_old(folder: Path) -> None:
    """Drop the oldest files, so that their number stays bounded."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT - 1 :]:
        path.unlink(missing_ok=True)
