"""Catalogues of sentences: found in the code, held against the languages' files, compiled.

``python -m tests.support.catalogues`` brings each language's ``.po`` files up to date (a new sentence has no
translation yet, one that is gone is taken out), and compiles them to the one ``.mo`` that is read. A file has
the sentences of one package; ``python -m tests.support.catalogues engine tui`` does these alone.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tui_backprop.text.language.choice import CATALOGUE, OF_CLICK, PACKAGED

SOURCES = PACKAGED.parent
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in compiled catalogues, which are the same for the same sentences."""
HEADER = """# Sentences of tui_backprop/{package}, kept by python -m tests.support.catalogues.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plurals}\\n"

"""


def packages() -> tuple[str, ...]:
    """Return the packages that may say something, a catalogue each."""
    return tuple(sorted(path.parent.name for path in SOURCES.glob("*/__init__.py")))


@cache
def syntax(path: Path) -> ast.Module:
    """Return the syntax tree of a module, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def sentences(package: str) -> Catalog:
    """Return the sentences of a package, with the files that say them, in the order of the code.

    They are read from the syntax tree: Babel's own reader of tokens passes over calls within f-strings.
    """
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in sorted((SOURCES / package).rglob("*.py")):
        tree = syntax(path)
        where = [(path.relative_to(SOURCES).as_posix(), 0)]
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            said = [text for text in texts if isinstance(text, str)]
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in ("tr", "later") and said:
                found.add(said[0], locations=where)
            elif name == "tr_count" and len(said) > 1:
                found.add((said[0], said[1]), locations=where)
            elif name in ("tr_in", "later_in") and len(said) > 1:
                found.add(said[1], locations=where, context=said[0])
        for text in helps(tree):
            found.add(text, locations=where)
    return found


def helps(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of commands, which the command line shows as their help."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (doc := ast.get_docstring(node)):
            called = (each.func for each in node.decorator_list if isinstance(each, ast.Call))
            if any(isinstance(made, ast.Attribute) and made.attr in ("command", "group") for made in called):
                yield doc


def languages() -> tuple[Path, ...]:
    """Return the folders of all languages that are kept here."""
    return tuple(sorted(path for path in PACKAGED.iterdir() if path.is_dir() and path.name != "__pycache__"))


def read(folder: Path, package: str) -> Catalog:
    """Return a language's catalogue of a package; an empty one where there is none."""
    path = folder / f"{package}.po"
    if not path.exists():
        return Catalog(locale=folder.name, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=folder.name, charset="utf-8")


def updated(folder: Path, package: str) -> Catalog:
    """Return a language's catalogue with exactly the sentences of the code, translated where it was."""
    known, catalogue = read(folder, package), Catalog(locale=folder.name, charset="utf-8", fuzzy=False)
    for message in told(sentences(package)):
        before = known.get(message.id, message.context)
        translated = before.string if before is not None else ("" if isinstance(message.id, str) else [""])
        places = sorted({(where, 0) for where, _ in message.locations})
        catalogue.add(message.id, translated, places, context=message.context)
    return catalogue


def told(catalogue: Catalog) -> Iterator[Message]:
    """Yield a catalogue's sentences, without its heading."""
    return (message for message in catalogue if message.id)


def missing(catalogue: Catalog) -> list[Message]:
    """Return the sentences that have no translation."""
    return [
        message
        for message in told(catalogue)
        if not (message.string if isinstance(message.string, str) else all(message.string))
    ]


def po_text(catalogue: Catalog, package: str) -> bytes:
    """Return a catalogue as its file has it: with files and no lines, so that code may move."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, include_lineno=False, omit_header=True)
    heading = HEADER.format(package=package, language=catalogue.locale, plurals=catalogue.plural_forms)
    return heading.encode() + out.getvalue()


def mo_bytes(folder: Path, pattern: str = "*.po") -> bytes:
    """Return a language's catalogues, all by default, compiled; what has no translation is left out."""
    together = Catalog(locale=folder.name, charset="utf-8", fuzzy=False)
    together.creation_date = together.revision_date = EPOCH
    for path in sorted(folder.glob(pattern)):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=folder.name, charset="utf-8")
        without = {id(message) for message in missing(catalogue)}
        for message in told(catalogue):
            if id(message) not in without:
                together.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, together)
    return out.getvalue()


def main(asked: Sequence[str]) -> None:
    """Update and compile."""
    for folder in languages():
        for package in asked or packages():
            catalogue = updated(folder, package)
            path = folder / f"{package}.po"
            if len(catalogue):
                path.write_bytes(po_text(catalogue, package))
            else:
                path.unlink(missing_ok=True)
            if without := missing(catalogue):
                sys.stdout.write(f"{folder.name}/{package}.po: {len(without)} of {len(catalogue)} to do\n")
        compiled = folder / CATALOGUE
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(mo_bytes(folder))
        (folder / OF_CLICK).write_bytes(mo_bytes(folder, "click.po"))


if __name__ == "__main__":
    main(sys.argv[1:])
