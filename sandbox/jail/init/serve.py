"""The candidate's side of a split test: loads the program and answers calls, plain values only.

Frames in: `{"name": "f", "args": ..., "kwargs": ...}`. Frames out: the claims of `driver`, first one for the loading.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

from . import driver, frames, plain


def serve(main: str, places: "dict[str, int]", seed: "int | None") -> None:
    """Answers until the test's side hangs up, then ends the process."""
    channel = places["channel"]
    driver.seed(seed)

    def perform() -> None:
        try:
            namespace = driver.load(main)
        except BaseException as error:
            frames.send(channel, driver.raised(error))
            raise
        frames.send(channel, "V null")
        while True:
            frame = frames.receive(channel)
            if frame is None:
                return
            frames.send(channel, _answer(namespace, json.loads(frame)))

    driver.finish(perform)


def _answer(namespace: "dict[str, Any]", call: "dict[str, str]") -> str:
    try:
        function = driver.find(namespace, call["name"])
        return "V " + plain.encode(function(*plain.decode(call["args"]), **plain.decode(call["kwargs"])))
    except BaseException as error:
        driver.show(error)
        return driver.raised(error)
