"""Numbers as NumPy, PyTorch and TensorFlow print them, such as ``[-0.375 -0.5]``, as lists."""

from __future__ import annotations

import re

_WRAPPED = (
    r"(?s)(?:(?:np|numpy|jnp|torch|nn|torch\.nn)\.)?"
    r"(?:array|asarray|Array|tensor|float64|float32|Parameter|DeviceArray)\(\s*(.*?)\s*,?\s*\)"
)
_BEHIND = (
    r"(?s),\s*(?:dtype|device|requires_grad|grad_fn|shape)\s*=\s*(?:<[^<>]*>|'[\w:]*'|\"[\w:]*\"|[\w.]+)\s*$"
)

_TENSORFLOW = r"(?s)<tf\.(?:Tensor|Variable)\b.*?\bnumpy=\s*(.*)>"


def plain_numbers(text: str) -> str:
    """Return printed numbers as a number or nested lists with commas; any other text as it is.

    What is said behind the numbers, such as ``dtype=torch.float64``, is left out.
    """
    found = text.strip()
    shown = re.fullmatch(_TENSORFLOW, found)
    found = found if shown is None else shown[1]
    for _ in range(3):  # Parameter(tensor(…)), and what they say behind
        wrapped = re.fullmatch(_WRAPPED, found)
        if wrapped is None:
            break
        found, count = wrapped[1], 1
        while count:
            found, count = re.subn(_BEHIND, "", found)
        found = found.removeprefix("containing:").strip()
    is_number = re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", found)
    if not found.startswith("[") and not is_number:
        return text
    return re.sub(r"(?<=[\d.\]])\s+(?=[-+\d.\[])", ", ", found)
