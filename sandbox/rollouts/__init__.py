"""What a training run leaves behind: a folder of JSON lines, readable without torch, without a server and for ever.

estimators.py    pass@k of n samples, and intervals over problems
folder.py        where a run's files are, and how lines are written so that a resumed run goes on in them
record.py        one completion and what became of it: a `Rollout`
"""

from sandbox.rollouts.estimators import bootstrap, pass_at_k
from sandbox.rollouts.folder import RunFolder
from sandbox.rollouts.record import Outcome, Rollout

__all__ = ["Outcome", "Rollout", "RunFolder", "bootstrap", "pass_at_k"]
