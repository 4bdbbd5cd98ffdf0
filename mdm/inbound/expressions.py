"""JMESPath expressions, made into plain Python functions once, because the interpreter is slow.

A mapping line says where a value stands. An expression answers ABSENT where none of the places
it reads is there at all, None where they are there and hold nothing (law 11).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from numbers import Number
from typing import Any, Final, cast

import jmespath
from jmespath import exceptions, visitor

from mdm.errors import BadConfiguration
from mdm.inbound.functions import FUNCTIONS, LIBRARY


class Absent:
    """The type of ABSENT: the source does not tell at all, which is not the same as empty."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

Evaluate = Callable[[Any], Any]
Path = tuple[str, ...]
Node = dict[str, Any]

_ORDER = {"lt": operator.lt, "gt": operator.gt, "lte": operator.le, "gte": operator.ge}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled line: `get(payload)` is its value, None or ABSENT; `reads` the paths it needs.

    `value(payload)` is its value even where it only stands for a literal of the expression.
    """

    text: str
    get: Evaluate
    value: Evaluate
    reads: tuple[Path, ...]

    @property
    def columns(self) -> set[str]:
        """The payload's own fields that it reads."""
        return {path[0] for path in self.reads}


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """The expression; BadConfiguration says what JMESPath does not understand in it."""
    try:
        node: Node = dict(jmespath.compile(text).parsed)
        evaluate = closure(node)
    except exceptions.JMESPathError as error:
        raise BadConfiguration(f"{text!r} is not a JMESPath expression: {error}") from error
    paths = tuple(dict.fromkeys(_paths(node)))
    if node["type"] == "field":
        get = _told_field(node["value"])
    elif paths:
        get = _told(evaluate, paths, has_literal=_has_literal(node))
    else:
        get = evaluate
    return Expression(text, get, evaluate, paths)


def _told_field(name: str) -> Evaluate:
    def get(payload: Any) -> Any:
        return payload.get(name, ABSENT)

    return get


def _told(evaluate: Evaluate, paths: tuple[Path, ...], *, has_literal: bool) -> Evaluate:
    def get(payload: Any) -> Any:
        value = evaluate(payload)
        # A value that holds something was read somewhere, unless a literal says it.
        if has_literal or value is None or value is False or value in ([], ""):
            return value if any(is_told(payload, path) for path in paths) else ABSENT
        return value

    return get


def _has_literal(node: Node) -> bool:
    return node["type"] == "literal" or any(
        _has_literal(child) for child in node.get("children", ()) if isinstance(child, dict)
    )


def is_told(payload: Any, path: Path) -> bool:
    """Whether the payload has something at the path, be it null or empty."""
    for name in path:
        if payload is None:
            return True
        if not isinstance(payload, dict):
            return True
        if name not in payload:
            return False
        payload = payload[name]
    return True


def _paths(node: Node) -> Iterator[Path]:
    """The places in the payload that the expression reads, as far as they are plain fields."""
    kind = node["type"]
    if kind == "field":
        yield (node["value"],)
    elif kind in ("subexpression", "index_expression", "pipe"):
        yield from _chain_paths(node["children"])
    elif kind in ("projection", "filter_projection", "value_projection", "flatten"):
        yield from _paths(node["children"][0])
    elif kind != "slice":
        for child in node.get("children", ()):
            yield from _paths(child)


def _chain_paths(children: list[Node]) -> Iterator[Path]:
    first, *rest = children
    starts = list(_paths(first))
    tail: list[str] = []
    for child in rest:
        if child["type"] != "field":
            break
        tail.append(child["value"])
    if first["type"] in ("field", "subexpression"):
        yield from ((*start, *tail) for start in starts)
    elif starts:
        yield from starts
    elif first["type"] in ("current", "identity"):
        yield tuple(tail)


def closure(node: Node) -> Evaluate:
    """A function that answers as the library's interpreter does on this node."""
    maker = _MAKERS.get(node["type"])
    return maker(node) if maker is not None else _interpreted(node)


def _interpreted(node: Node) -> Evaluate:
    interpreter = visitor.TreeInterpreter(visitor.Options(custom_functions=LIBRARY))

    def get(value: Any) -> Any:
        return interpreter.visit(cast(Any, node), value)

    return get


def _field(node: Node) -> Evaluate:
    name = node["value"]

    def get(value: Any) -> Any:
        return value.get(name) if isinstance(value, dict) else None

    return get


def _literal(node: Node) -> Evaluate:
    constant = node["value"]
    return lambda value: constant


def _same(node: Node) -> Evaluate:
    return lambda value: value


