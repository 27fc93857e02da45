"""The look of a cell as a terminal keeps it, and the shortest escape sequence from one look to another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25",
    "7": "27", "8": "28", "9": "29", "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_OFF_CODES = frozenset(_OFF.values())


class Style(NamedTuple):
    """What a terminal keeps for a cell besides its text.

    Attributes:
        attributes: SGR codes that are on, as bold "1"; sorted.
        foreground: SGR code of the colour, as "31" or "38;2;1;2;3"; empty for the terminal's own.
        background: likewise, as "41" or "48;5;17".
        link: parameters and address of an OSC 8 hyperlink, as "id=1;https://…"; empty for none.
    """

    attributes: tuple[str, ...] = ()
    foreground: str = ""
    background: str = ""
    link: str = ""


PLAIN = Style()


@lru_cache(4096)
def restyled(style: Style, codes: str) -> Style:
    """Return the style after the SGR sequence with these parameters, as "0;1;38;5;3"."""
    attributes, foreground, background = set(style.attributes), style.foreground, style.background
    parts = iter(codes.split(";"))
    for part in parts:
        code = part.lstrip("0")
        if not code:
            attributes, foreground, background = set(), "", ""
        elif code in ("38", "48"):
            kind = next(parts, "")
            count = {"5": 1, "2": 3}.get(kind, 0)
            colour = ";".join([code, kind, *(next(parts, "0") or "0" for _ in range(count))])
            if count and code == "38":
                foreground = colour
            elif count:
                background = colour
        elif code == "39":
            foreground = ""
        elif code == "49":
            background = ""
        elif code in _OFF_CODES:
            attributes = {one for one in attributes if _OFF.get(one) != code}
        elif len(code) >= 2 and (code[:-1] in ("3", "9")):
            foreground = code
        elif code[:-1] in ("4", "10"):
            background = code
        else:
            attributes.add(code)
    return Style(tuple(sorted(attributes)), foreground, background, style.link)


@lru_cache(4096)
def change(before: Style, after: Style) -> str:
    """Return the shortest sequence that a terminal with one style needs to have the other."""
    link = f"\x1b]8;{after.link or ';'}\x1b\\" if before.link != after.link else ""
    if before[:3] == after[:3]:
        return link
    whole = [*after.attributes, *filter(None, after[1:3])]
    codes = _steps(before, after)
    anew = ";".join(["", *whole])  # an empty parameter is 0, which resets
    return f"\x1b[{anew if codes is None or len(anew) <= len(codes) else codes}m{link}"


def _steps(before: Style, after: Style) -> str | None:
    """Return the codes that switch off and on only what differs; None where one has no code of its own."""
    gone = [code for code in before.attributes if code not in after.attributes]
    if any(code not in _OFF for code in gone):
        return None
    off = {_OFF[code] for code in gone}
    on = [code for code in after.attributes if code not in before.attributes or _OFF.get(code) in off]
    codes = [*sorted(off), *on]
    if before.foreground != after.foreground:
        codes.append(after.foreground or "39")
    if before.background != after.background:
        codes.append(after.background or "49")
    return ";".join(codes)
