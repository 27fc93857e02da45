"""An .onnx file as a graph of plain data: read with the onnx package, within limits, nothing of it run."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np

from tui_backprop.engine.core.arrays import MAX_DIMENSIONS, Array
from tui_backprop.engine.frontends.onnx_graph import MAX_NODES, OnnxGraph, OnnxInput, OnnxNode
from tui_backprop.lessons.beside.array_files import MAX_ARRAY_BYTES, MAX_ARRAYS
from tui_backprop.lessons.errors import LessonError, found
from tui_backprop.lessons.limits import Sandbox
from tui_backprop.text.printable import printable
from tui_backprop.text.sentences import tr
from tui_backprop.text.system import system_reason

_OURS: Final = ("", "ai.onnx")
_FLOAT, _FLOAT16, _DOUBLE, _BFLOAT16 = 1, 10, 11, 16
_TYPES: Final = {
    _FLOAT: "<f4", _FLOAT16: "<f2", _DOUBLE: "<f8", 6: "<i4", 7: "<i8", 9: "|b1", 2: "|u1", 3: "|i1",
}  # fmt: skip
"""Types of TensorProto that are read, as NumPy writes them."""
_EXTERNAL: Final = 1


def read_onnx(path: Path, sandbox: Sandbox) -> OnnxGraph:
    """Read a model and its weights, which are in it or in a file of its folder.

    Raises:
        LessonError: the onnx package is missing, or the file is damaged, too large, or says something that is
            not read.
    """
    try:
        import onnx
    except ImportError:
        raise LessonError(
            tr("an .onnx file needs the onnx package: pip install 'tui-backprop[onnx]'")
        ) from None
    model = onnx.ModelProto()
    try:
        model.ParseFromString(_held(path, sandbox))
    except Exception as error:  # protobuf's DecodeError, which has another place in each of its versions
        raise LessonError(tr("damaged: it is no ONNX model ({name})", name=type(error).__name__)) from None
    return _Reader(path, sandbox).graph(model)


def _held(path: Path, sandbox: Sandbox) -> bytes:
    try:
        with sandbox.open_file(path) as file:
            held = file.read(MAX_ARRAY_BYTES + 1)
    except OSError as error:
        raise LessonError(
            tr("{name} cannot be read: {reason}", name=printable(path.name, 80), reason=system_reason(error))
        ) from None
    if len(held) > MAX_ARRAY_BYTES:
        raise LessonError(
            tr(
                "{name} is larger than {most} MiB",
                name=printable(path.name, 80),
                most=MAX_ARRAY_BYTES >> 20,
            )
        )
    return held


class _Reader:
    """Reads one model; files of weights are opened once."""

    def __init__(self, path: Path, sandbox: Sandbox) -> None:
        self._path, self._sandbox = path, sandbox
        self._files: dict[str, bytes] = {}
        self._left = MAX_ARRAY_BYTES

    def graph(self, model: Any) -> OnnxGraph:
        opsets = {_text(one.domain): one.version for one in model.opset_import}
        opset = max((version for domain, version in opsets.items() if domain in _OURS), default=0)
        graph = model.graph
        if len(graph.node) > MAX_NODES or len(graph.initializer) > MAX_ARRAYS:
            raise LessonError(
                tr(
                    "it has more than {nodes:,} operations or {arrays:,} arrays",
                    nodes=MAX_NODES,
                    arrays=MAX_ARRAYS,
                )
            )
        if len(graph.sparse_initializer):
            raise LessonError(tr("it has sparse weights, which are not read"))
        arrays = {_text(tensor.name): self._array(tensor) for tensor in graph.initializer}
        inputs = tuple(_input(one) for one in graph.input if _text(one.name) not in arrays)
        nodes = tuple(self._node(node) for node in graph.node)
        outputs = tuple(_text(one.name) for one in graph.output)
        return OnnxGraph(
            opset, inputs, outputs, nodes, arrays, _text(model.producer_name), tuple(self._files)
        )

    def _node(self, node: Any) -> OnnxNode:
        domain, kind = _text(node.domain), _text(node.op_type)
        attributes = {_text(one.name): self._attribute(one) for one in node.attribute}
        takes, gives = (tuple(map(_text, names)) for names in (node.input, node.output))
        return OnnxNode(kind if domain in _OURS else f"{domain}.{kind}", takes, gives, attributes)

    def _attribute(self, one: Any) -> Any:
        """Return a number, text, list or array; None for what no operation here takes."""
        match one.type:
            case 1:
                return one.f
            case 2:
                return one.i
            case 3:
                return one.s
            case 4:
                return self._array(one.t)
            case 6:
                return list(one.floats)
            case 7:
                return list(one.ints)
            case 8:
                return list(one.strings)
            case _:
                return None

    def _array(self, tensor: Any) -> Array:
        name, dims = found(_text(tensor.name), 60), tuple(tensor.dims)
        if len(dims) > MAX_DIMENSIONS or any(length < 0 for length in dims):
            raise LessonError(
                tr(
                    "{name} has the shape {dims}; at most {most} axes are read",
                    name=name,
                    dims=dims,
                    most=MAX_DIMENSIONS,
                )
            )
        size = math.prod(dims)
        self._left -= 8 * size
        if self._left < 0:
            raise LessonError(tr("its arrays take more than {most} MiB", most=MAX_ARRAY_BYTES >> 20))
        if tensor.data_type not in _TYPES and tensor.data_type != _BFLOAT16:
            raise LessonError(
                tr(
                    "{name} is of type {kind} of TensorProto, which is not read",
                    name=name,
                    kind=tensor.data_type,
                )
            )
        dtype = np.dtype(_TYPES.get(tensor.data_type, "<u2"))
        raw = self._outside(tensor, name) if tensor.data_location == _EXTERNAL else tensor.raw_data
        if raw:
            if len(raw) != size * dtype.itemsize:
                raise LessonError(tr("damaged: {name} has another size than its shape says", name=name))
            values = np.frombuffer(raw, dtype)
        else:
            values = _listed(tensor, dtype, size, name)
        if tensor.data_type == _BFLOAT16:
            values = (values.astype(np.uint32) << np.uint32(16)).view(np.float32)
        kept = values if values.dtype.kind in "iub" else values.astype(np.float64)
        result: Array = kept.reshape(dims)
        return result

    def _outside(self, tensor: Any, name: str) -> bytes:
        """Return an array's bytes from the file beside the model."""
        entries = {_text(entry.key): _text(entry.value) for entry in tensor.external_data}
        location = entries.get("location", "")
        try:
            offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
        except ValueError:
            raise LessonError(tr("damaged: the place of {name} is not a number", name=name)) from None
        if not location or location != Path(location).name or location in (".", ".."):
            raise LessonError(
                tr(
                    "{name} is in {place}, which is not a file of the model's folder",
                    name=name,
                    place=found(location, 80),
                )
            )
        if location not in self._files:
            target = self._path.parent / location
            if target.is_symlink() or not target.is_file():
                raise LessonError(
                    tr("its weights are in {place}, which is not beside it", place=found(location, 80))
                )
            self._files[location] = _held(target, self._sandbox)
        held = self._files[location]
        end = len(held) if length < 0 else offset + length
        if not 0 <= offset <= end <= len(held):
            raise LessonError(
                tr("damaged: {name} lies outside of {place}", name=name, place=found(location, 80))
            )
        return held[offset:end]


