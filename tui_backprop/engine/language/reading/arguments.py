"""The arguments of calls: operands and options, by position or by name, as NumPy and PyTorch have them."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.engine.language.reading.aliases import IGNORED, KEYWORDS
from tui_backprop.engine.language.syntax import Deferred, Expression, Instruction
from tui_backprop.engine.ops.signature import AxisOption, FlagOption, Option, Signature, complaint
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr, tr_count

if TYPE_CHECKING:
    from tui_backprop.engine.core.errors import FormulaError

Read = tuple[Instruction, list[ast.expr]]
"""An instruction, and the trees that it takes its operands from."""
_FLOATS: Final = frozenset(
    {"float", "np.float64", "numpy.float64", "jnp.float64", "torch.float64", "torch.double"}
)
NOTHING: Final = object()


class ArgumentReader:
    """What stands between the parentheses of a call."""

    @abstractmethod
    def refuse(self, node: ast.AST, reason: str) -> FormulaError:
        """Return the error that says this at the tree node's place."""

    @abstractmethod
    def segment(self, node: ast.AST, limit: int = 30) -> str:
        """Return the text that a tree node was read from."""

    @abstractmethod
    def expression(self, tree: ast.expr) -> Expression:
        """Turn an expression tree into instructions."""

    def of_registry(
        self, node: ast.Call, name: str, signature: Signature, args: list[ast.expr], line: int, column: int
    ) -> Read:
        """Return the call of a function with its operands, and its options by name or in their order."""
        rest: list[ast.expr] = []
        if signature.is_variadic and args and isinstance(args[0], ast.List | ast.Tuple):
            args, rest = list(args[0].elts), args[1:]  # concatenate((a, b), 1)
        options: dict[str, Any] = {}
        words = [arg for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        args = [arg for arg in args if arg not in words]
        for word in words:
            option = next((o for o in signature.options if _takes(o, word.value)), None)
            if option is None:
                worded = next((o for o in signature.options if isinstance(o.default, str)), None)
                right = complaint(worded, word.value) if worded else tr("{name} takes no text", name=name)
                raise self.refuse(word, tr("found {found}; {right}", found=self.segment(word), right=right))
            options[option.name] = self.option(option, word)
        operands: dict[str, ast.expr] = {}
        if not signature.is_variadic:
            count = len(signature.operands)
            operands = dict(zip(signature.operands, args[:count], strict=False))
            args, rest = args[:count], args[count:]
        for argument in node.keywords:
            self.keyword(argument, name, signature, operands, options)
        self.by_position(node, name, signature, rest, options)
        whole = name
        if not signature.is_variadic:
            name, args = self.bounded(name, signature, operands)
        args = [array_of(arg) if isinstance(arg, ast.List) else arg for arg in args]
        starred = any(isinstance(arg, ast.Starred) for arg in args)
        if starred or not (signature.takes(len(args)) or name is not whole):
            given = len(args) + len(rest)
            raise self.miscounted(node, given, f"{whole}{signature.positional}", signature.by_name)
        filled = tuple((key, value) for key, value in options.items() if value is not NOTHING)
        return Instruction("call", name, line, column, len(args), options=filled), args

    def keyword(
        self,
        argument: ast.keyword,
        name: str,
        signature: Signature,
        operands: dict[str, ast.expr],
        options: dict[str, Any],
    ) -> None:
        """Read an argument that is given by name: an option, or an operand."""
        given = argument.arg or "**"
        option = signature.option(given) or signature.option(KEYWORDS.get(given, given))
        operand = next((o for o in (given, KEYWORDS.get(given, "")) if o in signature.operands), None)
        shown = printable(given, 30)
        if option is not None:
            if option.name in options:
                raise self.refuse(
                    argument,
                    _twice(option.name, name),
                )
            options[option.name] = self.option(option, argument.value)
        elif operand is not None:
            if operand in operands:
                raise self.refuse(
                    argument,
                    _twice(shown, name),
                )
            operands[operand] = argument.value
        elif not (given in IGNORED and self.is_usual(argument.value)):
            count = len(signature.options)
            by_name = signature.by_name
            known = tr_count("only {options} is known", "only {options} are known", count, options=by_name)
            right = known if count else tr("{name} has no options", name=name)
            raise self.refuse(
                argument, tr("found {option}= in {name}; {right}", option=shown, name=name, right=right)
            )

    def miscounted(self, node: ast.AST, given: int, right: str, by_name: str = "") -> FormulaError:
        """Return the refusal of a call with too many arguments, or too few."""
        found = self.segment(node)
        if not by_name:
            reason = tr(
                "found {found} with {count} arguments; write {right}", found=found, count=given, right=right
            )
        else:
            reason = tr(
                "found {found} with {count} arguments; write {right}, with {options} by name",
                found=found,
                count=given,
                right=right,
                options=by_name,
            )
        return self.refuse(node, reason)

    def by_position(
        self, node: ast.Call, name: str, signature: Signature, rest: list[ast.expr], options: dict[str, Any]
    ) -> None:
        """Read options in their order, as NumPy's axis is; several numbers may be one option."""
        free = [o for o in signature.options if o.name not in options and not isinstance(o, FlagOption)]
        axis = next((place for place, o in enumerate(free) if isinstance(o, AxisOption)), len(free))
        free = free[: axis + 1]  # behind its axis NumPy has others than the language
        if name == "norm":
            free = []  # NumPy's second is which norm
        if len(rest) > len(free) and len(free) == 1 and not hasattr(free[0], "above"):
            rest = [tuple_of(rest)]
        if len(rest) > len(free):
            given = len(signature.operands) + len(rest)
            raise self.miscounted(node, given, f"{name}{signature.positional}", signature.by_name)
        for option, value in zip(free, rest, strict=False):
            options[option.name] = self.option(option, value)

    @staticmethod
    def bounded(name: str, signature: Signature, operands: dict[str, ast.expr]) -> tuple[str, list[ast.expr]]:
        """Return the operands in order; a clip with one bound is a maximum or a minimum."""
        operands = {key: value for key, value in operands.items() if not is_none(value)}
        if name == "clip" and len(operands) == 2 and "x" in operands:
            name = "maximum" if "low" in operands else "minimum"
        return name, [operands[key] for key in signature.operands if key in operands]

    def option(self, option: Option, node: ast.expr) -> Any:
        """Return the value of an option: numbers, a truth, a word; or what follows from shapes later on."""
        if is_none(node):
            if option.default is None:
                return NOTHING
            raise self.refuse(
                node,
                tr("found {name}=None; {right}", name=option.name, right=complaint(option, None)),
            )
        several = isinstance(node, ast.Tuple | ast.List)
        parts = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
        literals = [literal_of(part) for part in parts]
        if literals and any(literal is NOTHING for literal in literals):
            read = tuple(self.expression(part) for part in parts)
            return Deferred(read, several, option, self.segment(node))
        for literal, part in zip(literals, parts, strict=True):
            if several and (wrong := complaint(option, literal)):
                raise self.refuse(
                    part,
                    tr(
                        "found {name}={found}; {right}",
                        name=option.name,
                        found=self.segment(part),
                        right=wrong,
                    ),
                )
        value = tuple(literals) if several else literals[0]
        if wrong := complaint(option, value):
            raise self.refuse(
                node,
                tr("found {name}={found}; {right}", name=option.name, found=self.segment(node), right=wrong),
            )
        return option.accept(value)

    def is_usual(self, node: ast.expr) -> bool:
        """Tell whether an option asks for what is so here anyway: double precision, C's order, a copy."""
        return dotted(node) in _FLOATS or (isinstance(node, ast.Constant) and node.value in (True, "C"))


def dotted(node: ast.expr) -> str:
    """Return a name with dots, such as ``np.linalg``; an empty text for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute) and len(names) < 4:
        names.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(names))) if isinstance(node, ast.Name) else ""


def whole_number(node: ast.expr) -> int | None:
    """Return a whole number with or without a minus; None for anything else."""
    value = literal_of(node)
    return value if type(value) is int and abs(value) < 1 << 53 else None


def literal_of(node: ast.expr) -> Any:
    """Return a number, a truth or a word that stands in the text."""
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool | str):
        return value if sign > 0 else NOTHING
    return sign * value if isinstance(value, int | float) else NOTHING


def is_none(node: ast.expr) -> bool:
    """Tell whether a tree is None."""
    return isinstance(node, ast.Constant) and node.value is None


def _twice(option: str, name: str) -> str:
    return tr("found {option}= a second time in {name}; give it once", option=option, name=name)


def _takes(option: Option, value: Any) -> bool:
    return not complaint(option, value)


def array_of(listed: ast.List | ast.Tuple) -> ast.expr:
    """Return the call that makes an array of a list."""
    call = ast.Call(ast.copy_location(ast.Name("array", ast.Load()), listed), [listed], [])
    return ast.copy_location(call, listed)


def tuple_of(nodes: list[ast.expr]) -> ast.expr:
    """Return expressions as one tuple."""
    together = ast.Tuple(nodes, ast.Load())
    ast.copy_location(together, nodes[0])
    together.end_lineno, together.end_col_offset = nodes[-1].end_lineno, nodes[-1].end_col_offset
    return together
