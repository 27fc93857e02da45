"""The mistakes that are looked for at a factor, by code."""

from __future__ import annotations

from enum import Enum, auto


class What(Enum):
    """What was done to a factor; the comments give what stands there for what is right."""

    LEFT_OUT = auto()
    NO_UPSTREAM = auto()  # only what follows it, without the upstream gradient
    NO_PATH = auto()  # its path forgotten
    ONLY_PATH = auto()  # the other paths forgotten
    TWICE = auto()
    SIGN_OF_PATH = auto()  # its path with the wrong sign
    # another rule for the slope
    AT_OUTPUT = auto()  # σ′(σ(z)) for σ′(z)
    FROM_OPERAND = auto()  # 1 − z² for 1 − tanh(z)²
    TO_GRADIENT = auto()  # relu(u) for u where z > 0
    VALUE_AS_SLOPE = auto()  # u·σ(z)
    HALF_OF_SLOPE = auto()  # 1 − s for s(1 − s)
    OTHER_SLOPE = auto()  # tanh's for sigmoid's
    GATE = auto()  # relu's gate, 1 where z > 0
    INVERTED = auto()  # 1/slope
    NOT_LOWERED = auto()  # 3x³ for 3x²
    DIAGONAL = auto()  # a rule whose elements do not move each other
    # another value in a product
    BEFORE = auto()  # z for relu(z)
    AFTER = auto()  # relu(z) for z
    OWN = auto()  # w for x in ∂(w·x)/∂w
    UPDATED = auto()  # W − ηg for W
    TARGET_ONE = auto()  # p − 1 for p − y
    TARGET_LOST = auto()  # p for p − y
    # a path off by a constant
    PATH_TIMES = auto()  # 2·λW beside the other path, where λW is right
