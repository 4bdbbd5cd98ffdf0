"""`mdm dedupe`: duplicates in any table, without a hub."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer
from numpy.typing import NDArray

from matching.ask import worth_asking
from matching.fields import FIELDS, INPUTS, MISSING
from matching.find import Decisions, Found, Wish, find_all
from matching.found_placeholders import FIELDS as PLACEHOLDER_FIELDS
from matching.found_placeholders import Placeholder, value_form
from matching.guess import Columns, arranged, guess
from matching.score import MATCH
from matching.weakest import weakest
from mdm.commands.output import ERR, AsJson, answer, progress
from mdm.domains import DOMAINS
from mdm.errors import BadRequest, UnknownName
from mdm.inbound.readers.whole import read_whole

YES = ("true", "1", "yes", "y", "same", "ja", "t")
NO = ("false", "0", "no", "n", "different", "nein", "f")


MOST_TOLD = 20
"""Of a kind of finding, those that the summary names; the files have all."""


class Engine(StrEnum):
    """Where the work runs."""

    LOCAL = "local"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files asked for."""

    out: Path
    links: Path | None
    weakest: Path | None
    ask: Path | None
    ask_count: int


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
    as_json: AsJson = False,
) -> None:
    """Find the duplicates in a table.

    No training and no hub: weights are fitted to the table itself. Each decision you give
    makes it better; `--ask` says which pairs are worth one.
    """
    if domain not in DOMAINS:
        raise UnknownName.among("domain", domain, list(DOMAINS))
    began = time.monotonic()
    table = read_whole(file)
    columns = columns_of(table, mapping or [], id_column, (source,))
    told_columns = told(columns)
    if not as_json:
        ERR.print(told_columns, highlight=False)
    ids = ids_of(table, columns)
    wish = Wish(
        threshold=threshold,
        decisions=decided(decisions, ids) if decisions else Decisions.of(()),
        sources=sources_of(table, source, link_only),
        real=real_values(real or []),
        engine=engine.value,
    )
    told_of = arranged(table, columns)
    del table  # of a large file, the columns that nobody compares
    with progress() as report:
        found = find_all(told_of, replace(wish, progress=lambda step: report(step, len(ids))))
    write(found, ids, Outputs(out, links, weak, ask, ask_count))
    facts = summary(found, ids, columns) | {"seconds": round(time.monotonic() - began, 3)}
    answer(facts, as_json, f"Looked for duplicates in {file.name}.")


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


def decided(path: Path, ids: pl.Series) -> Decisions:
    """The decisions in a file; pairs of which a record is not in the table are left out."""
    told = read_whole(path)
    missing = [name for name in ("left_id", "right_id", "same") if name not in told.columns]
    if missing:
        raise BadRequest(f"{path.name} lacks the column(s) {', '.join(missing)}.")
    place = {name: at for at, name in reversed(list(enumerate(ids.to_list())))}
    rows = []
    for left, right, same in told.select("left_id", "right_id", "same").cast(pl.String).iter_rows():
        word = (same or "").strip().lower()
        if word not in YES and word not in NO:
            raise BadRequest(f"{path.name}: {same!r} of {left},{right} is neither true nor false.")
        if left in place and right in place and place[left] != place[right]:
            rows.append((place[left], place[right], word in YES))
    return Decisions.of(rows)


def write(found: Found, ids: pl.Series, outputs: Outputs) -> None:
    """Writes the files asked for."""
    labels = found.clusters.labels
    outputs.out.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"id": ids, "cluster_id": named(ids, labels)}).write_csv(outputs.out)
    if outputs.links is not None:
        links_of(found, ids).write_csv(outputs.links)
    if outputs.weakest is not None:
        weakest_of(found, ids).write_csv(outputs.weakest)
    if outputs.ask is not None:
        asked(found, ids, outputs.ask_count).write_csv(outputs.ask)


