"""The lesson file: every rule of the format, and the line that names file, key, found and right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tui_backprop.lessons.lesson import Lesson

Load = Callable[..., Lesson]
Refusal = Callable[..., str]

BASE = 'formula = "L = w**2"\n[parameters]\nw = 1.0\n'
WITH_X = 'formula = "L = sum(w * x)"\n[parameters]\nw = 1.0\n'


def test_the_smallest_lesson(load: Load) -> None:
    lesson = load('formula = "L = 2"')
    assert (lesson.name, lesson.title, lesson.summary) == ("mine", "mine", "")
    assert (dict(lesson.data), dict(lesson.samples), dict(lesson.parameters)) == ({}, {}, {})
    assert not lesson.trains
    assert lesson.graph().loss.name == "L"


def test_format_may_be_left_out_or_one(load: Load) -> None:
    assert load("format = 1\n" + BASE).trains
    assert load(BASE).hyperparameters.batch_size == "all"


def test_a_byte_order_mark_and_windows_line_ends_are_read(load: Load) -> None:
    lesson = load(
        "\ufeff" + 'formula = """\ny = w * 2\nL = y\n"""\n[parameters]\nw = 1\n'.replace("\n", "\r\n")
    )
    assert [line.name for line in lesson.lines] == ["y", "L"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "the key formula is missing"),
        ("formula = 3", "formula: found 3; it must be text"),
        ("titel = 'x'\n" + BASE, "unknown key 'titel'; did you mean title?"),
        ("title = 3\n" + BASE, "title: found 3; it must be text"),
        ("summary = []\n" + BASE, "summary: found []; it must be text"),
        ("why = 3\n" + BASE, "why: found 3; it must be a list"),
        ("random = 3\n" + BASE, "random: found 3; it must be a table"),
        ("format = 2\n" + BASE, "format: found 2; this version of tui-backprop reads format 1"),
        ("format = 0\n" + BASE, "format: found 0; it must be 1"),
        ("format = true\n" + BASE, "format: found true; it must be 1"),
        ("format = '1'\n" + BASE, "format: found '1'; it must be 1"),
        (f"format = 0x{'f' * 5000}\n" + BASE, "format: found a whole number of thousands of digits; this "
                                              "version of"
         " tui-backprop reads format 1"),
        (
            "loss = 'L'\nformula = \"y = w; L = (y, y)\"\n[parameters]\nw = 1.0\n",
            "formula: the loss L stands for several values or none; it is one number",
        ),
        ("loss = 'M'\n" + BASE, "formula: loss 'M' is not a line of the formula"),
        ("loss = 'w'\n" + BASE, "formula: loss 'w' is not a line of the formula"),
        ("loss = 'a b'\n" + BASE, "loss: 'a b' is not a name; names have letters, digits and _ and start "
                                  "with no digit"),
        (BASE + "[random]\nsed = 1", "random: unknown key 'sed'; did you mean seed?"),
        (BASE + "[random]\nseed = -1", "random.seed: found -1; it must be a whole number, at least 0"),
        (BASE + "[random]\nseed = 1.5", "random.seed: found 1.5; it must be a whole number"),
        (BASE + "[random]\nseed = true", "random.seed: found true; it must be a whole number"),
        (BASE + "[random]\nseed = 4294967296", "random.seed: found 4294967296; it must be a whole number, "
                                               "at most 4294967295"),
        (BASE + "[random]\ngenerator = 'mt'", "random.generator: found 'mt'; it must be one of pcg64, "
                                              "legacy"),
        (BASE + "[random]\ngenerator = 3", "random.generator: found 3; it must be one of pcg64, legacy"),
        (BASE + "[hyperparameters]\nlearning_rat = 1", "hyperparameters: unknown key 'learning_rat'; did "
                                                       "you mean learning_rate?"),
        (BASE + "[hyperparameters]\nseed = 1", "hyperparameters.seed: the seed stands in [random]"),
        (BASE + "[hyperparameters]\nlearning_rate = -1", "hyperparameters.learning_rate: found -1; it "
                                                         "must be a number from 0 to 1e6"),
        (BASE + "[hyperparameters]\nlearning_rate = nan", "hyperparameters.learning_rate: found nan; it "
                                                          "must be a number from 0 to 1e6"),
        (BASE + "[hyperparameters]\nlearning_rate = '1'", "hyperparameters.learning_rate: found '1'; it "
                                                          "must be a number from 0 to 1e6"),
        (BASE + "[hyperparameters]\nlearning_rate = 1979-05-27", "hyperparameters.learning_rate: found a "
                                                                 "date; it must be a number from 0 to 1e6"),
        (BASE + "[hyperparameters]\niterations = 1000000001", "hyperparameters.iterations: found "
                                                              "1000000001; it must be a whole number from "
                                                              "0 to 1e9"),
        (BASE + f"[hyperparameters]\niterations = 0x{'f' * 5000}", "hyperparameters.iterations: found a "
                                                                   "whole number of"
         " thousands of digits; it must be a whole number from 0 to 1e9"),
        (BASE + "[hyperparameters]\noptimizer = 'adm'", "hyperparameters.optimizer: found 'adm'; it must "
                                                        "be sgd, momentum,"
         " nesterov, rmsprop, adam, adamw, adagrad, adadelta, nadam, lion; did you mean adam?"),
        (BASE + "[hyperparameters]\nshuffle = 1", "hyperparameters.shuffle: found 1; it must be true or "
                                                  "false"),
        (BASE + "[hyperparameters]\nbatch_size = 2", "hyperparameters.batch_size: found 2; it must be "
                                                     "all, for there are no [samples]"),
        (BASE + "[samples]\nX = [1, 2]\n[hyperparameters]\nbatch_size = "
                "3", "hyperparameters.batch_size: found 3; it must"
         " be all, or a whole number from 1 to 2"),
        (BASE + "[samples]\nX = [1, 2]\n[hyperparameters]\nbatch_size = "
                "0", "hyperparameters.batch_size: found 0; it must"
         " be all, or a whole number from 1 to the number of samples"),
        (BASE + "[hyperparameters]\nmomentum = 1", "hyperparameters.momentum: found 1; it must be a "
                                                   "number from 0 to below 1"),
        (BASE + "[hyperparameters]\nepsilon = 0", "hyperparameters.epsilon: found 0; it must be a number "
                                                  "above 0 and at most 1"),
    ],
)  # fmt: skip
def test_keys_types_and_ranges(refusal: Refusal, text: str, rule: str) -> None:
    assert refusal(text) == rule


@pytest.mark.parametrize("key", ["self", "lesson", "changes"])
def test_keys_named_like_python_s_own_are_only_unknown(refusal: Refusal, key: str) -> None:
    assert refusal(BASE + f"[hyperparameters]\n{key} = 1").startswith(
        f"hyperparameters: unknown key '{key}'; "
    )


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("formula = ", "not valid TOML: Invalid value (at end of document)"),
        ("formula = 1\nformula = 2", "not valid TOML: Cannot overwrite a value"),
        ("a = " + "[" * 3000, "not valid TOML: nested too deeply"),
        ("a = " + "9" * 5000, "not valid TOML: Exceeds the limit"),
        ("a = \x07", "not valid TOML: Invalid value"),
        ('formula = """\n', "not valid TOML: "),
    ],
)
def test_what_is_not_toml(refusal: Refusal, text: str, start: str) -> None:
    assert refusal(text).startswith(start)