def _chain(node: Node) -> Evaluate:
    steps = [closure(child) for child in node["children"]]
    if len(steps) == 2:  # noqa: PLR2004 - the usual a.b
        first, second = steps
        return lambda value: second(first(value))

    def get(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return get


def _index(node: Node) -> Evaluate:
    place = node["value"]

    def get(value: Any) -> Any:
        if not isinstance(value, list) or not -len(value) <= place < len(value):
            return None
        return value[place]

    return get


def _slice(node: Node) -> Evaluate:
    part = slice(*node["children"])
    return lambda value: value[part] if isinstance(value, list) else None


def _projection(node: Node) -> Evaluate:
    base, each = (closure(child) for child in node["children"])

    def get(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return None
        return [found for item in items if (found := each(item)) is not None]

    return get


def _filter(node: Node) -> Evaluate:
    base, each, holds = (closure(child) for child in node["children"])

    def get(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return None
        kept = (each(item) for item in items if not is_false(holds(item)))
        return [found for found in kept if found is not None]

    return get


def _flatten(node: Node) -> Evaluate:
    base = closure(node["children"][0])

    def get(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return None
        return [x for item in items for x in (item if isinstance(item, list) else [item])]

    return get


def _comparator(node: Node) -> Evaluate:
    left, right = (closure(child) for child in node["children"])
    word = node["value"]
    if word == "eq":
        return lambda value: _equal(left(value), right(value))
    if word == "ne":
        return lambda value: not _equal(left(value), right(value))
    compare = _ORDER[word]

    def get(value: Any) -> Any:
        a, b = left(value), right(value)
        return compare(a, b) if _comparable(a) and _comparable(b) else None

    return get


def _or(node: Node) -> Evaluate:
    left, right = (closure(child) for child in node["children"])

    def get(value: Any) -> Any:
        found = left(value)
        return right(value) if is_false(found) else found

    return get


def _and(node: Node) -> Evaluate:
    left, right = (closure(child) for child in node["children"])

    def get(value: Any) -> Any:
        found = left(value)
        return found if is_false(found) else right(value)

    return get


def _not(node: Node) -> Evaluate:
    inner = closure(node["children"][0])

    def get(value: Any) -> Any:
        found = inner(value)
        return False if _is_number(found) and found == 0 else not found

    return get


def _list(node: Node) -> Evaluate:
    parts = [closure(child) for child in node["children"]]
    return lambda value: None if value is None else [part(value) for part in parts]


def _dict(node: Node) -> Evaluate:
    parts = [(child["value"], closure(child["children"][0])) for child in node["children"]]
    return lambda value: None if value is None else {name: part(value) for name, part in parts}


def _function(node: Node) -> Evaluate:
    if any(child["type"] == "expref" for child in node["children"]):
        return _interpreted(node)
    name = node["value"]
    parts = [closure(child) for child in node["children"]]
    if name not in LIBRARY.FUNCTION_TABLE:
        raise exceptions.UnknownFunctionError(
            f"there is no function {name}(); ours are: {', '.join(sorted(FUNCTIONS))}"
        )
    ours = FUNCTIONS.get(name)
    if ours is None:
        return lambda value: LIBRARY.call_function(name, [part(value) for part in parts])
    takes = len(LIBRARY.FUNCTION_TABLE[name]["signature"])
    if takes != len(parts):
        raise exceptions.ArityError(takes, len(parts), name)
    if len(parts) == 1:
        only = parts[0]
        return lambda value: ours(only(value))
    return lambda value: ours(*(part(value) for part in parts))


def is_false(value: Any) -> bool:
    """What JMESPath takes for false: nothing, empty, or false itself; zero is true."""
    return value is None or value is False or value in ("", [], {})


def _is_number(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def _comparable(value: Any) -> bool:
    return _is_number(value) or isinstance(value, str)


def _equal(left: Any, right: Any) -> bool:
    # Python takes 0 for False and 1 for True; JMESPath does not.
    if isinstance(left, bool) != isinstance(right, bool) and (
        _is_number(left) or _is_number(right)
    ):
        return False
    return bool(left == right)


_MAKERS: dict[str, Callable[[Node], Evaluate]] = {
    "field": _field,
    "literal": _literal,
    "current": _same,
    "identity": _same,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _chain,
    "index": _index,
    "slice": _slice,
    "projection": _projection,
    "filter_projection": _filter,
    "flatten": _flatten,
    "comparator": _comparator,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "multi_select_list": _list,
    "multi_select_dict": _dict,
    "function_expression": _function,
}
