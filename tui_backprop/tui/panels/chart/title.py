"""What stands in the loss chart's border: as much as there is room for, and no word or number cut."""

from __future__ import annotations

from tui_backprop.text.numbers import exact, number
from tui_backprop.training.history import Envelope
from tui_backprop.training.validation.baselines import lowest
from tui_backprop.tui.panels.chart.axes import Scale, loss_axis
from tui_backprop.tui.panels.chart.plot import BEST, VALIDATION, Points, fitting
from tui_backprop.tui.panels.chart.sparkline import sparkline


def caption(
    envelope: Envelope, scale: Scale, ahead: Envelope | None = None, validation: Points | None = None
) -> str:
    """Write the last losses, iteration, scale, where NaN/Inf began, and how far losses are ahead."""
    if not len(envelope.iterations):
        return f"no losses yet · {scale}"
    parts = [f"loss {number(envelope.last)}", *_held(validation), f"iteration {envelope.stop - 1}", scale]
    if envelope.first_nonfinite is not None:
        parts.append(f"NaN/Inf from iteration {envelope.first_nonfinite}")
    if ahead is not None:
        parts.append(f"ahead to {ahead.stop - 1}")
    return " · ".join(parts)


def _held(validation: Points | None) -> list[str]:
    """Write the last validation loss behind its sign on the chart."""
    return [] if validation is None else [f"{VALIDATION} validation {number(float(validation[1][-1]))}"]


def _best(validation: Points | None) -> list[str]:
    """Write the lowest validation loss that is known, behind its sign, where it is not the last one."""
    best = lowest(validation)
    if validation is None or best is None or best[0] == int(validation[0][-1]):
        return []
    return [f"{BEST} best {number(best[1])} at {best[0]}"]


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
    texts = [caption(envelope, scale, ahead, validation)]
    if legend:
        texts[:0] = [f"{texts[0]} · {legend}", f"loss {number(envelope.last)} · {scale} · {legend}"]
    if len(envelope.iterations):
        loss, at = f"loss {number(envelope.last)}", envelope.stop - 1
        if validation is not None:
            both = " · ".join([loss, *_held(validation)])
            told = " · ".join([both, *_best(validation)])
            texts[:0] = [f"{told} · iteration {at} · {scale}"] if ahead is None and told != both else []
            texts += [caption(envelope, scale, None, validation), told, f"{both} · {scale}", both]
        texts += [caption(envelope, scale), f"{loss} · iteration {at} · {scale}"]
        texts += [f"{loss} · at {at} · {scale}", f"{loss} · {scale}", loss]
    return _begun(fitting(width, *texts) or texts[0])


def summary(envelope: Envelope, width: int, plain: bool) -> str:
    """Write the last loss, with a word and a sparkline where they fit."""
    text = f"loss {number(envelope.last)}"
    columns = min(width - len(text) - 1, 12)
    if columns >= 2 and not plain:
        text += f" {sparkline(envelope.high, columns, loss_axis(envelope, 'linear', 18))}"
    return fitting(width, text, number(envelope.last), f"{envelope.last:.1g}")


def cursor_caption(iteration: int, loss: float | None) -> str:
    """Write the exact loss of the iteration under the cursor; None while it is worked out again."""
    return f"iteration {iteration} · " + ("its loss is replayed" if loss is None else f"loss {exact(loss)}")


def cursor_title(iteration: int, loss: float | None, width: int) -> str:
    """Write that as far as it fits, then with fewer digits."""
    numbers = ("replayed", "…") if loss is None else (exact(loss), number(loss))
    shorter = (f"{iteration}: loss {text}" for text in numbers)
    texts = (cursor_caption(iteration, loss), *shorter)
    return _begun(fitting(width, *texts) or texts[0])


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
