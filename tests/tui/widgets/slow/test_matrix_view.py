"""The matrix view shows the part of an array that fits, and its cursor reaches every element."""

from __future__ import annotations

import numpy as np
import pytest
from textual import on
from textual.app import App, ComposeResult

from tui_backprop.tui.widgets.matrix import MatrixView


class MatrixApp(App[None]):
    CSS = "MatrixView { border-top: solid red; }"

    def __init__(self) -> None:
        super().__init__()
        self.view = MatrixView()
        self.moved: list[tuple[int, ...]] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    @on(MatrixView.ElementMoved)
    def note(self, message: MatrixView.ElementMoved) -> None:
        self.moved.append(message.element)

    def lines(self) -> list[str]:
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]


W = np.array([[0.2, -0.4], [0.1, 12.5]])


async def test_columns_are_aligned_below_their_indices():
    app = MatrixApp()
    async with app.run_test(size=(40, 6)):
        app.view.show_array("W1", W)
        assert app.lines()[:3] == [
            "      0     1",
            " 0 ▸0.2◂ −0.4",
            " 1  0.1  12.5",
        ]  # fmt: skip
        assert str(app.view.border_title) == "W1  (2×2)  [0, 0] = 0.2"


async def test_the_cursor_moves_by_keys_and_says_where_it_is():
    app = MatrixApp()
    async with app.run_test(size=(60, 6)) as pilot:
        app.view.show_array("W1", W)
        await pilot.press("right", "right", "down", "down", "home", "up", "end")
        assert app.moved == [(0, 1), (1, 1), (1, 0), (0, 0), (0, 1)]
        assert app.view.cursor == (0, 1)
        assert "▸−0.4◂" in app.lines()[1]
        assert str(app.view.border_title).endswith("0, 1] = −0.4")
        await pilot.press("ctrl+end", "ctrl+home")
        assert app.moved[5:] == [(1, 1), (0, 0)]
        app.view.move_to((1, 0))
        await pilot.pause()
        assert app.view.cursor == (1, 0)
        assert len(app.moved) == 7


async def test_highlighted_elements_have_signs_and_so_has_the_cursor_on_one():
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("W1", W, W > 0.15)
        assert app.lines()[1:3] == [" 0 ▸0.2› −0.4", " 1  0.1 ‹12.5›"]
        await pilot.press("right")
        assert app.lines()[1] == " 0 ‹0.2›▸−0.4◂"


async def test_a_large_matrix_scrolls_both_ways_and_says_where_there_is_more():
    X = np.arange(100_000 * 100.0).reshape(100_000, 100)
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("X", X)
        lines = app.lines()
        assert lines[0].endswith("→")
        assert "←" not in lines[0]
        assert [line[0] for line in lines[1:]] == [" ", " ", " ", "↓"]
        await pilot.press(*["right"] * 6, "pagedown", "pagedown")
        await pilot.pause()
        row, column = app.view.cursor
        lines = app.lines()
        assert (row, column) == (6, 6)
        assert "←" in lines[0]
        assert lines[0].endswith("→")
        assert [line[0] for line in lines[1:]] == ["↑", " ", " ", "↓"]
        assert "▸606◂" in "".join(lines)
        await pilot.press("ctrl+end")
        assert app.view.cursor == (99_999, 99)
        assert "→" not in app.lines()[0]
        assert app.lines()[-1].startswith(" 99999 ")
        assert app.lines()[-1].endswith("▸1e+07◂")
        assert str(app.view.border_title).endswith("= 9999999.0")


async def test_only_what_is_visible_is_looked_at(monkeypatch):
    class Watched(np.ndarray):
        looked = 0

        def __getitem__(self, key):
            if isinstance(key, tuple) and all(isinstance(part, int) for part in key):
                Watched.looked += 1
            return super().__getitem__(key)

    X = np.zeros((100_000, 100)).view(Watched)
    app = MatrixApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.show_array("X", X)
        Watched.looked = 0
        await pilot.press("down")
        assert 0 < Watched.looked < 3 * 22 * 27  # rows × columns of three cells, looked at a few times


