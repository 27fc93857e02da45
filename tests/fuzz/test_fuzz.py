"""A short run of the fuzzers, and what they have found: each file is refused in one line, in time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.fuzz.cases import CANARY, Case, make_case
from tests.support.fuzz.harness import KINDS, command, judge, promises, script_problems

GIVEN = "[data]\nx = 2.0\n[parameters]\nw = 1.0\n"
LESSON = f'formula = "L = w * x"\n{GIVEN}'


def balanced(depth: int, leaf: str) -> str:
    """Return a sum of 2**depth names whose tree is not deep."""
    return leaf if depth == 0 else "({0}+{0})".format(balanced(depth - 1, leaf))


REFUSED = {
    "dotted key": ("a." * 50_000 + "a = 1\n" + LESSON, "a key of more than 16 parts"),
    "dotted quoted key": ('"a" . ' * 20_000 + "a = 1\n" + LESSON, "a key of more than 16 parts"),
    "dotted inline": (LESSON + "[samples]\nq = { " + "a." * 50_000 + "a = 1 }\n", "more than 16 parts"),
    "dotted table": (LESSON + "[" + "a." * 50_000 + "a]\n", "a key of more than 16 parts"),
    "long line": (f'formula = "L = {balanced(14, "ä")}"\n{GIVEN}', "more than 20,000 characters"),
    "data formula": (LESSON.replace("2.0", f'{{ formula = "{balanced(13, "ä")}" }}'), "more than 20,000"),
    "long name": (f'formula = "{"n" * 101} = w * x"\n{GIVEN}', "a name has at most 100"),
    "selector": (f'formula = """\nx\ufe0f = w\nL = x\ufe0f"""\n{GIVEN}', "control character \\ufe0f"),
    "invisible name": (f'formula = "L = w * x"\n{GIVEN}"\u3164" = 1.0\n', "the invisible character \\u1160"),
    "bidi in a title": ('title = "a\u202eb"\n' + LESSON, "title: found the control character \\u202e"),
    "C1 in a title": ('title = "a\u009b31mb"\n' + LESSON, "title: found the control character \\x9b"),
    "many notes": (LESSON + '[[why]]\nat = "w"\ntext = "{w}"\n' * 1001, "why: found 1,001 entries"),
    "many slips": (LESSON + '[[slip]]\ntitle = "t"\ngradient.w = "x"\n' * 1001, "slip: found 1,001 entries"),
    "slips of a large graph": (
        'formula = """\n' + "\n".join(f"a{i} = w*x" for i in range(3000)) + f'\nL = a1"""\n{GIVEN}'
        + '[[slip]]\ntitle = "t"\nformula.L = "a2"\n' * 100, "slips times nodes",
    ),
    "long lists": (LESSON.replace("2.0", "[" + "1.0, " * 500_000 + "]"), "larger than 2 MiB"),
    "huge exponent": (f'formula = "L = w * 10**10**10"\n{GIVEN}', "exponent"),
    "huge shape": (LESSON.replace("1.0", '{ init = "normal", shape = [99999, 99999] }'), "1 GiB"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_files_of_a_stranger_are_refused_in_one_line_and_in_time(kind: str, tmp_path: Path) -> None:
    text, reason = REFUSED[kind]
    path = tmp_path / "strange.toml"
    path.write_text(text, "utf-8")
    began = time.process_time()
    code, out, err, _ = command(["explain", str(path)])
    assert time.process_time() - began < 2
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert reason in err


CSV = {
    "gigabyte": (b"x,y\n", 1 << 30, "larger than 16 MiB"),
    "one line without an end": (b"x," * 600_000, 0, "line 1: more than 1,048,576 characters"),
    "evil column": (b"x\x1b[2J,z\n1,2\n", 0, "no column"),
}


@pytest.mark.parametrize("kind", CSV)
def test_csv_files_are_read_within_limits(kind: str, tmp_path: Path) -> None:
    content, size, reason = CSV[kind]
    path = tmp_path / "strange.toml"
    path.write_text('formula = "L = mean(w * x)"\n[samples]\ncsv = "p.csv"\nx = "x"\n[parameters]\nw = 1.0\n')
    with (tmp_path / "p.csv").open("wb") as file:
        file.write(content)
        if size:
            file.truncate(size)  # a sparse file
    code, _, seconds, problems = promises(["explain", str(path)])
    assert (code, problems) == (2, [])
    assert seconds < 2
    assert reason in command(["explain", str(path)])[2]


def test_texts_cannot_become_code_in_a_script(tmp_path: Path) -> None:
    texts = (f'"""; {CANARY}(); """', f'\\"""; {CANARY}()#', "\\", f'"""\n{CANARY}()\n"""', f"\n{CANARY}()")
    for number, text in enumerate(texts):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        case = Case(f'title = "{escaped}"\nsummary = "{escaped}"\n{LESSON}'.encode(), name=f"{number}.toml")
        verdict = judge(case, tmp_path)
        assert verdict.accepted == ("\n" not in text)  # a title is one line
        assert verdict.problems == []


def test_the_harness_sees_what_it_looks_for() -> None:
    assert script_problems(f'"""text"""\n{CANARY}()\n') == ["a text of the lesson is code in the script"]
    assert "does not compile" in script_problems('"""text""""""\n1 +')[0]
    assert "imports" in script_problems("import os\n")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_cases(kind: str, tmp_path: Path) -> None:
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert judge(make_case(kind, 1, number), folder).problems == []
