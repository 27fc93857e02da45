"""Health: how the layers are doing, what is wrong in this lesson's numbers, and what was tried and helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.debugger.command import Key, typed
from tui_backprop.debugger.looking import refuse_secrets
from tui_backprop.debugger.replies import Note, Replies, SeenPage
from tui_backprop.debugger.session import DebugSession
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.vitals.names import NAMES

if TYPE_CHECKING:
    from tui_backprop.health.remedies import Remedies
    from tui_backprop.health.report import HealthReport

REMEDIES = "remedies"
"""What may stand behind ``health``, beside an alarm's name."""


class HealthPage(SeenPage, frozen=True, eq=False):
    """How the layers are doing, and the alarms."""

    report: HealthReport


class RemediesPage(SeenPage, frozen=True, eq=False):
    """What was tried against some alarms."""

    found: tuple[Remedies, ...]


def health(session: DebugSession, argument: str = "") -> Replies:
    """Show the layers and the alarms; or try remedies against those that are raised, or against one.

    Raises:
        BackpropError: what was typed is no alarm, or the lesson trains nothing.
    """
    from tui_backprop.health.remedies import try_remedies
    from tui_backprop.health.report import health_of
    from tui_backprop.training.stops.alarms import checked_name

    refuse_secrets(session)
    named = None if argument in ("", REMEDIES) else checked_name(argument)
    report = health_of(session.trainer, session.patience(tr("measuring the layers")))
    if not argument:
        yield HealthPage(report)
        return
    names = [one.alarm.name for one in report.alarms] if named is None else [n for n in NAMES if n == named]
    if not names:
        yield Note(
            tr("no alarm is raised, so there is nothing to try; health and an alarm's name tries anyway")
        )
        return
    patience = session.patience(tr("trying remedies against {alarms}", alarms=", ".join(names)))
    yield RemediesPage(tuple(try_remedies(session.trainer, name, patience) for name in names))


COMMANDS = (
    typed(
        "health H", health,
        later("Health: how the layers are doing, and alarms; or what helps against these"),
        "health", arguments="[remedies | ALARM]", changes=False,
        more=later(
            "health remedies tries on copies what may help, and says by how much. Alarms: data, dead, "
            "saturated, vanishing, exploding, diverging, overfitting, stuck; break alarm stops a run at the "
            "first, break vanishing at that one."
        ),
        key=Key("H", later("health"), help=later("Health: the layers, alarms, and remedies that were tried")),
    ),
)  # fmt: skip