def _text(name: str | bytes) -> str:
    """Return a name; protobuf has bytes for one that is not UTF-8."""
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def _listed(tensor: Any, dtype: np.dtype[Any], size: int, name: str) -> Any:
    """Return the numbers of a tensor that lists them one by one."""
    if tensor.data_type == _FLOAT:
        values = np.array(tensor.float_data, dtype)
    elif tensor.data_type == _DOUBLE:
        values = np.array(tensor.double_data, dtype)
    elif dtype == np.dtype("<i8"):
        values = np.array(tensor.int64_data, dtype)
    else:  # as whole numbers of 32 bits, half precision too, whose bits they are
        whole = np.array(tensor.int32_data, np.int32)
        values = whole.astype(np.uint16).view(dtype) if dtype.itemsize == 2 else whole.astype(dtype)
    if values.size != size:
        raise LessonError(
            tr(
                "damaged: {name} has {found:,} numbers, and its shape says {wanted:,}",
                name=name,
                found=values.size,
                wanted=size,
            )
        )
    return values


def _input(one: Any) -> OnnxInput:
    kind = one.type.tensor_type
    shape = tuple(
        dimension.dim_value if dimension.HasField("dim_value") and dimension.dim_value > 0 else None
        for dimension in kind.shape.dim
    )
    return OnnxInput(_text(one.name), shape, kind.elem_type in (6, 7))
