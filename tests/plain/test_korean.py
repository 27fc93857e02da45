"""Plain mode in Korean: nothing is left in English, and words are found by their Korean names as well."""

from __future__ import annotations

import re

import pytest

from tests.support.plain import plain
from tests.support.speech import check_walk
from tui_backprop.debugger.commands import BY_NAME, look_up
from tui_backprop.debugger.help.field import FIELD
from tui_backprop.debugger.help.glossary import ENTRIES, find
from tui_backprop.debugger.help.sections import glossary, sections, topics
from tui_backprop.text.language.speaking import speaking
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.training.vitals.names import NAMES

WALKS = {
    "an iteration": ("linear", "s 20", "where", "n", "list", "values", "parameters", "losses 3", "model"),
    "changes": (
        "logistic", "set learning_rate 0.3", "undo", "redo", "whatif y_hat = [0.5, 0.5, 0.5]", "whatif",
        "where", "release y_hat", "set", "set learning_rate x", "whatif y_hat = 3x", "nudge b 0.1", "reset",
    ),
}  # fmt: skip


@pytest.mark.parametrize("walk", WALKS)
def test_nothing_is_left_in_english(walk: str) -> None:
    check_walk(*WALKS[walk])


def test_words_are_found_by_their_names_in_both_languages() -> None:
    with speaking("ko"):
        for word in ("gradient", "기울기", "국소 미분", "국소미분", "local"):
            (entry,) = find(word)
            assert " ".join(plain(f"help {word}").lines[1:]).count(f"({entry.term})") == 1
        assert find("학습률")
        assert "손실 (loss): " in plain("help 손실").text
    assert find("기울기") == []
    assert "error: unknown command '기울기'" in plain("help 기울기").text


def test_every_entry_and_every_term_of_the_field_has_both_names() -> None:
    with speaking("ko"):
        for line, entry in zip(glossary().lines, ENTRIES, strict=True):
            assert re.fullmatch(rf"[가-힣].* \({re.escape(entry.term)}\)|0 · ∞ \(0 · ∞\)", line[0]), line
        (pairs,) = (section.lines for section in sections() if section.topic == "terms")
        assert [english for _, english in pairs] == list(FIELD)
        assert all(re.search("[가-힣]", name) for name, _ in pairs)
        assert {"순전파", "연쇄법칙", "기울기", "편미분", "손실함수", "가중치", "편향", "학습률"} <= dict(
            pairs
        ).keys()
    assert "terms" not in topics(), "in English there is one name only"


def test_no_word_of_the_glossary_is_taken_for_the_keys_of_a_command() -> None:
    with speaking("ko"):
        for entry in ENTRIES:
            for name in entry.names:
                if re.search("[가-힣]", name):
                    with pytest.raises(Exception, match="없는 명령"):
                        look_up(name)


def test_help_lists_every_alarm() -> None:
    for code in ("en", "ko"):
        with speaking(code):
            layers = next(dict(section.lines) for section in sections() if section.topic == "layers")
            for text in (tr(BY_NAME["health"].more), layers[tr("alarms")]):
                assert all(name in text for name in NAMES)


def test_labels_of_rows_are_called_what_the_glossary_calls_them() -> None:
    with speaking("ko"):
        for entry in ENTRIES:
            for word in entry.words:
                said = tr_in(entry.context, word) if entry.context else tr(word)
                assert said in (word, *entry.said.split(", ")), word
