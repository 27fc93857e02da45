#!/usr/bin/env bash
# Expected: what pybabel's library extracts from a Python file depends on the file, so a catalogue made on one machine
# is complete on another.
# What happens: calls within f-strings are found where Babel runs on Python 3.12 or newer, whose tokenizer takes
# f-strings apart, and silently passed over on 3.11, where an f-string is one token. The same source has one
# sentence on one and three on the other; a check "no sentence without a translation" is green on 3.11 while the
# program, on any version, looks up sentences that the catalogue lacks. Looked at: Babel 2.19.0 on Python 3.11.7
# and 3.13.0. It matters to any catalogue that is checked with several versions: read the syntax tree instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check babel==2.19.0

"$python" - <<'END'
import ast
import io
import sys
from importlib.metadata import version

from babel.messages.extract import extract

source = '''
heading = f"{_('Formula')}: {_('Given')}"
other = _("Update")
'''
found = {message for _, message, _, _ in extract("python", io.BytesIO(source.encode()))}
calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
there = {call.args[0].value for call in calls}
print("Python", sys.version.split()[0], "Babel", version("babel"))
print("in the syntax tree:", sorted(there))
print("extracted:         ", sorted(found))
assert there == {"Formula", "Given", "Update"}
assert found == (there if sys.version_info >= (3, 12) else {"Update"})
END
