"""What came of every attack: at the weak grader that it was made for, and here."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.v1 import verdict_pb2
from tests.attacks.attack import Attack

_HEAD = ("entry", "attack", "language", "weak grader", "it pays", "here", "score", "alarms")


@dataclass
class Row:
    """One attack. None: not tried in this run."""

    attack: Attack
    weak_pays: bool | None = None
    here: str = "-"
    score: float | None = None
    alarms: str = ""

    @property
    def paid(self) -> bool:
        """Whether this server gave more than it may."""
        return self.score is not None and self.score > self.attack.highest

    def cells(self) -> tuple[str, ...]:
        pays = {True: "yes", False: "NO", None: "-"}[self.weak_pays]
        score = "-" if self.score is None else f"{self.score:g}" + (" PAID" if self.paid else "")
        name = self.attack.name[4:]
        return (
            str(self.attack.number),
            name,
            self.attack.language,
            self.attack.weak,
            pays,
            self.here,
            score,
            self.alarms,
        )


@dataclass
class Scoreboard:
    """The rows of one run, by the attack's name."""

    rows: dict[str, Row] = field(default_factory=dict)

    def weak(self, attack: Attack, pays: bool) -> None:
        """Notes what the weak grader did."""
        self._row(attack).weak_pays = pays

    def here(self, attack: Attack, answer: verdict_pb2.ScoreResponse) -> None:
        """Notes what this server answered."""
        row = self._row(attack)
        match answer.WhichOneof("outcome"):
            case "verdict":
                row.here = verdict_pb2.Status.Name(answer.verdict.status)
                row.score = answer.verdict.reward
                row.alarms = " ".join(sorted(answer.verdict.integrity.alarms))
            case "fault":
                row.here = f"fault {verdict_pb2.FaultKind.Name(answer.fault.kind)}"
            case _:
                row.here = f"waits for {attack.pending}" if attack.pending else "rejected"

    def text(self) -> str:
        """The table, and the totals."""
        rows = [row for _, row in sorted(self.rows.items())]
        table = [_HEAD, *(row.cells() for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        judged = [row for row in rows if row.score is not None]
        totals = (
            f"{len(rows)} attacks on {len({row.attack.number for row in rows})} entries: "
            f"weak graders paid {sum(row.weak_pays is True for row in rows)}, "
            f"this server judged {len(judged)} and paid {sum(row.paid for row in judged)}, "
            f"{sum(row.here.startswith('fault') for row in rows)} ended in a fault, "
            f"{sum(row.here.startswith('waits') for row in rows)} wait for a kind of test"
        )
        return "\n".join([*lines, "", totals])

    def _row(self, attack: Attack) -> Row:
        return self.rows.setdefault(attack.name, Row(attack))


BOARD = Scoreboard()
