"""Compiled catalogues as they are read here, against gettext's own reader."""

from __future__ import annotations

import io
import struct
from gettext import GNUTranslations

import pytest

from tests.support.catalogues import languages, read, told
from tui_backprop.text.language.catalogue import Catalogue
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


def catalogue_of(texts: dict[str, str]) -> CompiledCatalogue:
    """Return a catalogue with these translations, as a user's own may have them."""
    data, keys, places = b"", sorted(texts), []
    start = 28 + 16 * len(keys)
    for text in [*keys, *(texts[key] for key in keys)]:
        places += [len(text.encode()), start + len(data)]
        data += text.encode() + b"\0"
    head = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return CompiledCatalogue(struct.pack(f"<{7 + len(places)}I", *head, *places) + data)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "{}", "{0}", "{other}", "{name.__class__}", "{name[0]}", "{name:>999999}", "{name:{name}}",
        "{name:a/{name}}",
    ],
)  # fmt: skip
def test_a_translation_that_does_not_fit_gives_way_to_the_sentence(text: str) -> None:
    assert Catalogue(catalogue_of({"see {name}": text})).said("see {name}", {"name": "z"}) == "see z"


def test_a_translation_may_choose_particles_and_moves_no_cursor() -> None:
    texts = {"see {name}": "\x1b[2J{name:을/를} 보라\r", "{n:.1f} s": "{n:.1f}초, {n}"}
    own = Catalogue(catalogue_of(texts))
    assert own.said("see {name}", {"name": "z"}) == "[2Jz를 보라"
    assert own.said("{n:.1f} s", {"n": 0.25}) == "0.2초, 0.25"


@pytest.mark.parametrize("rule", ["n/0", "import os", "((((", "-9", "n"])
def test_a_rule_for_numbers_that_makes_no_sense_is_survived(rule: str) -> None:
    texts = {"": f"Plural-Forms: nplurals=2; plural={rule};\n", "a bird\0{count} birds": "새\0새 {count}"}
    own = Catalogue(catalogue_of(texts))
    assert own.counted("a bird", "{count} birds", 7, {"count": 7}) in ("새", "새 7")