@pytest.mark.parametrize(
    ("value", "right"), [("[1.0, .5]", "0.5"), ("[[1., 2.],\n[3., 4.]]", "1.0"), ("-.25", "-0.25")]
)
def test_numbers_as_python_has_them_are_named(refusal: Refusal, value: str, right: str) -> None:
    message = refusal(f"formula = 'L = x'\n[data]\nx = {value}")
    assert message.endswith(f"; TOML has digits on both sides of the point: write {right}")


def test_what_is_not_text(tmp_path: object, load: Load) -> None:
    from tui_backprop.lessons.errors import LessonError
    from tui_backprop.lessons.library import load_lesson

    path = tmp_path / "bytes.toml"  # type: ignore[operator]
    path.write_bytes(b"formula = '\xff'")
    with pytest.raises(LessonError, match="byte 11 is not UTF-8 text"):
        load_lesson(path)


@pytest.mark.parametrize(
    ("formula", "rule"),
    [
        ("L = w +", "formula line 1, column "),
        ("L = q", "formula line 1, column 5: unknown name q"),
        ("L = w.real", "formula line 1, column "),
        ("L = __import__('os')", "formula line 1, column "),
        ("w = 2", "formula line 1, column 1: w is given in the lesson's parameter already"),
        ("L = w\nw = L", "formula line 2, column 1: w is given in the lesson's parameter already"),
        ("L = w**65", "formula line 1, column "),
        ("", "formula: the formula is empty"),
        ("L = " + "(" * 500 + "w" + ")" * 500, "formula line 1, column "),
        ("L = \u202ew", "formula line 1, column 5: found the control character"),
    ],
)
def test_formulas_are_refused_with_line_and_column(refusal: Refusal, formula: str, rule: str) -> None:
    message = refusal(f'formula = """{formula}"""\n[parameters]\nw = 1\n')
    assert message.startswith(rule), message


