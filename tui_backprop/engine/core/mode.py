"""Whether a graph is for training or for evaluation, in which dropout drops nothing."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """What a graph is for."""

    TRAINING = "training"
    EVALUATION = "evaluation"