def links_of(found: Found, ids: pl.Series) -> pl.DataFrame:
    """The matched pairs, most certain first, with what speaks for and against each."""
    rows = np.flatnonzero(found.verdicts.verdict == MATCH)
    codes = pl.Series([found.verdicts.evidence[row] for row in rows.tolist()], dtype=pl.String)
    distinct = codes.unique()
    words = pl.DataFrame(
        {"code": distinct, "evidence": [in_words(code, found) for code in distinct.to_list()]},
        schema={"code": pl.String, "evidence": pl.String},
    )
    pairs = pl.DataFrame(
        {
            "left_id": ids.gather(found.left[rows]),
            "right_id": ids.gather(found.right[rows]),
            "probability": np.round(found.verdicts.probability[rows], 6),
            "code": codes,
        }
    )
    return (
        pairs.join(words, on="code", how="left", maintain_order="left")
        .drop("code")
        .sort("probability", descending=True, maintain_order=True)
    )


def weakest_of(found: Found, ids: pl.Series) -> pl.DataFrame:
    """The link that each cluster hangs on, the weakest first."""
    rows = np.flatnonzero(found.verdicts.verdict == MATCH)
    left, right = found.left[rows].astype(np.int64), found.right[rows].astype(np.int64)
    labels = found.clusters.labels
    told = weakest(labels, left, right, found.verdicts.probability[rows])
    return pl.DataFrame(
        {
            "cluster_id": named(ids, told.label),
            "records": np.bincount(labels, minlength=1)[told.label],
            "left_id": ids.gather(left[told.pair]),
            "right_id": ids.gather(right[told.pair]),
            "probability": np.round(told.probability, 6),
        }
    )


def named(ids: pl.Series, labels: NDArray[np.int64]) -> pl.Series:
    """The names of clusters: the id of the first record, its row number where ids come twice."""
    if ids.n_unique() < len(ids):
        return pl.Series(labels + 1).cast(pl.String)
    return ids.gather(labels)


def in_words(code: str, found: Found) -> str:
    """Evidence as text: field, level and bits."""
    parts = []
    for field, letter in zip(FIELDS, code, strict=True):
        if letter != MISSING:
            bits = found.rules.weights[field.name][int(letter)]
            parts.append(f"{field.name} {field.levels[int(letter)].name} {bits:+.1f}")
    return "; ".join(parts)


def asked(found: Found, ids: pl.Series, count: int) -> pl.DataFrame:
    """The pairs most worth a decision, none of them decided yet."""
    rows = worth_asking(found.levels, found.bits, count, undecided=found.undecided)
    return pl.DataFrame(
        {"left_id": ids.gather(found.left[rows]), "right_id": ids.gather(found.right[rows])}
    )


def summary(found: Found, ids: pl.Series, columns: Columns) -> dict[str, Any]:
    """What was done, in figures."""
    sizes = np.bincount(found.clusters.labels, minlength=1)
    return {
        "records": len(ids),
        "clusters": int((sizes > 0).sum()),
        "duplicates": int(np.maximum(sizes - 1, 0).sum()),
        "links": int((found.verdicts.verdict == MATCH).sum()),
        "compared": len(found.left),
        "conflicts": len(found.clusters.conflicts),
        "duplicate_ids": len(ids) - ids.n_unique(),
        "threshold": found.rules.threshold,
        "columns": {"id": columns.id} | {f: list(names) for f, names in columns.fields.items()},
        "found_by_content": sorted(columns.by_content),
        "unused_columns": list(columns.unused),
        "placeholders": [
            {
                "field": each.field,
                "value": hidden(each),
                "records": each.records,
                "reason": each.reason,
            }
            for each in found.placeholders[:MOST_TOLD]
        ],
        "weakest": weakest_of(found, ids).head(MOST_TOLD).to_dicts(),
        "over_common_keys": len(found.over_common),
        "over_common": [
            {"key": each.name, "records": each.count, "example": ids[each.example]}
            for each in sorted(found.over_common, key=lambda each: -each.count)[:MOST_TOLD]
        ],
    }


def hidden(told: Placeholder) -> str:
    """The value of a placeholder; of an account number only its end, in case it is one."""
    return f"...{told.value[-4:]}" if told.field == "iban" else told.value
