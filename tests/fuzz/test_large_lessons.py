"""Lessons as large as they may be: every command answers in time, and what it leaves out it says."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path

import pytest

from tests.support.fuzz.harness import command, promises
from tests.support.large_lessons import CSV, chain, lesson
from tui_backprop.engine.autodiff import check_plan
from tui_backprop.explain.pages import iteration, wrt
from tui_backprop.text.json_text import json_pieces


def test_a_long_iteration_is_written_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lesson(tmp_path / "long.toml", chain(100))
    whole = command(["explain", path])[1]
    monkeypatch.setattr(iteration, "MAX_RECORDS", 200)
    monkeypatch.setattr(iteration, "KEPT", 10)
    monkeypatch.setattr(wrt, "MAX_RECORDS", 50)
    monkeypatch.setattr(wrt, "KEPT", 10)
    part = command(["explain", path])[1]
    titles, kept = ([line for line in text.splitlines() if " of 244: " in line] for text in (whole, part))
    assert len(titles) == 244
    assert kept == [*titles[:10], *titles[87:107], *titles[-11:]]
    assert "… 77 more; --wrt NAME writes those on one chain, --format json writes all" in part
    assert "… 126 more;" in part
    chain_of_w = command(["explain", path, "--wrt", "w"])[1]
    assert chain_of_w.count(" of 244: ") == 20
    assert "… 77 more, on the way between these" in chain_of_w


def test_a_long_expression_is_cut_on_the_screen_and_whole_in_json(tmp_path: Path) -> None:
    path = lesson(tmp_path / "sum.toml", ["L = " + " + ".join(["w * x"] * 60)])
    text, page = command(["explain", path])[1], json.loads(command(["explain", path, "--format", "json"])[1])
    longest = max(re.findall(r"… (\d+) characters …", " ".join(text.split())), key=int)
    assert int(longest) == 60 * len("w · x + ") - len(" + ") - 190
    assert page["forward"][-1]["expression"].count("w * x") == 60


def test_a_check_of_many_parameters_takes_some_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"h{i} = w{i} * x" for i in range(40)]
    path = lesson(
        tmp_path / "flat.toml", [*lines, "L = " + " + ".join(f"h{i}" for i in range(40))],
        "".join(f"w{i} = 1.0\n" for i in range(40)),
    )  # fmt: skip
    assert "the gradients of 40 parameters agree" in command(["check", path])[1]
    monkeypatch.setattr(check_plan.plan, "__defaults__", (False, 0.05))
    code, out, _, _ = command(["check", path])
    assert code == 0
    said = " ".join(out.split())
    assert "looked at: 8 directions over all 40 elements at once and 6 sampled elements" in said
    assert "the gradients of 40 parameters together agree with central differences, 6 of them also" in said
    page = json.loads(command(["check", path, "--format", "json"])[1])
    assert sum(entry["checked"] for entry in page["parameters"].values()) == 6
    assert page["together"]["verdict"] == "right"
    assert {entry["verdict"] for entry in page["parameters"].values()} == {"right", "untold"}
    whole = json.loads(command(["check", path, "--all", "--format", "json"])[1])
    assert whole["looked_at"] == "all 40 elements"


def test_elements_are_shared_out_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text(
        'formula = "L = sum(a**2) + sum(b) + c"\n[parameters]\n'
        'a = { init = "ones", shape = 500 }\nb = { init = "ones", shape = 20 }\nc = 1.0\n'
    )
    page = json.loads(command(["check", str(path), "--format", "json"])[1])
    assert [entry["checked"] for entry in page["parameters"].values()] == [500, 20, 1]
    monkeypatch.setattr(check_plan.plan, "__defaults__", (False, 0.05))
    page = json.loads(command(["check", str(path), "--format", "json"])[1])
    entries = page["parameters"].values()
    assert [entry["directions"] > 0 for entry in entries] == [True, False, False]
    assert [entry["checked"] for entry in entries][1:] == [20, 1]
    assert 0 < page["parameters"]["a"]["resolution"] < 1e-4


def test_a_csv_file_of_more_rows_than_commands_can_do_in_time(tmp_path: Path) -> None:
    path = tmp_path / "rows.toml"
    path.write_text('formula = "L = mean(w * x)"\n' + CSV.format('"x"', 1.0))
    (tmp_path / "p.csv").write_text("x\n" + "1\n" * 100_001)
    assert "p.csv, line 100002: more than 100,000 rows; give a sample" in command(["explain", str(path)])[2]


def test_a_csv_file_of_many_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_backprop.lessons.csv_files.columns.MAX_CSV_NUMBERS", 100)
    path = tmp_path / "columns.toml"
    path.write_text('formula = "L = mean(x @ w)"\n' + CSV.format('["a", "b"]', "[1.0, 1.0]"))
    (tmp_path / "p.csv").write_text("a,b\n" + "1,2\n" * 50)
    assert command(["explain", str(path)])[0] == 0
    (tmp_path / "p.csv").write_text("a,b\n" + "1,2\n" * 51)
    assert "line 52: more than 50 rows of 2 columns" in command(["explain", str(path)])[2]


@pytest.mark.parametrize("more", [[], ["--wrt", "w"]])
def test_json_of_millions_of_numbers_is_refused(more: list[str], tmp_path: Path) -> None:
    path = tmp_path / "numbers.toml"
    path.write_text(
        'formula = "L = mean(w * x)"\n[data]\nx = { linspace = [0, 1, 1000000] }\n[parameters]\nw = 1.0\n'
    )
    code, _, _, problems = promises(["explain", str(path), "--format", "json", *more])
    assert (code, problems) == (2, [])


def test_json_text_is_what_pythons_own_writer_says() -> None:
    long = [0.1 * i for i in range(300)]
    pages = [
        {"a": long, "b": [long, long], "ŷ": [[1.0, -0.0]], "c": None, "d": "\n\"\\", "e": [], "f": {},
         "g": 2**60},
        [1e-320, 1e308, 5e-324, 1e16, -1e-5] * 50,
        {"factors": [{"local": None, "value": long}, {"local": 1.5, "value": 2}],
         "names": [["L", "w"], ["L"]]},
    ]  # fmt: skip
    for page in pages:
        assert json.loads(b"".join(json_pieces(page))) == page
    odd = [*long, math.inf, -math.inf, math.nan]
    for page in (odd, [odd, odd], {"a": [odd]}):
        assert b"".join(json_pieces(page)).decode() == json.dumps(page)


def test_a_deep_tree_in_plain_mode_counts_its_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lesson(tmp_path / "deep.toml", chain(300))
    monkeypatch.setattr("sys.stdin", io.StringIO("graph\nq\n"))
    out = command([path, "--plain"])[1]
    assert "\n" + 20 * "  " + "h276 = " in out
    assert "\n" + 20 * "  " + "level 21: h275 = " in out
    assert len(out) < 100_000
