"""Elementary functions have the same bits as instructions and as NumPy computes their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from tests.support.machine_functions import computed
from tui_backprop.engine.compile.targets.native.instructions.elementwise import element
from tui_backprop.engine.compile.targets.native.instructions.loops import Nest
from tui_backprop.engine.core.own import arrays
from tui_backprop.engine.core.own.definitions import DEFINITIONS

SPECIAL = (
    0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-300, 1e300, np.inf, -np.inf, np.nan,
    709.78, 709.79, 710.0, -708.4, -745.13, -745.14, -746.0, 0.34657, 0.69315, -0.25, 22.0, 1.5, 0.70710678,
)  # fmt: skip


def points() -> np.ndarray:
    random = np.random.default_rng(7)
    spread = random.normal(size=3000) * 10.0 ** random.integers(-9, 4, 3000)
    return np.concatenate([SPECIAL, spread, random.uniform(-1.5, 1.5, 2000)])


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_same_bits(name: str) -> None:
    def write(places: Any, given: Any, out: Any) -> None:
        assembly = places.assembly

        def body(addresses: Any) -> None:
            assembly.stored(
                element(assembly, name, [assembly.loaded(addresses[1])], whole=True), addresses[0]
            )

        Nest(out.shape, [out, given[0]]).write(assembly, body)

    x = points()
    got, wanted = computed(write, [x], x.shape), arrays.of_array(name, x)
    numbers = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.isnan(got), ~numbers)
    np.testing.assert_array_equal(got[numbers].view(np.int64), wanted[numbers].view(np.int64))
