"""Functions that are put in place as several nodes, which differ between training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tui_backprop.engine.ops.signature import NumberOption, Signature


class Composed(Struct, frozen=True):
    """How such a function is called.

    Attributes:
        name: what it is called by.
        signature: its operands and options.
        remark: what the table of functions says of it.
    """

    name: str
    signature: Signature
    remark: str = ""


_DROPOUT = Composed(
    "dropout",
    Signature(options=(NumberOption("p", 0.5, below=1.0, least=0.0),)),
    "drops with probability p; nothing in evaluation",
)
_BATCH_NORM = Composed(
    "batch_norm",
    Signature(
        ("x", "gamma", "beta"),
        (NumberOption("eps", 1e-5, above=0.0), NumberOption("momentum", 0.1, above=0.0, below=1.0)),
    ),
    "statistics of the batch; running ones in evaluation",
)
COMPOSED: Final[Mapping[str, Composed]] = {one.name: one for one in (_DROPOUT, _BATCH_NORM)}
"""The functions by name; the nodes of each are made where graphs are built."""
