"""Which addresses a page may be asked for at, and who may open its line to the program.

A page of somebody else's that is open in the same browser can call any server that the browser reaches. The
browser says in ``Origin`` who calls, and in ``Host`` what it thinks it calls.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

EVERYWHERE = ("0.0.0.0", "::", "")
_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine's, which nobody else reaches."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class PublicAddress:
    """Where visitors find the page.

    Args:
        host: what the server listens on.
        public_url: what stands in visitors' browsers where that is a proxy's.

    Raises:
        BackpropError: the URL is none.
    """

    def __init__(self, host: str, public_url: str | None = None) -> None:
        self._host = host
        self._public = None if public_url is None else _parsed(public_url)

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches the page."""
        return is_loopback(self._host) and (self._public is None or is_loopback(self._public[1]))

    @property
    def is_proxied(self) -> bool:
        """Whether a proxy stands before the server, and says whom it speaks for."""
        return self._public is not None

    @property
    def is_secure(self) -> bool:
        """Whether visitors come by https."""
        return self._public is not None and self._public[0] == "https"

    @property
    def path(self) -> str:
        """The path of the page for visitors, with a slash at its end."""
        return self._public[3] if self._public else "/"

    def url(self, port: int, name: str) -> str:
        """Return the page's address, for people; ``name`` is the host's where it listens everywhere."""
        if self._public:
            scheme, host, public_port, path = self._public
            return f"{scheme}://{_netloc(host, public_port, scheme)}{path}"
        host = name if self._host in EVERYWHERE else self._host
        return f"http://{_netloc(host, port, 'http')}/"

    def knows(self, host_header: str) -> bool:
        """Tell whether the page may be asked for under this name; another's name may lead to this machine."""
        host = urlsplit(f"//{host_header}").hostname or ""
        if self._public is not None and host == self._public[1]:
            return True
        return is_loopback(host) or not is_loopback(self._host)

    def is_own(self, origin: str, host_header: str) -> bool:
        """Tell whether a call comes from the page itself."""
        try:
            scheme, host, port, _ = _parsed(origin)
        except BackpropError:  # "null", for one
            return False
        if self._public is not None and (scheme, host, port) == self._public[:3]:
            return True
        own = urlsplit(f"//{host_header}")
        try:
            own_port = own.port or _PORTS[scheme]
        except ValueError:
            return False
        return (host, port) == (own.hostname or "", own_port)


def _parsed(url: str) -> tuple[str, str, int, str]:
    """Return scheme, host, port and path."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BackpropError(
            tr(
                "--public-url: found {found}; it must be like https://class.example.org or "
                "https://example.org/backprop",
                found=printable(repr(url), 100),
            )
        )
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme], f"{parts.path.rstrip('/')}/"


def _netloc(host: str, port: int, scheme: str) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port == _PORTS[scheme] else f"{host}:{port}"
