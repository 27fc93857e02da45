"""CSV files as people have them: what is certain is read, and the rest refused with the line that helps."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tui_backprop.explain.pages.iteration import given
from tui_backprop.lessons.errors import LessonError
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.lessons.library import load_lesson
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.sessions.format import SamplesPart
from tui_backprop.sessions.model import pack_samples
from tui_backprop.text.charset import UNICODE

LESSON = 'formula = "L = w**2"\n[samples]\ncsv = "p.csv"\n{table}\n[parameters]\nw = 1.0\n{more}\n'
XY = 'x = "x"\ny = "y"'
IRIS = "length,width,kind\n5.0,3.4,setosa\n6.9,3.1,versicolor\n6.2,,virginica\n5.1,3.3,setosa\n"


def read(folder: Path, content: str | bytes, table: str = XY, more: str = "") -> Lesson:
    (folder / "p.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "mine.toml").write_text(LESSON.format(table=table, more=more), encoding="utf-8")
    return load_lesson(folder / "mine.toml")


def refused(folder: Path, content: str | bytes, table: str = XY, more: str = "") -> str:
    with pytest.raises(LessonError) as caught:
        read(folder, content, table, more)
    return str(caught.value).partition("mine.toml: ")[2]


def lines(lesson: Lesson) -> str:
    return "\n".join(lesson.reading.lines)


LAYOUTS = {
    "sep=;\nx;y\n1,5;2\n3;4,25\n": "names in line 2, decimal comma",
    '"x";"y"\n1.5;2\n3;4.25\n': 'separated by ";"',
    "x\ty\n1.5\t2\n3\t4.25\n": "separated by tab",
    "x|y\n1.5|2\n3|4.25\n": 'separated by "|"',
    "  x   y\n 1.5  2\n 3  4.25\n": "separated by space",
    "# made by hand\n# x y\n1.5 2\n3 4.25\n": "names in line 2",
    "#x,y\n1.5,2\n3,4.25\n": "names in line 1",
    '"x", "y"\n1.5, 2\n3, 4.25\n': "names in line 1",
    "x,y\n1.5,2,\n3,4.25,\n": '"," behind each row',
    "x,y,\n1.5,2,\n3,4.25,\n": '"," behind each row',
    "x,y\nfirst,1.5,2\nsecond,3,4.25\n": "rows begin with a name",
    '"","x","y"\n"1",1.5,2\n"2",3,4.25\n': "2 rows of 3 columns",
    '"x","y"\n"1,5","2"\n"3","4,25"\n': "decimal comma",
    "\ufeffx,y\r\n1.5,2\r\n,\r\n3,4.25\r\n\r\n": "2 rows of 2 columns",
    "y,2020,x\n2,7,1.5\n4.25,7,3\n": "2 rows of 3 columns",
    "x y\n1.5 2 \n\n3\t4.25\n": "separated by space",
    "x;y;a,b\n1.5;2;u,v\n3;4.25;u,v\n": 'separated by ";"',
}  # fmt: skip


def test_what_is_certain_is_read(tmp_path: Path) -> None:
    for content, note in LAYOUTS.items():
        lesson = read(tmp_path, content)
        assert [lesson.samples[name].tolist() for name in "xy"] == [[1.5, 3], [2, 4.25]], content
        assert note in lines(lesson), content


def test_columns_without_names_go_by_position(tmp_path: Path) -> None:
    content = "1,2,0\n3,4,1\n5,6,1\n"
    for table in (
        "X = [0, 1]\ny = -1",
        "header = false\nX = [0, 1]\ny = 2",
        'columns = ["a", "b", "c"]\nX = ["a", "b"]\ny = "c"',
    ):
        lesson = read(tmp_path, content, table)
        assert list(lesson.samples) == ["X", "y"]
        np.testing.assert_array_equal(lesson.samples["X"], [[1, 2], [3, 4], [5, 6]])
        np.testing.assert_array_equal(lesson.samples["y"], [0, 1, 1])
    inline = read(tmp_path, "a,b\n1,2\n3,4\n", 'x = "a"\nt = [0, 1]')  # with names, a list is numbers
    np.testing.assert_array_equal(inline.samples["t"], [0, 1])


def test_a_first_line_that_counts_as_scikit_learn_s_iris_has_it(tmp_path: Path) -> None:
    content = "3,2,setosa,virginica\n5.1,3.5,0\n6.9,3.1,1\n6.2,2.9,1\n"
    for header in ("", "header = false\n"):
        lesson = read(tmp_path, content, f"{header}X = [0, 1]\ny = 2")
        np.testing.assert_array_equal(lesson.samples["y"], [0, 1, 1])
        assert "classes of y: 0 setosa, 1 virginica" in lines(lesson)
    assert "line 1 counts rows and names classes, so columns have no names" in refused(tmp_path, content)


REFUSED = {
    "6.2,17.1\n5.4,9.3\n": "p.csv, line 1 has numbers, not names: '6.2, 17.1'; this file has no header, "
    'so write positions, such as x = 0, or columns = ["a", "b"]',
    "x;y\n1,234;2\n2,345;6\n": "p.csv: found '1,234', where the comma may stand for decimals or thousands",
    "x;y\n1,5;2\n2.5;6\n": "p.csv: column 'x': found both '1,5' and numbers with a point",
    "x,y\n5,1,2\n9,3,4\n": "p.csv, line 2: found 3 cells, but the header has 2 columns",
    "x\n1,5\n2,5\n": 'p.csv, line 1 has one name and the rows two cells; a decimal comma wants separator',
    "x,y;z\na,b;c\n": 'p.csv: the separator may be "," or ";"; say separator = …',
    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n": "this is a Git LFS pointer",
    "\n<!DOCTYPE html>\n<html>\n": "this is a web page, not a table",
    b"PK\x03\x04": "this is a workbook or a zip archive; save the sheet as CSV",
    b"\x1f\x8b\x08": "this is compressed; unpack it first: gunzip p.csv",
    "x,y\nä,2\n".encode("cp1252"): "line 2: it is not UTF-8 text (perhaps WINDOWS-1252); convert it: iconv",
    "x,y\n가나,2\n".encode("cp949"): "iconv -f CP949 -t UTF-8 p.csv > p-utf8.csv",
    "x,y\n1,2\n".encode("utf-16"): "it is not UTF-8 text (UTF-16); convert it: iconv -f UTF-16",
    "x,y\n1,NA\n2,\n": "p.csv, line 2, column 'y': found 'NA', a missing value (the first of 2 missing); "
    'missing = "drop" leaves such rows out, missing = "mean"',
    "my sheet,\nx,y\n1,2\n": "p.csv: the first line has one cell; take out what stands above",
    "x,y\n1,+\n2,-\n": "found '+'; it must be a finite number, or a class: say so with classes = \"y\"",
}  # fmt: skip


def test_what_is_not_certain_is_refused_with_the_reason(tmp_path: Path) -> None:
    for content, reason in REFUSED.items():
        assert reason in refused(tmp_path, content), content
    assert "all cells are text; say header = true or header = false" in refused(
        tmp_path, "a,b\nc,d\n", "x = 0"
    )


OPTIONS = {
    'x = "x"\nseparator = ":"': "samples.separator: found ':'; it must be one of",
    'x = "x"\ndecimal = "x"': "samples.decimal: found 'x'; it must be one of \".\", \",\"",
    'x = "x"\nmissing = "zero"': "samples.missing: found 'zero'; it must be one of refuse, drop, mean",
    'x = "x"\nsplit = 0.2': "samples.split: samples are held back by [validation], with share = 0.2",
    'x = "x"\none_hot = true': 'samples.one_hot: of a CSV file, that is classes = { y = "one_hot" }',
    'x = "x"\ncolumns = ["a"]': "no column 'x'; there are a",
    'x = 2': "p.csv: no column 2; there are 0 to 1",
    'x = "x"\nclasses = "q"': "samples.classes: 'q' is no entry; there are x",
    'x = "x"\nclasses = { x = "onehot" }': "samples.classes.x: found 'onehot'; it must be \"numbers\"",
    'X = ["x"]\nclasses = "X"': "samples.classes: X is a list of columns; classes are of one",
    'x = "x"\nclasses = { x = ["1", "2"] }': "found '3'; classes are 1, 2",
    'x = "x"\nstandardize = true': "samples.standardize: true stands for lists of columns",
    'x = "x"\nstandardize = "q"': "samples.standardize: 'q' is no entry of columns",
}  # fmt: skip


def test_keys_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    for table, reason in OPTIONS.items():
        content = "x\n1\n3\n" if "columns = " in table else "x,y\n1,2\n3,4\n"
        assert reason in refused(tmp_path, content, table), table


def test_keys_say_what_is_not_found(tmp_path: Path) -> None:
    lesson = read(tmp_path, "x\n1,5\n2,5\n", 'x = "x"\nseparator = ";"\ndecimal = ","')
    np.testing.assert_array_equal(lesson.samples["x"], [1.5, 2.5])
    lesson = read(tmp_path, "x;y\n1,234;2\n2,345;6\n", XY + '\ndecimal = ","')
    np.testing.assert_array_equal(lesson.samples["x"], [1.234, 2.345])
    lesson = read(tmp_path, "a,b\nc,d\nc,b\n", "x = 0\nheader = false")
    np.testing.assert_array_equal(lesson.samples["x"], [0, 1, 1])


def test_classes_of_text_and_of_whole_numbers(tmp_path: Path) -> None:
    table = 'kind = "kind"\nmissing = "mean"'
    lesson = read(tmp_path, IRIS, table)
    np.testing.assert_array_equal(lesson.samples["kind"], [0, 1, 2, 0])
    assert lesson.reading.classes == {"kind": ("setosa", "versicolor", "virginica")}
    page = "\n".join(given(lesson, [], 100, UNICODE))
    assert "classes of kind: 0 setosa, 1 versicolor, 2 virginica" in page
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(pack_samples(lesson)), type=SamplesPart)
    assert kept.reading == lesson.reading
    lesson = read(tmp_path, IRIS, table + '\nclasses = { kind = "one_hot" }')
    np.testing.assert_array_equal(lesson.samples["kind"], np.eye(3)[[0, 1, 2, 0]])
    lesson = read(tmp_path, IRIS, table + '\nclasses = { kind = ["virginica", "setosa", "versicolor"] }')
    np.testing.assert_array_equal(lesson.samples["kind"], [1, 2, 0, 1])
    lesson = read(tmp_path, "q\n5\n10\n9\n5\n", 'y = "q"\nclasses = "y"')
    np.testing.assert_array_equal(lesson.samples["y"], [0, 2, 1, 0])
    assert lesson.reading.classes == {"y": ("5", "9", "10")}
    lesson = read(tmp_path, "q\nNA\nEU\n", 'y = "q"\nclasses = { y = ["EU", "NA"] }')
    np.testing.assert_array_equal(lesson.samples["y"], [1, 0])  # North America


def test_missing_cells_are_refused_dropped_or_filled(tmp_path: Path) -> None:
    table = 'X = ["length", "width"]\ny = "kind"\n'
    assert "p.csv, line 4, column 'width': the cell is empty; missing = " in refused(tmp_path, IRIS, table)
    lesson = read(tmp_path, IRIS, table + 'missing = "drop"')
    np.testing.assert_array_equal(lesson.samples["X"], [[5.0, 3.4], [6.9, 3.1], [5.1, 3.3]])
    assert "1 row with a missing cell left out: line 4" in lines(lesson)
    lesson = read(tmp_path, IRIS, table + 'missing = "mean"')
    assert lesson.samples["X"][2, 1] == pytest.approx((3.4 + 3.1 + 3.3) / 3)
    assert "missing cells of width: the mean 3.26667" in lines(lesson)
    assert "column 'y': the cell is empty; missing = \"drop\" leaves such rows out" in refused(
        tmp_path, "x,y\n1,a\n2,\n3,b\n", XY + '\nmissing = "mean"'
    )


def test_standardised_by_what_is_trained_on(tmp_path: Path) -> None:
    table = 'X = ["a", "b"]\ny = "b"\nstandardize = true\nmissing = "mean"'
    content = "a,b\n1,7\n,7\n3,7\n100,7\n"
    whole = read(tmp_path, content, table).samples["X"]
    a = np.array([1, 104 / 3, 3, 100])
    np.testing.assert_allclose(whole[:, 0], (a - a.mean()) / a.std())
    np.testing.assert_array_equal(whole[:, 1], 0)  # it does not vary
    assert whole[1, 0] == 0  # a filled cell is the mean, to the last bit
    lesson = read(tmp_path, content, table, "[validation]\nrows = [3]")
    np.testing.assert_allclose(lesson.samples["X"][:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)])
    assert lesson.validation is not None
    np.testing.assert_allclose(lesson.validation.samples["X"][0, 0], (100 - 2) / np.sqrt(2 / 3))
    assert "X standardised: a, mean 2, deviation 0.816497" in lines(lesson)


def test_another_file_to_validate_with_has_the_first_one_s_classes_and_scales(tmp_path: Path) -> None:
    table = 'X = ["a"]\ny = "kind"\nstandardize = "X"'
    (tmp_path / "v.csv").write_text("kind,a\nb,5\n", encoding="utf-8")
    lesson = read(tmp_path, "a,kind\n1,a\n3,b\n", table, '[validation]\ncsv = "v.csv"')
    assert lesson.validation is not None
    np.testing.assert_array_equal(lesson.validation.samples["y"], [1])
    np.testing.assert_array_equal(lesson.validation.samples["X"], [[3]])
    (tmp_path / "v.csv").write_text("kind,a\nc,5\n", encoding="utf-8")
    reason = refused(tmp_path, "a,kind\n1,a\n3,b\n", table, '[validation]\ncsv = "v.csv"')
    assert "v.csv, line 2, column 'kind': found 'c'; classes are a, b" in reason


def test_names_are_found_in_either_unicode_form(tmp_path: Path) -> None:
    composed = "키 µ"
    stored = unicodedata.normalize("NFD", "키 μ")
    lesson = read(tmp_path, f"{stored},y\n1,2\n", f'x = "{composed}"\ny = "y"')
    np.testing.assert_array_equal(lesson.samples["x"], [1])
    name = unicodedata.normalize("NFD", "수업")
    text = LESSON.format(table=XY, more="").replace("p.csv", "자료.csv")
    (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / f"{unicodedata.normalize('NFD', '자료')}.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    assert load_lesson(tmp_path / "수업.toml").rows == 1
    assert load_lesson("수업", Sandbox.of_folder(tmp_path)).rows == 1
