"""Every label that an explanation can show is in the glossary, and both faces find it there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tui_backprop
from tests.support.pilot import launched
from tests.support.plain import plain
from tui_backprop.debugger.help.glossary import ENTRIES, explains, find
from tui_backprop.debugger.help.sections import PLACES, of_place, sections
from tui_backprop.debugger.predicting import HINTS
from tui_backprop.engine.optimizers import OPTIMIZERS

ROOT = Path(tui_backprop.__file__).parent


def labels_of_rows() -> set[str]:
    """Return the first argument of every call of Row in the code that explains and asks."""
    found = {label.split()[0] for label in HINTS}
    texts = (path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    calls = (node for text in texts if "Row(" in text for node in ast.walk(ast.parse(text)))
    for node in calls:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Row" and node.args:
            label = node.args[0]
            for one in [label.body, label.orelse] if isinstance(label, ast.IfExp) else [label]:
                if isinstance(one, ast.Call):  # later("…")
                    one = one.args[0]
                if isinstance(one, ast.Constant) and one.value:
                    found.add(str(one.value))
    return found


LABELS = labels_of_rows()
TERMS = (
    "upstream", "local", "downstream", "broadcast", "slip", "factor", "record", "iteration", "epoch", "kink",
    "folded", "schedule", "clip norm", "validation", "dropout", "batch norm", "attention", "logits",
)  # fmt: skip


def test_labels_are_found_in_the_code() -> None:
    assert {"chain", "computed", "rule", "product", "local", "upstream", "same", "why", "general"} < LABELS
    assert {"shape", "shapes", "numbers", "value", "so far", "hint", "question"} < LABELS


@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_label_in_the_code_is_explained(label: str) -> None:
    assert explains(label), f"debugger/help/glossary.py has no entry for {label!r}"


def test_what_updates_show_and_remember_is_explained() -> None:
    for optimizer in OPTIMIZERS.values():
        for term in optimizer.terms:
            assert explains(term.name), term.name
        for memory in optimizer.memory:
            assert explains(memory.code.replace("_", " ")), memory.code


@pytest.mark.parametrize("term", TERMS)
def test_the_terms_of_the_field_are_explained_in_plain_mode_too(term: str) -> None:
    (entry,) = find(term)
    said = " ".join(plain(f"help {term}").text.split())
    assert f"{entry.term}: {entry.text}" in said


def test_a_word_is_one_entry_and_places_are_known() -> None:
    words = [word.lower() for entry in ENTRIES for word in entry.words]
    assert len(words) == len(set(words))
    assert {place for entry in ENTRIES for place in entry.at} <= set(PLACES)
    assert [section for section in map(of_place, PLACES) if section is not None]
    assert len({section.title for section in sections()}) == len(sections())


def test_plain_help_has_commands_words_and_sections() -> None:
    assert "  step: How far" in plain("help step").text
    assert plain("help step").lines[0].startswith("step, s")
    assert plain("help signs").lines[0] == "Signs"
    assert len(plain("help glossary").lines) > len(ENTRIES)
    refused = " ".join(plain("help qwerty").lines)
    assert refused.startswith("error: unknown command 'qwerty'; ")
    assert "help glossary lists the words" in " ".join(refused.split())


async def test_help_begins_with_the_words_of_the_place_and_typing_searches() -> None:
    async with launched("dropout", all_factors=True) as session:  # it asks no questions
        await session.send(*"s" * 14)
        await session.settle()
        await session.press("question_mark")
        first = session.screen
        assert "The chain rule: its words" in first
        assert "│ chain           The whole way from the loss" in first
        assert "corrected mean" not in first
        await session.type("broadcast")
        assert "Repeating a value so that shapes fit" in session.screen
        await session.type("gradient check")
        assert "│ g               Gradient check" in session.screen
        await session.type("qqq")
        assert "help has nothing on 'qqq'" in session.screen
        await session.press("question_mark")
        assert session.overlay == ""
        assert session.where == (0, 15)
        await session.press("x", "question_mark")
        assert "Examining an element: its words" in session.screen


def test_hyperparameters_are_found_by_their_names_and_by_those_from_elsewhere() -> None:
    for word, said in (("momentum", "momentum: "), ("lr", "learning_rate: η"), ("clip_norm", "clip_norm: ")):
        assert said in plain(f"help {word}").text
