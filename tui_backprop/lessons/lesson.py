"""A lesson: a formula, data and starting parameters; everything else about it is notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from msgspec import Struct, structs

from tui_backprop.engine.autodiff.graph import Graph, Kind
from tui_backprop.engine.autodiff.records import Record
from tui_backprop.engine.core.arrays import DTYPES, Array, Shape, frozen
from tui_backprop.engine.core.backends import PLAIN, named
from tui_backprop.engine.core.errors import FormulaError
from tui_backprop.engine.core.mode import Mode
from tui_backprop.engine.language.build import Leaf, build_graph
from tui_backprop.engine.language.formula import Formula
from tui_backprop.lessons.csv_files.reading import NOTHING_READ, Reading
from tui_backprop.lessons.evaluation.validation import Validation
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.notes import Slip, Why
from tui_backprop.lessons.specs.initializers import INITIALIZERS
from tui_backprop.lessons.specs.source import ProgramSource
from tui_backprop.text.numbers import of_single, shape_text
from tui_backprop.text.sentences import tr

if TYPE_CHECKING:
    from tui_backprop.lessons.specs.teaching import DrawnTable, DrawRule
    from tui_backprop.lessons.teaching.questions import LessonQuestion
    from tui_backprop.lessons.teaching.tasks import LessonTask


class ParameterSpec(Struct, frozen=True):
    """How one parameter starts: a value, or a rule with shape and scale."""

    name: str
    shape: Shape
    trainable: bool
    value: Array | None = None
    rule: str = ""
    scale: float = 1.0
    fan_in: int | None = None

    def start(self, rng: Callable[[], Any]) -> Array:
        """Return the value, or draw it; ``rng`` gives what draws."""
        if self.value is not None:
            return self.value
        return INITIALIZERS[self.rule].start(rng, self.shape, self.scale, self.fan_in)


def count_rows(samples: Mapping[str, Array]) -> int | None:
    """Return how many samples these arrays have; None where there are no arrays."""
    return next((len(array) for array in samples.values()), None)


class Lesson(Struct, frozen=True, eq=False, dict=True):
    """A checked lesson.

    Attributes:
        name: the built-in name, or the file's stem.
        title, summary: for people.
        path: the file it came from.
        text: the file's text.
        formula: the formula as the file has it.
        lines: the parsed formula.
        loss: name of the loss.
        data: constants by name.
        samples: arrays whose first axis counts samples, by name: those that are trained on.
        validation: samples that are not; None where all are.
        quiet: codes of the remarks that are not made.
        recipes: of those that the file has as a table, the table: ``linspace`` or ``formula``.
        beside: arrays of files beside the lesson that are no samples, by entry: ``parameters.W``.
        parameters: how the parameters start, in file order.
        hyperparameters: what they start with.
        chosen: those that the file names.
        reading: how the cells of a CSV file became samples: classes, scales, what was missing.
        vocabulary: where the samples are made of a text, its tokens by their numbers.
        generator: "pcg64" or "legacy", the source of random starts.
        whys, slips: the teacher's notes and the mistakes to catch.
        tasks, questions: what is to be reached and answered, for courses.
        draws: how numbers are drawn for each student, by name.
        drawn: how they were, where they are not those of the file's tables; None where they are.
        source: the program that it was made of; None where it was written as a lesson.
        sandbox: what it was loaded with, and what another in its place is to be loaded with.
        dtype: what its arrays are of, "float64" or "float32".
        backend: full name of the back end that its graphs are computed with; no file sets it.
    """

    name: str
    title: str
    summary: str
    path: Path
    text: str
    formula: str
    lines: Formula
    loss: str | None
    data: Mapping[str, Array]
    samples: Mapping[str, Array]
    parameters: Mapping[str, ParameterSpec]
    hyperparameters: Hyperparameters
    generator: str = "pcg64"
    builtin: bool = False
    whys: tuple[Why, ...] = ()
    slips: tuple[Slip, ...] = ()
    tasks: tuple[LessonTask, ...] = ()
    questions: tuple[LessonQuestion, ...] = ()
    draws: Mapping[str, DrawRule] = {}
    drawn: DrawnTable | None = None
    quiet: tuple[str, ...] = ()
    validation: Validation | None = None
    recipes: Mapping[str, Mapping[str, Any]] = {}
    beside: Mapping[str, Array] = {}
    chosen: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    source: ProgramSource | None = None
    reading: Reading = NOTHING_READ
    sandbox: Sandbox = OPEN
    dtype: str = "float64"
    backend: str = PLAIN
    _others: dict[tuple[str, str], Lesson] = {}
    _graphs: dict[tuple[int | None, Mode], Graph] = {}

    def __post_init__(self) -> None:
        # one layout for all that is given: the last bits of a sum depend on it
        for name in ("data", "samples"):
            arrays = {key: frozen(np.array(value, order="C")) for key, value in getattr(self, name).items()}
            structs.force_setattr(self, name, MappingProxyType(arrays))

    def __repr__(self) -> str:
        names = (name for name in self.__struct_fields__ if not name.startswith("_"))
        return f"Lesson({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def in_type(self, dtype: str, backend: str = PLAIN) -> Lesson:
        """Return the same lesson in a type and under a back end, by default as it was read; made once.

        Its data, samples and parameters are rounded to the type.
        """
        if (dtype, backend) == (self.dtype, self.backend):
            return self
        self._others.setdefault((self.dtype, self.backend), self)
        if (dtype, backend) not in self._others:
            self._others[dtype, backend] = self._other(dtype, backend)
        return self._others[dtype, backend]

    def _other(self, dtype: str, backend: str) -> Lesson:
        near = self.in_type(dtype) if backend != PLAIN else self._others.get(("float64", PLAIN), self)
        other = structs.replace(near, dtype=dtype, backend=backend, _graphs={})
        for name in ("data", "samples", "validation"):
            structs.force_setattr(other, name, getattr(near, name))
        if dtype != near.dtype:
            for name in ("data", "samples"):
                structs.force_setattr(other, name, _cast(getattr(other, name), dtype))
            if other.validation is not None:
                held = structs.replace(other.validation, samples=_cast(other.validation.samples, dtype))
                structs.force_setattr(other, "validation", held)
        return other

    def digits(self, number: float) -> float:
        """Return a number of the lesson's type with no more digits than that has."""
        return number if self.dtype == "float64" else of_single(number)

    @property
    def program(self) -> ProgramSource:
        """The program that the lesson was made of; where there is none, its formula."""
        return self.source or ProgramSource.of_formula(self.formula, self.lines)

    @property
    def rows(self) -> int | None:
        """How many samples there are; None for a lesson without samples."""
        return count_rows(self.samples)

    def rows_of(self, values: Mapping[str, Array]) -> int | None:
        """Return how many samples a batch has, given its values by name; None without samples."""
        return count_rows({name: values[name] for name in self.samples})

    def batch_rows(self, batch_size: int | Literal["all"]) -> tuple[int | None, ...]:
        """Return the sizes of batches that occur: the usual one and, with a rest, that of an epoch's last."""
        rows = self.rows
        if rows is None or batch_size == "all":
            return (rows,)
        rest = rows % batch_size
        return (batch_size, rest) if rest else (batch_size,)

    @property
    def patience(self) -> int | None:
        """Iterations without a lower validation loss after which a run stops; None for never."""
        return self.validation.early_stop if self.validation is not None else None

    @property
    def trains(self) -> bool:
        """Whether there is anything to update."""
        return any(spec.trainable for spec in self.parameters.values())

    def is_noted(self, record: Record) -> bool:
        """Tell whether the lesson says why at a record, whatever its numbers are."""
        return any(why.when is None and why.belongs_to(record) for why in self.whys)

    def graph(self, rows: int | None = None, mode: Mode = Mode.TRAINING) -> Graph:
        """Return the graph for a batch of that many samples (all of them by default); each is built once.

        Raises:
            FormulaError: shapes that do not fit.
        """
        key = self.rows if rows is None else rows, mode
        if key not in self._graphs:
            same = (known for (known_rows, _), known in self._graphs.items() if known_rows == key[0])
            graph = next((known for known in same if not known.by_mode), None)
            if graph is None and self.backend != PLAIN:
                graph = self.in_type(self.dtype).graph(rows, mode).under(named(self.computed_by))
            elif graph is None:
                graph = self.build(self.lines, *key)
            known = next(iter(self._graphs.values()), graph).running()
            for name, start in graph.running().items():
                if start.shape != known[name].shape:
                    raise FormulaError(
                        tr(
                            "{name} has shape {shape}, and {other_shape} with other samples; axis 1 of what "
                            "batch_norm is given must count features",
                            name=name,
                            shape=shape_text(known[name].shape),
                            other_shape=shape_text(start.shape),
                        )
                    )
            self._graphs[key] = graph
        return self._graphs[key]

    def build(self, lines: Formula, rows: int | None, mode: Mode = Mode.TRAINING) -> Graph:
        """Build a graph from these lines over the lesson's leaves."""
        leaves: dict[str, Leaf] = {name: Leaf(Kind.DATA, array.shape) for name, array in self.data.items()}
        for name, array in self.samples.items():
            leaves[name] = Leaf(Kind.SAMPLES, (rows if rows is not None else len(array), *array.shape[1:]))
        for name, spec in self.parameters.items():
            leaves[name] = Leaf(Kind.PARAMETER, spec.shape, spec.trainable)
        return build_graph(lines, leaves, self.loss, mode, DTYPES[self.dtype], self.computed_by)

    @property
    def computed_by(self) -> str:
        """The full name of the back end that its graphs have: of single precision NumPy's."""
        return self.backend if self.dtype == "float64" else PLAIN

    def start(self, seed: int) -> dict[str, Array]:
        """Draw the starting parameters: one stream for all draws, in file order, in the lesson's type.

        Running statistics are with them.
        """
        stream = _Stream(self.generator, seed)
        drawn = {name: spec.start(lambda: stream.draws) for name, spec in self.parameters.items()}
        start = {**drawn, **self.running}
        return start if self.dtype == "float64" else dict(_cast(start, self.dtype))

    @property
    def running(self) -> dict[str, Array]:
        """The running statistics before the first iteration, by name."""
        graph = next(iter(self._graphs.values()), None) or self.graph()
        return graph.running()


def _cast(arrays: Mapping[str, Array], dtype: str) -> Mapping[str, Array]:
    """Return arrays rounded to a type."""
    with np.errstate(over="ignore"):  # what is too large for it becomes Infinity
        return MappingProxyType({name: frozen(a.astype(DTYPES[dtype])) for name, a in arrays.items()})


class _Stream:
    """A stream of random numbers, made when the first is drawn: NumPy takes 10 ms to import them."""

    def __init__(self, generator: str, seed: int) -> None:
        self._generator, self._seed = generator, seed

    @cached_property
    def draws(self) -> Any:
        """What draws them."""
        make = np.random.RandomState if self._generator == "legacy" else np.random.default_rng
        return make(self._seed)
