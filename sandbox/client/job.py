"""`Job` builds a `ScoreRequest`, a test at a time.

    job = (
        Job("print(int(input()) * 2)", scheme="fraction", limits={"cpu_time_ms": 2000})
        .stdio("2\n", "4\n", public=True)
        .stdio("21\n", "42\n", weight=2.0)
    )

Every name is the proto's own; `proto/sandbox/v1/job.proto` says what each means. What is wrong with a job is raised as
`Rejected` where it is seen: some of it here, the rest by the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.client.errors import known
from sandbox.client.fields import (
    Text,
    effect_assertion,
    fill_params,
    limits_message,
    plain_json,
    program,
    put_text,
    source_file,
)
from sandbox.v1 import job_pb2


class Job:
    """A program and its tests, ready to be sent."""

    def __init__(
        self,
        source: str = "",
        *,
        language: str = "python",
        files: Mapping[str, Text] | None = None,
        main: str = "",
        entry_point: str = "",
        argv: Sequence[str] = (),
        id: str = "",
        tests: Iterable[job_pb2.Test] = (),
        tests_ref: str = "",
        scheme: str = "",
        scheme_params: Mapping[str, object] | None = None,
        policy: str = "",
        limits: Mapping[str, int] | None = None,
        seed: int | None = None,
        stop: str = "NEVER",
        group_id: str = "",
        coalesce: bool = False,
        timeout_ms: int = 0,
        min_isolation: str = "ISOLATION_TIER_UNSPECIFIED",
        min_integrity: str = "INTEGRITY_LEVEL_UNSPECIFIED",
        feedback: str = "PUBLIC_ONLY",
        workspace: str = "",
        branch: str = "",
        ignore_exit_code: bool = False,
        output_clip_bytes: int = 0,
        allow_unsafe_comparators: bool = False,
        canaries: int = 0,
    ) -> None:
        self._request = job_pb2.ScoreRequest(
            id=id,
            program=program(source, language, files, main, entry_point, argv),
            tests=tests,
            tests_ref=tests_ref,
            policy=policy,
            seed=seed,
            stop=known("stop", stop, job_pb2.StopRule.keys()),
            group_id=group_id,
            coalesce=coalesce,
            timeout_ms=timeout_ms,
            min_isolation=known("min_isolation", min_isolation, job_pb2.IsolationTier.keys()),
            min_integrity=known("min_integrity", min_integrity, job_pb2.IntegrityLevel.keys()),
            feedback=known("feedback", feedback, job_pb2.Feedback.keys()),
            workspace=workspace,
            branch=branch,
            ignore_exit_code=ignore_exit_code,
            output_clip_bytes=output_clip_bytes,
            allow_unsafe_comparators=allow_unsafe_comparators,
            canaries=canaries,
        )
        if scheme or scheme_params:
            self._request.reward.scheme = scheme
            fill_params(self._request.reward, "reward", scheme_params)
        if limits:
            self._request.limits.CopyFrom(limits_message("limits", limits))

    @classmethod
    def from_request(cls, request: job_pb2.ScoreRequest) -> Job:
        """A job that goes on where a request stands. The request is not copied."""
        job = cls.__new__(cls)
        job._request = request
        return job

    def request(self) -> job_pb2.ScoreRequest:
        """The message that is sent. Not a copy: further tests are added to it."""
        return self._request

    def stdio(
        self,
        stdin: Text = "",
        expected_stdout: Text = "",
        *,
        accepted: Sequence[str] = (),
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
        comparator: str = "",
        **params: object,
    ) -> Job:
        """A test that feeds standard input and compares standard output. Bytes are for what is not text."""
        test = self._add(id, weight, group, public, limits).stdio
        put_text(test, "stdin", stdin)
        put_text(test, "expected_stdout", expected_stdout)
        test.accepted.extend(accepted)
        self._compare(test, comparator, params)
        return self

    def call(
        self,
        args: Sequence[object] = (),
        expected: object = None,
        *,
        kwargs: Mapping[str, object] | None = None,
        function: str = "",
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
        comparator: str = "",
        **params: object,
    ) -> Job:
        """A test that calls a function with `args` and compares what it returns; tuples, sets and bytes work, too."""
        test = self._add(id, weight, group, public, limits).call
        field = self._place("call")
        test.function = function
        test.args_json = plain_json(f"{field}.args_json", list(args))
        if kwargs:
            test.kwargs_json = plain_json(f"{field}.kwargs_json", dict(kwargs))
        test.expected_json = plain_json(f"{field}.expected_json", expected)
        self._compare(test, comparator, params)
        return self

    def asserts(
        self,
        code: str,
        *,
        setup: str = "",
        per_assert: bool = False,
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> Job:
        """A test written as Python asserts, or as `check(candidate)`."""
        test = self._add(id, weight, group, public, limits).asserts
        test.code, test.setup, test.per_assert = code, setup, per_assert
        return self

    def suite(
        self,
        files: Mapping[str, Text],
        *,
        runner: str = "",
        names: Sequence[str] = (),
        per_case: bool = False,
        fresh_process: bool = False,
        in_process: bool = False,
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> Job:
        """A tree of pytest or unittest files over the modules of the program; `names` decides which tests count."""
        test = self._add(id, weight, group, public, limits).suite
        test.files.extend(source_file(path, content) for path, content in files.items())
        test.runner, test.per_case, test.fresh_process, test.in_process = runner, per_case, fresh_process, in_process
        test.names.extend(names)
        return self

    def checker(
        self,
        source: str = "",
        stdin: Text = "",
        answer: Text = "",
        *,
        language: str = "python",
        files: Mapping[str, Text] | None = None,
        main: str = "",
        argv: Sequence[str] = (),
        protocol: str = "",
        passes: int = 0,
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> Job:
        """A test whose output a checker decides about: a program of its own, here as `source` or `files`."""
        test = self._add(id, weight, group, public, limits).checker
        test.program.CopyFrom(program(source, language, files, main, argv=argv))
        put_text(test, "stdin", stdin)
        put_text(test, "answer", answer)
        test.protocol, test.passes = protocol, passes
        return self

    def interactive(
        self,
        source: str = "",
        input: Text = "",
        answer: Text = "",
        *,
        language: str = "python",
        files: Mapping[str, Text] | None = None,
        main: str = "",
        argv: Sequence[str] = (),
        protocol: str = "",
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> Job:
        """A test in which the program talks to an interactor: a program of its own, here as `source` or `files`."""
        test = self._add(id, weight, group, public, limits).interactive
        test.interactor.CopyFrom(program(source, language, files, main, argv=argv))
        put_text(test, "input", input)
        put_text(test, "answer", answer)
        test.protocol = protocol
        return self

    def effects(
        self,
        *assertions: job_pb2.EffectAssertion | Mapping[str, object],
        stdin: Text = "",
        nothing_else: bool = False,
        databases: Sequence[str] = (),
        id: str = "",
        weight: float = 0.0,
        group: str = "",
        public: bool = False,
        limits: Mapping[str, int] | None = None,
    ) -> Job:
        """A test of what the program changes in the job's `workspace`, each assertion by the names of EffectAssertion.

        `post`, in place of `post_json`, takes a dict: `{"resource": "sqlite:shop.db#orders/*", "post": {"paid": 1}}`.
        """
        test = self._add(id, weight, group, public, limits).effects
        put_text(test, "stdin", stdin)
        for number, each in enumerate(assertions):
            test.assertions.append(effect_assertion(f"{self._place('effects')}.assertions[{number}]", each))
        test.nothing_else = nothing_else
        test.databases.extend(databases)
        return self

    def __repr__(self) -> str:
        language = self._request.program.language
        tests = self._request.tests_ref or f"{len(self._request.tests)} tests"
        return f"Job(id={self._request.id!r}, language={language!r}, {tests})"

    def _add(self, id: str, weight: float, group: str, public: bool, limits: Mapping[str, int] | None) -> job_pb2.Test:
        visibility = job_pb2.PUBLIC if public else job_pb2.HIDDEN
        test = self._request.tests.add(id=id, weight=weight, group=group, visibility=visibility)
        if limits:
            test.limits.CopyFrom(limits_message(self._place("limits"), limits))
        return test

    def _place(self, name: str) -> str:
        return f"tests[{len(self._request.tests) - 1}].{name}"

    def _compare(
        self, test: job_pb2.StdioTest | job_pb2.CallTest, comparator: str, params: Mapping[str, object]
    ) -> None:
        if comparator or params:
            test.comparator.name = comparator
            fill_params(test.comparator, self._place("comparator"), params)


# How a job is given, wherever one is asked for.
AnyJob = Job | job_pb2.ScoreRequest


def as_request(job: AnyJob) -> job_pb2.ScoreRequest:
    """The message of either form in which a job is given."""
    return job.request() if isinstance(job, Job) else job
