"""Targets of what a program printed: text comparators, `stdio` tests, compiler messages, the texts of answers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from sandbox.answer import _clipped, _text
from sandbox.build.builder import _judge
from sandbox.build.cache import BuildCache
from sandbox.judge.comparators import Comparator, text_comparator, text_comparator_names
from sandbox.judge.stdio import StdioCheck
from sandbox.judge.syntax import may_be_syntax_error, read_check, read_compile_check
from sandbox.model.outcome import End
from sandbox.runtimes import load_runtimes
from sandbox.v1 import verdict_pb2
from tests.fuzz.laws import LIMITS, PLAN, cut, demand, ended, lawful, pick

_PRESETS = ("testlib4", "testlib6", "testlib9", "rcmp", "rncmp", "dmoj", "nemo", "sf", "cc", "execeval")
_PARAMS: Mapping[str, list[dict[str, object]]] = {
    "lines": [{}, {"trim": "strip", "ignore_blank": True}, {"trim": "none", "crlf": True}],
    "exact_trim_nl": [{}, {"crlf": True}],
    "tokens_lines": [{}, {"case_fold": True}],
    "floats": [{}, {"abs": 0.5, "nan": "equal", "layout": "lines"}, {"rel": 0.1, "inf": "text", "layout": "nonblank"}]
    + [{"preset": preset} for preset in _PRESETS],
    "yesno": [{}, {"mode": "many"}],
    "unordered": [{}, {"unit": "line"}, {"unit": "int"}, {"multiset": False}],
    "cases": [{}, {"header": "#%d", "comparator": "floats"}, {"header": "a %d a", "comparator": "line_fraction"}],
    "any_of": [{"accepted": ["1 2", "a\nb"], "comparator": "token_fraction"}],
    "line_points": [{"points": [1, 2]}, {"points": [1e-300, 1e300, 5e-324]}],
    "prefix_fraction": [{}, {"unit": "token"}],
    "lcb_tol": [{}, {"ints_exact": False, "abs": 0.0}],
}
COMPARATORS: list[tuple[str, Comparator]] = [
    (f"{name} {params}", text_comparator(name, params, allow_unsafe=True))
    for name in sorted(text_comparator_names())
    for params in _PARAMS.get(name, [{}])
]
# Of these the rules themselves refuse some texts as an answer to themselves.
_PICKY = (
    "floats",
    "cases",
    "open_r1_zip",
    "apps_legacy",
    "prime_legacy",
    "line_points",
    "ints",
    "bigint",
    "yesno",
    "unordered {'unit': 'int'}",
)
_ENDS = (End.EXIT, End.CPU, End.WALL, End.OUTPUT, End.OOM)
_FOLDER = tempfile.TemporaryDirectory(prefix="fuzz-builds-")


def text_comparators(data: bytes) -> object:
    """Number of the comparator, expected text, printed text: a lawful comparison, and one's own text is accepted."""
    number, rest = pick(data)
    expected, actual = cut(rest, 2)
    name, compare = COMPARATORS[number % len(COMPARATORS)]
    comparison = compare(actual, expected)
    demand(0.0 <= comparison.score <= 1.0, f"{name}: a score of {comparison.score}")
    demand(len(comparison.reason) <= 400 and comparison.reason.isprintable(), f"{name}: {comparison.reason!r}")
    demand((comparison.score == 1.0) == (not comparison.reason), f"{name}: {comparison}")
    if not name.startswith(_PICKY) and b"\0" not in expected:
        own = compare(expected, expected)
        demand(own.score == 1.0, f"{name} refuses the expected text itself: {own.reason}")
    return comparison


# One language whose candidates are forked from its interpreter, and one that has a command.
_TABLES = [found.table for name, found in load_runtimes().items() if name in ("python", "ruby")]


def stdio_tests(data: bytes) -> object:
    """As above, through the judge of a test with an exit code and a signal of the program's choice."""
    number, rest = pick(data)
    expected, actual, status, stderr = cut(rest, 4)
    exit_code, signal = (status[0], 0) if len(status) == 1 else (None, status[0] & 127) if status else (0, 0)
    check = StdioCheck(PLAN, LIMITS, (expected, b"1"), COMPARATORS[number % len(COMPARATORS)][1], bool(number & 128))
    said = ended(
        stdout=actual, stderr=stderr, exit_code=exit_code, signal=signal,
        stdout_size=len(actual), stderr_size=len(stderr),
    )  # fmt: skip
    for table in _TABLES:
        may_be_syntax_error(table, said)
    message = read_check(said)
    demand(len(message) <= 2000, f"a message of {len(message)} characters")
    return lawful(check.judge(said))


def compile_checks(data: bytes) -> object:
    """A compiler's message is a short text that can be sent, whatever the compiler wrote."""
    number, rest = pick(data)
    said = ended(extra=rest, end=_ENDS[number % 5], exit_code=None if number & 64 else number & 1)
    message = read_compile_check(said)
    demand(len(message) <= 2000, f"a message of {len(message)} characters")
    verdict_pb2.TestResult(detail=_text(message)).SerializeToString()
    return message


def builds(data: bytes) -> object:
    """A build is a program, or messages that can be sent and none; what is kept is read back as it was."""
    number, rest = pick(data)
    stdout, stderr, program = cut(rest, 3)
    said = ended(
        stdout=stdout, stderr=stderr, end=_ENDS[number % 5], exit_code=None if number & 64 else number >> 4 & 1,
        signal=11 if number & 64 else 0, oom=bool(number & 128), collected=(program,) if number & 8 else (None,),
    )  # fmt: skip
    built = _judge(said)
    demand(built.ok or bool(built.messages), "neither a program nor a reason")
    demand(len(built.messages) <= 40_000, f"{len(built.messages)} characters of messages")
    verdict_pb2.Build(messages=built.messages).SerializeToString()
    if built.ok:
        cache = BuildCache(Path(_FOLDER.name), 1 << 16)
        cache.put("key", built)
        kept = cache.get("key")
        demand(kept is not None and kept.program == built.program, "another program than was kept")
    return built


def answer_texts(data: bytes) -> object:
    """Output is clipped to text that can be sent, and the bytes come along where the text lost some."""
    number, output = pick(data)
    clip = number + 1
    text, raw = _clipped(output, clip)
    part = output[:clip]
    demand(raw in (b"", part), "other bytes than were printed")
    demand(bool(raw) or part.startswith(text.encode()), "a text that was not printed")
    demand(bool(raw) or len(part) - len(text.encode()) < 4, "more was lost than a split character")
    message = verdict_pb2.TestResult(stdout=text, stdout_bytes=raw, detail=_text(_with_halves(output)))
    demand(verdict_pb2.TestResult.FromString(message.SerializeToString()) == message, "a text changes on its way")
    return text, raw


def _with_halves(output: bytes) -> str:
    """The output as a text that may hold halves of surrogate pairs, as JSON strings do."""
    return (
        output.decode("utf-16-le", "surrogatepass") if len(output) % 2 == 0 else output.decode(errors="surrogateescape")
    )
