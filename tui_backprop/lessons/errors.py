"""Errors of lesson files: each names file, key and rule on one line."""

from __future__ import annotations

from tui_backprop.engine.errors import BackpropError


class LessonError(BackpropError):
    """A lesson file, or something in it, is refused."""


class HyperparameterError(BackpropError):
    """A hyperparameter is unknown or its value out of range."""
