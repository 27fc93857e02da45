"""Terminals that the app cannot draw on."""

from __future__ import annotations

from collections.abc import Mapping

_FAMILIES = (
    "xterm", "screen", "tmux", "rxvt", "linux", "vt", "alacritty", "foot", "kitty", "wezterm", "konsole",
    "ghostty", "contour", "st-", "iterm", "putty", "gnome", "vte", "cygwin", "mintty", "ansi", "eterm",
)  # fmt: skip
"""What names of terminals begin with that know escape sequences, whether or not this host describes them."""


def why_plain(environ: Mapping[str, str]) -> str | None:
    """Return why the app cannot draw on this terminal, in one line; None where it can."""
    name = environ.get("TERM", "")
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
