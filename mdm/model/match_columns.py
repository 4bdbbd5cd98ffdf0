"""What the matching engine reads of many records: one column per matching field."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl

from mdm.model.domain import Domain
from mdm.model.match_row import MatchRow, match_row
from mdm.records import Document


def match_columns(domain: Domain, records: Sequence[Document]) -> bytes:
    """The records as an Arrow stream, a row each."""
    out = io.BytesIO()
    match_frame(domain, records).write_ipc_stream(out)
    return out.getvalue()


def match_frame(domain: Domain, records: Sequence[Document]) -> pl.DataFrame:
    """The records as a table, a row each; a column holds lists where one has several."""
    # A collective account for one-time vendors stands for nobody and is not matched.
    return frame_of(domain, [{} if r.get("one_time") else match_row(domain, r) for r in records])


def frame_of(domain: Domain, rows: Sequence[MatchRow]) -> pl.DataFrame:
    """The rows as a table; a column holds lists where one has several values."""
    columns: dict[str, pl.Series] = {}
    for name in matching_columns(domain):
        values = [row.get(name) for row in rows]
        if any(isinstance(value, list) for value in values):
            columns[name] = _lists(values)
        else:
            columns[name] = pl.Series(values, dtype=pl.String)
    return pl.DataFrame(columns)


def _lists(values: Sequence[str | list[str] | None]) -> pl.Series:
    """A column of lists, put together as a whole: polars takes six times as long list by list."""
    places, texts = [], []
    for place, value in enumerate(values):
        for text in [value] if isinstance(value, str) else value or ():
            places.append(place)
            texts.append(text)
    told = pl.DataFrame({"place": places, "texts": texts}, {"place": pl.UInt32, "texts": pl.String})
    lists = told.group_by("place", maintain_order=True).agg("texts")
    every = pl.DataFrame({"place": range(len(values))}, {"place": pl.UInt32})
    return every.join(lists, on="place", how="left", maintain_order="left")["texts"]


def matching_columns(domain: Domain) -> list[str]:
    """The names of all matching columns of a domain."""
    fields = [*domain.fields, *(field for child in domain.children for field in child.fields)]
    names = [field.match for field in fields if field.match is not None]
    names += [column for field in fields for _kind, column in field.match_by_kind]
    return list(dict.fromkeys(names))


def stacked(parts: Sequence[bytes]) -> pl.DataFrame:
    """The parts below each other; a column of lists in one part is one in all."""
    frames = [pl.read_ipc_stream(part) for part in parts]
    listed = {name for frame in frames for name, kind in frame.schema.items() if kind != pl.String}
    return pl.concat([_with_lists(frame, listed) for frame in frames])


def _with_lists(frame: pl.DataFrame, names: set[str]) -> pl.DataFrame:
    single = [name for name in names if frame.schema[name] == pl.String]
    return frame.with_columns(
        pl.when(pl.col(name).is_null()).then(None).otherwise(pl.concat_list(name)).alias(name)
        for name in single
    )
