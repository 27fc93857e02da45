#!/usr/bin/env bash
# Expected: a file that an app hands to its visitor (App.deliver_text, deliver_binary, deliver_screenshot) arrives in the
# browser under the name that the app has given it, as it does in a terminal.
# What happens: textual-serve puts the name into Content-Disposition as it is, unquoted. "loss;log.svg" is saved as "loss",
# without its ending, by Chromium 156 too. At a space the name ends for whoever reads the header as RFC 6266 says, and
# letters beyond ASCII go out as UTF-8 where Latin-1 or filename*= is read; Chromium guesses both right. Looked at:
# textual-serve 1.1.3, Textual 8.2.8, aiohttp 3.14.5. It matters to apps that deliver files called by a title, say:
# names of letters, digits, dots and dashes are safe.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check textual-serve==1.1.3 textual==8.2.8 aiohttp==3.14.5

cat >"$folder/app.py" <<'END'
import io
import sys

from textual.app import App


class Delivering(App):
    def on_ready(self):
        self.deliver_text(io.StringIO("x"), save_filename=sys.argv[1])


Delivering().run()
END

cd "$folder"
"$python" - "$python" <<'END'
import asyncio
import json
import shlex
import sys
from email.message import Message

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from textual_serve.server import Server


async def arrives_as(name):
    """Return the name under which a browser gets a file, by RFC 6266, from the bytes of the header."""
    serving = Server(shlex.join([sys.argv[1], "app.py", name]))
    serving.console.quiet = True
    async with TestServer(await serving._make_app()) as server, ClientSession() as session:
        async with session.ws_connect(server.make_url("/ws")) as line:
            async for message in line:
                if isinstance(message.data, str) and message.json()[0] == "deliver_file_start":
                    break
            async with session.get(server.make_url(f"/download/{message.json()[1]}")) as answer:
                assert await answer.text() == "x"
                (raw,) = [value for key, value in answer.raw_headers if key.lower() == b"content-disposition"]
    header = Message()
    header["Content-Disposition"] = raw.decode("latin-1")
    return raw, header.get_filename()


async def main():
    for name, expected in (
        ("loss-curve.svg", "loss-curve.svg"),
        ("loss curve.svg", "loss"),
        ("loss;log.svg", "loss"),
        ("손실.svg", "손실.svg".encode().decode("latin-1")),
    ):
        raw, arrived = await arrives_as(name)
        arrived = arrived.split(" ")[0]  # a token ends at a space; email.message goes on
        print(f"{name!r:20} -> {raw!r}: {arrived!r}")
        assert arrived == expected, (arrived, expected)


asyncio.run(main())
END
