"""The command that says how a training's layers are doing, what is wrong, and what would help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui_backprop.cli.shared import (
    FAILED,
    OK,
    WholeNumber,
    ascii_option,
    charset,
    fail,
    format_option,
    lesson_argument,
    refusals,
    say,
    set_option,
    told_trainer,
)
from tui_backprop.text.sentences import later, tr

if TYPE_CHECKING:
    from tui_backprop.training.running import RunReport


def say_alarms(report: RunReport) -> None:
    """Print on stderr the alarms that a run was stopped for."""
    for one in report.hit.alarms if report.hit is not None else ():
        say(tr("iteration {iteration}: {text}", iteration=one.iteration, text=one.text))


@click.command(short_help=later("Say how the layers are doing, and what is wrong."))
@lesson_argument()
@click.option(
    "--iterations", type=WholeNumber(), metavar="N",
    help=later("Updates that are made first; the lesson's own number by default."),
)  # fmt: skip
@click.option("--remedies", is_flag=True, help=later("Try on copies what may help against each alarm."))
@set_option
@format_option("table", "json")
@ascii_option
def health(
    lesson: str,
    iterations: int | None,
    remedies: bool,
    settings: tuple[str, ...],
    style: str,
    ascii_only: bool | None,
) -> None:
    """Train a LESSON, and say for each layer how it is doing, and what is wrong with the training.

    Alarms are those that were raised on the way, with the iteration, and those that hold at the end. Exits
    with 1 where there is one.
    """
    from tui_backprop.health.remedies import try_remedies
    from tui_backprop.health.report import as_json, health_of
    from tui_backprop.health.watching import alarms_on_the_way
    from tui_backprop.health.words import remedies_as_json, remedies_as_lines, table

    with refusals():
        trainer = told_trainer(lesson, settings)
        if not trainer.lesson.trains:
            fail(tr("{name} trains nothing: there are no layers to look at", name=trainer.lesson.name))
        goal = trainer.hyperparameters.iterations if iterations is None else iterations
        met = alarms_on_the_way(trainer, goal)
        report = health_of(trainer)
        names = dict.fromkeys([one.alarm.name for one in (*met, *report.alarms)])
        tried = [try_remedies(trainer, name) for name in names] if remedies else []
    if style == "json":
        import json

        page = {**as_json(report), "raised": [
            {"alarm": one.alarm.name, "iteration": one.iteration, "message": one.cause} for one in met
        ]}  # fmt: skip
        if remedies:
            page["remedies"] = [remedies_as_json(found) for found in tried]
        click.echo(json.dumps(page, ensure_ascii=False))
    else:
        held = {one.alarm.name for one in report.alarms}
        lines = [
            tr("iteration {iteration}: {text}", iteration=one.iteration, text=one.text)
            for one in met
            if one.alarm.name not in held
        ]
        lines += [*table(report), *(line for found in tried for line in remedies_as_lines(found))]
        for text in lines:
            click.echo(charset(ascii_only).spelled(text))
    sys.exit(FAILED if names else OK)
