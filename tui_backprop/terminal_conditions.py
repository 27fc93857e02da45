"""What the environment says of the terminal: its colours, its characters, and how far away it is."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

FPS, FPS_OVER_SSH = 10.0, 4.0
"""Frames a second while a run goes on, unless another number is asked for."""
_NO_COLOURS = ("vt", "dumb", "xterm-mono", "linux-m", "screen.vt")
"""How the names of terminals without colours begin."""
_NO_SIGNS = ("linux", "vt", "ansi", "cons", "sun")
"""How the names of terminals begin whose fonts lack dots, Greek letters or both."""
_FAMILIES = (
    "xterm", "screen", "tmux", "rxvt", "linux", "vt", "alacritty", "foot", "kitty", "wezterm", "konsole",
    "ghostty", "contour", "st-", "iterm", "putty", "gnome", "vte", "cygwin", "mintty", "ansi", "eterm",
)  # fmt: skip
"""What names of terminals begin with that know escape sequences, whether or not this host describes them."""


def frames_a_second(asked: float | None, environment: Mapping[str, str]) -> float:
    """Return how many frames a second a run is to show: few over ssh, where each has to be sent."""
    if asked is not None:
        return asked
    return FPS_OVER_SSH if over_ssh(environment) else FPS


def over_ssh(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal is at the other end of an ssh connection."""
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))


def without_colours(environment: Mapping[str, str]) -> bool:
    """Tell whether there are to be no colours: NO_COLOR is set and not empty, or the terminal has none."""
    term = environment.get("TERM", "")
    return bool(environment.get("NO_COLOR")) or term.startswith(_NO_COLOURS) or term.endswith("-m")


def ascii_only(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal can be expected to show ASCII only, by the locale and by its name.

    The environment is asked and not Python, which takes the C locale for one of UTF-8. With no locale at
    all, UTF-8 is taken for granted: ssh and containers often hand none on.
    """
    if environment.get("TERM", "").startswith(_NO_SIGNS):
        return True
    locale = next((text for name in ("LC_ALL", "LC_CTYPE", "LANG") if (text := environment.get(name))), "")
    if not locale:
        return False
    _, dot, charset = locale.partition("@")[0].partition(".")
    if not dot:
        return True  # C and POSIX; and plain language names such as de_DE, which mean ISO 8859
    try:
        return codecs.lookup(charset).name != "utf-8"
    except LookupError:
        return False


def why_plain(environment: Mapping[str, str]) -> str | None:
    """Return why the app cannot draw on this terminal, in one line; None where it can."""
    name = environment.get("TERM", "")
    if not name:
        return "TERM is not set, so this is plain mode"
    if name == "dumb":
        return "TERM is dumb, so this is plain mode"
    if name.lower().startswith(_FAMILIES) or _is_described(name):
        return None
    return "TERM names a terminal that is not known here, so this is plain mode"


def _is_described(name: str) -> bool:
    """Tell whether this host describes a terminal as one whose cursor can be moved."""
    try:
        import curses

        curses.setupterm(name, 1)
        return bool(curses.tigetstr("cup"))
    except (ImportError, OSError, ValueError):
        return False
    except Exception:  # curses.error is a bare Exception
        return False
