"""Systems of record: which source owns a field, in which scope, and whether it refuses others.

One YAML file per domain. The owner's value wins over what other sources tell; with
`others: refuse` a push of another source and an override are refused, naming the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from mdm.errors import BadConfiguration, UnknownName
from mdm.model.domain import Domain
from mdm.records import Document
from mdm.survivorship.member import is_told
from mdm.survivorship.overrides import require_known


@dataclass(frozen=True, slots=True)
class Owner:
    """The source that owns a field wherever the scope's values hold; no scope: everywhere."""

    source: str
    scope: tuple[tuple[str, str], ...] = ()
    refuses: bool = False


Owners = Mapping[str, tuple[Owner, ...]]
"""Systems of record of a domain by field: "name", "addresses", "companies.payment_terms"."""


def owner_of(owners: Owners, path: str, within: Document) -> Owner | None:
    """The owner of a field in a record, or in the child it stands in; the first that is told."""
    for owner in owners.get(path, ()):
        if all(str(within.get(name)) == value for name, value in owner.scope):
            return owner
    return None


def refused(domain: Domain, owners: Owners, source: str, told: Document) -> tuple[str, str] | None:
    """A field of what a source tells that another owns and refuses it, and the owner; None: none.

    What withdraws a value, or tells none, writes nothing.
    """
    for path, owner in _refusing(owners):
        if owner.source == source:
            continue
        name, _, inner = path.partition(".")
        holders = [told] if name in domain.by_name else told.get(name) or ()
        for holder in holders:
            value = holder.get(name) if name in domain.by_name else _of(holder, inner)
            if is_told(value) and owner_of(owners, path, holder) == owner:
                return path, owner.source
    return None


def _refusing(owners: Owners) -> list[tuple[str, Owner]]:
    return [(path, owner) for path, some in owners.items() for owner in some if owner.refuses]


def _of(holder: Document, inner: str) -> Any:
    return holder.get(inner) if inner else holder


class OwnerFile(BaseModel):
    """An owner as the YAML writes it."""

    model_config = ConfigDict(extra="forbid")
    owner: str
    scope: dict[str, str | int] = {}
    others: Literal["yield", "refuse"] = "yield"


def _as_owners(said: object) -> object:
    told = said if isinstance(said, list) else [said]
    return [{"owner": one} if isinstance(one, str) else one for one in told]


class OwnershipFile(BaseModel):
    """The systems of record of a domain as the YAML writes them."""

    model_config = ConfigDict(extra="forbid")
    domain: str
    fields: dict[str, Annotated[list[OwnerFile], BeforeValidator(_as_owners)]]


def parse_ownership(
    text: str, name: str, domains: Mapping[str, Domain], sources: Mapping[str, Any]
) -> Owners:
    """The systems of record that a file names; BadConfiguration says what is wrong in it."""
    try:
        parsed = OwnershipFile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise BadConfiguration(f"ownership {name}.yaml: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadConfiguration(f"ownership {name}.yaml: {place}: {first['msg']}.") from error
    if parsed.domain != name or name not in domains:
        known = ", ".join(sorted(domains))
        raise BadConfiguration(
            f"ownership {name}.yaml: the file and its `domain` have the name of a domain: {known}."
        )
    found = {}
    for path, owners in parsed.fields.items():
        for one in owners:
            _check(domains[name], path, one, sources)
        found[path] = tuple(
            Owner(
                one.owner,
                tuple((key, str(value)) for key, value in sorted(one.scope.items())),
                one.others == "refuse",
            )
            for one in owners
        )
    return found


def _check(domain: Domain, path: str, said: OwnerFile, sources: Mapping[str, Any]) -> None:
    where = f"ownership {domain.name}.yaml: {path}"
    try:
        require_known(domain, path)
    except UnknownName as error:
        raise BadConfiguration(f"{where}: {error.detail}") from error
    if said.owner not in sources:
        known = ", ".join(sorted(sources))
        raise BadConfiguration(f"{where}: there is no source {said.owner!r}; there are: {known}.")
    child = domain.child_by_name.get(path.partition(".")[0])
    fields = child.key if child is not None else tuple(domain.by_name)
    for name in said.scope:
        if name not in fields:
            raise BadConfiguration(
                f"{where}: a scope of it cannot name {name!r}; it can: {', '.join(fields)}."
            )
