"""Every command once, and how it is found: by its name, or by what is typed."""

from __future__ import annotations

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
from tui_backprop.text.printable import printable


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
            raise BackpropError(f"{error}; help glossary lists the words") from None
    if section is not None:
        yield HelpPage((section,))
    if entries:
        yield HelpPage((glossary(entries),))


COMMANDS: tuple[Command, ...] = (
    *moving.COMMANDS,
    *looking.COMMANDS,
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
        "help ?", help_, "All commands; or one of them, or a word of the screen, in full", "help print",
        arguments="[COMMAND | WORD]", more="help glossary lists the words; help upstream explains one, and "
        "help kinks what is taken for a derivative at kinks, here and elsewhere.",
        changes=False,
        key=Key("question_mark,f1", "help", 9, "? F1", "Help: keys, and words; typing searches"),
    ),
    on_screen(
        "palette", "Command palette, also Ctrl+P: every action by name, and the lessons",
        Key("colon", "palette", 16, ": Ctrl+P"),
    ),
    on_screen(
        "redraw", "Redraw the screen, whatever else has written on it",
        Key("ctrl+l", "redraw", shown="Ctrl+L", everywhere=True),
    ),
    on_screen(
        "suspend", "Suspend; fg in the shell comes back",
        Key("ctrl+z", "suspend", shown="Ctrl+Z", everywhere=True),
    ),
    typed(
        "quit q exit", None, "Quit; asks nothing, loses nothing", "quit", changes=False,
        key=Key("q", "quit", 10),
    ),
)  # fmt: skip
BY_NAME = {command.name: command for command in COMMANDS}
TYPED = tuple(command for command in COMMANDS if command.words)
BY_WORD = {word: command for command in TYPED for word in command.words}


def look_up(word: str) -> Command:
    """Return the command of a word, a letter, or a beginning that only one command has.

    Raises:
        BackpropError: there is none, or several; the message names the nearest.
    """
    if word in BY_WORD:
        return BY_WORD[word]
    # a single letter is a command of its own or none: a typing error must not quit or reset
    lower = word.lower()
    fitting = {known: c for known, c in BY_WORD.items() if len(word) > 1 and known.startswith(lower)}
    if len({command.name for command in fitting.values()}) == 1:
        return next(iter(fitting.values()))
    if fitting:
        raise BackpropError(f"{printable(word, 30)} may be {' or '.join(fitting)}; type more of it")
    hint = suggest(lower, [known for known in BY_WORD if len(known) > 1]) or "; help lists the commands"
    raise BackpropError(f"unknown command '{printable(word, 30)}'{hint}")
