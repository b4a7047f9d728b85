"""The reference trainer (extra `[train]`): TRL's GRPOTrainer over a reward server. Read it in this order:

run.py         what is put together, and what happens when
config.py      what can be set
tasks.py       prompts, tests and what is held out; `family.py` is the tiny one, `admit.py` asks who may come in
reward.py      the reward function: grading in the background, None for faults
rollout.py     the rollout hook: generation and grading side by side, and self-repair
evaluate.py    held-out pass@k
callbacks.py   metrics, evaluations, checkpoints; `curriculum.py` draws the tasks of a batch
models.py      models by path; `tiny.py` makes one
"""

import os

# Threads of torch that wait for each other leave the core to what else runs on it: a reward server, perhaps. And
# nothing is looked for on a model hub unless the caller says so; and TRL's version is pinned, so that its notice that
# the rollout hook may change says nothing.
for _name, _value in {
    "OMP_WAIT_POLICY": "passive",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRL_EXPERIMENTAL_SILENCE": "1",
}.items():
    os.environ.setdefault(_name, _value)
