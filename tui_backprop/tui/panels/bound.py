"""What a widget that shows the training is: bound to the snapshot, it follows every new one."""

from __future__ import annotations

from textual.reactive import Reactive
from textual.widget import Widget

from tui_backprop.debugger.snapshot import Snapshot


class SnapshotWidget(Widget):
    """A widget that whoever composes it binds to a snapshot; it says itself what has to be painted anew."""

    snapshot: Reactive[Snapshot | None] = Reactive(None, repaint=False)
