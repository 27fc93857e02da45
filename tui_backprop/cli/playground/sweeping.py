"""Many trainings of a lesson: a sweep of settings, two side by side, and the search for a learning rate."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui_backprop.cli.backend import asked_backend, backend_option
from tui_backprop.cli.completion import complete_settings
from tui_backprop.cli.progress import ProgressBar
from tui_backprop.cli.shared import (
    FAILED,
    WholeNumber,
    ascii_option,
    charset,
    fail,
    format_option,
    lesson_argument,
    refusals,
    sandbox,
    say,
    set_option,
    told_trainer,
)
from tui_backprop.text.sentences import later, tr

FINE = 100
"""Steps of the progress bar for a setting: of those that are trained together, all end at a time."""


@click.command(short_help=later("Train a lesson under many settings, and print their losses."))
@lesson_argument()
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE,…", shell_complete=complete_settings,
    help=later("The values of a hyperparameter, such as learning_rate=0.01,0.03,0.1, of a "
               "parameter's start or of "
    "a data set's noise; may be repeated, and every combination is trained."),
)  # fmt: skip
@click.option(
    "--seeds", type=WholeNumber(1), metavar="N", help=later("Each of them with the seeds 0 to N-1.")
)
@click.option(
    "--iterations", type=WholeNumber(), metavar="N",
    help=later("Updates of each; the lesson's own number by default."),
)  # fmt: skip
@click.option(
    "--every", type=WholeNumber(1), metavar="K",
    help=later("Rows of every K-th iteration, and the last; of the last alone by default."),
)  # fmt: skip
@click.option(
    "--workers", type=WholeNumber(1, 64), default=1, show_default=True, metavar="N",
    help=later("Processes that train at the same time."),
)  # fmt: skip
@click.option(
    "--scheduler", metavar="ADDRESS",
    help=later("Train on a Dask cluster, by its scheduler's address, such as "
               "tcp://10.0.0.5:8786; one you trust."),
)  # fmt: skip
@backend_option
@click.option("--resume", is_flag=True, help=later("Go on with a sweep that was interrupted, or widen one."))
@format_option("table", "csv", "jsonl")
@ascii_option
def sweep(
    lesson: str,
    settings: tuple[str, ...],
    seeds: int | None,
    iterations: int | None,
    every: int | None,
    workers: int,
    scheduler: str | None,
    resume: bool,
    style: str,
    ascii_only: bool | None,
) -> None:
    """Train a LESSON under every combination of some settings, and print a row for each.

    A row's loss is the one that train prints for its settings. What is done is kept in the user's cache, and
    --resume goes on from there. Exits with 1 where a training diverged; its row says so.
    """
    from tui_backprop.lessons.library import load_lesson
    from tui_backprop.sweeps.kept import SweepFile, resumed
    from tui_backprop.sweeps.plan import SweepPlan, parse_values
    from tui_backprop.sweeps.portions import WantedLosses
    from tui_backprop.sweeps.rows import RowWriter, SweepRow
    from tui_backprop.sweeps.sweep import asked, runner

    with refusals():
        loaded = load_lesson(lesson, sandbox())
        base = asked(loaded, asked_backend())
        plan = SweepPlan.of(loaded, parse_values(loaded, settings, seeds), iterations, every, base)
        file = SweepFile(plan, resumes=resume)
        if resume:
            say(tr("{done} of {all} settings are done already", done=file.done, all=len(plan)))
        spelled = charset(ascii_only).spelled if style == "table" else str
        writer = RowWriter(style, plan.names, plan.values)  # type: ignore[arg-type]
        done, printed, diverged = 0, 0, 0
        held: dict[int, list[SweepRow]] = {}
        shown, headed = 0, False
        with ProgressBar(len(plan) * FINE, "settings") as progress:

            def going(part: float = 0.0) -> None:
                """Show the settings that are done, and a part of those that are trained together."""
                nonlocal shown
                there = min(len(plan), done + part)
                progress.advance(max(0, round(there * FINE) - shown))
                shown = max(shown, round(there * FINE))

            def show(rows: list[SweepRow]) -> None:
                """Print rows, the first ones below their heading."""
                nonlocal headed
                for line in () if headed else writer.head():
                    progress.echo(spelled(line))
                headed = True
                for row in rows:
                    progress.echo(spelled(writer.line(row)))

            trains = runner(
                workers, going, scheduler=scheduler, wanted=WantedLosses(every, whole=False), begun=file.begun
            )
            try:
                for point, rows in resumed(plan, file, trains):
                    done, diverged = done + 1, diverged + rows[-1].diverged
                    held[point.number] = rows
                    going()
                    while printed in held:  # in the order of the settings, whoever is done first
                        show(held.pop(printed))
                        printed += 1
            except KeyboardInterrupt:
                for number in sorted(held):
                    show(held[number])
                progress.clear()
                if file.problem:
                    say(tr("interrupted: {done} of {all} settings are done and not kept",
                           done=done, all=len(plan)))  # fmt: skip
                else:
                    say(tr("interrupted: {done} of {all} settings are done and kept; --resume goes on",
                           done=done, all=len(plan)))  # fmt: skip
                sys.exit(130)
    if file.problem:
        say(tr("note: this sweep could not be kept for --resume: {problem}", problem=file.problem))
    if diverged:
        fail(tr("{diverged} of {all} trainings diverged", diverged=diverged, all=len(plan)), FAILED)


@click.command(short_help=later("Find a learning rate: train a copy while the rate grows."))
@lesson_argument()
@click.option(
    "--iteration", default=0, show_default=True, metavar="K", type=WholeNumber(),
    help=later("From where: that many updates are made first."),
)  # fmt: skip
@set_option
@format_option("table", "json")
@ascii_option
def rates(
    lesson: str, iteration: int, settings: tuple[str, ...], style: str, ascii_only: bool | None
) -> None:
    """Learning-rate range test of a LESSON: the losses while the rate grows, and a proposal."""
    from tui_backprop.explain.pages.iteration import at_iteration
    from tui_backprop.sweeps.range_words import range_json, range_lines, table_lines
    from tui_backprop.sweeps.rates import range_test

    with refusals():
        trainer = told_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        test = range_test(trainer)
    if style == "json":
        _write_json(range_json(test))
        return
    for line in (*table_lines(test), "", *range_lines(test)):
        click.echo(charset(ascii_only).spelled(line))


@click.command(short_help=later("Compare two trainings, up to the first record that differs."))
@lesson_argument()
@set_option
@click.option(
    "--with", "others", multiple=True, metavar="KEY=VALUE", shell_complete=complete_settings,
    help=later("How a hyperparameter is set in the other one; may be repeated."),
)  # fmt: skip
@click.option(
    "--iterations", type=WholeNumber(), metavar="N",
    help=later("Updates of both; the lesson's own number by default."),
)  # fmt: skip
@format_option("text", "json")
@ascii_option
def compare(
    lesson: str,
    settings: tuple[str, ...],
    others: tuple[str, ...],
    iterations: int | None,
    style: str,
    ascii_only: bool | None,
) -> None:
    """Train a LESSON twice, and say where the two first differ: both values, and which setting did it."""
    from tui_backprop.sweeps.comparing import ComparedRun, compare_runs
    from tui_backprop.sweeps.words import comparison_json, comparison_lines

    def trained(name: str, chosen: tuple[str, ...]) -> ComparedRun:
        trainer = told_trainer(lesson, chosen)
        trainer.run(trainer.hyperparameters.iterations if iterations is None else iterations)
        return ComparedRun.of_trainer(trainer, name)

    with refusals():
        comparison = compare_runs(trained(tr("here"), settings), trained(tr("there"), others))
    if style == "json":
        _write_json(comparison_json(comparison))
        return
    for line in comparison_lines(comparison):
        click.echo(charset(ascii_only).spelled(line))


def _write_json(page: dict[str, Any]) -> None:
    from tui_backprop.text.json_text import json_pieces

    click.echo(b"".join(json_pieces(page)))
