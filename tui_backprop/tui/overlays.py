"""The screens over the panels, by what opens them; each is imported when it is opened for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from tui_backprop.debugger.lines.listing import SourcePage
from tui_backprop.debugger.playground.comparing import ComparePage
from tui_backprop.debugger.playground.health import HealthPage
from tui_backprop.debugger.playground.sharing import SharedPage
from tui_backprop.debugger.playground.sweeping import RangePage
from tui_backprop.debugger.replies import CheckPage, ProgramPage, SchedulePage, SweepPage
from tui_backprop.debugger.seat.view import CoursePage, QuestionPage

if TYPE_CHECKING:
    from tui_backprop.tui.screens.overlay import Overlay

OF_COMMAND = {
    "goto": "moving.GotoScreen",
    "find": "moving.FindScreen",
    "stretch": "moving.StretchScreen",
    "values": "reading.ValuesScreen",
    "examine": "element.ElementScreen",
    "whatif": "changing.WhatIfScreen",
    "break": "changing.BreakpointScreen",
    "homework": "homework.HomeworkScreen",
    "sweep": "playground.sweeping.SweepSettingsScreen",
    "open": "lessons.LessonScreen",
    "build": "network.screen.NetworkScreen",
    "help": "help.HelpScreen",
    "screenshot": "files.screenshot.ScreenshotScreen",
}
"""Commands whose key opens a screen, which asks for more or is all there is."""
OF_PAGE: Mapping[type, str] = {
    CheckPage: "checking.CheckScreen",
    SweepPage: "checking.SweepScreen",
    ProgramPage: "program.ProgramScreen",
    SourcePage: "reading.SourceScreen",
    SchedulePage: "schedule.ScheduleScreen",
    ComparePage: "playground.comparing.ComparisonScreen",
    RangePage: "playground.sweeping.RangeScreen",
    HealthPage: "playground.health.HealthScreen",
    SharedPage: "network.shared.SharedScreen",
    CoursePage: "course.progress.CourseScreen",
    QuestionPage: "course.question.QuestionScreen",
}
"""Pages that a command answers with, and the screen that shows them."""


def overlay(name: str) -> type[Overlay]:
    """Return a screen's class."""
    module, _, class_name = name.rpartition(".")
    found: type[Overlay] = getattr(import_module(f"tui_backprop.tui.screens.{module}"), class_name)
    return found
