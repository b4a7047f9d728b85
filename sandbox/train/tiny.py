"""A model small enough to be made on the spot: 0.84 million numbers, taught by a teacher who is often wrong.

It shows that the loop learns, and that what it learns holds for tasks it never saw; not that the model can code.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed

from sandbox.train.family import Member, members, sloppy
from sandbox.train.tasks import place_of

_STEPS, _BATCH, _RATE, _NOISE = 600, 32, 4e-3, 0.25
_PAD, _END = "<|pad|>", "<|endoftext|>"
# A new number here makes caches of other recipes useless, as it should.
RECIPE = 1


def build(folder: Path, share: float, seed: int) -> None:
    """Makes and saves the model and its tokenizer, of members that are not held out. About a minute."""
    set_seed(seed)
    rng = random.Random(seed)
    shown = [member for member in members() if place_of(member.id) >= share]
    tokenizer = _tokenizer(shown)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=384,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=256,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=None,
        )
    )
    _teach(model, tokenizer, shown, rng)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer(shown: list[Member]) -> Any:
    """Byte-level BPE of the family's own text; every digit is a token."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=407, special_tokens=[_PAD, _END], initial_alphabet=alphabet)
    raw.train_from_iterator((member.prompt + member.body for member in shown), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=raw, pad_token=_PAD, eos_token=_END, padding_side="left")


def _teach(model: Any, tokenizer: Any, shown: list[Member], rng: random.Random) -> None:
    """Supervised, on the teacher's bodies; AdamW with one cycle of the rate."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=_RATE, total_steps=_STEPS)
    for _ in range(_STEPS):
        ids, labels = _batch(tokenizer, [(m.prompt, sloppy(m, _NOISE, rng)) for m in rng.choices(shown, k=_BATCH)])
        loss = model(input_ids=ids, attention_mask=(ids != tokenizer.pad_token_id).long(), labels=labels).loss
        assert math.isfinite(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)


def _batch(tokenizer: Any, pairs: list[tuple[str, str]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens and labels, padded at the end; the prompt is no label."""
    ids, labels = [], []
    for prompt, text in pairs:
        head = tokenizer(prompt)["input_ids"]
        tail = [*tokenizer(text)["input_ids"], tokenizer.eos_token_id]
        ids.append(head + tail)
        labels.append([-100] * len(head) + tail)
    width = max(map(len, ids))
    padded = [each + [tokenizer.pad_token_id] * (width - len(each)) for each in ids]
    targets = [each + [-100] * (width - len(each)) for each in labels]
    return torch.tensor(padded), torch.tensor(targets)
