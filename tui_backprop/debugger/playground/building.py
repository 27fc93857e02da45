"""Building a network from dials, as a lesson in place of the one that is open."""

from __future__ import annotations

from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.replies import Note, Replies, View
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.backends import again
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer


def build(session: DebugSession, argument: str = "") -> Replies:
    """Build a network of what is typed as on the command line and open it; alone, say what there is.

    Raises:
        BackpropError: a dial cannot be read, or the dials do not go together; the lesson stays.
    """
    from tui_backprop.lessons.errors import LessonError
    from tui_backprop.lessons.network.checking import layer_shapes, parameter_count
    from tui_backprop.lessons.network.data import data_of
    from tui_backprop.lessons.network.dials import PRESETS
    from tui_backprop.lessons.network.lesson_text import build_lesson
    from tui_backprop.lessons.network.reading import OPTIONS, read_words

    if not argument:
        yield from (Note(f"{option.flag} {option.metavar}: {tr(option.help)}") for option in OPTIONS.values())
        line = f"build --dataset {next(iter(PRESETS))} --layers 2,8,8,1 --activation tanh"
        yield Note(tr("for example: {line}", line=line))
        return
    dials = read_words(argument)
    if dials.csv:
        raise LessonError(tr("csv: a table goes with tui-backprop build on the command line"))
    lesson = build_lesson(dials, session.trainer.lesson.sandbox)
    session.adopt(Trainer(lesson, backend=again(session.trainer.hyperparameters.backend)))
    yield View.LESSON
    if not session.front.panels:
        for shape in layer_shapes(dials, data_of(dials)):
            yield Note(tr("{layer}, {count:,} parameters", layer=shape.text, count=shape.parameters))
        yield Note(tr("{count:,} parameters together", count=parameter_count(dials)))
    yield View.PLACE


COMMANDS = (
    typed(
        "build N", build, later("Build a network from layers, data and training"), "build --layers 2,4,1",
        arguments="[--layers 2,8,8,1 --dataset NAME …]",
        more=later("The options are those of tui-backprop build; alone, it lists them."),
        key=Key("N", later("build"), help=later("Network: build one from dials, and see its shapes")),
    ),
)  # fmt: skip
