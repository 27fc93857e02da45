#!/usr/bin/env bash
# Expected: Numba makes a function of a hundred short loops in about the time in which LLVM, which it is built on,
# makes the same loops given as LLVM's text: LLVM's work is the larger part of compiling.
# What happens: each loop of three lines costs Numba more than ten times what it costs LLVM with vectorising on and
# unrolling off, and the cost of a loop grows with their number; a generated function of two hundred takes 20 s where
# LLVM takes about one. Looked at: Numba 0.68.1, llvmlite 0.50.0; the ratio of their processor times is what is tested.
# Who generates code for Numba fuses loops first, or writes LLVM's text for llvmlite, as this project does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 llvmlite==0.50.0
"$folder/venv/bin/python" - <<'END'
from time import process_time

import llvmlite
import llvmlite.binding as llvm
import numba
from numba import float64, int64, njit, void

LOOPS, LENGTH = 60, 64


def by_numba():
    lines = ["def run(n, a):", "    for k in range(n):"]
    for i in range(LOOPS):
        first, second, third = (LENGTH * (i + step) for step in range(3))
        lines += [f"        for i in range({LENGTH}):",
                  f"            a[{third} + i] = a[{first} + i] * a[{second} + i] + 0.5"]
    space = {}
    exec("\n".join(lines), space)
    njit(void(int64, float64[::1]), error_model="numpy")(space["run"])


def by_llvm():
    text = ["define void @run(i64 %n, ptr %a) {", "entry:", "  br label %outer", "outer:",
            "  %k = phi i64 [0, %entry], [%k1, %latch]", "  br label %b0"]
    before = "outer"
    for i in range(LOOPS):
        text += [f"b{i}:", f"  %i{i} = phi i64 [0, %{before}], [%n{i}, %b{i}]"]
        for name, step in zip("xyz", range(3)):
            text += [f"  %o{name}{i} = add i64 %i{i}, {LENGTH * (i + step)}",
                     f"  %p{name}{i} = getelementptr double, ptr %a, i64 %o{name}{i}"]
        text += [f"  %x{i} = load double, ptr %px{i}", f"  %y{i} = load double, ptr %py{i}",
                 f"  %m{i} = fmul double %x{i}, %y{i}", f"  %s{i} = fadd double %m{i}, 0.5",
                 f"  store double %s{i}, ptr %pz{i}", f"  %n{i} = add i64 %i{i}, 1",
                 f"  %c{i} = icmp ult i64 %n{i}, {LENGTH}",
                 f"  br i1 %c{i}, label %b{i}, label %{f'b{i + 1}' if i + 1 < LOOPS else 'latch'}"]
        before = f"b{i}"
    text += ["latch:", "  %k1 = add i64 %k, 1", "  %cc = icmp ult i64 %k1, %n",
             "  br i1 %cc, label %outer, label %done", "done:", "  ret void", "}"]
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2)
    module = llvm.parse_assembly("\n".join(text))
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization, options.loop_unrolling = True, False
    llvm.create_pass_builder(machine, options).getModulePassManager().run(
        module, llvm.create_pass_builder(machine, options))
    assert machine.emit_object(module)


def seconds(make):
    begun = process_time()
    make()
    return process_time() - begun


llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
njit(void(float64[::1]))(lambda a: None)  # what Numba does once
theirs, ours = seconds(by_numba), min(seconds(by_llvm) for _ in range(3))
print(f"Numba {numba.__version__}, llvmlite {llvmlite.__version__}: {LOOPS} loops")
print(f"Numba takes {theirs / ours:.0f} times as long: {1000 * theirs / LOOPS:.0f} ms a loop, LLVM {1000 * ours / LOOPS:.1f}")
assert theirs > 5 * ours, "Numba is nearly as quick now"
END
