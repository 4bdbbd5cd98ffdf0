"""Systems of record: which source owns a field, in which scope, and whether it refuses others.

One YAML file per domain, for whole records (`records`) and for fields. The owner's value wins over
what other sources tell; with `others: refuse` a push of another source and an override are
refused, naming the owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
"""Systems of record of a domain by field: "name", "addresses", "companies.payment_terms", `ALL`."""
ALL = ""
"""What owns every field that has no owner of its own there: the records as a whole."""


def owner_of(owners: Owners, path: str, within: Document, record: Document) -> Owner | None:
    """The owner of a field in a record, or in the child it stands in; the first that is told."""
    for place, scoped in ((path, within), (ALL, record)):
        for owner in owners.get(place, ()):
            if all(str(scoped.get(name)) == value for name, value in owner.scope):
                return owner
    return None


def refused(
    domain: Domain, owners: Owners, source: str, told: Document, only: str | None = None
) -> tuple[str, str] | None:
    """A field of what a source tells that another owns and refuses it, and the owner; None: none.

    What withdraws a value, or tells none, writes nothing. `only`: the one field that is written.
    """
    for path, holder in _written(domain, owners, told):
        if only is not None and path != only:
            continue
        owner = owner_of(owners, path, holder, told)
        if owner is not None and owner.refuses and owner.source != source:
            return path, owner.source
    return None


def _written(domain: Domain, owners: Owners, told: Document) -> Iterator[tuple[str, Document]]:
    """What a record writes: its fields with where each stands; a code only names the record."""
    for line in domain.fields:
        if is_told(told.get(line.name)) and (line.name in owners or line.name not in domain.code):
            yield line.name, told
    for child in domain.children:
        for holder in told.get(child.name) or ():
            inner = [name for name, value in holder.items() if is_told(value)]
            # Terms are written one by one, an address as a whole.
            terms = [f"{child.name}.{name}" for name in inner if name not in child.key]
            written = terms if child.scoped else [child.name]
            for path in (child.name, *(f"{child.name}.{name}" for name in inner)):
                if path in owners or path in written:
                    yield path, holder


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
    records: Annotated[list[OwnerFile], BeforeValidator(_as_owners)] = []
    """Who owns whole records: every field that `fields` names no owner of."""
    fields: dict[str, Annotated[list[OwnerFile], BeforeValidator(_as_owners)]] = {}


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
    told = {**parsed.fields, **({ALL: parsed.records} if parsed.records else {})}
    for path, owners in told.items():
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
    where = f"ownership {domain.name}.yaml: {path or 'records'}"
    try:
        if path != ALL:
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
