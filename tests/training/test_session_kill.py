"""SIGKILL at random moments of a real run: the session goes on bit for bit, a second of work lost at most."""

from __future__ import annotations

import pytest

from tests.benchmarks.kill import kill


@pytest.mark.slow
def test_killed_at_any_moment_it_resumes_bit_for_bit() -> None:
    identical, lost, iterations = kill(8, seed=11, longest=2.5)
    assert identical == 8
    assert max(iterations) > 100
    assert lost < 1.5  # 1.0 on a machine that has nothing else to do
