"""The program in what a model wrote. Pure; what a model writes is hostile, so every step is linear in its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_FENCE = "```"
_THOUGHT = "</think>"
_ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "</s>")


def program_in(text: str) -> str:
    """The last fenced block that closes, or the last that does not; without any, the whole text.

    What stands before the end of a chain of thought does not count, and end-of-text tokens are cut off.
    """
    start, end = program_place(text)
    return text[start:end]


def program_place(text: str) -> tuple[int, int]:
    """Where the program stands: the place of its first character, and the place after its last one."""
    answer = text.rpartition(_THOUGHT)[2]
    start = len(text) - len(answer)
    stripped = answer.rstrip()
    while ending := next((end for end in _ENDS if stripped.endswith(end)), ""):
        answer = stripped.removesuffix(ending)
        stripped = answer.rstrip()
    parts = answer.split(_FENCE)
    if len(parts) == 1:
        return start, start + len(answer)
    # Odd parts are inside of fences; the last one is open where their number is even.
    number = len(parts) - 2 if len(parts) % 2 else len(parts) - 1
    start += sum(len(part) + len(_FENCE) for part in parts[:number])
    end = start + len(parts[number])
    first, newline, _ = parts[number].partition("\n")
    return (start + len(first) + 1 if newline and " " not in first.strip() else start), end


def text_of(completion: object) -> str:
    """A completion as text: itself, or what the assistant said last in a list of messages."""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, Mapping):
        return text_of(completion.get("content", ""))
    if isinstance(completion, Sequence):
        messages = [each for each in completion if isinstance(each, Mapping)]
        if any("role" in each for each in messages):
            said = [each for each in messages if each.get("role") == "assistant"]
            return text_of(said[-1]) if said else ""
        return "".join(str(each.get("text", "")) for each in messages)
    return ""
