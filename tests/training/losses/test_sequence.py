"""Old losses are had again to the last bit, however the training has gone since."""

from __future__ import annotations

import numpy as np
import pytest

import tui_backprop as tb
from tests.support.losses import assert_honest, few_kept, run_noting
from tests.support.trainers import mine, trainer
from tui_backprop.engine.compile import compiler
from tui_backprop.training.losses import sequence


def same(one: object, other: object) -> bool:
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("linear", {}),
        ("two-layer", {"optimizer": "adam"}),
        ("logistic", {"optimizer": "momentum", "batch_size": 2}),
    ],
)
def test_every_loss_is_the_one_that_was_recorded(name: str, settings: dict[str, object]) -> None:
    with few_kept():
        t = trainer(name, **settings)
        noted = run_noting(t, 1500)
        losses = t.losses
        assert len(losses) == 1500
        assert losses.exact_from > 900
        assert all(same(losses[k], noted[k]) for k in (0, 1, 77, 640, -1500, -3, np.int64(900)))
        assert same(losses[300:700], noted[300:700])
        assert same(losses[-5:], noted[-5:])
        assert same(losses[1400:3:-7], noted[1400:3:-7])
        assert same(losses[5::100], noted[5::100])
        assert same(list(losses), noted)
        assert same(losses, noted)
        assert_honest(t.history.envelope(12), noted)
        with pytest.raises(IndexError, match="there are 1,500 losses"):
            losses[1500]


def test_what_was_asked_for_stays_as_it_was() -> None:
    with few_kept():
        t = trainer("linear")
        noted = run_noting(t, 1500)
        before = t.losses
        t.rewind(333)
        assert same(t.losses, noted[:333])
        ahead = t.ahead
        assert ahead is not None
        assert same(ahead.losses[:1500], noted)
        assert_honest(t.history.envelope(10), noted)
        t.set(learning_rate=0.001)
        other = run_noting(t, 1200)
        assert other[1] != noted[334]
        assert same(t.losses, np.append(noted[:333], other))
        assert same(before, noted)
        assert_honest(t.history.envelope(10), np.append(noted[:333], other))
        t.undo()
        t.run(700)
        assert same(t.losses, noted[:1033])


def test_a_change_on_the_way_is_replayed_as_well() -> None:
    with few_kept():
        t = trainer("logistic")
        noted = run_noting(t, 400)
        t.set(learning_rate=0.5)
        t.put("beta", 0.25, (0,))
        noted = np.append(noted, run_noting(t, 900))
        assert same(t.losses, noted)


def test_a_replay_takes_the_programs_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    with few_kept():
        t = trainer("two-layer")
        noted = run_noting(t, 1500)

        def never(*_: object, **__: object) -> None:
            raise AssertionError("it is compiled already")

        monkeypatch.setattr(compiler, "compile_graph", never)
        assert same(t.losses[:1000], noted[:1000])


def test_it_is_an_array_up_to_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    with few_kept():
        t = trainer("linear")
        noted = run_noting(t, 1500)
        losses = t.losses
        assert (losses.shape, losses.ndim, losses.size, losses.dtype) == ((1500,), 1, 1500, np.float64)
        assert same(losses < 1e-6, noted < 1e-6)
        assert same(losses[[3, 1, 2]], noted[[3, 1, 2]])
        assert same(np.append(losses, 1.0), np.append(noted, 1.0))
        assert losses.tolist() == noted.tolist()
        assert losses.min() == noted.min()
        assert (losses == noted).all()
        with pytest.raises(ValueError, match="read-only"):
            losses[0] = 1.0
        monkeypatch.setattr(sequence, "ARRAY", 1000)
        refused = (
            r"found 1,500 losses; an array has at most 1,000: take ranges of them, as in losses\[0:1000\]"
        )
        for act in (np.asarray, lambda x: x.mean(), lambda x: x < 1, lambda x: x[:1500], lambda x: x[[1]]):
            with pytest.raises(tb.BackpropError, match=refused):
                act(losses)
        assert same(losses[500:], noted[500:])
        assert same(list(losses), noted)
        assert not hasattr(losses, "nonsense")


def test_it_says_what_it_holds() -> None:
    with few_kept():
        t = trainer("linear")
        t.run(1500)
        held = 1500 - t.losses.exact_from
        assert repr(t.losses) == f"<1,500 losses: the last {held} exact, older ones by replay>"
        t.reset()
        t.run(3)
        assert repr(t.losses) == "<3 losses>"


def test_numbers_that_are_not_finite_are_kept_in_mind(tmp_path) -> None:
    text = 'formula = "L = (w - 1)**2"\n[parameters]\nw = 0.5\n[hyperparameters]\nlearning_rate = 0.001\n'
    with few_kept():
        t = mine(tmp_path, text)
        noted = run_noting(t, 1000)
        t.put("w", 1e200)
        while t.iteration < 2000:
            t.next()
        envelope = t.history.envelope(20)
        assert envelope.first_nonfinite == 1000
        assert t.losses.exact_from > 1000
        assert same(t.losses[:1000], noted)
        assert np.isnan(t.losses[1100]) or np.isinf(t.losses[1100])


def test_validation_losses_and_an_early_stop_after_old_losses_went(tmp_path) -> None:
    text = (
        'formula = "L = mean((x * w - y)**2)"\n[samples]\nx = [1.0, 2.0, 3.0, 4.0]\ny = [2, 3.9, 6.1, 8.5]\n'
        "[parameters]\nw = 0.5\n[hyperparameters]\nlearning_rate = 0.00001\n"
        "[validation]\nshare = 0.25\nearly_stop = 400\n"
    )
    with few_kept():
        t = mine(tmp_path, text, iterations=10**6)
        report = t.run(3000)
        few, _ = t.validation_curve()
        assert len(few) <= 1025
        other = mine(tmp_path, text, iterations=10**6)
        while other.iteration < t.iteration and report.early_stop is None:
            other.run(500)
        assert (report.reason, t.iteration) in (("asked", 3000), ("early_stop", report.iterations))
        assert same(t.losses[:50], other.losses[:50]) or report.early_stop is not None
