"""Whoever chooses an answer must not choose what is called with the server's credentials later."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.effects.http.binding import UnboundError, bind
from sandbox.effects.http.messages import Call, Response, parse_url
from sandbox.effects.http.rules import InverseTable, Postcondition

CALL = Call("POST", parse_url("http://shop.test/orders"), (), b'{"customer": {"id": "c 1"}}')


def bound(location: str = "", body: object = None, **table: object) -> str:
    headers = (("location", location),) if location else ()
    found = bind(InverseTable.model_validate(table), CALL, Response(201, headers, json.dumps(body).encode()), "rule")
    return f"{found.method} {found.url}"


@pytest.mark.parametrize("location", ["/orders/1", "http://shop.test/orders/1", "//shop.test:80/orders/1", "orders/1"])
def test_a_location_below_the_call_counts(location: str) -> None:
    assert bound(location) == "DELETE http://shop.test/orders/1"


@pytest.mark.parametrize(
    "location",
    [
        "https://shop.test/orders/1",
        "http://shop.test:81/orders/1",
        "//evil.test/orders/1",
        "http://shop.test@evil.test/orders/1",
        "http://a:b@shop.test/orders/1",
        "http://shop.test.evil.test/orders/1",
        "/orders",
        "/orders/",
        "/orders/?all=1",
        "/orders/1?cascade=true",
        "/ordersx/1",
        "/admin/1",
        "/orders/../admin/1",
        "../admin/1",
        "/orders/%2e%2e/admin",
        "/orders//1",
        "javascript:alert(1)",
        "http://[::1/orders/1",
        "",
    ],
)
def test_any_other_location_does_not(location: str) -> None:
    with pytest.raises(UnboundError):
        bound(location)


def test_a_rule_may_say_where_else_it_may_point() -> None:
    assert bound("/v2/orders/1", within="/v2/orders/*") == "DELETE http://shop.test/v2/orders/1"
    with pytest.raises(UnboundError):
        bound("/v2/orders/1/items", within="/v2/orders/*")
    with pytest.raises(UnboundError):
        bound("http://evil.test/v2/orders/1", within="/v2/orders/*")


@pytest.mark.parametrize(
    ("url", "body", "found"),
    [
        ("{request.path}/{response.id}", {"id": 7}, "DELETE http://shop.test/orders/7"),
        ("/x/{response.a.b}", {"a": {"b": "é /?#"}}, None),
        ("/x/{response.a.b}", {"a": {"b": "é ?#&"}}, "DELETE http://shop.test/x/%C3%A9%20%3F%23&"),
        ("/customers/{request.customer.id}", {}, "DELETE http://shop.test/customers/c%201"),
        ("/x/{request.missing}", {}, None),
        ("/x/{server.secret}", {}, None),
        ("/x/{response.id}", {"id": None}, None),
        ("/x/{response.id}", [1], None),
        ("http://evil.test/{response.id}", {"id": 7}, None),
        ("x/{response.id}", {"id": 7}, None),
    ],
)
def test_values_are_put_into_addresses_as_one_segment(url: str, body: object, found: str | None) -> None:
    if found is None:
        with pytest.raises(UnboundError):
            bound(body=body, url=url)
    else:
        assert bound(body=body, url=url) == found


@given(st.one_of(st.text(max_size=30), st.integers(), st.sampled_from(["..", ".", "..;", "%2e%2e", "a/../b", "?x"])))
def test_no_value_leaves_its_segment(value: str | int) -> None:
    try:
        found = bound(body={"id": value}, url="/orders/{response.id}")
    except UnboundError:
        return
    path = found.removeprefix("DELETE http://shop.test")
    assert path.startswith("/orders/") and path.count("/") == 2 and path != "/orders/"
    assert "?" not in path and "#" not in path and path.removeprefix("/orders/") not in (".", "..")


def test_bodies_are_bound_as_values_and_never_as_text() -> None:
    table = InverseTable(
        method="POST",
        url="/refunds",
        body={"order": "{response.id}", "all": True},
        verify=Postcondition(url="/orders/{response.id}", status=(404,)),
    )
    answer = Response(201, (), json.dumps({"id": '", "amount": "1000'}).encode())
    found = bind(table, CALL, answer, "rule")
    assert found.body == {"order": '", "amount": "1000', "all": True}
