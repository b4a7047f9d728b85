"""What a trainer may show its model: the program's own build, and the public tests. Of hidden tests, nothing at all.

Not even the verdict's status or reward: they are made of the hidden tests, too. The answer says which tests are public,
and holds details of hidden ones when the request asked for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.v1 import job_pb2, verdict_pb2

_CLIP = 2000
_NOT_JUDGED = "The program was not judged."


def feedback(answer: verdict_pb2.ScoreResponse, tests: Iterable[job_pb2.Test] | None) -> str:
    """The text for one answer. `tests` are the job's own, in its order: with them, a test's input is told, too."""
    if answer.WhichOneof("outcome") != "verdict":
        return _NOT_JUDGED
    verdict = answer.verdict
    if verdict.HasField("build") and not verdict.build.ok:
        return _part("The program does not compile.", verdict.build.messages)
    shown = _public(verdict.tests, tests)
    if verdict.status == verdict_pb2.COMPILE_ERROR:
        # Every test ended so, for a reason that is the program's; a public one may know more.
        detail = next((result.stderr or result.detail for result, _ in shown), "")
        return _part("The program does not compile.", detail)
    passed = sum(result.status == verdict_pb2.ACCEPTED for result, _ in shown)
    summary = f"{passed} of {len(shown)} public tests passed." if shown else "There are no public tests."
    return "\n\n".join([summary, *(_about(result, test) for result, test in shown)])


def _public(
    results: Sequence[verdict_pb2.TestResult], tests: Iterable[job_pb2.Test] | None
) -> list[tuple[verdict_pb2.TestResult, job_pb2.Test]]:
    """The results of public tests, each with its test; with an empty one where `tests` are not this answer's."""
    scheduled = list(tests or ())
    if [test.id or str(number) for number, test in enumerate(scheduled)] != [result.id for result in results]:
        scheduled = [job_pb2.Test(visibility=result.visibility) for result in results]
    pairs = zip(results, scheduled, strict=True)
    return [(result, test) for result, test in pairs if job_pb2.PUBLIC == result.visibility == test.visibility]


def _about(result: verdict_pb2.TestResult, test: job_pb2.Test) -> str:
    title = f"Test {result.id}: {verdict_pb2.Status.Name(result.status)}"
    if result.status in (verdict_pb2.ACCEPTED, verdict_pb2.SKIPPED):
        return title
    parts = [_part(title, result.detail), *_task(test)]
    if result.stdout:
        parts.append(_part("Its output:", result.stdout))
    if result.stderr:
        parts.append(_part("Its error output:", result.stderr, last=True))
    return "\n".join(parts)


def _task(test: job_pb2.Test) -> list[str]:
    """What a public test asks for."""
    kind = test.WhichOneof("kind")
    if kind == "stdio":
        stdio = test.stdio
        expected = stdio.expected_stdout or stdio.expected_stdout_bytes.decode(errors="replace")
        given = stdio.stdin or stdio.stdin_bytes.decode(errors="replace")
        return [_part("Its input:", given), *([] if test.observe else [_part("The expected output:", expected)])]
    if kind == "call":
        call = test.call
        keywords = f" and {call.kwargs_json}" if call.kwargs_json else ""
        arguments = f"{call.args_json or '[]'}{keywords}"
        value = [] if test.observe else [_part("The expected value:", call.expected_json)]
        return [_part("Its arguments:", arguments), *value]
    if kind == "checker":
        given = test.checker.stdin or test.checker.stdin_bytes.decode(errors="replace")
        return [_part("Its input:", given)]
    return [_part("Its code:", test.asserts.code)] if kind == "asserts" else []


def _part(title: str, text: str, *, last: bool = False) -> str:
    """A title and a text, cut where it is long; of error output the last lines say most."""
    text = text.rstrip("\n")
    if len(text) > _CLIP:
        text = f"…{text[-_CLIP:]}" if last else f"{text[:_CLIP]}…"
    return f"{title}\n{text}" if text else title
