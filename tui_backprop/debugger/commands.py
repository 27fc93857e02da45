"""Every command once, and how it is found: by its name, or by what is typed."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce

from tui_backprop.debugger import changing, folding, lessons, looking, moving, practising
from tui_backprop.debugger.command import Command, Key, on_screen, typed
from tui_backprop.debugger.course import commands as course
from tui_backprop.debugger.playground import (
    building,
    by_hand,
    comparing,
    health,
    pictures,
    sharing,
    sweeping,
)
from tui_backprop.debugger.replies import CommandNames, HelpPage, Replies
from tui_backprop.debugger.session import DebugSession
from tui_backprop.engine.core.errors import BackpropError, suggest
from tui_backprop.text.language.keyboard import typed_keys
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import later, tr


def help_(session: DebugSession, argument: str = "") -> Replies:
    """Say what can be typed, or what a command, a word of the screen or a section of help means."""
    from tui_backprop.debugger.help.glossary import find
    from tui_backprop.debugger.help.sections import find_hyperparameter, find_section, glossary

    if not argument:
        yield CommandNames("")
        return
    entries, section = find(argument), find_section(argument) or find_hyperparameter(argument)
    try:
        yield CommandNames(look_up(argument).name)
    except BackpropError as error:
        if not entries and section is None:
            raise BackpropError(tr("{error}; help glossary lists the words", error=error)) from None
    if section is not None:
        yield HelpPage((section,))
    if entries:
        yield HelpPage((glossary(entries),))


_VIEWS = (
    on_screen("scale", later("Loss axis linear or logarithmic"), Key("l", later("log"))),
    on_screen(
        "zoom", later("Zoom: give the panel with the focus the whole screen, and take it back"),
        Key("z", later("zoom"), 15),
    ),
    on_screen(
        "present", later("Presenter's view: the current record alone, large; all keys go on working"),
        Key("V", later("present")),
    ),
    on_screen(
        "screenshot", later("Screenshot: write the screen as a picture, SVG or PNG"),
        Key("X", later("screenshot")),
    ),
    on_screen(
        "copy", later("Copy the current record (to the terminal's clipboard)"),
        Key("y", later("copy")),
    ),
)  # fmt: skip
"""What only a screen can do with what is looked at."""
COMMANDS: tuple[Command, ...] = (
    *moving.COMMANDS,
    *looking.COMMANDS,
    *_VIEWS,
    *pictures.COMMANDS,
    *comparing.COMMANDS,
    *sweeping.COMMANDS,
    *folding.COMMANDS,
    *changing.COMMANDS,
    *practising.COMMANDS,
    *health.COMMANDS,
    *by_hand.COMMANDS,
    *course.COMMANDS,
    *lessons.COMMANDS,
    *building.COMMANDS,
    *sharing.COMMANDS,
    typed(
        "help ?", help_, later("All commands; or one of them, or a word of the screen, in full"),
        "help print",
        arguments="[COMMAND | WORD]",
        more=later(
            "help glossary lists the words; help upstream explains one, and help kinks what is taken for a "
            "derivative at kinks, here and elsewhere."
        ),
        changes=False,
        key=Key("question_mark,f1", later("help"), 9, "? F1",
        later("Help: keys, and words; typing searches")),
    ),
    on_screen(
        "palette", later("Command palette, also Ctrl+P: every action by name, and the lessons"),
        Key("colon", later("palette"), 16, ": Ctrl+P"),
    ),
    on_screen(
        "redraw", later("Redraw the screen, whatever else has written on it"),
        Key("ctrl+l", later("redraw"), shown="Ctrl+L", everywhere=True),
    ),
    on_screen(
        "suspend", later("Suspend; fg in the shell comes back"),
        Key("ctrl+z", later("suspend"), shown="Ctrl+Z", everywhere=True),
    ),
    typed(
        "quit q exit", None, later("Quit; asks nothing, loses nothing"), "quit", changes=False,
        key=Key("q", later("quit"), 10),
    ),
)  # fmt: skip
BY_NAME = {command.name: command for command in COMMANDS}
TYPED = tuple(command for command in COMMANDS if command.words)
BY_WORD = {word: command for command in TYPED for word in command.words}


def look_up(word: str, names: Collection[str] = ()) -> Command:
    """Return the command of a word, a letter, or a beginning that only one command has.

    Hangul stands for the letters on its keys, unless it is one of the lesson's names.

    Raises:
        BackpropError: there is none, or several; the message names the nearest.
    """
    found, word = word, word if word in names else typed_keys(word)
    if word in BY_WORD:
        return BY_WORD[word]
    # a single letter is a command of its own or none: a typing error must not quit or reset
    lower = word.lower()
    fitting = {known: c for known, c in BY_WORD.items() if len(word) > 1 and known.startswith(lower)}
    if len({command.name for command in fitting.values()}) == 1:
        return next(iter(fitting.values()))
    if fitting:
        several = reduce(lambda one, other: tr("{one} or {other}", one=one, other=other), fitting)
        raise BackpropError(
            tr("{word} may be {words}; type more of it", word=printable(found, 30), words=several)
        )
    if hint := suggest(lower, [known for known in BY_WORD if len(known) > 1]):
        raise BackpropError(tr("unknown command '{word}'{hint}", word=printable(found, 30), hint=hint))
    raise BackpropError(tr("unknown command '{word}'; help lists the commands", word=printable(found, 30)))
