from __future__ import annotations

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath import exceptions

from mdm.errors import BadConfiguration
from mdm.inbound.expressions import ABSENT, compile_expression
from mdm.inbound.functions import LIBRARY, Unreadable

NAMES = ("a", "b", "c")
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.sampled_from(["", "X", "a", "0010", "20240131", "2024-01-31", "DE"]),
)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=12,
)
payloads = st.dictionaries(st.sampled_from(NAMES), documents, max_size=3)

leaves = st.sampled_from([*NAMES, "@", "'X'", "''", "`0`", "`1`", "`true`", "`false`", "`null`"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    name = st.sampled_from(NAMES)
    return st.one_of(
        st.tuples(inner, name).map(lambda p: f"({p[0]}).{p[1]}"),
        st.tuples(inner, st.integers(-2, 2)).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, name).map(lambda p: f"({p[0]})[*].{p[1]}"),
        st.tuples(inner, name).map(lambda p: f"({p[0]}).*.{p[1]}"),
        inner.map(lambda e: f"({e})[]"),
        inner.map(lambda e: f"({e})[0:1]"),
        inner.map(lambda e: f"({e})[::-1]"),
        inner.map(lambda e: f"!({e})"),
        pair.map(lambda p: f"({p[0]}) || ({p[1]})"),
        pair.map(lambda p: f"({p[0]}) && ({p[1]})"),
        pair.map(lambda p: f"({p[0]}) | ({p[1]})"),
        pair.map(lambda p: f"[{p[0]}, {p[1]}]"),
        pair.map(lambda p: f"{{a: {p[0]}, b: {p[1]}}}"),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        st.tuples(name, inner).map(lambda p: f"{p[0]}[?{p[1]}]"),
        st.tuples(name, inner).map(lambda p: f"{p[0]}[].{{b: {p[1]}}}"),
        pair.map(lambda p: f"not_null({p[0]}, {p[1]})"),
        inner.map(lambda e: f"type({e})"),
        inner.map(lambda e: f"length({e})"),
        inner.map(lambda e: f"many({e})"),
        inner.map(lambda e: f"flag({e})"),
        inner.map(lambda e: f"day({e})"),
        inner.map(lambda e: f"joined({e})"),
        st.tuples(name, inner).map(lambda p: f"first_with({p[0]}, 'a', {p[1]})"),
        st.tuples(name, name).map(lambda p: f"sort_by({p[0]}, &{p[1]})"),
        st.tuples(name, inner).map(lambda p: f"map(&({p[1]}), {p[0]})"),
    )


expressions = st.recursive(leaves, _grown, max_leaves=6)


def _answer(evaluate: Any, payload: Any) -> Any:
    try:
        return ("value", evaluate(payload))
    except Unreadable as error:
        return ("unreadable", error.code)
    except (exceptions.JMESPathError, TypeError, ValueError) as error:
        return ("error", type(error).__name__)


@given(expressions, payloads)
def test_a_compiled_expression_answers_as_the_library_does(text: str, payload: Any) -> None:
    library = jmespath.compile(text)
    options = jmespath.Options(custom_functions=LIBRARY)
    expected = _answer(lambda value: library.search(value, options=options), payload)
    assert _answer(compile_expression(text).value, payload) == expected


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("a", {}),
        ("a.b", {}),
        ("a.b", {"a": {}}),
        ("a.b[?c]", {"a": {}}),
        ("flag(a)", {"b": 1}),
        ("a || b", {"c": 1}),
        ("flag(a) && 'blocked' || 'active'", {}),
        ("joined([a.b, a.c])", {"a": {}}),
    ],
)
def test_what_is_nowhere_told_is_absent(text: str, payload: Any) -> None:
    assert compile_expression(text).get(payload) is ABSENT


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("a", {"a": None}),
        ("a.b", {"a": {"b": None}}),
        ("a.b", {"a": None}),
        ("a || b", {"b": None}),
        ("joined([a.b, a.c])", {"a": {"c": ""}}),
    ],
)
def test_what_is_told_as_nothing_is_null(text: str, payload: Any) -> None:
    assert compile_expression(text).get(payload) is None


def test_a_literal_answers_although_the_payload_tells_nothing() -> None:
    assert compile_expression("'vat'").get({}) == "vat"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope(a)", "there is no function nope()"),
        ("a.[", "Incomplete expression"),
        ("alpha(a, b)", "Expected 1 argument"),
    ],
)
def test_a_wrong_expression_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(BadConfiguration, match="not a JMESPath expression") as refused:
        compile_expression(text)
    assert said in refused.value.detail
