"""Which rule chooses a field's golden value, where a hub wants another than the domain's line says.

One YAML file per domain. A field takes the name of any strategy; lists of children are always the
union of what all sources tell.
"""

from __future__ import annotations

from collections.abc import Mapping

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from mdm.errors import BadConfiguration, UnknownName
from mdm.model.domain import Domain
from mdm.survivorship.overrides import require_known
from mdm.survivorship.strategies import STRATEGIES

Choices = Mapping[str, str]
"""Rules of a domain by field: "email", "companies.payment_terms", "addresses"."""
UNION = "union"
"""The rule of lists of children: those of all source records, equal ones once."""


class ChoicesFile(BaseModel):
    """The rules of a domain's fields as the YAML writes them."""

    model_config = ConfigDict(extra="forbid")
    domain: str
    fields: dict[str, str]


def parse_choices(text: str, name: str, domains: Mapping[str, Domain]) -> Choices:
    """The rules that a file names; BadConfiguration says what is wrong in it."""
    try:
        parsed = ChoicesFile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadConfiguration(f"survivorship {name}.yaml: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadConfiguration(f"survivorship {name}.yaml: {place}: {first['msg']}.") from error
    if parsed.domain != name or name not in domains:
        known = ", ".join(sorted(domains))
        raise BadConfiguration(
            f"survivorship {name}.yaml: the file and its `domain` have the name of a domain:"
            f" {known}."
        )
    for path, rule in parsed.fields.items():
        wrong = _wrong(domains[name], path, rule)
        if wrong is not None:
            raise BadConfiguration(f"survivorship {name}.yaml: {path}: {wrong}")
    return parsed.fields


def _wrong(domain: Domain, path: str, rule: str) -> str | None:
    """Why no such rule can be said of the field, as a sentence; None: it can."""
    try:
        require_known(domain, path)
    except UnknownName as error:
        return error.detail
    name, _, inner = path.partition(".")
    child = domain.child_by_name.get(name)
    if child is not None and inner and not child.scoped:
        return f"{name} survive whole; say a rule for {name!r}."
    if inner and child is not None and inner in child.key:
        return f"{inner} tells {name} apart; it is the same in all that are one."
    known = tuple(STRATEGIES) if child is None or inner else (UNION,)
    if rule not in known:
        return UnknownName.among("rule", rule, list(known)).detail
    return None if child is not None else _led(domain, name)


def _led(domain: Domain, name: str) -> str | None:
    """Why the field has no rule of its own."""
    if domain.dated and name in (*domain.code, "valid_from", "valid_to"):
        return "it says which record this is and when it holds; it is not chosen."
    group = domain.by_name[name].group
    leader = next(line.name for line in domain.fields if line.group == group) if group else name
    return None if leader == name else f"it wins together with {leader}; say a rule for {leader!r}."
