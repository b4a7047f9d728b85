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
    text = text.rpartition(_THOUGHT)[2]
    stripped = text.rstrip()
    while ending := next((end for end in _ENDS if stripped.endswith(end)), ""):
        text = stripped.removesuffix(ending)
        stripped = text.rstrip()
    parts = text.split(_FENCE)
    if len(parts) == 1:
        return text
    # Odd parts are inside of fences; the last one is open where their number is even.
    block = parts[len(parts) - 2 if len(parts) % 2 else len(parts) - 1]
    first, newline, rest = block.partition("\n")
    return rest if newline and " " not in first.strip() else block


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
