"""What one platform receives: rows, fields, shape; one YAML file per subscriber.

Read with `parse_subscription`; each mistake is a BadConfiguration that names file, line and remedy.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration, UnknownName
from mdm.model.domain import Domain
from mdm.model.field import Child, Privacy

OF_THE_RECORD = ("status", "region")
"""Conditions may name these of every golden record, whatever its domain."""

NAME = r"^[a-z][a-z0-9_-]{0,62}$"
"""Names of subscribers stand in MQTT topics: no wildcard and no separator can be in them."""


class Shape(enum.StrEnum):
    """What is sent of a record whose states are dated."""

    CURRENT = "current"  # the slice that holds today, with its computed validity
    SLICES = "slices"  # every slice, for platforms that keep validity periods themselves


@dataclass(frozen=True, slots=True)
class Condition:
    """A row belongs to the subscription where the value at `path` is (not) one of `values`."""

    child: str | None
    field: str
    values: frozenset[Any]
    negated: bool = False

    def holds(self, value: object) -> bool:
        """Whether a value satisfies the condition."""
        return (value in self.values) is not self.negated


@dataclass(frozen=True, slots=True)
class View:
    """What a subscription takes of one domain."""

    domain: str
    fields: tuple[str, ...]
    children: tuple[tuple[str, tuple[str, ...]], ...]
    """Children with the fields taken of each; their permanent ids always come along."""
    withheld: tuple[str, ...]
    """Children that hold protected values: nothing of them is sent before it is released."""
    conditions: tuple[Condition, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one platform gets; `version` is the hash of the text that says so."""

    subscriber: str
    version: str
    meaning: str
    domains: Mapping[str, View]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Not(_Strict):
    excluded: Any = Field(alias="not")


class _DomainText(_Strict):
    fields: list[str] = Field(min_length=1)
    rows: dict[str, _Not | bool | str | list[bool | str]] = Field(default_factory=dict)
    shape: Shape = Shape.CURRENT


class _SubscriptionText(_Strict):
    subscriber: str = Field(pattern=NAME)
    meaning: str
    domains: dict[str, _DomainText] = Field(min_length=1)


def parse_subscription(text: str, name: str) -> Subscription:
    """The subscription a YAML text describes; BadConfiguration says what is wrong with it."""
    try:
        told = _SubscriptionText.model_validate(yaml.safe_load(text))
        if told.subscriber != name:
            raise BadConfiguration(
                f"Subscription {name!r} calls itself {told.subscriber!r}: file name and"
                " `subscriber` must be the same, because the name stands in its topics."
            )
        views = {domain: _view(name, domain, said) for domain, said in told.domains.items()}
    except yaml.YAMLError as error:
        raise BadConfiguration(f"Subscription {name!r} is not YAML: {error}") from error
    except ValidationError as error:
        lines = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors()
        )
        raise BadConfiguration(f"Subscription {name!r} cannot be used: {lines}.") from error
    version = sha256(text.encode()).hexdigest()[:16]
    return Subscription(name, version, told.meaning, views)


def builtin_subscriptions() -> dict[str, str]:
    """The texts of the subscriptions that come with the hub, by subscriber."""
    # Found by name as a resource: the hub imports nothing of its transports.
    folder = files("publishers") / "subscriptions"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }


def _view(name: str, domain_name: str, told: _DomainText) -> View:
    if domain_name not in DOMAINS:
        unknown = UnknownName.among("domain", domain_name, list(DOMAINS))
        raise BadConfiguration(f"Subscription {name!r}: {unknown.detail}")
    domain = DOMAINS[domain_name]
    where = f"Subscription {name!r}, domain {domain_name}"
    own: list[str] = []
    nested: dict[str, list[str]] = {}
    withheld: list[str] = []
    for path in told.fields:
        child, wanted = _resolve(domain, path, where)
        if child is None:
            own += wanted
        elif any(field.privacy is Privacy.PROTECTED for field in child.fields):
            withheld.append(child.name)
        else:
            nested.setdefault(child.name, []).extend(wanted)
    return View(
        domain=domain_name,
        fields=tuple(dict.fromkeys(own)),
        children=tuple(
            (name, tuple(dict.fromkeys(["id", *some]))) for name, some in nested.items()
        ),
        withheld=tuple(dict.fromkeys(withheld)),
        conditions=tuple(_condition(domain, *one, where) for one in told.rows.items()),
        shape=told.shape,
    )


def _resolve(domain: Domain, path: str, where: str) -> tuple[Child | None, list[str]]:
    """The child a path leads into and the fields it takes; personal ones only by their name."""
    head, _, tail = path.partition(".")
    if not tail and head in domain.by_name:
        return None, [head]
    child = domain.child_by_name.get(head)
    if child is None:
        known = [*domain.by_name, *domain.child_by_name]
        raise BadConfiguration(f"{where}: {UnknownName.among('field', path, known).detail}")
    names = [field.name for field in child.fields]
    if not tail:
        return child, [f.name for f in child.fields if f.privacy is Privacy.PUBLIC]
    if tail not in names:
        paths = [f"{head}.{field}" for field in names]
        raise BadConfiguration(f"{where}: {UnknownName.among('field', path, paths).detail}")
    return child, [tail]


def _condition(domain: Domain, path: str, told: Any, where: str) -> Condition:
    negated = isinstance(told, _Not)
    said = told.excluded if isinstance(told, _Not) else told
    values = frozenset(said if isinstance(said, list) else [said])
    if path in OF_THE_RECORD:
        return Condition(None, path, values, negated)
    head, _, tail = path.partition(".")
    _resolve(domain, path, where)
    if any((child.name if child else field.name) == head for child, field in domain.protected):
        raise BadConfiguration(f"{where}: {path} is protected, no condition can be made of it.")
    if head in domain.child_by_name:
        if not tail:
            raise BadConfiguration(f"{where}: a condition names a field, such as {head}.FIELD.")
        return Condition(head, tail, values, negated)
    return Condition(None, head, values, negated)
