"""Compiled catalogues as they are read here, against gettext's own reader."""

from __future__ import annotations

import io
import struct
from gettext import GNUTranslations

import pytest

from tests.support.catalogues import languages, read, told
from tui_backprop.text.language.choice import CATALOGUE
from tui_backprop.text.language.compiled import CompiledCatalogue

BYTES = (languages()[0] / CATALOGUE).read_bytes()


def swapped(data: bytes) -> bytes:
    """Return a catalogue with the numbers of its head and tables in the other order of bytes."""
    _, _, count, keys, texts = struct.unpack_from("<5I", data)
    numbers = 7 + 4 * count
    assert (keys, texts) == (28, 28 + 8 * count)
    return struct.pack(f">{numbers}I", *struct.unpack_from(f"<{numbers}I", data)) + data[4 * numbers :]


@pytest.mark.parametrize("data", [BYTES, swapped(BYTES)], ids=["little", "big"])
def test_every_sentence_is_as_gettext_has_it(data: bytes) -> None:
    ours, gettexts = CompiledCatalogue(data), GNUTranslations(io.BytesIO(data))
    for path in languages()[0].glob("*.po"):
        for message in told(read(languages()[0], path.stem)):
            if not isinstance(message.id, str):
                for count in (0, 1, 2, 5):
                    assert ours.counted(*message.id, count) == gettexts.ngettext(*message.id, count)
            elif message.context is not None:
                said = gettexts.pgettext(message.context, message.id)
                assert ours.text(message.id, message.context) == said
            else:
                assert ours.text(message.id) == gettexts.gettext(message.id)
    assert ours.text("no such sentence") == "no such sentence"
    assert [ours.counted("a bird", "birds", count) for count in (1, 2)] == ["a bird", "birds"]


@pytest.mark.parametrize("end", [0, 3, 19, 27, 2_000, len(BYTES) - 1])
def test_a_part_of_a_catalogue_is_refused(end: int) -> None:
    with pytest.raises(ValueError, match="catalogue"):
        CompiledCatalogue(BYTES[:end])


@pytest.mark.parametrize("data", [b"GIF89a" * 9, bytes(40), b"\xff" * 60, BYTES[:8] + b"\xff" * 40])
def test_what_is_no_catalogue_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="catalogue"):
        CompiledCatalogue(data)