def test_a_shape_clash_names_both_shapes_and_names(refusal: Refusal) -> None:
    message = refusal('formula = "L = sum(a * b)"\n[data]\na = [1, 2]\nb = [1, 2, 3]\n')
    for part in ("line 1", "a (2)", "b (3)"):
        assert part in message


def test_a_loss_of_more_than_one_number_is_refused_with_advice(refusal: Refusal) -> None:
    message = refusal('formula = "L = w"\n[parameters]\nw = [1, 2]\n')
    assert "(2)" in message
    assert "sum(...) or mean(...)" in message


# data


@pytest.mark.parametrize(
    ("entry", "shape"),
    [
        ("1", ()), ("-2.5", ()), ("[1]", (1,)), ("[1, 2.5]", (2,)), ("[[1, 2], [3, "
                                                                     "4]]", (2, 2)), ("[[[1]], "
                                                                                      "[[2]]]", (2, 1, 1)),
        ("9007199254740993", ()), ("0x10", ()),
    ],
)  # fmt: skip
def test_numbers_and_nested_lists(load: Load, entry: str, shape: tuple[int, ...]) -> None:
    array = load(BASE + f"[data]\nx = {entry}").data["x"]
    assert array.shape == shape
    assert array.dtype == np.float64
    assert not array.flags.writeable


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("[]", "found an empty list; write at least one number"),
        ("[[], []]", "found an empty list; write at least one number"),
        ("[[1, 2], [3]]", "the lists are ragged: entry 2 has 1 number, but entry 1 has 2 numbers"),
        ("[1, [2]]", "the lists are ragged: entry 2 has 1 number, but entry 1 is one number"),
        ("[[[[[[[1]]]]]]]", "more than 6 levels of lists; arrays have at most 6 axes"),
        ("nan", "found nan; it must be a finite number"),
        ("[1, inf]", "found inf; it must be a finite number"),
        ("-inf", "found -inf; it must be a finite number"),
        ("true", "found true; it must be a finite number"),
        ("[[true]]", "found true; it must be a finite number"),
        ("'a'", "found 'a'; it must be a finite number"),
        ("['a']", "found 'a'; it must be a finite number"),
        ("1e999", "found inf; it must be a finite number"),
        ("1979-05-27", "found datetime.date(1979, 5, 27); it must be a finite number"),
        (f"0x{'f' * 5000}", "found a whole number of thousands of digits; it must be a finite number"),
        (f"1{'0' * 400}", f"found 1{'0' * 38}…; it must be a finite number"),
        ("{}", "give linspace or formula, one of the two"),
        ("{ linspace = [0, 1, 2], formula = '1' }", "give linspace or formula, one of the two"),
        ("{ lnspace = [0, 1, 2] }", "unknown key 'lnspace'; did you mean linspace?"),
        ("[{ linspace = [0, 1, 2] }]", "found {'linspace': [0, 1, 2]}; it must be a finite number"),
    ],
)  # fmt: skip
def test_data_that_is_refused(refusal: Refusal, entry: str, rule: str) -> None:
    assert refusal(BASE + f"[data]\nx = {entry}") == f"data.x: {rule}"


