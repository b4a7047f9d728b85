"""A program's files as a request gives them, for candidates and for programs of the judge's side. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from sandbox.errors import JobError, nearest
from sandbox.model.plan import File
from sandbox.runtimes import Runtime
from sandbox.v1 import job_pb2

MAX_FILES = 10_000
_MAX_PART = 255


def program_files(
    program: job_pb2.Program, runtime: Runtime, field: str = "program", *, needs_main: bool = True
) -> tuple[tuple[File, ...], str]:
    """The program's files and the one to run. One file of `source` takes the runtime's own name for it.

    Raises JobError; `field` is where the program stands in the request. A tree that is only imported has no main file.
    """
    if program.source and program.files:
        raise JobError(field, "both source and files are given", "give one of them")
    main = program.main or _main(program, runtime)
    if not program.files:
        _check_path(f"{field}.main", main)
        return (File(main, program.source.encode("utf-8", "surrogatepass")),), main
    files = tree(program.files, f"{field}.files")
    seen = {file.path for file in files}
    if main not in seen and (needs_main or program.main):
        raise JobError(f"{field}.main", f"{main!r} is not among the files", nearest(main, seen))
    return files, main


def _main(program: job_pb2.Program, runtime: Runtime) -> str:
    """The name of a main file that the request does not name."""
    pattern, usual = runtime.table.named_after, runtime.table.main
    found = _compiled(pattern).search(program.source) if pattern and not program.files else None
    return f"{found[1]}{PurePosixPath(usual).suffix}" if found is not None else usual


@lru_cache(maxsize=32)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def tree(given: Sequence[job_pb2.SourceFile], field: str) -> tuple[File, ...]:
    """A tree of files, with every path checked. Raises JobError."""
    if len(given) > MAX_FILES:
        raise JobError(field, f"{len(given)} files, at most {MAX_FILES} are taken")
    files: list[File] = []
    seen: set[str] = set()
    for number, file in enumerate(given):
        place = f"{field}[{number}].path"
        _check_path(place, file.path)
        if file.path in seen:
            raise JobError(place, f"{file.path!r} is given twice")
        seen.add(file.path)
        data = file.data if file.WhichOneof("content") == "data" else file.text.encode("utf-8", "surrogatepass")
        files.append(File(file.path, data, file.executable))
    for path in seen:
        inside = next((other for other in seen if other.startswith(path + "/")), None)
        if inside:
            raise JobError(field, f"{path!r} is a file, and {inside!r} needs it to be a folder")
    return tuple(files)


def _check_path(field: str, path: str) -> None:
    parts = path.split("/")
    bad = next((part for part in parts if part in ("", ".", "..") or len(part.encode()) > _MAX_PART), None)
    if bad is not None or not path.isprintable() or len(path) > 4000:
        raise JobError(field, f"{path[:100]!r} is not a relative path of plain names", 'write it like "pkg/module.py"')
