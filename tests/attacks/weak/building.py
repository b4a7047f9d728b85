"""Programs of attacks as commands: a file for the interpreter, or a binary that is built first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.attacks.attack import Attack
from tests.attacks.weak.running import run, work_folder

_COMPILERS = {"c": ["gcc", "-std=gnu17"], "cpp": ["g++", "-std=gnu++17"]}


@contextmanager
def ready(attack: Attack) -> Iterator[tuple[list[str], Path]]:
    """The command of the program, and the folder to run it in. No command where it does not compile.

    With the option `tests`, a main function in the program's language, that one runs in place of the program's own.
    """
    with work_folder(attack) as folder:
        if attack.language == "python":
            yield [sys.executable, "main.py"], folder
            return
        sources = [attack.main]
        flags: list[str] = []
        if "tests" in attack.options:
            flags = ["-Dmain=program_main"]
            tests = f"tests{Path(attack.main).suffix}"
            (folder / tests).write_text("#undef main\n" + attack.options["tests"])
            sources.append(tests)
        built = run([*_COMPILERS[attack.language], *flags, "-o", "program", *sources, "-lm"], folder)
        yield (["./program"] if built.code == 0 else []), folder
