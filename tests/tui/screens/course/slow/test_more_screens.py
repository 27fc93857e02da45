"""The course in the app, beside all else that there is: other panels, ASCII, small terminals."""

from tests.support.courses import begin, class_app
from tui_backprop.text.charset import ASCII


async def test_a_question_that_is_closed_by_esc_is_asked_no_more_by_itself(course):
    async with class_app(course) as session:
        await begin(session)
        await session.press("s", "s", "s", "escape")
        assert session.overlay == ""
        await session.press("s")
        assert session.overlay == ""
        assert session.app.main.snapshot.course.questions_closed == 0


async def test_side_panels_go_on_working_and_another_lesson_takes_the_tasks_away(course, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text((course / "quiet.toml").read_text())
    async with class_app(course) as session:
        await begin(session)
        await session.press("1")
        assert "Model: slope" in session.screen
        await session.press("j")
        assert "Tasks 0 of 1" in session.screen
        assert session.focus == "tasks"
        await session.press("m")
        await session.type(str(other), "enter")
        await session.until(lambda: session.trainer.lesson.name == "other")
        await session.settle()
        assert "Tasks" not in session.screen
        assert "Model: other" in session.screen
        await session.press("j")
        assert session.note == "this lesson has no tasks and no questions"


async def test_all_of_it_is_spelled_in_ascii(course):
    async with class_app(course, charset=ASCII) as session:
        await session.until(lambda: session.overlay == "CourseScreen")
        await session.settle()
        screens = [session.screen]
        await session.press("enter", "j", "down", "enter")
        screens.append(session.screen)
        await session.type("2*x", "enter")
        screens.append(session.screen)
        await session.press("enter", "k")
        screens.append(session.screen)
        for text in screens:
            assert all(character < "\x7f" or character in "─│╭╮╰╯━▔▁▃▆▅▇▂▄█▌" for character in text), text


async def test_a_small_terminal_asks_and_shows_the_course_too(course):
    async with class_app(course, size=(46, 14)) as session:
        await session.until(lambda: session.overlay == "CourseScreen")
        await session.settle()
        assert "A slope" in session.screen
        await session.press("enter", "s", "s", "s")
        assert "How fast does y rise" in session.screen
        await session.type("2*x", "enter")
        assert "✓ right" in session.screen
