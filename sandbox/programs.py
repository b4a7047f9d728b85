"""A program's files as a request gives them, for candidates and for programs of the judge's side. Pure."""

from __future__ import annotations

from sandbox.errors import JobError, nearest
from sandbox.model.plan import File
from sandbox.runtimes import Runtime
from sandbox.v1 import job_pb2

MAX_FILES = 10_000
_MAX_PART = 255


def program_files(program: job_pb2.Program, runtime: Runtime, field: str = "program") -> tuple[tuple[File, ...], str]:
    """The program's files and the one to run. One file of `source` takes the runtime's own name for it.

    Raises JobError; `field` is where the program stands in the request.
    """
    if program.source and program.files:
        raise JobError(field, "both source and files are given", "give one of them")
    main = program.main or runtime.table.main
    if not program.files:
        _check_path(f"{field}.main", main)
        return (File(main, program.source.encode("utf-8", "surrogatepass")),), main
    if len(program.files) > MAX_FILES:
        raise JobError(f"{field}.files", f"{len(program.files)} files, at most {MAX_FILES} are taken")
    files, seen = [], set()
    for number, file in enumerate(program.files):
        place = f"{field}.files[{number}].path"
        _check_path(place, file.path)
        if file.path in seen:
            raise JobError(place, f"{file.path!r} is given twice")
        seen.add(file.path)
        data = file.data if file.WhichOneof("content") == "data" else file.text.encode("utf-8", "surrogatepass")
        files.append(File(file.path, data, file.executable))
    for path in seen:
        inside = next((other for other in seen if other.startswith(path + "/")), None)
        if inside:
            raise JobError(f"{field}.files", f"{path!r} is a file, and {inside!r} needs it to be a folder")
    if main not in seen:
        raise JobError(f"{field}.main", f"{main!r} is not among the files", nearest(main, seen))
    return tuple(files), main


def _check_path(field: str, path: str) -> None:
    parts = path.split("/")
    bad = next((part for part in parts if part in ("", ".", "..") or len(part.encode()) > _MAX_PART), None)
    if bad is not None or not path.isprintable() or len(path) > 4000:
        raise JobError(field, f"{path[:100]!r} is not a relative path of plain names", 'write it like "pkg/module.py"')
