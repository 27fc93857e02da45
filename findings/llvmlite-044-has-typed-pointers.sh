#!/usr/bin/env bash
# Expected: llvmlite 0.44 is built on LLVM 15, in which `ptr` is the type of every address unless one asks for the old
# types, so that text which LLVM 15's own tools take (`opt`, `llc`) is taken by `parse_assembly`.
# What happens: it turns the old types on, and refuses `ptr` as an "expected type": text that LLVM 15 itself writes
# cannot be read back. The old `double*`, whose days are over since LLVM 17, is what it wants, and what 0.45 (LLVM 20)
# still takes as well. Looked at: llvmlite 0.44.0 and 0.45.1.
# Who writes LLVM's text asks for llvmlite 0.45 or newer; `llvmlite>=0.44` installs, and fails at the first function.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in old new; do
    "${PYTHON:-python3}" -m venv "$folder/$version"
done
"$folder/old/bin/python" -m pip install --quiet --disable-pip-version-check llvmlite==0.44.0
"$folder/new/bin/python" -m pip install --quiet --disable-pip-version-check llvmlite==0.45.1
for version in old new; do
    "$folder/$version/bin/python" - <<'END'
import llvmlite
import llvmlite.binding as llvm

BODY = "define double @first({0} %a) {{\n  %x = load double, {0} %a\n  ret double %x\n}}\n"


def taken(pointer):
    try:
        llvm.parse_assembly(BODY.format(pointer)).verify()
    except RuntimeError as error:
        print(f"  {pointer}: {str(error).splitlines()[1]}")
        return False
    print(f"  {pointer}: taken")
    return True


print("llvmlite", llvmlite.__version__, "LLVM", ".".join(map(str, llvm.llvm_version_info)))
new = not llvmlite.__version__.startswith("0.44")
assert (taken("double*"), taken("ptr")) == (True, new), "what is taken has changed"
END
done
