"""On a terminal, import asks for what a model's print does not say, and then opens the lesson."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect


def test_loss_and_input_are_asked_for(tmp_path: Path) -> None:
    model = tmp_path / "model.txt"
    model.write_text("Sequential(\n  (0): Linear(in_features=2, out_features=1, bias=True)\n)\n")
    arguments = ["-m", "tui_backprop", "import", str(model), "--plain"]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=30, dimensions=(24, 100))
    child.expect(r"loss \(mse, .*\) \[mse\]:")
    child.sendline("huber")
    child.expect("file of an input x")
    child.sendline("")
    child.expect(r"\(backprop\) ")
    child.sendline("l")
    child.expect(r"huber\(")
    child.sendline("q")
    child.expect(pexpect.EOF)
