"""Which language a start speaks."""

from __future__ import annotations

import pytest

from tui_backprop.text.language.choice import languages, of_locale, take_language


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.eucKR@x"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:ko"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en:ko"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "ko"}, "en"),  # GNU gettext: the C locale ignores LANGUAGE
        ({"LC_ALL": "", "LANG": "ko"}, "ko"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "../../ko"}, "en"),
        ({"LANG": "k" * 5_000}, "en"),
    ],
)
def test_the_locale_decides(environ: dict[str, str], code: str) -> None:
    assert of_locale(environ) == code


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["--lang", "ko", "list"], ("ko", ["list"])),
        (["list", "--lang=ko"], ("ko", ["list"])),
        (["list", "--lang"], ("", ["list"])),
        (["list", "--", "--lang", "ko"], (None, ["list", "--", "--lang", "ko"])),
        (["--lang", "en", "list", "--lang", "ko"], ("ko", ["list"])),
    ],
)
def test_it_is_taken_wherever_it_stands(words: list[str], taken: tuple[str | None, list[str]]) -> None:
    assert take_language(words) == taken


def test_there_are_english_and_korean() -> None:
    assert languages() == ("en", "ko")
