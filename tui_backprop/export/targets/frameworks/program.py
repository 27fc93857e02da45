"""A lesson's training as a program of a framework: the same losses, by gradients of the framework's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tui_backprop.engine.autodiff.graph import Kind
from tui_backprop.engine.compile.identifiers import Identifiers
from tui_backprop.engine.compile.targets.python.program import draws
from tui_backprop.engine.core.arrays import SINGLE
from tui_backprop.engine.optimizers import COEFFICIENTS, OPTIMIZERS
from tui_backprop.export.listing import commented, helpers, indented, rate_lines
from tui_backprop.export.literals import data_lines, parameter_lines, statistic_lines
from tui_backprop.export.script import batch_lines, constants, docstring, wrapped
from tui_backprop.export.targets.frameworks.forward import RESERVED, function_lines
from tui_backprop.export.targets.frameworks.framework import Framework
from tui_backprop.export.targets.frameworks.updates import clipping_lines, update_lines
from tui_backprop.lessons.hyperparameters import Hyperparameters
from tui_backprop.lessons.lesson import Lesson
from tui_backprop.training.batches import Batches
from tui_backprop.training.runs.compiled import validating_of


def write_program(framework: Framework, lesson: Lesson, hyperparameters: Hyperparameters) -> str:
    """Write the program for a lesson under these hyperparameters.

    Run, it prints the losses of iterations 0 to N, a line each, as the script does; they agree with the
    engine's but for rounding. It ends with exit code 1 where the training diverges.

    Raises:
        BackpropError: the framework has no text for an operation, or for an optimizer.
    """
    return _Program(framework, lesson.in_type(hyperparameters.dtype), hyperparameters).text()


class _Program:
    def __init__(self, framework: Framework, lesson: Lesson, hyperparameters: Hyperparameters) -> None:
        self.framework, self.lesson, self.hyperparameters = framework, lesson, hyperparameters
        self.batches = Batches(lesson, hyperparameters)
        self.graph = self.batches.graph(0)
        identifiers = Identifiers()
        for name in (*RESERVED, *framework.helpers):
            identifiers.take(name)
        used = {node.index for node in self.graph.nodes for node in node.operands} | {self.graph.loss.index}
        self.given = [n for n in self.graph.given if n.index in used or n.trainable or n.start is not None]
        self.names = {node.name: identifiers.take(node.name.replace(".", "_")) for node in self.graph.given}
        batched = [node for node in self.given if node.kind is Kind.SAMPLES and not self.batches.whole]
        self.whole = {node.name: identifiers.take(f"{self.names[node.name]}_all") for node in batched}
        self.held: dict[str, str] = {}
        if lesson.patience is not None:
            self.held = {
                name: identifiers.take(f"{name.removeprefix('validation ')}_validation")
                for name in validating_of(lesson).held
            }
        self.trained = [self.names[node.name] for node in self.graph.trainable]
        self.running = [node.name for node in self.graph.statistics]
        rule = OPTIMIZERS[hyperparameters.optimizer]
        self.memory = {
            name: [identifiers.take(f"{one.letter}_{name}") for one in rule.memory] for name in self.trained
        }
        self.gradients = [identifiers.take(f"d{name}") for name in self.trained]

    def text(self) -> str:
        """Return the program."""
        lesson, framework, hyperparameters = self.lesson, self.framework, self.hyperparameters
        data = [node.name for node in self.given if node.kind in (Kind.DATA, Kind.SAMPLES)]
        known = {**self.names, **self.whole, **self.held}
        parameters = [node.name for node in self.given if node.kind is Kind.PARAMETER]
        start = commented("# data", data_lines(lesson, known, [*data, *self.held]))
        drawn = parameter_lines(lesson, hyperparameters.seed, known, parameters)
        start += commented("# starting parameters", drawn)
        start += commented("# running statistics", statistic_lines(lesson, known, self.running))
        arrays = [known[name] for name in (*data, *self.held, *parameters, *self.running)]
        start += commented(f"# as {framework.title} has them", [f"{name} = array({name})" for name in arrays])
        functions = self._functions()
        update: list[str] = []
        if lesson.trains:
            update, self.takes_step = update_lines(
                framework, hyperparameters.optimizer, hyperparameters.coefficients
            )
            body = self._training()
            uses = frozenset(name for name in COEFFICIENTS if _names(name, [*update, *body]))
            start += commented("# hyperparameters", constants(hyperparameters, self.batches, uses))
        else:
            body = self._single_pass()
        text = "\n".join([*functions, *update, *(["", ""] if update else []), *start, *body])
        own = [
            framework.helpers[name] for name in framework.helpers if re.search(rf"(?<![\w.]){name}\(", text)
        ]
        called = helpers([*start, *body])
        called += [line for definition in own for line in (*definition.split("\n"), "", "")]
        text = "\n".join([*called, text])
        standard = [f"import {name}" for name in ("base64", "math", "sys", "zlib") if f"{name}." in text]
        kind = framework.single if self.graph.dtype == SINGLE else framework.double
        imports = [one for one in framework.imports if f"{one.split()[-1]}." in "".join((text, *kind))]
        head = [
            *docstring(lesson),
            "",
            *standard,
            *([""] if standard else []),
            "import numpy as np",
            *imports,
        ]
        return "\n".join([*head, "", *kind, "", "", text]) + "\n"

    # ---------------------------------------------------------------- functions

    def _arguments(self) -> list[str]:
        """Return what changes from iteration to iteration, parameters first."""
        changing = {Kind.DRAWN, Kind.RUNNING} | (set() if self.batches.whole else {Kind.SAMPLES})
        return [*self.trained, *(self.names[node.name] for node in self.given if node.kind in changing)]

    def _functions(self) -> list[str]:
        """Write the loss for each size of a batch, the validation loss, and the update."""
        bodies = [
            function_lines(self.framework, self.lesson.graph(size), self.names, self.running)
            for size in self.batches.sizes
        ]
        if len(bodies) > 1 and bodies[0] == bodies[1]:
            del bodies[1:]
        self.losses = ["loss_of", "loss_of_last"][: len(bodies)]
        lines: list[str] = []
        what = "the loss, and the running statistics after it" if self.running else "the loss"
        for name, body, of in zip(self.losses, bodies, ("", " of the last, smaller batch"), strict=False):
            lines += [f"def {name}({', '.join(self._arguments())}):", f'    """Return {what}{of}."""']
            lines += [*indented(body), "", ""]
        if self.lesson.patience is not None:
            held = {name.removeprefix("validation "): own for name, own in self.held.items()}
            arguments = [*self.trained, *(self.names[name] for name in self.running)]
            lines += [
                f"def validation_loss({', '.join(arguments)}):",
                '    """Return the loss of the samples that are held back."""',
                *indented(
                    function_lines(self.framework, validating_of(self.lesson).graph, self.names | held)
                ),
                "",
                "",
            ]
        return lines

    # ---------------------------------------------------------------- what is done

    def _draws(self) -> list[str]:
        """Write how the masks of an iteration are drawn."""
        masks = {self.names[node.name]: (mask, node.shape) for node, mask in self.graph.drawn}
        lines = draws(masks, str(self.hyperparameters.seed), "k" if self.lesson.trains else "0")
        return [f"{name} = array({text})" for name, _, text in (line.partition(" = ") for line in lines)]

    def _rows(self) -> list[tuple[str, str]]:
        return [(self.names[name], whole) for name, whole in self.whole.items()]

    def _single_pass(self) -> list[str]:
        """Write the one loss of a lesson that trains nothing."""
        rows = self.batches.indices(0)
        chosen = "" if rows is None else ", ".join(map(str, rows.tolist()))
        lines = [f"{row} = {whole}[[{chosen}]]" for row, whole in self._rows()]
        lines += [*self._draws(), f"loss = loss_of({', '.join(self._arguments())})"]
        return [*lines, self._printed("loss" + ("[0]" if self.running else "") + ".item()")]

    def _printed(self, loss: str) -> str:
        return f"print(np.float32({loss}))" if self.graph.dtype == SINGLE else f"print({loss})"

    def _training(self) -> list[str]:
        framework, patience, batches = self.framework, self.lesson.patience, self.batches
        memory = [
            f"{own} = {framework.array}.zeros_like({of})"
            for of, names in self.memory.items()
            for own in names
        ]
        lines = commented("# the optimizer's memory", memory)
        lines += [*framework.begin(self.trained, self.losses, bool(self.running)), "losses = []"]
        early, late = "", ""
        if patience is not None:
            lines.append('lowest, best = float("inf"), 0  # the lowest validation loss, and where it was')
            early, late = f" or k - best == {patience}", f" and k - best != {patience}"
        body = batch_lines(self.hyperparameters, batches, self._rows())
        if len(self.losses) == 1 and batches.whole:
            body = []
        body += [*self._draws(), "# forward", *self._forward(), "losses.append(loss.item())"]
        if patience is not None:
            arguments = ", ".join([*self.trained, *(self.names[name] for name in self.running)])
            body += ["", "# validation", f"validation = validation_loss({arguments}).item()"]
            body += ["if validation < lowest:", "    lowest, best = validation, k"]
        finite = f"finite({', '.join(['losses[-1]', *self.trained])})"
        body += [*wrapped(f"if k == iterations{early} or not {finite}:"), "    break", "", "# backward"]
        body += self._backward()
        body += ["", "# update", *rate_lines(self.hyperparameters), *self._updates()]
        lines += ["", "for k in range(iterations + 1):", *indented(body)]
        lines += ["", "for loss in losses:", f"    {self._printed('loss')}"]
        short = f"(len(losses) <= iterations{late})" if late else "len(losses) <= iterations"
        lines += [
            *wrapped(f"if {short} or not {finite}:"),
            '    sys.exit(f"diverged after {len(losses)} losses")',
        ]
        return lines

    def _forward(self) -> list[str]:
        after = ", ".join(f"next_{self.names[name]}" for name in self.running)
        result = f"loss, ({after},)" if after else "loss"
        full = self.batches.rows // self.batches.size if len(self.losses) > 1 else None
        return self.framework.forward(result, self.losses, full, ", ".join(self._arguments()))

    def _backward(self) -> list[str]:
        if self.graph.training_factors:
            return self.framework.gradients(self.trained, self.gradients)
        both = zip(self.gradients, self.trained, strict=True)  # the loss depends on no parameter
        return [f"{gradient} = {self.framework.array}.zeros_like({name})" for gradient, name in both]

    def _updates(self) -> list[str]:
        lines = clipping_lines(self.framework, self.hyperparameters.coefficients)
        if lines:
            gathered, one = ", ".join(self.gradients), "," * (len(self.gradients) == 1)
            lines = [f"gradients = [{gathered}]", *lines, f"{gathered}{one} = gradients"]
        for name, gradient in zip(self.trained, self.gradients, strict=True):
            results = ", ".join([name, *self.memory[name]])
            step = ["k + 1"] if self.takes_step else []
            lines.append(f"{results} = update({', '.join([name, gradient, *self.memory[name], *step])})")
        after = [f"{self.names[name]} = next_{self.names[name]}" for name in self.running]
        return self.framework.update(self.trained, [*lines, *after])


def _names(name: str, lines: Sequence[str]) -> bool:
    return any(re.search(rf"\b{name}\b", line) for line in lines)
