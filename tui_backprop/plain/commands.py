"""Every command once: words, what it does, an example. Help, completion and look-up are made from this."""

from __future__ import annotations

from dataclasses import dataclass

from tui_backprop.engine.errors import BackpropError, printable, suggest


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be typed.

    Attributes:
        words: its word and its letters; unique beginnings of the words will do as well.
        arguments: what may follow, as help shows it.
        help: what it does, on one line.
        example: a line that can be typed in some lesson.
        more: what else there is to say.
        moves: whether an empty line repeats it.
        changes: whether it may change the training; one that only looks can be given up anywhere.
    """

    words: tuple[str, ...]
    arguments: str
    help: str
    example: str
    more: str = ""
    moves: bool = False
    changes: bool = True

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0]

    @property
    def usage(self) -> str:
        """All its words, and what may follow."""
        return ", ".join(self.words) + (f" {self.arguments}" if self.arguments else "")


def _looks(words: str, arguments: str, text: str, example: str, more: str = "") -> Command:
    return Command(tuple(words.split()), arguments, text, example, more, changes=False)


def _moves(words: str, arguments: str, text: str, example: str, more: str = "") -> Command:
    return Command(tuple(words.split()), arguments, text, example, more, moves=True)


def _changes(words: str, arguments: str, text: str, example: str, more: str = "") -> Command:
    return Command(tuple(words.split()), arguments, text, example, more)


COMMANDS = (
    _moves("step s", "[N]", "Step one record on, or N: a value, a chain-rule factor, an update", "step 3"),
    _moves("next n", "[N]", "Next iteration: to its start, from wherever we are; or N of them", "next"),
    _moves(
        "continue c run", "[N]", "Run to the iteration target or a breakpoint, or N iterations on", "c 100",
        "Ctrl-C pauses. A line every two seconds says how far it is.",
    ),
    _moves("back b", "[N]", "Back one record, or N", "back"),
    _moves("previous p", "[N]", "Start of this iteration, or of the one before; N times", "previous"),
    _changes(
        "goto i", "K", "Go to an iteration, back or ahead", "goto 10",
        "Ahead it runs, and breakpoints stop it on the way.",
    ),
    _changes(
        "find f /", "NAME", "Find a node by name, and go to where its gradient is complete", "find beta"
    ),
    _changes("reset r", "", "Reset: start anew from iteration 0", "reset"),
    _looks("where status", "", "Where we are, and what is set by hand", "where"),
    _looks("list l", "", "The records of this iteration: done, here, to come", "list"),
    _changes(
        "explain", "[all | NAME]", "The current record; all of this iteration; or the chain to a node",
        "explain", "explain all and explain NAME print what tui-backprop explain prints, and move nothing.",
    ),
    _looks("values v", "", "All numbers of the current record, in full", "values"),
    _looks(
        "print", "NAME | NAME[I,J] | FORMULA", "A node's value and gradient, of one element, or a formula",
        "print beta", "Formulas name nodes, and gradients as d<name>: print X.T @ dz.",
    ),
    _looks("examine x", "NAME [I,J]", "One element of a gradient as a sum of scalar terms", "examine beta 0"),
    _looks("graph 4", "", "The computation as a tree from the loss down, with values and gradients", "graph"),
    _looks("parameters 3", "", "The parameters: value, gradient, next update", "parameters"),
    _looks("model 1", "", "The lesson: title, formula, data", "model"),
    _looks("loss", "", "The loss at the current parameters", "loss"),
    _looks("losses", "[N]", "How the loss went: first, last, lowest, and the last N in full", "losses 5"),
    _looks("program e", "", "The code that runs are compiled to, below the formula", "program"),
    _changes(
        "set h 2", "[NAME VALUE]", "Turn a hyperparameter; without a value, show it; alone, list all",
        "set learning_rate 0.1", "set NAME=VALUE will do as well.",
    ),
    _changes(
        "whatif o", "[NAME = VALUE]", "What if? Put a value in by hand; alone, list what is put in",
        "whatif y_hat = [0.8, 0.3, 0.4]", "An element: whatif X[1,0] = 7.",
    ),
    _changes("release", "NAME", "Lift a value that was put in by hand", "release y_hat"),
    _changes("undo u", "", "Undo the last change of a value or a hyperparameter", "undo"),
    _changes("redo U", "", "Redo what was undone", "redo"),
    _changes(
        "break B", "[CONDITION]", "Add a breakpoint; alone, list them", "break loss < 0.01",
        "Also abs(w) > 2, iteration 100, nan, dead relu; d<name> is a gradient.",
    ),
    _changes("disable", "N", "Turn breakpoint N off", "disable 1"),
    _changes("enable", "N", "Turn breakpoint N on again", "enable 1"),
    _changes("delete", "N", "Delete breakpoint N", "delete 1"),
    _changes("check g", "", "Gradient check: engine and slips against central differences", "check"),
    _looks(
        "homework w", "[NAME = FORMULA]", "Have a gradient worked out by hand checked; alone, list the marks",
        "homework beta = X.T @ dz", "Numbers will do as well: homework w = -0.375.",
    ),
    _changes(
        "predict t", "", "Predict, then reveal: answer each factor first; again ends it", "predict",
        "While a factor is asked for, a line is an answer, in numbers or a formula; an empty line gives a "
        "hint; reveal or step shows it. Commands work meanwhile.",
    ),
    _changes("reveal", "", "Show the factor that is asked for", "reveal"),
    _changes("open m", "[LESSON]", "Open a lesson: a name or a .toml file; alone, list", "open logistic"),
    _changes("reload R", "", "Read the lesson file again; hyperparameters and breakpoints stay", "reload"),
    _looks("help ?", "[COMMAND]", "All commands, or one of them in full", "help print"),
    _looks("quit q exit", "", "Quit; asks nothing, loses nothing", "quit"),
)  # fmt: skip

BY_WORD = {word: command for command in COMMANDS for word in command.words}


def look_up(word: str) -> Command:
    """Return the command of a word, a letter, or a beginning that only one command has.

    Raises:
        BackpropError: there is none, or several; the message names the nearest.
    """
    if word in BY_WORD:
        return BY_WORD[word]
    # a single letter is a command of its own or none: a typing error must not quit or reset
    lower = word.lower()
    fitting = {c.name: c for known, c in BY_WORD.items() if len(word) > 1 and known.startswith(lower)}
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    if fitting:
        raise BackpropError(f"{printable(word, 30)} may be {' or '.join(fitting)}; type more of it")
    hint = suggest(lower, [known for known in BY_WORD if len(known) > 1]) or "; help lists the commands"
    raise BackpropError(f"unknown command '{printable(word, 30)}'{hint}")


def help_lines(word: str = "") -> list[str]:
    """Return a line for each command, or all about one."""
    if word:
        command = look_up(word)
        lines = [command.usage, f"  {command.help}."]
        return [*lines, *([f"  {command.more}"] if command.more else []), f"  Example: {command.example}"]
    lines = [f"{command.usage}: {command.help}." for command in COMMANDS]
    rest = "Unique beginnings of words will do. On a terminal an empty line repeats the last move. "
    return [*lines, f"{rest}help COMMAND says more about one."]
