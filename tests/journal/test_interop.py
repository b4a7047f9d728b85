"""Someone else's verifier, Go's golang.org/x/mod/sumdb, accepts our checkpoints and proofs, and nothing untrue."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.journal.canonical import encode
from sandbox.journal.journal import Entry, Journal

pytestmark = pytest.mark.campaign

PROGRAM = Path(__file__).parent / "interop" / "main.go"
# Where Debian's golang-golang-x-mod-dev lies.
GOPATH = Path("/usr/share/gocode")
Claim = dict[str, Any]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/note").exists():
        pytest.skip("needs Debian's golang-go and golang-golang-x-mod-dev: make journal-interop installs them")
    folder = tmp_path_factory.mktemp("go")
    env = os.environ | {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    subprocess.run([go, "build", "-o", str(folder / "verifier"), str(PROGRAM)], check=True, env=env, cwd=folder)
    return folder / "verifier"


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> list[Claim]:
    """Checkpoints at sizes around those where trees and tiles change shape, with proofs from each to each later one."""
    found: list[Claim] = []
    signed: list[tuple[int, str]] = []
    with Journal(tmp_path_factory.mktemp("interop") / "journal", origin="example.org/journal") as journal:
        for size in (1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 700):
            journal.append_many([Entry("clr", {"n": n, "é": 2**60}, "a") for n in range(journal.size, size)])
            note = journal.checkpoint()
            records = [encode(record) for record in journal.records()]
            signed.append((size, note))
            for old, before in signed:
                found.extend(
                    {
                        "VKey": journal.vkey,
                        "Old": before,
                        "New": note,
                        "Seq": seq,
                        "Record": coded(records[seq]),
                        "Inclusion": [coded(each) for each in journal.inclusion(seq)],
                        "Consistency": [coded(each) for each in journal.consistency(old)],
                    }
                    for seq in {0, old - 1, size // 2, size - 1}
                )
    return found


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def ask(verifier: Path, claims: list[Claim]) -> list[str]:
    text = "\n".join(json.dumps(claim) for claim in claims)
    return subprocess.run([verifier], input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def test_every_checkpoint_and_proof_of_ours_is_accepted(verifier: Path, claims: list[Claim]) -> None:
    answers = ask(verifier, claims)
    assert len(answers) == len(claims) > 100
    assert set(answers) == {"ok"}


def test_what_is_not_so_is_refused(verifier: Path, claims: list[Claim]) -> None:
    good = claims[-1]
    wrong = {
        "old checkpoint": good | {"Old": good["Old"].replace("example.org", "example.com")},
        "new checkpoint": good | {"New": good["New"].replace("\n700\n", "\n701\n")},
        "inclusion": good | {"Record": coded(b"{}")},
        "consistency": next(c for c in claims if c["Consistency"]) | {"Consistency": [coded(bytes(32))]},
    }
    answers = ask(verifier, [*wrong.values()])
    assert [answer.partition(":")[0] for answer in answers] == [*wrong]