def test_linspace(load: Load) -> None:
    lesson = load(BASE + "[data]\nx = { linspace = [0, 1, 50] }\none = { linspace = [3, 4, 1] }\n")
    np.testing.assert_array_equal(lesson.data["x"], np.linspace(0, 1, 50))
    np.testing.assert_array_equal(lesson.data["one"], [3.0])


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("[0, 1]", ".linspace: found [0, 1]; it must be a list of 3 numbers"),
        ("3", ".linspace: found 3; it must be a list"),
        ("[0, 1, 0]", ".linspace 3: found 0; it must be a whole number, at least 1"),
        ("[0, 1, 2.5]", ".linspace 3: found 2.5; it must be a whole number"),
        ("['a', 1, 2]", ".linspace 1: found 'a'; it must be a number"),
        ("[0, true, 2]", ".linspace 2: found true; it must be a number"),
        ("[0, inf, 2]", ".linspace: found inf; it must be a finite number"),
        ("[-1e308, 1e308, 2]", ".linspace, stop minus start: found inf; it must be a finite number"),
        ("[0, 1, 1000000000000]", ".linspace: (1000000000000) takes more than 1 GiB"),
        (f"[0, 1{'0' * 400}, 2]", f".linspace 2: found 1{'0' * 38}…; it must be a finite number"),
    ],
)
def test_linspace_that_is_refused(refusal: Refusal, entry: str, rule: str) -> None:
    assert refusal(BASE + f"[data]\nx = {{ linspace = {entry} }}") == f"data.x{rule}"


def test_a_formula_uses_the_entries_above_it(load: Load) -> None:
    lesson = load(
        WITH_X + "[data]\nx = { linspace = [0, 1, 5] }\ny = { formula = 'sin(x) + 1' }\nz = "
        "{ formula = 'sum(y)**2' }\n"
        "[samples]\nX = { formula = '2 * y' }\nT = { formula = 'X - x' }\n"
    )
    x = np.linspace(0, 1, 5)
    np.testing.assert_allclose(lesson.data["y"], np.sin(x) + 1, rtol=1e-15)
    assert lesson.data["z"] == pytest.approx(np.sum(np.sin(x) + 1) ** 2, rel=1e-15)
    np.testing.assert_allclose(lesson.samples["T"], 2 * np.sin(x) + 2 - x, rtol=1e-15)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("x = { formula = 'y' }\ny = 1", "data.x.formula: column 1: unknown name y"),
        ("x = { formula = 'x' }", "data.x.formula: column 1: unknown name x"),
        ("x = { formula = 'w' }", "data.x.formula: column 1: unknown name w"),
        ("x = { formula = '1 +' }", "data.x.formula: column "),
        ("x = { formula = '' }", "data.x.formula: column 1: found nothing"),
        ("x = { formula = 3 }", "data.x.formula: found 3; it must be text"),
        ("x = 0\ny = { formula = '1 / x' }", "data.y.formula: the result is not finite everywhere"),
        ("x = [1, 2]\ny = [1, 2, 3]\nz = { formula = 'x + y' }", "data.z.formula: column "),
    ],
)
def test_data_formulas_that_are_refused(refusal: Refusal, table: str, rule: str) -> None:
    assert refusal(BASE + "[data]\n" + table).startswith(rule)


# names


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BASE + "[data]\nw = 1", "parameters.w: the name is given in [data] already"),
        (BASE + "[data]\nx = 1\n[samples]\nx = [1]", "samples.x: the name is given in [data] already"),
        (BASE + "[samples]\nw = [1]", "parameters.w: the name is given in [samples] already"),
        (
            BASE + "[data]\nL = 1",
            "formula line 1, column 1: L is given in the lesson's data already; use another name",
        ),
        (BASE + "[data]\nbeta = 1\n'β' = 2", "beta and β look the same on screen (β); rename one of them"),
        (
            BASE + "[data]\nbeta = 1\n[samples]\n'β' = [2]",
            "beta and β look the same on screen (β); rename one of them",
        ),
        (BASE + "[data]\ny_hat = 1\n'ŷ' = 2", "y_hat and ŷ look the same on screen (ŷ); rename one of them"),
        (BASE + "[data]\n'µ' = 1\n'μ' = 2", "data.μ: the name is given twice in [data]"),
        (BASE + "'µ' = 1\n'μ' = 2", "parameters.μ: the name is given twice in [parameters]"),
        (BASE + "[samples]\n'µ' = [1]\n'μ' = [2]", "samples.μ: the name is given twice in [samples]"),
        (
            BASE + "[data]\n'a b' = 1",
            "data: 'a b' is not a name; names have letters, digits and _ and start with no digit",
        ),
        (
            BASE + "[data]\n1x = 1",
            "data: '1x' is not a name; names have letters, digits and _ and start with no digit",
        ),
        (
            BASE + "[data]\n'' = 1",
            "data: '' is not a name; names have letters, digits and _ and start with no digit",
        ),
    ],
)
def test_names(refusal: Refusal, text: str, rule: str) -> None:
    assert refusal(text) == rule


