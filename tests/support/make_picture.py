"""Make the README's picture with the app itself: ``python -m tests.support.make_picture .github/app.svg``."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from unittest import mock

import tui_backprop as tb
from tui_backprop.tui.app import BackpropApp

MATRIX_FACTOR = 19  # the record of ∂L/∂β from (X @ β)


async def picture() -> str:
    """Return an SVG of the app on ``logistic``, some iterations in, at the factor with Xᵀ."""
    app = BackpropApp(tb.Trainer(tb.load_lesson("logistic")))
    async with app.run_test(size=(120, 36)) as pilot:

        async def press(*keys: str) -> None:
            for key in keys:
                await pilot.press(key)
                while not app.runner.idle.is_set():
                    await pilot.pause(0.01)
            await pilot.pause()

        await press(*["n"] * 40)
        while app.runner.trainer.position < MATRIX_FACTOR:
            await press("s")
        return app.export_screenshot(title="tui-backprop")


def main() -> None:
    """Write the picture to the path given."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict("os.environ", {"XDG_CONFIG_HOME": folder}):
        svg = asyncio.run(picture())
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # no fonts from elsewhere
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    Path(sys.argv[1]).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
