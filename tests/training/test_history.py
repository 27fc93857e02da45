"""An envelope says of every bucket what a plain look at its losses says, whatever was recorded and undone."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_backprop.training.history import Envelope, History
from tui_backprop.training.losses import window as window_module

LOSSES = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, 5e-324]),
)


def assert_honest(envelope: Envelope, losses: np.ndarray, columns: int, start: int, stop: int) -> None:
    covered = losses[start:stop]
    assert (envelope.start, envelope.stop) == (start, stop)
    assert len(envelope.iterations) <= columns
    if len(covered):
        assert envelope.iterations[0] == start
    if len(covered) <= columns:
        assert envelope.iterations.tolist() == list(range(start, stop))
    assert (np.diff(envelope.iterations) > 0).all()

    ends = [*envelope.iterations, stop][1:]
    for k, (begin, end) in enumerate(zip(envelope.iterations, ends, strict=True)):
        bucket = losses[begin:end]
        finite = bucket[np.isfinite(bucket)]
        assert envelope.nonfinite[k] == (len(finite) < len(bucket))
        if len(finite):
            assert (envelope.low[k], envelope.high[k]) == (finite.min(), finite.max())
        else:
            assert np.isnan(envelope.low[k])
            assert np.isnan(envelope.high[k])

    finite = covered[np.isfinite(covered)]
    expected = [finite.min(), finite.max()] if len(finite) else [np.nan, np.nan]
    np.testing.assert_array_equal([envelope.smallest, envelope.largest], expected)
    np.testing.assert_array_equal(envelope.last, covered[-1] if len(covered) else np.nan)
    bad = np.flatnonzero(~np.isfinite(covered))
    assert envelope.first_nonfinite == (start + bad[0] if len(bad) else None)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, object]]:
    """Draw appends, long extensions (sprinkled with NaN and Inf), truncations and looks."""
    actions = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["append", "extend", "truncate", "look"]))
        if kind == "append":
            actions.append((kind, draw(st.lists(LOSSES, max_size=5))))
        elif kind == "extend":
            rng = np.random.default_rng(draw(st.integers(0, 99)))
            losses = rng.normal(size=draw(st.sampled_from([0, 1, 63, 64, 65, 200, 1000, 5000])))
            for value in (np.nan, np.inf):
                losses[rng.random(len(losses)) < draw(st.sampled_from([0, 0.001, 0.5]))] = value
            actions.append((kind, losses))
        else:
            actions.append((kind, draw(st.floats(0, 1))))
    return actions


@settings(max_examples=60, deadline=None)
@given(edits(), st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
def test_envelope_agrees_with_a_plain_look(actions, columns, from_share, to_share):
    history, plain = History(), np.empty(0)
    for kind, argument in [*actions, ("look", 1.0)]:
        if kind == "append":
            for loss in argument:
                history.append(loss)
            plain = np.append(plain, argument)
        elif kind == "extend":
            history.extend(argument)
            plain = np.append(plain, argument)
        elif kind == "truncate":
            length = int(argument * len(plain))
            history.truncate(length)
            plain = plain[:length]
        else:
            start, stop = sorted((int(from_share * len(plain)), int(to_share * len(plain))))
            assert_honest(history.envelope(columns, start, stop), plain, columns, start, stop)
        assert len(history) == len(plain)
    assert_honest(history.envelope(columns), plain, columns, 0, len(plain))
    np.testing.assert_array_equal(history.losses, plain)


@given(st.lists(LOSSES, max_size=40), st.integers(1, 50))
def test_envelope_of_few_losses(losses, columns):
    history = History()
    history.extend(np.array(losses))
    assert_honest(history.envelope(columns), np.array(losses), columns, 0, len(losses))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 20_000), st.integers(0, 20_000), st.integers(1, 30))
def test_envelope_of_a_stretch_of_a_long_run(one, other, columns):
    rng = np.random.default_rng(1)
    losses = rng.normal(size=20_000)
    losses[rng.integers(0, 20_000, size=5)] = np.nan
    losses[7000:9000] = np.inf
    history = History()
    history.extend(losses)
    start, stop = sorted((one, other))
    assert_honest(history.envelope(columns, start, stop), losses, columns, start, stop)


@pytest.mark.parametrize("length", [0, 63, 64, 65, 1000, 1023, 1024])
def test_going_back_and_on_again_replaces_what_the_envelope_knew(length):
    history = History()
    history.extend(np.full(1100, np.inf))
    history.envelope(4)
    history.truncate(length)
    history.extend(np.arange(3000.0))
    assert_honest(
        history.envelope(4), np.append(np.full(length, np.inf), np.arange(3000.0)), 4, 0, length + 3000
    )


def test_an_empty_history_has_an_empty_envelope():
    envelope = History().envelope(10)
    assert (envelope.start, envelope.stop, len(envelope.iterations)) == (0, 0, 0)
    assert np.isnan([envelope.last, envelope.smallest, envelope.largest]).all()
    assert envelope.first_nonfinite is None


def test_bounds_outside_the_losses_are_moved_in():
    history = History()
    history.extend(np.arange(5.0))
    envelope = history.envelope(10, -3, 99)
    assert (envelope.start, envelope.stop) == (0, 5)
    assert history.envelope(10, 7, 9).stop == 5
    assert len(history.envelope(10, 4, 2).iterations) == 0


@pytest.mark.parametrize("columns", [0, -1])
def test_columns_must_be_at_least_one(columns):
    with pytest.raises(ValueError, match="columns must be at least 1"):
        History().envelope(columns)


@pytest.mark.parametrize("length", [-1, 4])
def test_truncate_refuses_what_is_not_there(length):
    history = History()
    history.extend(np.arange(3.0))
    with pytest.raises(ValueError, match="between 0 and 3"):
        history.truncate(length)


def test_buckets_keep_their_places_while_the_run_goes_on():
    history = History()
    history.extend(np.random.default_rng(0).random(1500))
    earlier = history.envelope(100)
    history.extend(np.ones(50))
    later = history.envelope(100)
    whole = len(earlier.iterations) - 1
    np.testing.assert_array_equal(earlier.iterations[:whole], later.iterations[:whole])
    np.testing.assert_array_equal(earlier.low[:whole], later.low[:whole])


def test_losses_is_a_view_that_later_changes_do_not_reach():
    history = History()
    history.extend(np.arange(1000.0))
    view = history.losses[:]
    assert np.shares_memory(view, history.losses)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0
    history.extend(np.zeros(5000))
    history.truncate(10)
    history.append(-1.0)
    np.testing.assert_array_equal(view, np.arange(1000.0))


@pytest.mark.parametrize("record", [History.append, lambda history, loss: history.extend(np.array([loss]))])
def test_going_back_and_on_again_leaves_an_older_view_alone(record):
    history = History()
    history.extend(np.arange(10.0))
    view = history.losses
    history.truncate(4)
    record(history, -1.0)
    np.testing.assert_array_equal(view, np.arange(10.0))
    np.testing.assert_array_equal(history.losses, [0, 1, 2, 3, -1])


def test_an_envelope_shares_no_memory_and_is_read_only():
    history = History()
    history.extend(np.arange(100_000.0))
    envelope = history.envelope(40)
    arrays = (envelope.iterations, envelope.low, envelope.high, envelope.nonfinite)
    history.truncate(0)
    history.extend(np.zeros(100_000))
    history.envelope(40)
    assert_honest(envelope, np.arange(100_000.0), 40, 0, 100_000)
    assert not any(array.flags.writeable for array in arrays)
    for array in arrays:
        owner = array if array.base is None else array.base
        assert owner.nbytes < 10_000


def test_an_envelope_looks_at_a_bounded_number_of_entries(monkeypatch):
    looked_at = []
    reduced = window_module.reduced

    def counting(level, bounds):
        looked_at.append(len(level[0]))
        return reduced(level, bounds)

    monkeypatch.setattr(window_module, "reduced", counting)
    monkeypatch.setattr(window_module, "extremes", lambda losses, bounds: counting((losses,) * 3, bounds))
    for length in (20_000, 1_500_000):
        history = History()
        history.extend(np.random.default_rng(0).random(length))
        history.envelope(200)
        history.append(np.nan)
        looked_at.clear()
        assert history.envelope(200).first_nonfinite == length
        assert sum(looked_at) <= length // 64 + 3 * 64


def test_a_thread_may_fill_while_another_reads_what_it_was_given():
    history, envelopes = History(), []

    def fill() -> None:
        for k in range(3000):
            history.append(float(k))
            if k % 100 == 0:
                envelopes.append(history.envelope(64))

    worker = threading.Thread(target=fill)
    worker.start()
    worker.join()
    for envelope in envelopes:
        assert_honest(envelope, np.arange(3000.0), 64, 0, envelope.stop)