@pytest.mark.parametrize("word", ["for", "lambda", "None", "True"])
def test_python_s_words_are_no_names(refusal: Refusal, word: str) -> None:
    message = refusal(BASE + f"[data]\n{word} = 1")
    assert message.startswith("data: ")
    assert word in message
    assert "a word of Python's" in message


def test_a_key_with_control_characters_is_spelt_out(refusal: Refusal) -> None:
    assert "x07" in refusal(BASE + '[data]\n"a\\u0007" = 1')
    assert "u202e" in refusal('"\\u202e" = 1\n' + BASE)
    assert "x1b" in refusal(BASE + '[hyperparameters]\n"\\u001b[31m" = 1')
    assert "x1b" in refusal(BASE + '[random]\n"\\u001b` - at `$.seed`" = 1')


def test_greek_names_are_welcome(load: Load) -> None:
    lesson = load('formula = "ŷ = θ * x\\nL = ŷ**2"\n[data]\nx = 1\n[parameters]\n"θ" = 1\n')
    assert list(lesson.graph().named) == ["x", "θ", "ŷ", "L"]


# notes


EDGES = (
    'formula = """\nz = X @ W + b\nL = mean(z**2)\n"""\n[data]\nX = [[1, 2], [3, 4]]\n[parameters]\nW '
    "= [1, 2]\nb = 0\n"
)


@pytest.mark.parametrize(
    "at",
    [
        "z <- W",
        "z ← W",
        "z<-b",
        "L <- z",
        "z",
        "L",
        "W",
        "b",
        "z <- X @ W",
        "z <- (X @ W)",
        "mean(z**2) <- z**2",
    ],
)
def test_places_of_notes(load: Load, at: str) -> None:
    (why,) = load(EDGES + f"[[why]]\nat = '{at}'\ntext = 'because'\n").whys
    assert why.operand is None or "<-" in at or "←" in at


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        ("at = 'z <- W'", "why 1: the key text is missing"),
        ("text = ''", "why 1: the key at is missing"),
        ("at = 'z <- W'\ntext = ''\nwen = '1'", "why 1: unknown key 'wen'; did you mean when?"),
        ("at = 3\ntext = ''", "why 1.at: found 3; it must be text"),
        ("at = 'L <- W'\ntext = ''", "why 1.at: no factor goes from L to W; from L there are "),
        ("at = 'W <- z'\ntext = ''", "why 1.at: no factor goes from W to z"),
        ("at = 'X'\ntext = ''", "why 1.at: X is neither computed nor a parameter; write an edge, output "
                                "<- operand"),
        ("at = 'q <- W'\ntext = ''", "why 1.at: unknown name 'q'"),
        ("at = ''\ntext = ''", "why 1.at: unknown name ''"),
        ("at = 'z <- W'\ntext = '{'", "why 1.text: found a single brace; write {name}, or {{ and }} for "
                                      "braces"),
        ("at = 'z <- W'\ntext = '}'", "why 1.text: found a single brace; write {name}, or {{ and }} for "
                                      "braces"),
        ("at = 'z <- W'\ntext = '{q}'", "why 1.text {q}: unknown name q"),
        ("at = 'z <- W'\ntext = '{}'", "why 1.text {}: column 1: found nothing"),
        ("at = 'z <- W'\ntext = '{W.real}'", "why 1.text {W.real}: unknown name W.real"),
        ("at = 'z <- W'\ntext = '{W + X.T @ X}'", None),
        ("at = 'z <- W'\ntext = '{W @ z @ X @ X @ z @ z}'", "why 1.text {W @ z @ X @ X @ z @ z}: "),
        ("at = 'z <- W'\ntext = '{W:.2f}'", "why 1.text: found {W…}; write {an expression} or {shape:NAME}"),
        ("at = 'z <- W'\ntext = '{W!r}'", "why 1.text: found {W…}; write {an expression} or {shape:NAME}"),
        ("at = 'z <- W'\ntext = '{shape:q}'", "why 1.text: {shape:q} names no node of the lesson"),
        ('at = "z <- W"\ntext = "\\u001b[31m"', "why 1.text: found the control character \\x1b; plain "
                                                "text is allowed"),
        ('at = "z <- W"\ntext = "\\u202e"', "why 1.text: found the control character \\u202e; plain text "
                                            "is allowed"),
        ("at = 'z <- W'\ntext = ''\nwhen = 'mean(X)'", "why 1.when: column 1: found mean(X); write a "
                                                       "comparison such as"),
        ("at = 'z <- W'\ntext = ''\nwhen = 'X > 0'", "why 1.when: a side of > has 4 numbers; compare "
                                                     "means or sums"),
        ("at = 'z <- W'\ntext = ''\nwhen = 'mean(X) > W'", "why 1.when: a side of > has 2 numbers; "
                                                           "compare means or sums"),
        ("at = 'z <- W'\ntext = ''\nwhen = 'b > 0 or b < 0'", "why 1.when: column 1: found "),
        ("at = 'z <- W'\ntext = ''\nwhen = 'q > 0'", "why 1.when: unknown name q"),
        ("at = 'z <- W'\ntext = 'a'\n[[why]]\nat = 'z <- b'\ntext = '{'", "why 2.text: found a single brace"),
    ],
)  # fmt: skip
def test_notes_that_are_refused(request: pytest.FixtureRequest, note: str, rule: str | None) -> None:
    text = EDGES + "[[why]]\n" + note
    if rule is None:
        assert request.getfixturevalue("load")(text).whys
    else:
        message = request.getfixturevalue("refusal")(text)
        assert message.startswith(rule), message


