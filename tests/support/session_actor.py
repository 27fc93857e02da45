"""A program that changes a training in every way, one action after the other, until it is killed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

import tui_backprop as tb
from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.sessions.autosave import SessionAutosave


def actions(t: tb.Trainer, seed: int) -> Iterator[int]:
    """Change a training; yield after each action."""
    chance = random.Random(seed)
    number = 0
    while True:
        what = chance.choice(
            ("step", "step", "next", "run", "back", "put", "hold", "hyperparameter", "undo", "redo")
        )
        try:
            if what == "run":
                t.run(chance.randrange(1, 200))
            elif what == "put":
                t.put("beta", chance.uniform(-1, 1), (chance.randrange(2),))
            elif what == "hold":
                t.put("y_hat", chance.uniform(0.1, 0.9), (chance.randrange(3),))
            elif what == "hyperparameter":
                t.set(learning_rate=chance.uniform(0.01, 0.5), optimizer=chance.choice(("sgd", "adam")))
            else:
                getattr(t, what)()
        except BackpropError:
            pass
        number += 1
        yield number


def main() -> None:
    trainer = tb.Trainer(tb.load_lesson("logistic"))
    keeper = SessionAutosave(trainer)
    for number in actions(trainer, int(sys.argv[1])):
        keeper.changed(trainer)
        sys.stdout.write(f"{number} {time.time()}\n")
        sys.stdout.flush()
        time.sleep(0.002)


if __name__ == "__main__":
    main()
