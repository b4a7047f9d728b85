"""Configuration files."""

from __future__ import annotations

import pytest

from sandbox.errors import ConfigError
from sandbox.train.config import read_config
from tests.contract.package import CHECKOUT


@pytest.mark.parametrize("path", sorted((CHECKOUT / "examples").glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_read(path):
    assert read_config(path).grpo["max_steps"] > 0


def test_an_unknown_key_is_told_with_its_line_and_the_nearest(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("seed = 1\n\n[eval]\nsample = 4\n")
    with pytest.raises(ConfigError, match=r"x.toml:4: unknown key 'eval.sample'") as caught:
        read_config(path)
    assert "samples" in caught.value.fix


def test_a_value_that_is_none_is_told_with_its_line(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("[rollout]\nturns = 0\n")
    with pytest.raises(ConfigError, match=r"x.toml:2: rollout.turns"):
        read_config(path)


def test_a_k_that_the_samples_cannot_tell_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("[eval]\nsamples = 4\n")
    with pytest.raises(ConfigError, match=r"there are 4 samples"):
        read_config(path)


def test_keys_are_set_over_the_file_and_a_server_that_is_named_wins(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('seed = 1\n[reward]\nservers = ["a:1"]\n')
    config = read_config(path, [("seed", 5), ("grpo.loss_type", "dr_grpo")], ["b:2", "c:3"])
    assert (config.seed, config.grpo, config.reward.servers) == (5, {"loss_type": "dr_grpo"}, ("b:2", "c:3"))


def test_a_key_below_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("seed = 1\n")
    with pytest.raises(ConfigError, match="'seed' is no table"):
        read_config(path, [("seed.x", 1)])