def test_a_note_s_live_numbers(load: Load) -> None:
    from tui_backprop.text.numbers import inline

    note = "at = 'z <- W'\ntext = '{W} {dW} {shape:X} {{x}} {sum(z)} {learning_rate} {samples}'"
    (why,) = load(EDGES + "[[why]]\n" + note).whys
    values = {
        "W": [1.0, 2.0],
        "dW": [3.0, 4.0],
        "X": np.ones((2, 2)),
        "z": [0.5, 0.25],
        "learning_rate": 0.1,
        "samples": 1,
    }
    arrays = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    assert why.text(arrays, inline) == "[1, 2] [3, 4] (2×2) {x} 0.75 0.1 1"


# slips


@pytest.mark.parametrize(
    ("slip", "rule"),
    [
        ("title = 'a'", "slip 1: give gradient.NAME or formula.NAME, the line that went wrong"),
        ("gradient.W = '1'", "slip 1: the key title is missing"),
        ("title = 'a'\ngradient.q = '1'", "slip 1.gradient: unknown name 'q'"),
        ("title = 'a'\ngradient.W = 1", "slip 1.gradient.W: found 1; it must be text"),
        ("title = 'a'\ngradient = 'W'", "slip 1.gradient: found 'W'; it must be a table"),
        ("title = 'a'\ngradient.W = 'q'", "slip 1.gradient.W: unknown name q"),
        ("title = 'a'\ngradient.W = 'dz *'", "slip 1.gradient.W: column "),
        ("title = 'a'\nformula.W = '1'", "slip 1.formula: W is not a line of the formula"),
        ("title = 'a'\nformula.q = '1'", "slip 1.formula: unknown name 'q'"),
        ("title = 'a'\nformula.L = '1 +'", "slip 1.formula.L: column "),
        ("title = 'a'\nformula.L = 'q'", "slip 1.formula: unknown name q"),
        ("title = 'a'\nformula.L = 'z'", "slip 1.formula: the loss L has shape (2)"),
        ("title = 'a'\nformula.L = 'dz'", "slip 1.formula: unknown name dz"),
        ("title = 'a'\nformla.L = 'z'", "slip 1: unknown key 'formla'; did you mean formula?"),
    ],
)
def test_slips_that_are_refused(refusal: Refusal, slip: str, rule: str) -> None:
    message = refusal(EDGES + "[[slip]]\n" + slip)
    assert message.startswith(rule), message


def test_a_slip_may_use_gradients_and_either_spelling(load: Load) -> None:
    text = (
        'formula = "ŷ = beta * 2\\nL = ŷ**2"\n[parameters]\nbeta = 1\n[[slip]]\ntitle = '
        '"t"\ngradient."β" = "dŷ"\n'
    )
    (slip,) = load(text).slips
    assert list(slip.gradients) == ["beta"]


def test_a_lesson_s_own_name_wins_over_d_name(load: Load) -> None:
    text = (
        'formula = "L = w * dw"\n[data]\ndw = 5\n[parameters]\nw = 1\n[[slip]]\ntitle = '
        '"t"\ngradient.w = "dw"\n'
    )
    from tui_backprop.exercises.check import check_gradients

    (slip,) = check_gradients(load(text)).slips
    assert slip.claimed is not None
    assert float(slip.claimed["w"]) == 5
