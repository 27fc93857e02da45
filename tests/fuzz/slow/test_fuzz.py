"""Campaigns of random lesson files."""

from __future__ import annotations

import pytest

from tests.support.fuzz.harness import KINDS, campaign


@pytest.mark.parametrize("kind", KINDS)
def test_a_campaign(kind: str) -> None:
    summary = campaign(kind, seconds=120, seed=2, most=60)
    assert summary.failures == []
    assert 0 < summary.accepted < summary.cases
