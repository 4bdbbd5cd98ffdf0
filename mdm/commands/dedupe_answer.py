"""What `mdm dedupe` writes and says: files of clusters, links and questions, and a summary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matching.ask import worth_asking
from matching.contest import CONTRADICTIONS
from matching.fields import FIELDS, MISSING
from matching.find import Decisions, Found
from matching.found_placeholders import Placeholder
from matching.guess import Columns
from matching.score import MATCH
from matching.weakest import weakest
from mdm.errors import BadRequest, UnwritableFile

MOST_TOLD = 20
"""Of a kind of finding, those that the summary names; the files have all."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files asked for."""

    out: Path
    links: Path | None
    weakest: Path | None
    ask: Path | None
    ask_count: int


@dataclass(slots=True)
class Told:
    """The decisions of a file, and how many of its lines decide nothing."""

    decisions: Decisions
    left_open: int = 0
    """Lines without an answer."""
    not_in_file: int = 0
    """Lines on a record that the table has not, or on one record twice."""

    def facts(self) -> dict[str, Any]:
        """The counts, where decisions were given."""
        used = len(self.decisions.same)
        if not used + self.left_open + self.not_in_file:
            return {}
        return {
            "decisions": used,
            "decisions_left_open": self.left_open,
            "decisions_not_in_file": self.not_in_file,
        }


def check_outputs(outputs: Outputs, *inputs: Path | None) -> None:
    """Refuses outputs that cannot be written or would overwrite an input or each other."""
    taken = {path.resolve() for path in inputs if path is not None}
    for path in (outputs.out, outputs.links, outputs.weakest, outputs.ask):
        if path is None:
            continue
        if path.resolve() in taken:
            raise BadRequest(f"{path} is read or written already. Name another file.")
        taken.add(path.resolve())
        if path.is_dir():
            raise UnwritableFile(f"{path} is a folder. Name a file in it.")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnwritableFile(
                f"{path}: its folder cannot be made ({error.strerror}). Name another."
            ) from error
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UnwritableFile(f"{path} may not be written. Name another file.")


def write(found: Found, ids: pl.Series, outputs: Outputs) -> None:
    """Writes the files asked for."""
    labels = found.clusters.labels
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
        "contradictions": [
            {
                "kind": each.kind,
                "means": CONTRADICTIONS[each.kind],
                "records": len(each.nodes),
                "ids": ids.gather(list(each.nodes[:MOST_TOLD])).to_list(),
            }
            for each in found.clusters.conflicts[:MOST_TOLD]
        ],
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


MOST_SAID = 5
"""Of a kind of finding, those that people are told; programs are told more."""
WORDS = {
    "contradictions": "{means} ({records}: {ids})",
    "placeholders": "{field} {value} ({records} records: {reason})",
    "weakest": "{cluster_id} hangs on {left_id} and {right_id} ({probability:.3f})",
    "over_common": "{key} ({records} records, such as {example})",
}
"""How each finding reads."""
SAID_BEFORE = frozenset({"columns", "found_by_content", "unused_columns"})


def said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The summary as people read it; which column is what was said before."""
    told = {name: facts[name] for name in facts if name not in SAID_BEFORE}
    for name, word in WORDS.items():
        listed = [word.format_map(in_line(each)) for each in told[name][:MOST_SAID]]
        told[name] = listed + ["..."] * (len(told[name]) > MOST_SAID)
    return told


def in_line(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, lists of them with spaces between."""
    return {
        name: " ".join(told) if isinstance(told, list) else told for name, told in facts.items()
    }
