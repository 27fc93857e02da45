"""Text of LLVM's representation made machine code, through llvmlite, and kept on disk.

What is kept is found by a digest of the text, of the processor and of the versions, so that it can be no
other program's, and has a digest of its own before it; it is read only from a folder of the user's own that
nobody else may write to.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tui_backprop.engine.compile.targets.native.instructions.elementwise import FROM_C

_LOCK: Final = threading.Lock()
"""LLVM's passes are run one module at a time."""
MOST_BYTES: Final = 64 << 20
"""Bytes of programs that are kept on disk; the oldest go."""

_DIGEST: Final = hashlib.sha256().digest_size


class MachineCode:
    """Functions in memory.

    Args:
        text: their text.
        addresses: of the functions that it calls, by name.
        folder: where machine code is kept; None to keep none.

    Attributes:
        kept: whether it came from the folder.
    """

    def __init__(self, text: str, addresses: Mapping[str, int], folder: Path | None) -> None:
        with _LOCK:
            llvm = _llvm()
            for name, address in addresses.items():
                llvm.add_symbol(f"blas_{name}", address)
            for name in FROM_C.values():
                llvm.add_symbol(f"c_{name}", _c_address(name))
            machine = _machine()
            path = None if folder is None else folder / f"{_digest(text)}.o"
            code = None if path is None else _read(path)
            self.kept = code is not None
            if code is None:
                code = _compiled(text, machine)
                if path is not None:
                    _write(path, code)
            module = llvm.parse_assembly("")
            self._engine = llvm.create_mcjit_compiler(module, machine)
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
            self._engine.finalize_object()

    def function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        """Return a function by its name, with its types as ctypes has them."""
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(result, *arguments)(address)


def cache_folder() -> Path | None:
    """Return the user's folder for machine code, made if need be; None where there is none to trust."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        root = Path(base) if base and os.path.isabs(base) else Path.home() / ".cache"
        folder = root / "tui-backprop" / "native"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        return None
    return folder


@cache
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def _processor() -> tuple[str, str]:
    llvm = _llvm()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _machine() -> Any:
    llvm = _llvm()
    name, features = _processor()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=name, features=features, opt=2, jit=True
    )


def _compiled(text: str, machine: Any) -> bytes:
    llvm = _llvm()
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = True
    options.slp_vectorization = options.loop_unrolling = options.loop_interleaving = False
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
    code: bytes = machine.emit_object(module)
    return code


def _digest(text: str) -> str:
    import llvmlite

    parts = (text, *_processor(), llvmlite.__version__, str(_llvm().llvm_version_info))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _c_address(name: str) -> int:
    """Return the address of a function of C's library in this process."""
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    function = getattr(library, name)
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _read(path: Path) -> bytes | None:
    """Return machine code that is kept; None where there is none, or not all of it."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    digest, code = kept[:_DIGEST], kept[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _write(path: Path, code: bytes) -> None:
    """Keep machine code, whole or not at all; a folder that cannot be written costs only time."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(hashlib.sha256(code).digest() + code)
        os.replace(file.name, path)
        _make_room(path.parent)
    except OSError:
        pass


def _make_room(folder: Path) -> None:
    files = sorted(((p.stat().st_mtime, p.stat().st_size, p) for p in folder.glob("*.o")), reverse=True)
    kept = 0
    for _, size, path in files:
        kept += size
        if kept > MOST_BYTES:
            path.unlink(missing_ok=True)
