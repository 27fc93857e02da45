"""Everything that a training, or one iteration of it, is written as: a row a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tui_backprop.engine.core.errors import BackpropError
from tui_backprop.text.sentences import later, tr
from tui_backprop.training.trainer import Trainer


class Target(Struct, frozen=True):
    """One thing to write.

    Attributes:
        name: what ``--to`` calls it.
        suffix: how names of its files end.
        about: what it is, in a few words.
        write: writes it, for a trainer that stands at the iteration.
        of_training: whether it is the whole training, so that no iteration can be chosen.
    """

    name: str
    suffix: str
    about: str
    write: Callable[[Trainer], str]
    of_training: bool = False

    def written(self, trainer: Trainer, iteration: int = 0) -> str:
        """Write it, for an iteration that the trainer is brought to.

        Raises:
            BackpropError: it is of a whole training; the training does not get there; it cannot be written.
        """
        from tui_backprop.explain.pages.iteration import at_iteration

        if iteration and self.of_training:
            raise BackpropError(
                tr(
                    "--iteration is for one iteration; --to {target} writes the whole training",
                    target=self.name,
                )
            )
        at_iteration(trainer, iteration)
        return self.write(trainer)


def _script(trainer: Trainer) -> str:
    from tui_backprop.export.script import write_script

    return write_script(trainer.lesson, trainer.hyperparameters)


def _torch(trainer: Trainer) -> str:
    from tui_backprop.export.targets.frameworks.program import write_program
    from tui_backprop.export.targets.frameworks.pytorch import PYTORCH

    return write_program(PYTORCH, trainer.lesson, trainer.hyperparameters)


def _jax(trainer: Trainer) -> str:
    from tui_backprop.export.targets.frameworks.jax_numpy import JAX
    from tui_backprop.export.targets.frameworks.program import write_program

    return write_program(JAX, trainer.lesson, trainer.hyperparameters)


def _notebook(trainer: Trainer) -> str:
    from tui_backprop.export.targets.notebook import write_notebook

    return write_notebook(trainer)


def _latex(trainer: Trainer) -> str:
    from tui_backprop.export.targets.derivation.latex import write_latex

    return write_latex(trainer)


def _markdown(trainer: Trainer) -> str:
    from tui_backprop.export.targets.derivation.markdown import write_markdown

    return write_markdown(trainer)


def _html(trainer: Trainer) -> str:
    from tui_backprop.export.targets.derivation.page import write_html

    return write_html(trainer)


TARGETS: Final = {
    target.name: target
    for target in (
        Target("script", ".py", later("the training in NumPy"), _script, of_training=True),
        Target("notebook", ".ipynb", later("an iteration to do by hand, in NumPy"), _notebook),
        Target("torch", ".py", later("the training in PyTorch"), _torch, of_training=True),
        Target("jax", ".py", later("the training in JAX"), _jax, of_training=True),
        Target("latex", ".tex", later("the derivation of an iteration"), _latex),
        Target("markdown", ".md", later("the same for GitHub and the like"), _markdown),
        Target("html", ".html", later("the same as a page to print"), _html),
    )
}
"""All of them, by name. What writes one is imported when it is asked for."""
