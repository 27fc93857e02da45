"""What the environment says of the terminal: its colours, its characters, and how far away it is."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, MutableMapping

from tui_backprop.text.sentences import tr

FPS, FPS_OVER_SSH = 10.0, 4.0
"""Frames a second while a run goes on, unless another number is asked for."""
ESCAPE, ESCAPE_OVER_SSH = 0.1, 0.35
"""Seconds after which Esc is the key and not the beginning of another key's sequence: over ssh the bytes of
one arrow come up to 0.2 s apart."""
_NO_COLOURS = ("vt", "dumb", "xterm-mono", "linux-m", "screen.vt")
"""How the names of terminals without colours begin."""
_NO_SIGNS = ("linux", "vt", "ansi", "cons", "sun")
"""How the names of terminals begin whose fonts lack dots, Greek letters or both."""
_FAMILIES = (
    "xterm", "screen", "tmux", "rxvt", "linux", "vt", "alacritty", "foot", "kitty", "wezterm", "konsole",
    "ghostty", "contour", "st-", "iterm", "putty", "gnome", "vte", "cygwin", "mintty", "ansi", "eterm", "rio",
    "mlterm", "termite", "terminator", "terminology", "zellij", "nsterm", "apple", "vscode", "wsltty", "yaft",
)  # fmt: skip
"""What names of terminals begin with that know escape sequences, whether or not this host describes them."""
_LIKE_XTERM = ("xterm", "256color", "-direct", "truecolor")
"""What is in names of terminals that take xterm's sequences, however new they are."""
OPENS = "TERM=xterm-256color tui-backprop"
OPENS_OVER_SSH = "TERM=xterm-256color ssh -t …"


def frames_a_second(asked: float | None, environment: Mapping[str, str]) -> float:
    """Return how many frames a second a run is to show: few over ssh, where each has to be sent."""
    if asked is not None:
        return asked
    return FPS_OVER_SSH if over_ssh(environment) else FPS


def over_ssh(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal is at the other end of an ssh connection."""
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))


def escape_delay(environment: Mapping[str, str]) -> float:
    """Return how many seconds to wait behind an Esc for the rest of a key; ESCDELAY may say it in ms."""
    asked = environment.get("ESCDELAY", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 6:
        return int(asked) / 1000
    return ESCAPE_OVER_SSH if over_ssh(environment) else ESCAPE


def believe_screen(environment: MutableMapping[str, str]) -> None:
    """Forget what COLORTERM says of the terminal around GNU screen, whose own colours TERM counts.

    Its releases before 5 take 38;2;R;G;B for five codes. A TERM of screen's alone will do, for over ssh
    nothing else of it arrives; tmux may call itself so too, and says so in TMUX.
    """
    named = environment.get("TERM", "").startswith("screen") and not environment.get("TMUX")
    inside = bool(environment.get("STY")) and not environment.get("TERM", "").startswith("tmux")
    if named or inside:
        environment.pop("COLORTERM", None)


def without_colours(environment: Mapping[str, str]) -> bool:
    """Tell whether there are to be no colours: NO_COLOR is set and not empty, or the terminal has none."""
    term = environment.get("TERM", "")
    return bool(environment.get("NO_COLOR")) or term.startswith(_NO_COLOURS) or term.endswith("-m")


def count_colours(environment: Mapping[str, str]) -> int:
    """Return how many colours there are for text that is not on the app's screen: 256, 16, or 0 for none."""
    term, more = environment.get("TERM", ""), environment.get("COLORTERM", "").lower()
    if without_colours(environment) or term in ("", "dumb"):
        return 0
    named = ("256color", "kitty", "alacritty", "ghostty", "direct")
    return 256 if more in ("truecolor", "24bit") or any(name in term for name in named) else 16


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
    language, dot, charset = locale.partition("@")[0].partition(".")
    try:
        return codecs.lookup(charset if dot else language).name != "utf-8"  # Macs send a bare UTF-8
    except LookupError:
        return not dot  # C and POSIX; and plain language names such as de_DE, which mean ISO 8859


def why_plain(environment: Mapping[str, str], *, restricted: bool = False) -> str | None:
    """Return why the app cannot draw on this terminal, in one line; None where it can.

    In a restricted login there is no shell to set TERM in but the client's own.
    """
    name = environment.get("TERM", "")
    if not name:
        return tr("TERM is not set, so this is plain mode")
    if name == "dumb":
        return tr("TERM is dumb, so this is plain mode")
    plain = name.lower()
    if plain.startswith(_FAMILIES) or any(part in plain for part in _LIKE_XTERM) or _is_described(name):
        return None
    return tr(
        "TERM names a terminal that is not known here, so this is plain mode; {command} opens the app",
        command=OPENS_OVER_SSH if restricted else OPENS,
    )


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
