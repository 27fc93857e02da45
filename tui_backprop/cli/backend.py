"""The option that says what computes: one for all commands that train, which pass it to nobody by hand."""

from __future__ import annotations

import click

from tui_backprop.text.sentences import later

BACKEND = "tui_backprop.backend"
"""Where a context keeps the back end that was asked for."""


def _keep_backend(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.meta[BACKEND] = value


backend_option = click.option(
    "--backend", type=click.Choice(["numpy", "native"]), expose_value=False, callback=_keep_backend,
    help=later("What computes: NumPy, or machine code (needs llvmlite); by default chosen."),
)  # fmt: skip


def asked_backend() -> str | None:
    """Return the back end that the command line asks for; None where it asks for none."""
    ctx = click.get_current_context(silent=True)
    asked: str | None = ctx.meta.get(BACKEND) if ctx is not None else None
    return asked
