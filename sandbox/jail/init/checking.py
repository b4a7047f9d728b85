"""Runs a checker that is a function: `check(input, output, answer)`, with three texts, and claims what it returned."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver, plain

# What a message may hold; a checker may well quote the whole output.
_MESSAGE = 2000


def check(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Loads `main` as a module, calls its function with the job's files, claims the result, and ends the process."""
    with open(places["extra"], "rb") as file:
        job = json.loads(file.read())

    def perform() -> None:
        texts = [_text(path) for path in job["files"]]
        driver.seed(seed)
        namespace = driver.load(main)
        driver.write_line(places["claims"], _claim(namespace, job["function"], texts))

    driver.finish(perform)


def _text(path: str) -> str:
    """A file as text, every byte of it: what is not UTF-8 comes as lone surrogates, which `surrogateescape` undoes."""
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def _claim(namespace: "dict[str, Any]", function: str, texts: "list[str]") -> str:
    try:
        value = driver.find(namespace, function)(*texts)
        if type(value) is tuple and len(value) == 2 and isinstance(value[1], str):
            value = (value[0], value[1][:_MESSAGE])
        return "V " + plain.encode(value)
    except BaseException as error:
        driver.show(error)
        return driver.raised(error)
