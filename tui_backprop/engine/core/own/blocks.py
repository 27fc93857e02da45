"""Arrays gone through in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def in_blocks(x: Any, out: Any, size: int, compute: Callable[[Any, Any], None]) -> Any:
    """Compute something of every element, and return the array for the results.

    Args:
        x: doubles, in an array of any shape and strides.
        out: the array for the results, of x's shape; it may be x. None for a new one, laid out as x is.
        size: elements of a block, at most.
        compute: is given a block, of one axis, and where its results go.
    """
    blocks = np.nditer(
        [x, out],
        ["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        [["readonly", "overlap_assume_elementwise"], ["writeonly", "allocate", "overlap_assume_elementwise"]],
        op_dtypes=[np.float64, None if out is None else out.dtype],
        buffersize=size,
    )
    with np.errstate(all="ignore"), blocks:
        for block, to in blocks:
            compute(block, to)
        return blocks.operands[1]
