"""The question that is asked: answered in its line, with hints as they are wanted, and why it is so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_backprop.debugger.commands import BY_NAME
from tui_backprop.debugger.replies import Reply
from tui_backprop.debugger.seat.view import AskedQuestionView, QuestionPage
from tui_backprop.debugger.seat.words import closing_lines, hint_lines, question_title, standing_line
from tui_backprop.text.sentences import tr
from tui_backprop.tui.keys import REVEAL, REVEALS
from tui_backprop.tui.messages import Requested
from tui_backprop.tui.request import request
from tui_backprop.tui.screens.overlay import Overlay
from tui_backprop.tui.widgets.lines import Line, LinesView, paragraph
from tui_backprop.tui.widgets.options import Options

SOURCES = ("question", "answer", "hint", "reveal")


class QuestionScreen(Overlay):
    """A question: its sentence, choices or a line to type in, and what was said to the answers."""

    DEFAULT_CSS = """
    QuestionScreen {
        & .box { max-width: 100; height: auto; max-height: 95%; }
        & #question-text { height: auto; max-height: 14; border: none; padding: 0; }
        & #question-choices { height: auto; max-height: 9; border: none; padding: 0; margin-top: 1; }
        & #question-choices { background: $surface; }
        & #question-line { margin-top: 1; }
        & #question-said { height: auto; max-height: 14; border: none; padding: 0; margin-top: 1; }
        & #question-said.empty { display: none; }
        &.-low #question-text, &.-low #question-said { max-height: 4; }
        &.-low #question-choices { max-height: 4; margin-top: 0; }
        &.-low #question-line, &.-low #question-said { margin-top: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(REVEAL, "reveal", "Reveal", show=False),
        Binding("pageup", "scroll(-1)", "Scroll up", show=False),
        Binding("pagedown", "scroll(1)", "Scroll down", show=False),
    ]
    OPENED_BY = "question"

    def __init__(self, asked: AskedQuestionView) -> None:
        super().__init__()
        self.asked = asked
        self._following: int | None = None

    @classmethod
    def of_page(cls, page: QuestionPage) -> Self:
        """Return the screen that asks a question."""
        return cls(page.asked)

    def compose(self) -> ComposeResult:
        """Put the question above, then choices or the line, and what was said below."""
        with Vertical(id="question-box", classes="box"):
            yield LinesView(self._text, id="question-text")
            if self.asked.choices:
                yield Options(id="question-choices", markup=False)
            else:
                placeholder = self.charset.spelled(self.asked.form)
                yield Input(placeholder=placeholder, compact=True, id="question-line")
            yield LinesView(self._said, id="question-said")

    def opened(self) -> None:
        """Begin in the line, or at the choices."""
        if self.asked.choices:
            choices = self.query_one(Options)
            texts = (
                self.charset.spelled(f"{number}. {text}") for number, text in enumerate(self.asked.choices, 1)
            )
            choices.add_options([Option(Content(text)) for text in texts])
            choices.highlighted = 0
        self._field.focus()
        self._show()

    @property
    def _field(self) -> Input | Options:
        return self.query_one(Options) if self.asked.choices else self.query_one(Input)

    def _show(self) -> None:
        asked, spelled = self.asked, self.charset.spelled
        box = self.query_one("#question-box")
        box.border_title = Content(spelled(question_title(asked)))
        if asked.record.closed and self._following is not None:
            keys = tr("Enter goes on to question {number}", number=self._following)
        elif asked.record.closed:
            keys = tr("Enter goes on")
        elif asked.locked:
            keys = tr("Enter answers, alone it gives a hint · Esc closes")
        else:
            keys = tr("Enter answers, alone it gives a hint · {key} reveals · Esc closes", key=REVEALS)
        if asked.choices and not asked.record.closed:
            keys = tr("Enter answers, h gives a hint · Esc closes")
        box.border_subtitle = Content(spelled(keys))
        if asked.record.closed and not asked.choices:
            self.query_one(Input).placeholder = ""
        self.query_one("#question-text", LinesView).show(self._text)
        said = self.query_one("#question-said", LinesView)
        said.set_class(not list(self._lines()), "empty")
        for view in self.query(LinesView):
            room = max(box.size.width - 5, 20)
            view.styles.height = max(
                len(self._text(room) if view.id == "question-text" else self._said(room)), 1
            )
        said.show(self._said)
        said.action_scroll_end()

    def _text(self, width: int) -> Sequence[Line]:
        return paragraph(self.charset, self.asked.text, width, "strong")

    def _said(self, width: int) -> Sequence[Line]:
        return [
            line for text, part in self._lines() for line in paragraph(self.charset, text, width, part, "  ")
        ]

    def _lines(self) -> Iterator[tuple[str, str]]:
        asked = self.asked
        for hint in hint_lines(asked):
            yield hint, "note"
        if asked.said:
            yield asked.said, "good" if asked.record.right else "bad"
        for line in closing_lines(asked):
            yield line, ""
        if line := standing_line(asked):
            yield line, "label"

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._answer(event.value.strip())

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._answer(str(event.option_index + 1))

    def _answer(self, text: str) -> None:
        if self.asked.record.closed:
            self.leave()
            if self._following is not None:
                self._ask("question", str(self._following))
        elif text:
            self._ask("answer", text)
        else:
            self._ask("hint")

    def key_h(self) -> None:
        """Give a hint where there is no line to type in."""
        if self.asked.choices and not self.asked.record.closed:
            self._ask("hint")

    def action_reveal(self) -> None:
        """Show the answer, as far as it may be."""
        if not self.asked.record.closed:
            self._ask("reveal")

    def action_scroll(self, pages: int) -> None:
        """Scroll what was said."""
        said = self.query_one("#question-said", LinesView)
        said.action_page_up() if pages < 0 else said.action_page_down()

    def _ask(self, command: str, argument: str = "") -> None:
        self.app.post_message(Requested(request(BY_NAME[command], argument)))

    def take(self, source: str, reply: Reply) -> bool:
        """Show what came of an answer, a hint or giving up."""
        if not isinstance(reply, QuestionPage):
            return False
        right = reply.asked.record.tries > self.asked.record.tries and not reply.asked.record.right
        self.asked, self._following = reply.asked, reply.following
        if not self.asked.choices and not right:
            self.query_one(Input).value = ""
        elif not self.asked.choices:
            self.query_one(Input).action_select_all()
        self._show()
        return True

    def refuse(self, source: str, reason: str) -> bool:
        """Say why an answer could not be read, or may not be shown; what was typed stays."""
        if source not in SOURCES:
            return False
        from msgspec.structs import replace

        self.asked = replace(self.asked, said=f"✗ {reason}")
        self._show()
        self._field.focus()
        return True
