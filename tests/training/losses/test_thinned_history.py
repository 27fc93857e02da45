"""What is kept of a long run says what all of its losses say, bucket by bucket, in bounded room."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.losses import assert_honest, few_kept
from tui_backprop.training.history import History
from tui_backprop.training.losses.kept import Kept
from tui_backprop.training.losses.thinned import ROWS


def random_losses(seed: int, count: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    losses = rng.normal(size=count)
    for value in (np.nan, np.inf, -np.inf):
        losses[rng.random(count) < share] = value
    return losses


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 99),
    st.lists(st.integers(1, 900), min_size=1, max_size=12),
    st.sampled_from([0, 0.0005, 0.3, 1]),
    st.integers(1, 40),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_buckets_of_thinned_losses_say_what_all_of_them_say(seed, counts, share, columns, one, other):
    losses = random_losses(seed, sum(counts), share)
    with few_kept():
        history, done = History(), 0
        for count in counts:
            history.extend(losses[done : done + count])
            done += count
            assert len(history) == done
            assert done - history.exact_from <= 256 + 2 * 128
            assert len(history.thinned.low) <= 16
        whole = history.envelope(columns)
        assert (whole.start, whole.stop) == (0, done)
        assert len(whole.iterations) <= columns
        assert_honest(whole, losses)
        start, stop = sorted((int(one * done), int(other * done)))
        part = history.envelope(columns, start, stop)
        assert start <= part.start <= part.stop <= stop or part.start == part.stop
        assert_honest(part, losses)
        np.testing.assert_array_equal(history.exact(history.exact_from, done), losses[history.exact_from :])
        finite = np.where(np.isfinite(losses), losses, np.inf)
        at = int(finite.argmin())
        assert history.lowest() == ((at, finite[at]) if np.isfinite(finite[at]) else None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.integers(1, 6000), st.integers(1, 8))
def test_a_chart_of_thinned_losses_is_that_of_all_of_them(seed, count, columns):
    losses = random_losses(seed, count, 0.001)
    everything = History()
    everything.extend(losses)
    with few_kept():
        thinned = History()
        thinned.extend(losses)
        other = thinned.envelope(columns)
    one = everything.envelope(columns)
    for name in one.__struct_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.integers(600, 4000), st.floats(0, 1), st.integers(0, 2000))
def test_going_back_into_thinned_losses_and_another_way(seed, count, share, more):
    losses = random_losses(seed, count, 0.001)
    length = int(share * count)
    with few_kept():
        history = History()
        history.extend(losses)
        other = history.shared()
        start = history.bucket_start(length)
        assert length - start >= min(64, length) or start == length
        history.know(start, losses[start:length])
        history.truncate(length)
        assert len(history) == length
        assert_honest(history.envelope(20), losses)
        on = random_losses(seed + 1, more, 0)
        history.extend(on)
        assert_honest(history.envelope(20), np.append(losses[:length], on))
        assert_honest(other.envelope(20), losses)  # which goes on by itself


def test_what_is_kept_does_not_depend_on_how_it_came() -> None:
    losses = random_losses(3, 5000, 0.001)
    with few_kept():
        one, other = History(), History()
        one.extend(losses)
        for loss in losses:
            other.append(loss)
        assert one.exact_from == other.exact_from
        assert one.thinned.width == other.thinned.width
        for name in ROWS:
            np.testing.assert_array_equal(getattr(one.thinned, name), getattr(other.thinned, name))


def test_means_of_old_losses_are_those_of_their_buckets() -> None:
    losses = np.linspace(5, 1, 4096)
    with few_kept():
        history = History()
        history.extend(losses)
        width = history.thinned.width
        assert history.mean(0, 10) == pytest.approx(losses[:10].mean())
        assert history.mean(width + 3, width + 9) == pytest.approx(losses[width : 2 * width].mean())
        assert history.mean(4000, 4050) == pytest.approx(losses[4000:4050].mean())


def test_a_cut_that_is_not_known_is_refused() -> None:
    with few_kept():
        history = History()
        history.extend(np.ones(3000))
        with pytest.raises(ValueError, match="thinned out"):
            history.truncate(777)
        assert len(history) == 3000


def test_two_moments_know_what_they_have_in_common() -> None:
    losses = random_losses(1, 3000, 0)
    with few_kept():
        history = History()
        history.extend(losses[:2900])
        before = history.kept()
        history.extend(losses[2900:])
        assert before.common(history.kept()) == history.kept().common(before) == 2900
        before = history.kept()
        history.truncate(2950)
        assert before.common(history.kept()) == history.kept().common(before) == 2950
        history.truncate(2850)
        history.append(7.0)
        assert before.common(history.kept()) == 2850
        again = History()
        again.extend(losses)
        assert before.common(again.kept()) == 0  # the old ones may differ
        assert Kept.of(losses[:9]).common(Kept.of(losses[:7])) == 7
