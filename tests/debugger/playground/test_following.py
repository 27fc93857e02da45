"""The picture that is looked at is that of where the training stands, whatever has moved it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.support.trainers import trainer
from tui_backprop.debugger.playground.following import FollowedPicture
from tui_backprop.debugger.session import DebugSession, PictureChoice
from tui_backprop.pictures.curves import LossCurve
from tui_backprop.pictures.landscape import Landscape
from tui_backprop.pictures.slices import Slice


def following(lesson: str, kind: str, *of: str) -> tuple[DebugSession, FollowedPicture]:
    session = DebugSession(trainer(lesson))
    session.picture = PictureChoice(kind, of, (24, 12))
    return session, FollowedPicture(session)


def test_nothing_is_made_where_nothing_is_looked_at() -> None:
    session = DebugSession(trainer("linear"))
    assert FollowedPicture(session).take(running=False) == (None, "")


def test_it_is_kept_as_long_as_nothing_moves() -> None:
    session, followed = following("linear", "loss")
    first, _ = followed.take(running=False)
    assert followed.take(running=False)[0] is first
    session.trainer.next()
    assert followed.take(running=False)[0] is not first


def test_a_weight_moved_by_hand_is_seen_at_once() -> None:
    session, followed = following("linear", "slice", "w")
    before, _ = followed.take(running=False)
    session.trainer.edit("w", 0.9)
    after, _ = followed.take(running=False)
    assert isinstance(before, Slice)
    assert isinstance(after, Slice)
    assert after.here == (0.9, session.trainer.loss)
    session.trainer.undo()
    undone, _ = followed.take(running=False)
    assert isinstance(undone, Slice)
    assert undone.here == before.here


def test_why_there_is_none() -> None:
    _, followed = following("linear", "boundary")
    picture, why_not = followed.take(running=False)
    assert picture is None
    assert "two inputs" in why_not


def grown(followed: FollowedPicture) -> Landscape:
    while followed.grow():
        pass
    picture, _ = followed.take(running=False)
    assert isinstance(picture, Landscape)
    assert not picture.left
    return picture


def test_records_do_not_make_a_landscape_anew() -> None:
    session, followed = following("two-layer", "landscape")
    followed.take(running=False)
    picture = grown(followed)
    session.step()
    assert followed.take(running=False)[0] is picture


def test_a_run_draws_the_path_on_and_its_end_the_losses_anew() -> None:
    session, followed = following("linear", "landscape")
    followed.take(running=False)
    picture = grown(followed)
    session.trainer.run(iterations=5)
    followed._due = 0.0
    going, _ = followed.take(running=True)
    assert isinstance(going, Landscape)
    assert going.z is picture.z
    w, b = session.trainer.parameters["w"].item(), session.trainer.parameters["b"].item()
    assert going.plane.path[-1] == pytest.approx([w, b], rel=1e-12)
    ended, _ = followed.take(running=False)
    assert isinstance(ended, Landscape)
    assert ended.left
    assert ended.plane.here == (w, b)


def test_the_path_over_directions_goes_on_as_it_would_be_drawn() -> None:
    session, followed = following("two-layer", "landscape")
    session.trainer.run(iterations=50)
    followed.take(running=False)
    picture = grown(followed)
    session.trainer.next()
    going = picture.gone_on(session.trainer)
    moved = np.concatenate(
        [
            (session.trainer.parameters[n.name] - start).ravel()
            for n, start in zip(picture.plane.nodes, picture.plane.start, strict=True)
        ]
    )
    across = np.concatenate([a.ravel() for a in picture.plane.across])
    assert going.plane.path[-1][0] == pytest.approx(moved @ across, rel=1e-9)


def test_in_a_run_the_losses_are_seen_to_go_on() -> None:
    session, followed = following("linear", "loss")
    followed.take(running=True)
    session.trainer.run(iterations=3)
    followed._due = 0.0
    picture, _ = followed.take(running=True)
    assert isinstance(picture, LossCurve)
    assert picture.iterations[-1] == 3


def test_nothing_of_pictures_is_imported_where_none_is_looked_at() -> None:
    code = """
import sys
from tests.support.trainers import trainer
from tui_backprop.debugger.session import DebugSession
from tui_backprop.debugger.snapshots import SnapshotBuilder
builder = SnapshotBuilder(DebugSession(trainer("linear")))
builder.take(running=False)
builder.fill()
print([name for name in sys.modules if name.startswith("tui_backprop.pictures")])
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
