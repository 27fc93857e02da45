"""Packing: what comes back is what went in, and what was cut, changed or blown up is told from it."""

from __future__ import annotations

import base64
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.limits import OPEN
from tui_backprop.lessons.sharing import packing
from tui_backprop.lessons.sharing.packing import LONGEST, PREFIX, is_shared, pack, unpack
from tui_backprop.lessons.sharing.setup import read_shared

SIGNS = {*string.ascii_letters, *string.digits, "-", "_"}
FIRST = "tb1-I_iH-EtRMFYwxBKDBqZcRpiCRiiesQDCQeQVAA"
"""A string of the first version, which later ones have to read."""


@given(st.text(max_size=300))
def test_a_round_trip(text: str) -> None:
    packed = pack(text)
    assert set(packed) <= SIGNS
    assert is_shared(packed)
    assert unpack(packed) == text
    assert unpack(f" {packed[:9]}\n  {packed[9:]} ") == text


def test_a_string_of_the_first_version_is_read() -> None:
    setup = read_shared(FIRST)
    assert (setup.kind, setup.iteration, setup.position) == ("d", 3, 1)
    assert setup.settings == ((0, "learning_rate=0.05"), (2, "learning_rate=0.02"))
    assert setup.lesson(OPEN).parameters["W2"].shape == (8, 8)


def test_every_cut_and_every_changed_sign_is_told() -> None:
    whole = pack("d 3 1\n\n--layers 2,8,8,1 --dataset spiral")
    for at in range(len(PREFIX), len(whole) - 1):  # of the last sign some bits mean nothing
        other = "A" if whole[at] != "A" else "B"
        for mangled in (whole[:at], whole[:at] + other + whole[at + 1 :], whole + other):
            with pytest.raises(LessonError, match="the string is cut or changed: copy it whole"):
                unpack(mangled)


@given(st.text(alphabet=sorted(SIGNS), max_size=80))
def test_anything_else_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(BackpropError) as refused:
        read_shared(PREFIX + text)
    assert "\n" not in str(refused.value)


def test_another_version_and_a_bomb() -> None:
    with pytest.raises(LessonError, match="begins with tb2-, and this version reads tb1-"):
        unpack("tb2-AAAA")
    assert not is_shared("linear")
    assert not is_shared("./tb1-x.toml")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=packing._KNOWN)
    bomb = packer.compress(b"a" * (64 << 20)) + packer.flush()
    made = PREFIX + base64.urlsafe_b64encode(zlib.crc32(bomb).to_bytes(4, "big") + bomb).decode().rstrip("=")
    assert len(made) < LONGEST
    with pytest.raises(LessonError, match="holds more than 4 MiB"):
        unpack(made)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not say a set-up"),
        ("x 0 0\n\nlinear", "does not say a set-up"),
        ("n 1e3 0\n\nlinear", "does not say a set-up"),
        ("n 9999999999 0\n\nlinear", "does not say a set-up"),
        ("n 0 0\n5 learning_rate=1\n\nlinear", "does not say a set-up"),
        ("n 0 0\n0 learning_rate\n\nlinear", "does not say a set-up"),
        ("t 0 0 ../x\n\nformula = 'L = 1'", "does not say a set-up"),
        ("n 0 0\n0 speed=1\n\nlinear", "unknown hyperparameter"),
        ("n 0 0\n0 learning_rate=-1\n\nlinear", "learning_rate: found -1"),
        ("n 0 0\n\n/etc/passwd", "this version has no lesson '/etc/passwd'"),
        ("d 0 0\n\n--csv /etc/passwd --target root", "is of a table"),
        ("d 0 0\n\n--layers 3,1", "layers: found 3 inputs"),
        ("t 0 0\n\nformula = '''L = __import__('os')'''", "formula"),
        ("t 0 0\n\nformula = 'L = mean(X)'\n[samples]\ncsv='/etc/passwd'\nX=[0]", "csv"),
    ],
)
def test_what_is_in_it_is_not_trusted(text: str, reason: str) -> None:
    with pytest.raises(BackpropError) as refused:
        read_shared(pack(text)).lesson(OPEN)
    assert reason in str(refused.value)
