"""The pydantic model of a domain's golden record and its JSON Schema, derived from its lines."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from mdm.model.domain import Domain
from mdm.model.field import Child, Privacy
from mdm.model.field import Field as Line


class Masked(BaseModel):
    """A protected value as it may be shown, and a hash that is equal for equal values."""

    model_config = ConfigDict(extra="forbid")

    masked: str
    fingerprint: str


TYPES: dict[str, Any] = {"flag": bool, "date": datetime.date}
"""What a kind of value is in a document, where it is no text; decimals are texts, too."""


@cache
def record_model(domain: Domain) -> type[BaseModel]:
    """The golden record, or each slice of a dated one; fields without a value are absent.

    A code that no value map knows yet is kept as its source told it, so no choice is closed.
    """
    children = {
        child.name: (list[_child_model(child)] | None, Field(None, description=child.meaning))  # type: ignore[misc]  # made here
        for child in domain.children
    }
    title = f"{_title(domain.name)}Record"
    return _model(title, domain.meaning, {**_lines(domain.fields), **children})


@cache
def json_schema(domain: Domain) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the domain's golden record."""
    return record_model(domain).model_json_schema()


def _child_model(child: Child) -> type[BaseModel]:
    own = {"id": (str, Field(description="Permanent id of its own."))}
    return _model(_title(child.name), child.meaning, {**own, **_lines(child.fields)})


def _model(title: str, meaning: str, fields: dict[str, Any]) -> type[BaseModel]:
    made: type[BaseModel] = create_model(
        title, __config__=ConfigDict(extra="forbid"), __doc__=meaning, **fields
    )
    return made


def _lines(lines: tuple[Line, ...]) -> dict[str, Any]:
    return {line.name: (_type(line) | None, _said(line)) for line in lines}


def _type(line: Line) -> Any:
    return Masked if line.privacy is Privacy.PROTECTED else TYPES.get(line.kind, str)


def _said(line: Line) -> Any:
    more: dict[str, Any] = {"x-class": line.privacy.value}
    if line.reference is not None:
        more["x-reference"] = line.reference
    return Field(
        None,
        description=line.meaning,
        examples=list(line.choices) or None,
        json_schema_extra=more,
    )


def _title(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
