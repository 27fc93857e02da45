"""Every sentence in the code is said in the language that is spoken."""

from __future__ import annotations

import ast

from tests.support.catalogues import SOURCES, syntax
from tests.support.unsaid import unsaid

CODE = "it writes code, whose comments are in English as the code is"
README = "it stands in the README's tables alone"
IDS = "these are names, which are looked up and not shown"
NOT_SAID = {
    "engine/compile/": "it writes code, and says to other code why there is none",
    "engine/core/elementary.py": CODE,
    "engine/frontends/recurrence.py StepLoop": CODE,
    "export/listing.py": CODE,
    "export/script.py": CODE,
    "export/targets/derivation/latex.py _document": CODE,
    "export/targets/derivation/page.py STYLE": "a style sheet",
    "export/targets/frameworks/": CODE,
    "export/targets/notebook.py COMPARE": CODE,
    "export/targets/notebook.py _forward": CODE,
    "export/worksheets/latex.py _document": CODE,
    "export/worksheets/page.py SHEET_STYLE": "a style sheet",
    "web/pages.py": "HTML, and headers for browsers",
    "engine/ops/functions/choice.py _comparison": "a docstring",
    "engine/ops/layers/": README,
    "engine/ops/losses/": README,
    "lessons/evaluation/metrics.py METRICS": README,
    "lessons/remarks/registry.py KINDS": README,
    "lessons/specs/initializers.py INITIALIZERS": README,
    "engine/ops/registry.py": "the README's table, and what a developer of operations has to state",
    "debugger/replies.py View": IDS,
    "exercises/brought/backward.py LineVerdict": IDS,
    "pictures/layers.py Layers": IDS,
    "pictures/predictions/fit.py Fit": IDS,
    "pictures/predictions/probe.py part_of": IDS,
    "debugger/commands.py COMMANDS": "words that are typed",
    "debugger/help/labels.py LABELS": "words that are typed",
    "debugger/moving.py COMMANDS": "words that are typed",
    "debugger/practising.py COMMANDS": "words that are typed",
    "lessons/hyperparameters.py HYPERPARAMETERS": "words that are typed",
    "text/language/keyboard.py _KEYS": "keys of a keyboard",
    "exercises/layers/slips.py _NUMPY_HAS_NO": "what NumPy says",
    "lessons/convert.py _UNKNOWN": "what msgspec says",
    "lessons/convert.py _MISSING": "what msgspec says",
    "lessons/toml_text/parsing.py _UNESCAPED": "what the reader of TOML says",
    "sweeps/together.py RunGroup": "why runs are done one by one, said to other code",
    "training/stops/conditions.py DeadRelu": "why a stop is looked at step by step, said to other code",
    "engine/autodiff/tape.py Tape": "a repr",
    "training/losses/sequence.py Losses": "a repr",
}
"""What is no sentence for people, by file or folder and what it stands in, each with the reason."""


def test_no_sentence_stays_english() -> None:
    left, needed = [], set()
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        for inside, text in unsaid(syntax(path)):
            place = f"{name} {inside}"
            reasons = {
                known
                for known in NOT_SAID
                if place == known or place.startswith(known if known.endswith("/") else f"{known} ")
            }
            needed |= reasons
            if not reasons:
                left.append(f"{place}: {text!r}")
    assert left == []
    assert set(NOT_SAID) - needed == set()


def found(code: str) -> list[str]:
    return [text for _, text in unsaid(ast.parse(code))]


def test_what_is_not_said_is_found_and_what_is_said_is_not() -> None:
    assert found("raise BackpropError(f'unknown node {name} in here')") == ["unknown node in here"]
    assert found("TABLE = {'key of a table': 'what it is called'}") == ["what it is called"]
    assert found("say(tr('a whole sentence is said'), 'and this one is not')") == ["and this one is not"]
    assert found("tr('{name} is said', name='this one is not')") == ["this one is not"]
    assert found("class A:\n    'A docstring with some words.'\n    DEFAULT_CSS = 'width of all boxes'") == []
    assert found("raise TypeError('told to a programmer')") == []
