"""The pages that visitors see: the terminal, and notices with or without something to fill in."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from tui_backprop.text.sentences import spoken, tr

FOLDER = Path(__file__).parent / "page"
RETRY = 10
"""Seconds after which the page of a full house looks again."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self' ws: wss:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with none at all a form would not say where it comes from
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def terminal_page(title: str, lesson: str, font_size: int) -> web.Response:
    """Return the page with the terminal in it.

    Args:
        title: what the tab is called.
        lesson: the lesson to begin with; "" for what is offered.
        font_size: in pixels.
    """
    return _page(
        "terminal.html",
        200,
        title=title,
        lesson=lesson,
        size=str(font_size),
        opening=tr("The first screen is on its way."),
        ended=tr("The app has ended. What you did is saved."),
        again=tr("Open again"),
        noscript=tr("This page needs JavaScript."),
        lost=tr("The line to the server is gone. What you did is saved. This page comes back with it."),
        refused=tr("The server does not answer this page. Does the browser allow cookies here?"),
    )


def notice(sentence: str, status: int, *, retry: bool = False) -> web.Response:
    """Return a page with a sentence; ``retry`` has it looked at anew by itself."""
    return _page("notice.html", status, retry, title="tui-backprop", sentence=sentence)


def question(sentence: str, field: str, label: str, status: int) -> web.Response:
    """Return a page that asks for something.

    Args:
        sentence: what for.
        field: the name under which the answer comes back.
        label: what stands at the field.
        status: of HTTP.
    """
    kind = "password" if field == "token" else "text"
    form = (
        f'<form method="post"><label>{escape(label)}<input name="{field}" type="{kind}" required autofocus'
        f' maxlength="200" autocomplete="off"></label><button>{escape(tr("Come in"))}</button></form>'
    )
    return _page("notice.html", status, form=form, title="tui-backprop", sentence=sentence)


def who(name: str, known: str, home: str) -> web.Response:
    """Return a page that asks which of two people is there.

    Args:
        name: what the address says.
        known: whom the cookie belongs to.
        home: the path of the page with the terminal.
    """
    form = (
        f'<form method="post" action="{escape(home)}">'
        f'<input type="hidden" name="name" value="{escape(name)}">'
        f"<button>{escape(tr('I am {name}', name=name))}</button>"
        f'<a class="button" href="{escape(home)}">{escape(tr("Go on as {name}", name=known))}</a></form>'
    )
    sentence = tr("Until now this browser was {known}'s. Who is here?", known=known)
    return _page("notice.html", 200, form=form, title="tui-backprop", sentence=sentence)


def _page(name: str, status: int, retry: bool = False, form: str = "", **texts: str) -> web.Response:
    filled = _template(name).substitute(
        {key: escape(text) for key, text in texts.items()},
        language=spoken(),
        form=form,
        refresh=f'<meta http-equiv="refresh" content="{RETRY}">\n' if retry else "",
    )
    return web.Response(
        text=filled, status=status, content_type="text/html", charset="utf-8", headers=HEADERS
    )


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))
