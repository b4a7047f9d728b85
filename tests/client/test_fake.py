import asyncio
import pickle

import pytest

from sandbox import AsyncClient, Client, FakeClient, Fault, Job, Rejected, Status, Verdict
from sandbox.v1 import verdict_pb2

pytestmark = pytest.mark.usefixtures("no_background")


def _jobs(*sources: str) -> list[Job]:
    return [Job(source, id=source).stdio("", "") for source in sources]


def test_the_script_decides_about_each_job():
    fake = FakeClient(lambda job: {"right": 1.0, "half": 0.5, "broken": None}[job.program.source])
    assert fake.rewards(_jobs("half", "broken", "right")) == [0.5, None, 1.0]
    assert [job.program.source for job in fake.jobs] == ["half", "broken", "right"]
    assert (fake.counts.verdicts, fake.counts.faults, fake.counts.fault_share) == (2, 1, 1 / 3)


def test_a_number_is_a_verdict_with_that_reward():
    verdict = FakeClient(1.0).score(_jobs("x")[0])
    assert (verdict.passed, verdict.reward, verdict.status) == (True, 1.0, Status.ACCEPTED)
    assert [test.id for test in verdict.tests] == ["0"]
    verdict = FakeClient(0.25).score(_jobs("x")[0])
    assert (verdict.passed, verdict.reward, verdict.status) == (False, 0.25, Status.WRONG_ANSWER)


@pytest.mark.parametrize("outcome", [None, Fault(kind="STARVED", message="no CPU")], ids=["none", "fault"])
def test_a_fault_is_none_and_never_zero(outcome):
    fake = FakeClient(outcome)
    (job,) = _jobs("x")
    assert fake.score(job) is None
    assert fake.rewards([job]) == [None]
    assert fake.answer(job).WhichOneof("outcome") == "fault"


@pytest.mark.parametrize("reward", [None, float("nan"), float("inf")])
def test_a_verdict_without_a_finite_reward_has_none(reward):
    assert FakeClient(Verdict(passed=True, reward=reward)).rewards(_jobs("x")) == [None]


def test_a_rejection_is_raised_by_score_and_rewards_and_is_an_answer_elsewhere():
    def script(job):
        if job.program.source == "bad":
            raise Rejected("program.language", "'x' is not known", "did you mean 'c'?")
        return 1.0

    fake = FakeClient(script)
    good, bad = _jobs("good", "bad")
    with pytest.raises(Rejected, match="did you mean 'c'"):
        fake.score(bad)
    with pytest.raises(Rejected, match=r"^job 1 \(bad\): program\.language"):
        fake.rewards([good, bad])
    assert fake.answer(bad).rejected.field == "program.language"
    assert [answer.WhichOneof("outcome") for _, answer in fake.score_many([good, bad])] == ["verdict", "rejected"]


def test_a_whole_answer_gets_the_jobs_own_id():
    answer = verdict_pb2.ScoreResponse(id="script", verdict=Verdict(reward=0.5))
    assert FakeClient(answer).answer(_jobs("mine")[0]).id == "mine"
    assert answer.id == "script"


def test_what_else_the_script_raises_is_the_tests_own_failure():
    with pytest.raises(ZeroDivisionError):
        FakeClient(lambda job: 1 / 0).rewards(_jobs("x"))


def test_the_fake_stands_in_for_either_client():
    fake = FakeClient(0.5)
    assert isinstance(fake, Client)
    assert isinstance(fake.as_async(), AsyncClient)
    with fake as client:
        assert client.describe().version == "fake"


def _half_for_all(job):
    return 0.5


def test_a_fake_is_pickled_as_its_script():
    copy = pickle.loads(pickle.dumps(FakeClient(_half_for_all)))
    assert copy.rewards(_jobs("x")) == [0.5]
    assert len(copy.jobs) == 1


async def test_the_asynchronous_twin_shares_script_and_record():
    fake = FakeClient(lambda job: float(job.program.source))

    async def jobs():
        for job in _jobs("0.5", "1"):
            yield job

    async with fake.as_async() as client:
        assert await client.rewards(jobs()) == [0.5, 1.0]
        assert (await client.score(_jobs("0.25")[0])).reward == 0.25
        ref = await client.put_suite(_jobs("x")[0].request().tests)
        assert client.with_suite(_jobs("x")[0]).request().tests_ref == ref
    assert len(fake.jobs) == 3
    assert await asyncio.to_thread(fake.rewards, _jobs("1")) == [1.0]
