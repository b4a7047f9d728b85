"""Two processes that ask each other, a question at a time: whoever waits for an answer answers questions meanwhile.

A frame is a letter and JSON: Q a question, V an answer, R an exception in place of an answer. Questions nest, so
answers come in the reverse order of what they answer, and no frame needs a number.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

from . import frames

# Callbacks inside callbacks; far beyond what tests do, and far from the end of the stack.
_DEEPEST = 64


class Gone(BaseException):
    """The other process ended, or speaks nonsense. No Exception: no `except` of a test may take it for an answer."""


class Peer:
    """This process's end. `answer` makes the frame that answers a question; it must not raise for what it is asked."""

    def __init__(self, channel: int, answer: "Callable[[dict[str, Any]], str]") -> None:
        self._channel = channel
        self._answer = answer
        self._depth = 0
        # Remembered: test code may swallow the exception that says so.
        self.gone = False

    def ask(self, question: "dict[str, Any]") -> str:
        """The frame that answers. Raises Gone."""
        self._send("Q" + json.dumps(question))
        while True:
            frame = self._receive()
            if not frame.startswith("Q"):
                return frame
            self._send(self._reply(frame))

    def wait(self) -> None:
        """Answers questions until the other side is gone."""
        try:
            while True:
                self._send(self._reply(self._receive()))
        except Gone:
            return

    def say(self, frame: str) -> None:
        """One frame that nobody asked for: the first one says whether there is anything to ask."""
        self._send(frame)

    def hear(self) -> str:
        """The frame that the other side said. Raises Gone."""
        return self._receive()

    def _reply(self, frame: str) -> str:
        if self._depth >= _DEEPEST:
            return 'R["RecursionError", "calls between test and program are nested too deeply", [], -1]'
        try:
            question = json.loads(frame[1:]) if frame.startswith("Q") else None
        except (ValueError, RecursionError):
            question = None
        if type(question) is not dict:
            raise self._lost()
        self._depth += 1
        try:
            return self._answer(question)
        finally:
            self._depth -= 1

    def _send(self, frame: str) -> None:
        if self.gone:
            raise Gone
        try:
            frames.send(self._channel, frame)
        except OSError:
            raise self._lost() from None

    def _receive(self) -> str:
        frame = frames.receive(self._channel)
        if frame is None or not frame:
            raise self._lost()
        return frame

    def _lost(self) -> Gone:
        self.gone = True
        return Gone()
