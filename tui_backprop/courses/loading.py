"""Reading ``course.toml``: every error names the file, the key and what would be right."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tui_backprop.courses.course import BUILTIN_COURSE, CourseEntry, CourseError, CourseFolder, builtin_path
from tui_backprop.engine.core.errors import suggest
from tui_backprop.lessons.convert import convert
from tui_backprop.lessons.errors import LessonError, MissingFileError, found, is_file
from tui_backprop.lessons.library import BUILTIN
from tui_backprop.lessons.limits import OPEN, Sandbox
from tui_backprop.lessons.overlay_names import overlay_name
from tui_backprop.lessons.overlays.fitting import LessonTexts, parse_overlay
from tui_backprop.lessons.toml_text.escapes import clean
from tui_backprop.lessons.toml_text.parsing import parse_toml, read_text
from tui_backprop.text.language.choice import folder_of
from tui_backprop.text.printable import is_safe, printable
from tui_backprop.text.sentences import spoken, tr
from tui_backprop.text.system import system_reason

FILE = "course.toml"
FORMAT = 1
MAX_BYTES = 256 << 10
MOST_LESSONS = 200


class CourseFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole ``course.toml``."""

    order: list[str]
    format: int = FORMAT
    title: str = ""
    summary: str = ""
    language: str = ""
    needs: dict[str, str | list[str]] = {}
    solutions: Literal["open", "locked"] = "open"
    draw: bool = False
    whole: bool = False


def load_course(folder: Path | str, sandbox: Sandbox = OPEN) -> CourseFolder:
    """Read a course; its lessons are looked for, and read when they are opened.

    Args:
        folder: the folder with ``course.toml``.
        sandbox: what may be read; where it confines, the folder lies in its folder, or is it.

    Raises:
        CourseError: the folder or something in ``course.toml`` is refused.
    """
    folder = Path(folder)
    shown = printable(sandbox.shown_path(folder / FILE), 200)
    try:
        return _checked(_read(folder, sandbox), folder, sandbox)
    except LessonError as error:
        raise CourseError(f"{shown}: {error}") from None


def _read(folder: Path, sandbox: Sandbox) -> CourseFile:
    path = folder / FILE
    if not sandbox.confined and not is_file(path):
        raise CourseError(
            tr("no such file; a course is a folder with a {file} in it", file=FILE)
            if not _is_there(path)
            else tr("this is not a file")
        )
    try:
        with sandbox.open_file(path) as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CourseError(tr("cannot be read: {reason}", reason=system_reason(error))) from None
    if len(raw) > MAX_BYTES:
        raise CourseError(tr("larger than {size} KiB", size=MAX_BYTES >> 10))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CourseError(tr("byte {place} is not UTF-8 text", place=error.start)) from None
    return _parse(text)


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:
        return False


def _parse(text: str) -> CourseFile:
    document = parse_toml(text)
    _check_format(document)
    return convert(document, CourseFile, "")


def _check_format(document: Mapping[str, Any]) -> None:
    version = document.get("format", FORMAT)
    if type(version) is not int or version < 1:
        raise CourseError(tr("format: found {found}; it must be {right}", found=found(version), right=FORMAT))
    if version > FORMAT:
        raise CourseError(
            tr("format: found {found}; this version of tui-backprop reads format {right}",
               found=found(version), right=FORMAT)
        )  # fmt: skip


def _checked(file: CourseFile, folder: Path, sandbox: Sandbox) -> CourseFolder:
    if not file.order:
        raise CourseError(tr("order: found an empty list; name at least one lesson"))
    if len(file.order) > MOST_LESSONS:
        raise CourseError(
            tr("order: found {count} lessons; a course has at most {most}",
               count=len(file.order), most=MOST_LESSONS)
        )  # fmt: skip
    if file.language and not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", file.language):
        raise CourseError(
            tr("language: found {found}; it must be a code such as ko or en", found=found(file.language))
        )
    entries: dict[str, CourseEntry] = {}
    for place, name in enumerate(file.order, 1):
        entry = _entry(name, f"order {place}", folder, sandbox)
        if entry.name in entries:
            raise CourseError(tr("{field}: {name} is named twice", field=f"order {place}", name=found(name)))
        entries[entry.name] = entry
    needs = _needs(file.needs, entries)
    _refuse_circle(needs)
    title = clean(file.title, "title") or clean(folder.resolve().name, "title")
    texts = _texts(folder, sandbox)
    return CourseFolder(
        folder,
        title,
        tuple(_with_needs(entry, needs) for entry in entries.values()),
        clean(texts.summary or file.summary, "summary"),
        clean(texts.title or title, "title"),
        file.language,
        file.solutions,
        file.draw,
        file.whole,
        sandbox,
    )


