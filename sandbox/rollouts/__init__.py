"""What a training run leaves behind: a folder of JSON lines, readable without torch, without a server and for ever.

folder.py      where a run's files are, and how lines are written so that a resumed run goes on in them
record.py      one completion and what became of it: a `Rollout`
groups.py      samples of one prompt: statistics and advantages, with faults left out
estimators.py  pass@k of n samples, and intervals over problems
overview.py    a run step by step; `choice.py` which rollouts are looked at; `curve.py` the learning curve
expected.py    what the tests expect; `differences.py` why one failed
rows.py        rollouts as data sets, of `pairs.py` (DPO) and `spans.py` (rewards of characters, and of tokens)
"""

from sandbox.rollouts.estimators import bootstrap, pass_at_k
from sandbox.rollouts.folder import RunFolder
from sandbox.rollouts.record import Outcome, Rollout

__all__ = ["Outcome", "Rollout", "RunFolder", "bootstrap", "pass_at_k"]
