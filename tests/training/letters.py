"""A model of a few thousand numbers over single letters, for tests of arithmetic."""

from __future__ import annotations

from typing import Any


def tokenizer() -> Any:
    """Letters as tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = {chr(number): number for number in range(32, 127)} | {"<pad>": 0, "<end>": 1, "<unk>": 2}
    raw = Tokenizer(models.WordLevel(letters, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="<end>", unk_token="<unk>", padding_side="left"
    )


def model_config() -> Any:
    """One layer of Qwen2."""
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=128,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=64,
        pad_token_id=0,
        eos_token_id=1,
    )