def _texts(folder: Path, sandbox: Sandbox) -> LessonTexts:
    """Return the course's title and summary in the language that is spoken: ``course.ko.toml`` beside it."""
    name = overlay_name("course", spoken())
    ours = folder.resolve() == BUILTIN_COURSE.resolve()
    place = (folder_of(spoken()) or folder) / name if ours else folder / name
    if (ours or not sandbox.confined) and not is_file(place):
        return LessonTexts()
    try:
        return parse_overlay(read_text(place, OPEN if ours else sandbox))
    except MissingFileError:
        return LessonTexts()
    except LessonError as error:
        raise CourseError(f"{name}: {error}") from None


def _with_needs(entry: CourseEntry, needs: Mapping[str, tuple[str, ...]]) -> CourseEntry:
    return CourseEntry(entry.name, entry.path, entry.builtin, needs.get(entry.name, ()))


def _entry(name: str, where: str, folder: Path, sandbox: Sandbox) -> CourseEntry:
    """Find a lesson: a built-in name, or a file of the folder, with or without its ending."""
    parts = name.split("/")
    plain = all(
        part and part[0] not in ".~-" and "\\" not in part and all(map(is_safe, part)) for part in parts
    )
    if not plain or len(name) > 200:
        raise CourseError(
            tr("{field}: found {name}; a lesson is a built-in name, or a .toml file in the course's folder",
               field=where, name=found(name, 80))
        )  # fmt: skip
    if name in BUILTIN:
        return CourseEntry(name, builtin_path(name), builtin=True)
    path = folder / (name if name.endswith(".toml") else f"{name}.toml")
    short = name.removesuffix(".toml")
    if short in BUILTIN:
        short = name  # square.toml beside the built-in square
    if sandbox.confined:
        _check_confined(path, where, sandbox)
    elif not is_file(path):
        raise CourseError(
            tr("{field}: {name} is neither a built-in lesson nor a file of the folder{hint}",
               field=where, name=found(name, 80), hint=suggest(name, BUILTIN))
        )  # fmt: skip
    elif not path.resolve().is_relative_to(folder.resolve()):
        raise CourseError(
            tr("{field}: {name} is a link that leads out of the course's folder",
               field=where, name=found(name, 80))
        )  # fmt: skip
    if path.name == FILE and len(parts) == 1:
        raise CourseError(
            tr("{field}: found {name}, which is the course itself", field=where, name=found(name, 80))
        )
    return CourseEntry(short, path)


def _is_plain(part: str) -> bool:
    """Tell whether this names something in a folder, nothing hidden, above, or with control characters."""
    return bool(part) and part[0] not in ".~-" and "\\" not in part and all(map(is_safe, part))


def _check_confined(path: Path, where: str, sandbox: Sandbox) -> None:
    try:
        sandbox.open_file(path).close()
    except LessonError as error:
        raise CourseError(f"{where}: {error}") from None
    except OSError as error:
        raise CourseError(
            tr("{field}: cannot be read: {reason}", field=where, reason=system_reason(error))
        ) from None


def _needs(
    table: Mapping[str, str | list[str]], entries: Mapping[str, CourseEntry]
) -> dict[str, tuple[str, ...]]:
    """Return what each lesson needs; refuse names that the order does not have."""

    def named(name: str, where: str) -> str:
        for spelling in (name, name.removesuffix(".toml")):
            if spelling in entries:
                return spelling
        hint = suggest(name, entries)
        raise CourseError(
            tr("{field}: {name} is not in the order{hint}", field=where, name=found(name, 80), hint=hint)
        )

    needs = {}
    for name, before in table.items():
        lesson = named(name, "needs")
        listed = [before] if isinstance(before, str) else before
        needs[lesson] = tuple(dict.fromkeys(named(one, f"needs.{lesson}") for one in listed))
    return needs


def _refuse_circle(needs: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse lessons that need each other: take away what needs nothing that is left, until nothing goes."""
    left = {name: set(before) & needs.keys() for name, before in needs.items()}
    while free := [name for name, before in left.items() if not before & left.keys()]:
        for name in free:
            del left[name]
    if not left:
        return
    name = next(iter(left))
    way: list[str] = []
    while name not in way:
        way.append(name)
        name = next(one for one in needs[name] if one in left)
    circle = " → ".join((*way[way.index(name) :], name))
    raise CourseError(
        tr("needs: {circle} is a circle, so that none of them could ever be opened", circle=circle)
    )
