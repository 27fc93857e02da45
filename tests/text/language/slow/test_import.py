"""Nothing is said while modules are imported, when the language is not chosen yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

IMPORT = """
import importlib, pkgutil
from tui_backprop.text import sentences

def said(*said, **values):
    raise AssertionError(f"said at import: {said}")

sentences.tr = sentences.tr_count = sentences.tr_in = said
import tui_backprop

names = [module.name for module in pkgutil.walk_packages(tui_backprop.__path__, "tui_backprop.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names))
"""
"""Imports every module, with functions in place of those of sentences that refuse to say anything."""


def test_no_module_says_a_sentence_as_it_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 500
