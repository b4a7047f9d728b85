"""Rules that do not hold are refused when they are loaded, by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.datafiles import folder
from sandbox.effects.globs import of_url
from sandbox.effects.http.messages import Call, parse_url
from sandbox.effects.http.rules import Refusal, load_rules
from sandbox.errors import ConfigError

GOOD = """name = "r"
description = "d"

[hosts.shop]
host = "*.shop.test"

[calls.read]
host = "shop"
methods = ["GET"]
paths = ["/a/*", "/b/**"]
"""

BAD = {
    ('host = "*.shop.test"', 'host = "*.shop.test"\nprivate = true'): "r.toml:6: unknown key 'hosts.shop.private'",
    ('host = "*.shop.test"', 'host = "a/b"'): "r.toml:5: hosts.shop.host",
    ('methods = ["GET"]', 'methods = ["get"]'): "r.toml:9: calls.read.methods",
    ('methods = ["GET"]', 'methods = ["TRACE"]'): "r.toml:9: calls.read.methods",
    ('paths = ["/a/*", "/b/**"]', 'paths = ["a"]'): "r.toml:10: calls.read.paths",
    ('methods = ["GET"]', "methods = []"): "r.toml:9: calls.read.methods",
    ('paths = ["/a/*", "/b/**"]', "paths = []"): "r.toml:10: calls.read.paths",
    ('methods = ["GET"]', 'methods = ["GET"]\nclass = "fine"'): "r.toml:10: calls.read.class",
    ('[calls.read]\nhost = "shop"', '[calls.read]\nhost = "shp"'): "r.toml: calls.read: unknown host 'shp'",
    ('name = "r"', 'name = "other"'): "r.toml: name is 'other'",
    ('host = "*.shop.test"', 'host = "*.shop.test"\nca = "none.pem"'): "r.toml: hosts.shop: ca 'none.pem'",
    ('host = "*.shop.test"', 'host = "*.shop.test"\nopenapi = "none.yaml"'): "r.toml: hosts.shop: openapi 'none.yaml'",
    ('methods = ["GET"]', 'methods = ["GET"]\ninverse = { method = "POST" }'): "r.toml:10: calls.read.inverse",
    ('methods = ["GET"]', 'methods = ["GET"]\ncaller_inverse = true'): "canary",
    ("[hosts.shop]", "[limits]\nrequests = 0\n[hosts.shop]"): "r.toml:5: limits.requests",
    ("[hosts.shop]", "[hosts.shop"): "r.toml: ",
}


def load(tmp_path: Path, text: str):
    (tmp_path / "r.toml").write_text(text)
    return load_rules("r", tmp_path)


@pytest.mark.parametrize("change", BAD)
def test_a_file_that_does_not_hold_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str]) -> None:
    assert change[0] in GOOD
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(*change, 1))
    assert BAD[change] in str(caught.value)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_rules("none", tmp_path)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://x.shop.test/a/1", True),
        ("https://deep.x.shop.test/b/1/2/3", True),
        ("https://shop.test/a/1", False),
        ("https://evilshop.test/a/1", False),
        ("https://x.shop.test.evil.test/a/1", False),
        ("http://x.shop.test/a/1", False),
        ("https://x.shop.test:444/a/1", False),
        ("https://x.shop.test/a/1/2", False),
        ("https://x.shop.test/a", False),
        ("https://X.SHOP.test/%61/1", True),
    ],
)
def test_what_a_rule_names_is_allowed_and_nothing_beside_it(tmp_path: Path, url: str, allowed: bool) -> None:
    found = load(tmp_path, GOOD).match(Call("GET", parse_url(url)))
    assert isinstance(found, Refusal) is not allowed


def test_a_pattern_is_no_regular_expression() -> None:
    assert of_url("/a.b/*").fullmatch("/a.b/c")
    assert not of_url("/a.b/*").fullmatch("/axb/c")


def test_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    first = GOOD + '[calls.again]\nhost = "shop"\nmethods = ["GET"]\npaths = ["/**"]\nclass = "irreversible"\n'
    rules = load(tmp_path, first)
    found = rules.match(Call("GET", parse_url("https://x.shop.test/a/1")))
    assert not isinstance(found, Refusal) and found[1] == "read"


def test_the_hash_follows_the_rules(tmp_path: Path) -> None:
    first = load(tmp_path, GOOD).hash
    assert load(tmp_path, GOOD + "# a remark\n").hash == first
    assert load(tmp_path, GOOD.replace("/a/*", "/a/**")).hash != first


@pytest.mark.parametrize("name", [file.stem for file in (folder("policies") / "egress").glob("*.toml")])
def test_the_rules_that_are_shipped_hold(name: str) -> None:
    assert load_rules(name).name == name
