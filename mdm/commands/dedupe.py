"""`mdm dedupe`: duplicates in any table, without a hub."""

from __future__ import annotations

import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer

from matching.fields import INPUTS
from matching.find import Decisions, Wish, find_all
from matching.found_placeholders import FIELDS as PLACEHOLDER_FIELDS
from matching.found_placeholders import value_form
from matching.guess import Columns, arranged, guess
from mdm.commands.dedupe_answer import Outputs, Told, check_outputs, said, summary, write
from mdm.commands.output import ERR, AsJson, Encoding, answer, progress
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, UnknownName
from mdm.inbound.readers.whole import read_whole

YES = ("true", "1", "yes", "y", "same", "ja", "t")
NO = ("false", "0", "no", "n", "different", "nein", "f")


class Engine(StrEnum):
    """Where the work runs."""

    LOCAL = "local"
    SPARK = "spark"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("dedupe")(dedupe)


def dedupe(  # noqa: PLR0913, PLR0917 - the options the command has
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or JSON lines.")],
    out: Annotated[Path, typer.Option(help="Where id,cluster_id of every record goes.")],
    id_column: Annotated[
        str | None, typer.Option("--id", help="The column that names a record.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="field=column; else columns are found by header and content."),
    ] = None,
    domain: Annotated[str, typer.Option(help="What the records are.")] = "supplier",
    source: Annotated[
        str | None, typer.Option(help="The column that names a record's source.")
    ] = None,
    link_only: Annotated[
        bool, typer.Option("--link-only", help="Only pairs of different sources.")
    ] = False,
    threshold: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="Probability that makes a match.")
    ] = None,
    links: Annotated[Path | None, typer.Option(help="Where the matched pairs go.")] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="Decided pairs: left_id,right_id,same.")
    ] = None,
    ask: Annotated[
        Path | None, typer.Option(help="Where the pairs most worth a decision go.")
    ] = None,
    ask_count: Annotated[int, typer.Option(min=1, help="How many of them.")] = 50,
    weak: Annotated[
        Path | None,
        typer.Option("--weakest", help="Where the weakest link of every cluster goes."),
    ] = None,
    real: Annotated[
        list[str] | None,
        typer.Option(help="field=value: no placeholder, whatever it looks like."),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Where the work runs.")] = Engine.LOCAL,
    encoding: Encoding = None,
    as_json: AsJson = False,
) -> None:
    """Find the duplicates in a table.

    No training and no hub: weights are fitted to the table itself. Each decision you give
    makes it better; `--ask` says which pairs are worth one.
    """
    if domain not in DOMAINS:
        raise UnknownName.among("domain", domain, list(DOMAINS))
    outputs = Outputs(out, links, weak, ask, ask_count)
    check_outputs(outputs, file, decisions)
    began = time.monotonic()
    table = read_whole(file, encoding or "utf-8")
    columns = columns_of(table, mapping or [], id_column, (source,))
    told_columns = told(columns)
    if not as_json:
        ERR.print(told_columns, highlight=False)
    ids = ids_of(table, columns)
    given = decided(decisions, ids) if decisions else Told(Decisions.of(()))
    wish = Wish(
        threshold=threshold,
        decisions=given.decisions,
        sources=sources_of(table, source, link_only),
        real=real_values(real or []),
        engine=engine.value,
    )
    told_of = arranged(table, columns)
    del table  # of a large file, the columns that nobody compares
    with progress() as report:
        found = find_all(told_of, replace(wish, progress=lambda step: report(step, len(ids))))
    write(found, ids, outputs)
    facts = summary(found, ids, columns) | given.facts()
    facts |= {"seconds": round(time.monotonic() - began, 3)}
    answer(facts if as_json else said(facts), as_json, f"Looked for duplicates in {file.name}.")


def columns_of(
    table: pl.DataFrame, mapping: list[str], id_column: str | None, others: tuple[str | None, ...]
) -> Columns:
    """The fields of the table's columns, as told or as found."""
    fields: dict[str, list[str]] = {}
    for line in mapping:
        field, equals, column = line.partition("=")
        if not equals:
            raise BadRequest(f"--map {line!r} is not field=column.")
        if field not in INPUTS:
            raise UnknownName.among("field", field, list(INPUTS))
        fields.setdefault(field, []).append(column)
    named = [c for told in fields.values() for c in told]
    hidden = [column for column in (id_column, *others) if column is not None]
    for column in (*named, *hidden):
        if column not in table.columns:
            raise UnknownName.among("column", column, table.columns)
    found = guess(table.drop([c for c in hidden if c not in named]), fields or None)
    return replace(found, id=id_column or found.id)


def told(columns: Columns) -> str:
    """One line: which column is read as what."""
    parts = [
        f"{field} = {' + '.join(names)}{' (by its content)' if field in columns.by_content else ''}"
        for field, names in columns.fields.items()
    ]
    unused = f"; not used: {', '.join(columns.unused)}" if columns.unused else ""
    return f"Columns: id = {columns.id or 'row number'}; {'; '.join(parts)}{unused}."


def ids_of(table: pl.DataFrame, columns: Columns) -> pl.Series:
    """The name of every record: its id, else its row number from 1."""
    if columns.id is None:
        return pl.Series("id", np.arange(1, len(table) + 1)).cast(pl.String)
    return table[columns.id].cast(pl.String, strict=False).fill_null("").alias("id")


def sources_of(table: pl.DataFrame, source: str | None, link_only: bool) -> Any:
    """A number per row for its source, where only pairs across sources are looked for."""
    if not link_only:
        return None
    if source is None:
        raise BadRequest("--link-only needs --source: the column that names a record's source.")
    return table[source].cast(pl.String, strict=False).fill_null("").rank("dense").to_numpy()


def real_values(told: list[str]) -> dict[str, frozenset[str]]:
    """By field, the values that a person calls real, in compared form."""
    values: dict[str, frozenset[str]] = {}
    for line in told:
        field, equals, value = line.partition("=")
        if not equals:
            raise BadRequest(f"--real {line!r} is not field=value.")
        if field not in PLACEHOLDER_FIELDS:
            raise UnknownName.among("field", field, list(PLACEHOLDER_FIELDS))
        values[field] = values.get(field, frozenset()) | {value_form(field, value)}
    return values


def decided(path: Path, ids: pl.Series) -> Told:
    """The decisions in a file; what of it decides nothing is counted."""
    table = read_whole(path)
    missing = [name for name in ("left_id", "right_id", "same") if name not in table.columns]
    if missing:
        raise BadRequest(f"{path.name} lacks the column(s) {', '.join(missing)}.")
    place = {name: at for at, name in reversed(list(enumerate(ids.to_list())))}
    by_pair: dict[tuple[int, int], bool] = {}
    told = Told(Decisions.of(()))
    rows = table.select("left_id", "right_id", "same").cast(pl.String).iter_rows()
    for left, right, same in rows:
        word = (same or "").strip().lower()
        if not word:
            told.left_open += 1
            continue
        if word not in YES and word not in NO:
            raise BadRequest(f"{path.name}: {same!r} of {left},{right} is neither true nor false.")
        if left not in place or right not in place or place[left] == place[right]:
            told.not_in_file += 1
            continue
        one, other = sorted((place[left], place[right]))
        if by_pair.setdefault((one, other), word in YES) != (word in YES):
            raise BadRequest(
                f"{path.name} says of {left},{right} both that they are the same and that they are"
                " not. Leave the line that is right."
            )
    told.decisions = Decisions.of([(*pair, same) for pair, same in by_pair.items()])
    return told
