"""The commands that look at one iteration: explain it, and check its gradients."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tui_backprop.cli.bringing import check_brought
from tui_backprop.cli.progress import ProgressBar
from tui_backprop.cli.shared import (
    FAILED,
    OK,
    ascii_option,
    charset,
    complete_names,
    fail,
    format_option,
    iteration_option,
    lesson_argument,
    marked_claim,
    refusals,
    remarks,
    set_option,
    told_trainer,
)
from tui_backprop.text.sentences import later, tr


@click.command(short_help=later("Explain one iteration, factor by factor."))
@lesson_argument()
@iteration_option(later("Which iteration: that many updates are made first."))
@click.option(
    "--wrt", metavar="NAME", shell_complete=complete_names,
    help=later("Only the chain from the loss to this node, such as beta."),
)  # fmt: skip
@click.option(
    "--element", metavar="I,J",
    help=later("With --wrt: the scalar terms of one element, counted from 0; for a number, an empty text."),
)  # fmt: skip
@click.option(
    "--whatif", "whatifs", multiple=True, metavar="NAME=VALUE", shell_complete=complete_names,
    help=later("Put a value in first, such as 'y_hat=[0.8,0.3,0.4]' or 'X[1,0]=7'; may be repeated."),
)  # fmt: skip
@click.option(
    "--unfold", is_flag=True,
    help=later("Every record of calls and turns, which the text has as one line each; JSON has "
               "all of them anyway."),
)  # fmt: skip
@set_option
@format_option("text", "json")
@ascii_option
def explain(
    lesson: str,
    iteration: int,
    wrt: str | None,
    element: str | None,
    whatifs: tuple[str, ...],
    unfold: bool,
    settings: tuple[str, ...],
    style: str,
    ascii_only: bool | None,
) -> None:
    """Explain one iteration of a LESSON: every value, every chain-rule factor, every update."""
    from tui_backprop.debugger.lines.folding import Folding
    from tui_backprop.engine.autodiff.element_terms import parse_element
    from tui_backprop.engine.language.nodes import find_one
    from tui_backprop.explain.element.elements import explain_element
    from tui_backprop.explain.pages import element as element_page
    from tui_backprop.explain.pages import iteration as pages
    from tui_backprop.explain.pages import wrt as chains
    from tui_backprop.explain.pages.heading import Heading
    from tui_backprop.explain.pages.whole import WholeIteration, check_size
    from tui_backprop.training.changes.whatif import parse_whatif

    if element is not None and wrt is None:
        fail(tr("--element needs --wrt NAME, the node that the element is of"))
    with refusals():
        trainer = told_trainer(lesson, settings)
        pages.at_iteration(trainer, iteration)
        for text in whatifs:
            change = parse_whatif(text, trainer.graph, trainer.lesson.samples)
            trainer.put(change.name, change.value, change.element)
        json, signs = style == "json", charset(ascii_only)
        if json and element is None:
            check_size(trainer.graph)
        node = None if wrt is None else find_one(trainer.graph, wrt)
        if node is None:
            whole = WholeIteration.of(trainer)
            folded = () if unfold else Folding().closed(trainer.graph)
            how = tr("--unfold unfolds them")
            page = (
                pages.as_json(whole) if json else pages.as_text(whole, charset=signs, folded=folded, how=how)
            )
        elif element is None:
            whole = WholeIteration.of(trainer)
            page = chains.wrt_json(whole, node) if json else chains.wrt_text(whole, node, charset=signs)
        else:
            explanation = explain_element(trainer, node, parse_element(element, node))
            heading = Heading.of(trainer)
            page = (
                element_page.as_json(heading, explanation)
                if json
                else element_page.as_text(heading, explanation, charset=signs)
            )
        if isinstance(page, dict):
            from tui_backprop.text.json_text import json_pieces

            click.echo(b"".join(json_pieces(page)))
        else:
            for line in page:
                click.echo(signs.spelled(line))


@click.command(short_help=later("Check the gradients against central differences."))
@lesson_argument()
@iteration_option(later("Where to check: that many updates are made first."))
@click.option(
    "--gradient", "claims", multiple=True, metavar="NAME=FORMULA", shell_complete=complete_names,
    help=later("Check a gradient worked out by hand, such as beta='X.T @ dz'; may be repeated."),
)  # fmt: skip
@click.option(
    "--all", "everything", is_flag=True, help=later("Check every element, however long that takes.")
)
@click.option(
    "--sweep-h",
    "sweeps",
    is_flag=True,
    help=later("Show besides how the error of a central difference depends on its step h."),
)
@click.option(
    "--of", metavar="NAME[I,J]", shell_complete=complete_names,
    help=later("With --sweep-h: only this parameter, or element of it."),
)  # fmt: skip
@click.option(
    "--against",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=later(
        "Compare the gradients in an .npz, .npy or .safetensors file, by name: dW1, W1_grad, W1.grad, W1."
    ),
)
@click.option(
    "--backward", metavar="FILE", type=click.Path(path_type=Path),
    help=later("Mark each line of a backward pass written in NumPy. It is read, and never run."),
)  # fmt: skip
@set_option
@format_option("table", "json")
@ascii_option
def check(
    lesson: str,
    iteration: int,
    against: Path | None,
    backward: Path | None,
    claims: tuple[str, ...],
    everything: bool,
    sweeps: bool,
    of: str | None,
    settings: tuple[str, ...],
    style: str,
    ascii_only: bool | None,
) -> None:
    """Check the gradients of a LESSON against central differences, and the mistakes its notes made by hand.

    Of large arrays it looks along random directions and at some elements, and says so.
    Exits with 1 where a gradient of the engine, or one given with --gradient, is not right. With --against or
    --backward only those are looked at: 1 where one is wrong, 2 where no name in the file fits.
    """
    from dataclasses import replace

    from tui_backprop.exercises.check import Effort, check_gradients
    from tui_backprop.exercises.error_curves import error_curves
    from tui_backprop.exercises.words import check as checks
    from tui_backprop.exercises.words import homework
    from tui_backprop.explain.pages.iteration import at_iteration

    if of is not None and not sweeps:
        fail(tr("--of goes with --sweep-h"))
    if against is not None or backward is not None:
        if (against and backward) or claims or everything or sweeps:
            fail(tr("--against FILE and --backward FILE go alone, or with --iteration and --set"))
        check_brought(lesson, iteration, against, backward, settings, style, charset(ascii_only))
    with refusals():
        trainer = told_trainer(lesson, settings)
        at_iteration(trainer, iteration)
        marks = [marked_claim(trainer, claim) for claim in claims]
        curves = error_curves(trainer, of or "") if sweeps else ()
        with ProgressBar(1, "checking") as progress:
            report = check_gradients(trainer, effort=Effort(everything, progress.begin, progress.advance))
        report = replace(report, curves=curves)
    if style == "json":
        import json

        page = checks.as_json(report)
        page["remarks"] = [remark.as_json() for remark in remarks(trainer)]
        if marks:
            page["gradients"] = [homework.as_json(marked) for marked in marks]
        click.echo(json.dumps(page, ensure_ascii=False))
    else:
        lines = checks.as_lines(report)
        if marks:
            lines += ["", tr("gradients worked out by hand"), *homework.as_lines(marks)]
        lines += [remark.text for remark in remarks(trainer)]
        for text in lines:
            for line in charset(ascii_only).wrap(text, 80, "  "):
                click.echo(line)
    sys.exit(OK if report.passed and all(marked.passed for marked in marks) else FAILED)