async def test_a_vector_is_a_row_where_it_fits_and_a_column_elsewhere():
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("β", np.array([0.5, -0.25, 1.0]))
        assert app.lines()[:2] == ["   0      1  2", "▸0.5◂ −0.25  1"]
        await pilot.press("down", "right", "end", "home", "pagedown")
        assert app.moved == [(1,), (2,), (0,), (2,)]
        app.view.show_array("h", np.arange(200.0))
        assert app.view.cursor == (0,)
        assert app.lines()[1] == "   1  1"
        assert app.lines()[4].startswith("↓  4")
        await pilot.press("right", "down", "pagedown")
        assert app.moved[4:] == [(1,), (4,)]
        await pilot.press("end")
        assert app.view.cursor == (199,)


async def test_slices_of_three_axes():
    T = np.arange(12.0).reshape(3, 2, 2)
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("T", T)
        await pilot.press("right_square_bracket", "right", "right_square_bracket", "right_square_bracket")
        assert app.moved == [(1, 0, 0), (1, 0, 1), (2, 0, 1)]
        assert app.lines()[1].split() == ["0", "8", "▸9◂"]
        await pilot.press("left_square_bracket")
        assert app.lines()[1].split() == ["0", "4", "▸5◂"]
        assert app.active_bindings["left_square_bracket"].enabled
        app.view.show_array("W", W)
        assert "left_square_bracket" not in app.active_bindings


async def test_matrices_of_four_axes_come_one_after_the_other():
    T = np.arange(24.0).reshape(3, 2, 2, 2)
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("T", T)
        await pilot.press(*["right_square_bracket"] * 3, "down")
        assert app.moved == [(0, 1, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0), (1, 1, 1, 0)]
        assert app.lines()[2].split() == ["1", "▸14◂", "15"]
        await pilot.press(*["right_square_bracket"] * 3)
        assert app.view.cursor == (2, 1, 1, 0)
        await pilot.press(*["left_square_bracket"] * 9)
        assert app.view.cursor == (0, 0, 1, 0)


async def test_the_cursor_stays_in_an_array_of_the_same_shape():
    app = MatrixApp()
    async with app.run_test(size=(40, 6)) as pilot:
        app.view.show_array("W", W)
        await pilot.press("down")
        app.view.show_array("W", W + 1)
        assert app.view.cursor == (1, 0)
        app.view.show_array("W", np.zeros((3, 2)))
        assert app.view.cursor == (0, 0)


async def test_a_number_and_nothing_at_all():
    app = MatrixApp()
    async with app.run_test(size=(40, 4)) as pilot:
        app.view.show_array("L", np.float64(0.1))
        await pilot.press("down", "end", "ctrl+end")
        assert app.lines()[0] == "▸0.1◂"
        assert str(app.view.border_title) == "L  scalar  = 0.1"
        for shape in [(0,), (0, 2, 2)]:
            app.view.show_array("E", np.zeros(shape))
            await pilot.press("down", "end")
            assert app.lines()[0] == "no elements"
        assert app.moved == []


@pytest.mark.parametrize(("width", "height"), [(8, 4), (36, 8), (200, 60)])
async def test_at_every_size_the_cursor_is_seen_and_no_number_is_cut(width, height):
    arrays = [
        np.random.default_rng(0).normal(size=(50, 40)) * 1e-9,
        np.array([[np.nan, np.inf], [-1.7e308, -5e-324]]),
        np.random.default_rng(1).normal(size=300),
    ]
    app = MatrixApp()
    async with app.run_test(size=(width, height)):
        for array in arrays:
            app.view.show_array("a", array)
            for move in (lambda: app.view.action_corner(True), lambda: app.view.action_move(-1, -1)):
                move()
                lines = app.lines()
                assert max(map(len, lines)) <= width
                marked = next(line for line in lines if "▸" in line)
                text = marked[marked.index("▸") + 1 : marked.index("◂")].replace("−", "-")
                assert text == "…" or np.isclose(
                    float(text), array[app.view.cursor], rtol=0.1, equal_nan=True
                )
                assert text != "…" or width == 8
