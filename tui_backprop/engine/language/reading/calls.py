"""Calls as people write them, ``np.sum(x, 0)``, ``x.sum(axis=0)``, ``torch.sum(x, dim=0)``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_backprop.engine.core.listed import any_of
from tui_backprop.engine.language.composites import (
    NAMES,
    OTHER_NAMES,
    OTHER_WORDS,
    calls,
    options_of,
    texts_of,
)
from tui_backprop.engine.language.reading.aliases import (
    FUNCTIONS_BY_NAME,
    KEYWORDS,
    MODULES,
    OF_TORCH,
    OPERATORS_BY_NAME,
    UNLIKE,
    unknown_function,
)
from tui_backprop.engine.language.reading.arguments import (
    Read,
    dotted,
    is_none,
    literal_of,
    tuple_of,
)
from tui_backprop.engine.language.reading.bias import biases, spread, unbiased
from tui_backprop.engine.language.reading.making import COPIES, MakingReader
from tui_backprop.engine.language.syntax import Instruction
from tui_backprop.engine.ops.arrays.constants import MAKERS
from tui_backprop.engine.ops.registry import CALLED
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr

if TYPE_CHECKING:
    from tui_backprop.engine.core.errors import FormulaError


class CallReader(MakingReader):
    """The calls of a source. What refuses, places and expressions are the source's own."""

    known_methods = (
        frozenset(CALLED) | frozenset(FUNCTIONS_BY_NAME) | frozenset(OPERATORS_BY_NAME) | frozenset(COPIES)
    )

    values: set[ast.expr]

    def is_assigned(self, name: str) -> bool:
        """Tell whether the text has assigned this name so far."""
        return False

    def defined(self, name: str) -> Sequence[str] | None:
        """Return the parameters of a function that the text defines."""
        return None

    def is_defined_below(self, name: str) -> bool:
        """Tell whether the text defines a function of this name further down."""
        return False

    def call(self, node: ast.Call, line: int, column: int, *, values: bool = False) -> Read:
        """Return the instruction that a call stands for; with ``values``, without the places of a maximum."""
        func = node.func
        if isinstance(func, ast.Name):
            name, module, args = func.id, "", node.args
            if self.defined(name) is not None:
                return self.own(node, name, line, column)
            if self.is_assigned(name) and (name in CALLED or name in MAKERS):
                raise self.refuse(
                    node,
                    tr("{name} is assigned above and is no function here; write np.{name}(...)", name=name),
                )
        elif isinstance(func, ast.Attribute):
            name, module, args = func.attr, dotted(func.value), node.args
            is_module = module in MODULES and not self.is_assigned(module)
            if (
                module.partition(".")[0] in ("np", "numpy", "torch", "random")
                and "rand" in f"{module}.{name}"
            ):
                raise self.refuse(
                    node,
                    tr(
                        "found {found}(...); random numbers are drawn in [parameters], seeded",
                        found=self.segment(func),
                    ),
                )
            if not is_module:
                if name in ("T", "mT"):
                    raise self.refuse(
                        node,
                        tr(
                            "found {found}(...); write .{name} without ( )",
                            found=self.segment(func),
                            name=name,
                        ),
                    )
                module, args = "", [func.value, *node.args]
                if name not in self.known_methods and name not in MAKERS and name != "masked_fill":
                    right = unknown_function(name, self.known_methods) or tr(
                        "; methods are those such as x.sum(axis=0)"
                    )
                    found = f"{self.segment(func)}(...)"
                    raise self.refuse(node, tr("found {found}{hint}", found=found, hint=right))
        else:
            raise self.refuse(
                node, tr("found {found}; only named functions can be called", found=self.segment(node))
            )
        if name == "masked_fill" and len(args) == 3 and not node.keywords:
            return Instruction("call", "where", line, column, 3), [args[1], args[2], args[0]]
        module = "" if values else module
        return self.function(node, name, module, list(args), line, column)

    def function(
        self, node: ast.Call, name: str, module: str, args: list[ast.expr], line: int, column: int
    ) -> Read:
        """Return the instruction for a function of the language, by any of its names."""
        keywords = {KEYWORDS.get(k.arg or "**", k.arg or "**") for k in node.keywords}
        if module in OF_TORCH and name in UNLIKE and name in CALLED:
            raise self.instead(node, tr(UNLIKE[name], call="np." + name))
        if module in OF_TORCH and name == "batch_norm":
            right = tr("PyTorch's is given its running statistics; write batch_norm(x, gamma, beta)")
            raise self.instead(node, right)
        if module in OF_TORCH and name in ("max", "min") and (len(args) > 1 or "axis" in keywords):
            right = tr("PyTorch's gives places besides; write {name}(x, axis=0) or maximum(a, b)", name=name)
            raise self.instead(node, right)
        if given := biases(node, name, of_torch=module in OF_TORCH):
            if len(given) > 1:
                raise self.refuse(
                    given[1], tr("found bias= a second time in {name}; give it once", name=name)
                )
            without = unbiased(node, of_torch=module in OF_TORCH)
            if is_none(given[0]):
                return self.call(without, line, column)
            return Instruction("operator", "+", line, column, 2), [without, spread(given[0], name)]
        if not module and name in ("max", "min") and len(args) == 2 and isinstance(node.func, ast.Name):
            raise self.instead(
                node,
                tr("write maximum(a, b) for the larger of two, max(x, axis=0) along an axis")
                if name == "max"
                else tr("write minimum(a, b) for the smaller of two, min(x, axis=0) along an axis"),
            )
        if module in OF_TORCH and name == "transpose" and len(args) == 3:
            name = "swapaxes"
        if name == "len":
            self.count(node, args, 1, "len(x)")
            return Instruction("shape", "length", line, column, 1, options=(("axis", 0),)), args
        if name in ("size", "ndim") and (module or len(args) == 1):
            self.count(node, args, 1, f"np.{name}(x)")
            return Instruction("shape", name, line, column, 1), args
        if name in ("zeros", "ones") and module in OF_TORCH and len(args) > 1:
            args = [tuple_of(args)]
        if (known := OTHER_NAMES.get(name, name)) in NAMES:
            return self.composed(node, known, module, args, line, column)
        if name in MAKERS and not (name in ("tril", "triu") and not args):
            return self.made(node, name, args, line, column)
        if name in COPIES:
            return self.copied(node, name, args, line, column)
        known = name if name in CALLED else FUNCTIONS_BY_NAME.get(name, name)
        called = CALLED.get(known)
        if known == "einsum":
            args = self.with_one(args)
        if known == "norm":
            node, args = self.euclidean(node, args)
        if known == "pad":
            node, args = self.padding(node, module, args)
        if called is not None:
            return self.of_registry(node, known, called.signature, args, line, column)
        symbol = OPERATORS_BY_NAME.get(name)
        if symbol is not None:
            arity = 1 if symbol in ("negate", "not", "~") else 2
            self.count(node, args, arity, f"{name}({'a' if arity == 1 else 'a, b'})")
            if node.keywords:
                found = node.keywords[0].arg
                reason = tr("found {option}= in {name}; it has no options", option=found, name=name)
                raise self.refuse(node.keywords[0], reason)
            return Instruction("operator", symbol, line, column, arity), args
        if not module and self.is_defined_below(name):
            reason = tr("{name} is called above the line that defines it; put def {name}(…) first", name=name)
            raise self.refuse(node, reason)
        hint = unknown_function(name, self.known_methods, listed=True)
        raise self.refuse(node, tr("unknown function {name}{hint}", name=printable(name, 40), hint=hint))

    def instead(self, node: ast.AST, right: str) -> FormulaError:
        """Return the refusal of a call, with what would be right."""
        return self.refuse(node, tr("found {found}; {right}", found=self.segment(node), right=right))

    def with_one(self, args: list[ast.expr]) -> list[ast.expr]:
        """Return the arguments of an einsum of one array with a number beside it, 1, which has no letters."""
        letters = args[0].value if args and isinstance(args[0], ast.Constant) else None
        if len(args) != 2 or not isinstance(letters, str) or "," in letters:
            return args
        before, arrow, behind = letters.partition("->")
        both = ast.Constant(f"{before},{arrow}{behind}")
        one = ast.Constant(1)
        return [ast.copy_location(both, args[0]), args[1], ast.copy_location(one, args[0])]

    def euclidean(self, node: ast.Call, args: list[ast.expr]) -> tuple[ast.Call, list[ast.expr]]:
        """Return a norm's call without what asks for the usual one, of vectors or of all elements."""
        order = next(
            (word.value for word in node.keywords if word.arg == "ord"), args[1] if args[1:] else None
        )
        if order is None or is_none(order):
            return node, args[:1] if len(args) == 2 else args
        along = any(word.arg in ("axis", "dim") for word in node.keywords)
        if (literal_of(order) != "fro" and not (literal_of(order) == 2 and along)) or len(args) > 2:
            reason = tr(
                "found the norm {found}; write norm(x), the root of the sum of squares, "
                "with axis= and keepdims=",
                found=self.segment(order),
            )
            raise self.refuse(order, reason)
        words = [word for word in node.keywords if word.arg != "ord"]
        return ast.copy_location(ast.Call(node.func, args[:1], words), node), args[:1]

    def padding(self, node: ast.Call, module: str, args: list[ast.expr]) -> tuple[ast.Call, list[ast.expr]]:
        """Return NumPy's call of pad with its pairs of widths in a row, and without what asks for zeros."""
        given = dict(zip(("x", "pad_width", "mode"), args, strict=False))
        given |= {{"array": "x"}.get(k.arg or "**", k.arg or "**"): k.value for k in node.keywords}
        zeros = {"mode": "constant", "constant_values": 0}
        width = given.get("pad_width")
        strange = given.keys() - {"x", "pad_width", *zeros}
        strange |= {
            word for word, right in zeros.items() if word in given and literal_of(given[word]) != right
        }
        if strange or "x" not in given or module in OF_TORCH or len(args) > 3:
            right = tr("write pad(x, ((1, 1), (2, 2))), zeros before and behind each axis")
            raise self.instead(node, right)
        if isinstance(width, ast.Tuple | ast.List) and all(
            isinstance(pair, ast.Tuple | ast.List) and len(pair.elts) == 2 for pair in width.elts
        ):
            pairs = [number for pair in width.elts for number in pair.elts]  # type: ignore[attr-defined]
            width = ast.copy_location(ast.Tuple(pairs, ast.Load()), width)
        words = [ast.copy_location(ast.keyword("pad_width", width), width)] if width else []
        return ast.copy_location(ast.Call(node.func, [given["x"]], words), node), [given["x"]]

    def own(self, node: ast.Call, name: str, line: int, column: int) -> Read:
        """Return the call of a function that the formula defines."""
        parameters = self.defined(name) or ()
        args = list(node.args)
        named = [argument.arg or "**" for argument in node.keywords]
        taken = parameters[: len(args)]
        wrong = next((word for word in named if word not in parameters or word in taken), None)
        if wrong is not None or len(args) > len(parameters) or any(isinstance(a, ast.Starred) for a in args):
            raise self.instead(node, tr("write {example}", example=name + "(" + ", ".join(parameters) + ")"))
        operands = [*args, *(argument.value for argument in node.keywords)]
        self.values.update(operands)
        options = (("names", (*taken, *named)),)
        return Instruction("defined", name, line, column, len(operands), options=options), operands

    def composed(
        self, node: ast.Call, name: str, module: str, args: list[ast.expr], line: int, column: int
    ) -> Read:
        """Return the call of a composite function."""
        possible = options_of(name)
        chosen = {option: values[0] for option, values in possible.items()}
        if name == "gelu" and module == "jax.nn":
            chosen["approximate"] = "tanh"  # JAX's default
        longest = max((text.parameters for text in texts_of(name)), key=len)
        if "axis" in possible:
            args, chosen["axis"] = self.without_shape(node, args, possible["axis"])
        given = dict(zip(longest, args, strict=False))
        for argument in node.keywords:
            word = OTHER_WORDS.get(argument.arg or "**", argument.arg or "**")
            if word in possible:
                value = _value_of(argument.value)
                value = {True: "tanh", False: "none"}.get(value, value) if module == "jax.nn" else value
                if not any(value == known and type(value) is type(known) for known in possible[word]):
                    right = any_of(f"{word}={value!r}" for value in possible[word]).replace("'", '"')
                    found = f"{word}={self.segment(argument.value)}"
                    raise self.refuse(argument, tr("found {found}; write {right}", found=found, right=right))
                chosen[word] = value
            elif word in longest and word not in given:
                given[word] = argument.value
            else:
                found, right = printable(word, 30), _call_of(name)
                raise self.refuse(
                    argument, tr("found {option}= in {name}; {right}", option=found, name=name, right=right)
                )
        fits = not any(isinstance(arg, ast.Starred) for arg in args) and len(args) <= len(longest)
        for text in texts_of(name) if fits else ():
            if text.takes(given) and all(chosen[word] == value for word, value in text.chosen_by.items()):
                names = (("names", tuple(given)),)
                step = Instruction("defined", text.key, line, column, len(given), options=names)
                return step, list(given.values())
        raise self.instead(node, _call_of(name))

    def without_shape(
        self, node: ast.Call, args: list[ast.expr], axes: Sequence[Any]
    ) -> tuple[list[ast.expr], Any]:
        """Return the arguments without PyTorch's normalized_shape, and the last axes, which it counts."""
        if len(args) < 2 or not isinstance(args[1], ast.Tuple | ast.List):
            return args, axes[0]
        count = len(args[1].elts)
        if not 1 <= count <= len(axes):
            raise self.refuse(
                node,
                tr(
                    "found the shape {found}; up to {count} last axes are normalised",
                    found=self.segment(args[1]),
                    count=len(axes),
                ),
            )
        return [args[0], *args[2:]], axes[count - 1]


def _value_of(node: ast.expr) -> Any:
    """Return the number, truth or word that is an option's value, or several numbers."""
    if not isinstance(node, ast.Tuple):
        return literal_of(node)
    return tuple(literal_of(part) for part in node.elts)


def _call_of(name: str) -> str:
    """Return how a composite function is called."""
    return tr("write {example}", example=next(call for call in calls() if call.startswith(f"{name}(")))
