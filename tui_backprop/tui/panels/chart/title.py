"""What stands in the loss chart's border: as much as there is room for, and no word or number cut."""

from __future__ import annotations

from tui_backprop.text.numbers import exact, number
from tui_backprop.text.sentences import tr, tr_in
from tui_backprop.text.width import cells
from tui_backprop.training.history import Envelope
from tui_backprop.training.validation.baselines import lowest
from tui_backprop.tui.keys import call
from tui_backprop.tui.panels.chart.axes import Scale, loss_axis
from tui_backprop.tui.panels.chart.plot import BEST, VALIDATION, Points, fitting
from tui_backprop.tui.panels.chart.sparkline import sparkline


def caption(
    envelope: Envelope, scale: Scale, ahead: Envelope | None = None, validation: Points | None = None
) -> str:
    """Write the last losses, iteration, scale, where NaN/Inf began, and how far losses are ahead."""
    if not len(envelope.iterations):
        return " · ".join((tr("no losses yet"), said(scale)))
    parts = [_loss(number(envelope.last)), *_held(validation), _iteration(envelope.stop - 1), said(scale)]
    if envelope.first_nonfinite is not None:
        parts.append(tr("NaN/Inf from iteration {iteration}", iteration=envelope.first_nonfinite))
    if ahead is not None:
        parts.append(tr("ahead to {iteration}", iteration=ahead.stop - 1))
    return " · ".join(parts)


def said(scale: Scale) -> str:
    """Return what a scale is called."""
    return tr_in("scale", "log") if scale == "log" else tr_in("scale", "linear")


def _loss(loss: str) -> str:
    return tr("loss {loss}", loss=loss)


def _iteration(iteration: int) -> str:
    return tr("iteration {iteration}", iteration=iteration)


def _held(validation: Points | None) -> list[str]:
    """Write the last validation loss behind its sign on the chart."""
    if validation is None:
        return []
    return [tr("{mark} validation {loss}", mark=VALIDATION, loss=number(float(validation[1][-1])))]


def _best(validation: Points | None) -> list[str]:
    """Write the lowest validation loss that is known, behind its sign, where it is not the last one."""
    best = lowest(validation)
    if validation is None or best is None or best[0] == int(validation[0][-1]):
        return []
    return [tr("{mark} best {loss} at {iteration}", mark=BEST, loss=number(best[1]), iteration=best[0])]


def title(
    envelope: Envelope,
    scale: Scale,
    width: int,
    ahead: Envelope | None = None,
    validation: Points | None = None,
    legend: str = "",
) -> str:
    """Write the caption, and what is pinned, as far as it fits: losses and scale last.

    The iteration is in the status as well.
    """
    texts, scaled = [caption(envelope, scale, ahead, validation)], said(scale)
    if legend:
        texts[:0] = [f"{texts[0]} · {legend}", f"{_loss(number(envelope.last))} · {scaled} · {legend}"]
    if len(envelope.iterations):
        loss, at = _loss(number(envelope.last)), envelope.stop - 1
        if validation is not None:
            both = " · ".join([loss, *_held(validation)])
            told = " · ".join([both, *_best(validation)])
            texts[:0] = [f"{told} · {_iteration(at)} · {scaled}"] if ahead is None and told != both else []
            texts += [caption(envelope, scale, None, validation), told, f"{both} · {scaled}", both]
        texts += [caption(envelope, scale), f"{loss} · {_iteration(at)} · {scaled}"]
        place = tr("at {iteration}", iteration=at)
        texts += [f"{loss} · {place} · {scaled}", f"{loss} · {scaled}", loss]
    return _begun(fitting(width, *texts) or texts[0])


def summary(envelope: Envelope, width: int, plain: bool) -> str:
    """Write the last loss, with a word and a sparkline where they fit."""
    text = _loss(number(envelope.last))
    columns = min(width - cells(text) - 1, 12)
    if columns >= 2 and not plain:
        text += f" {sparkline(envelope.high, columns, loss_axis(envelope, 'linear', 18))}"
    return fitting(width, text, number(envelope.last), f"{envelope.last:.1g}")


def summary_at(iteration: int, loss: float | None, width: int) -> str:
    """Write the loss under the cursor as far as it fits; None while it is worked out again."""
    text = "…" if loss is None else number(loss)
    whole = tr("iteration {iteration} loss {loss}", iteration=iteration, loss=text)
    return fitting(width, whole, f"{iteration}: {text}", str(iteration))


def nothing_yet(width: int) -> str:
    """Say in the middle of a line which keys make losses."""
    keys = tr(
        "no losses yet: {run} runs, {next} makes one iteration", run=call("continue"), next=call("next")
    )
    hint = fitting(width, keys, tr("no losses yet"))
    room = width - cells(hint)
    return " " * (room // 2 + (room & width & 1)) + hint


def cursor_caption(iteration: int, loss: float | None) -> str:
    """Write the exact loss of the iteration under the cursor; None while it is worked out again."""
    told = tr("its loss is replayed") if loss is None else _loss(exact(loss))
    return f"{_iteration(iteration)} · {told}"


def cursor_title(iteration: int, loss: float | None, width: int) -> str:
    """Write that as far as it fits, then with fewer digits."""
    numbers = (tr_in("loss", "replayed"), "…") if loss is None else (exact(loss), number(loss))
    shorter = (f"{iteration}: {_loss(text)}" for text in numbers)
    texts = (cursor_caption(iteration, loss), *shorter)
    return _begun(fitting(width, *texts) or texts[0])


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
