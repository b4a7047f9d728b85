"""HumanEval-X: every canonical solution passes its own tests, but for those that no compiler here takes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.catalog import Catalog
from sandbox.commands import fill
from sandbox.model.limits import Limits
from sandbox.runtimes import Runtime
from sandbox.v1 import reward_pb2, reward_pb2_grpc, verdict_pb2
from tests.languages.humaneval_x import DATA, LANGUAGES, Problem, problems

pytestmark = [pytest.mark.languages, pytest.mark.campaign]
Stub = reward_pb2_grpc.RewardServiceStub
# `console.assert` only prints, so that two wrong ones go unnoticed in Node; the third needs a module.
FAIL_IN_NODE = {"JavaScript/112", "JavaScript/155", "JavaScript/162"}


def fails_bare(problem: Problem, runtime: Runtime, folder: Path) -> bool:
    """Whether the same command without a jail refuses the program, too."""
    build = runtime.table.build
    if build is None:
        return problem.id in FAIL_IN_NODE
    Path(folder, runtime.table.main).write_text(problem.source)
    output = str(folder / "program")
    command = fill(build.command, runtime.table.main, Limits(*[1 << 30] * 9), (), output)
    ended = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return ended.returncode != 0 or subprocess.run([output], capture_output=True, check=False).returncode != 0


@pytest.mark.skipif(not DATA.is_dir(), reason="HUMANEVAL_X names no folder with the data set")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_canonical_solution_passes(language: str, offered: list[str], polyglot: Stub, tmp_path: Path) -> None:
    if language not in offered:
        pytest.skip(f"{language} is not installed: sandbox runtimes install {language}")
    found = problems(language)

    def requests() -> Iterator[reward_pb2.StreamRequest]:
        for problem in found:
            yield reward_pb2.StreamRequest(score=problem.request)

    failed = {}
    for answer in polyglot.ScoreStream(requests()):
        test = answer.verdict.tests[0] if answer.HasField("verdict") else None
        ended = test is not None and answer.verdict.status in (verdict_pb2.ACCEPTED, verdict_pb2.WRONG_ANSWER)
        # What a solution prints is nobody's business; how it ends decides.
        if not ended or test.exit_code != 0:
            why = answer.verdict.build.messages or (test.detail + test.stderr if test else str(answer))
            failed[answer.id] = f"{verdict_pb2.Status.Name(answer.verdict.status)}: {why[:600]}"
    runtime = Catalog().runtime(language)
    ours = {each.id for each in found if each.id in failed and not fails_bare(each, runtime, tmp_path)}
    assert {name: failed[name] for name in ours} == {}
    print(f"{language}: {len(found) - len(failed)} of {len(found)}; with the bare compiler, too: {sorted(failed)}")
