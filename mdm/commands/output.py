"""How commands answer: one JSON object on one line of stdout, or words for people."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from mdm.staging import Progress as Report

AsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON object on one line of stdout.")
]


def known_encoding(name: str | None) -> str | None:
    """The name of an encoding as told; wrong usage where there is none of that name."""
    try:
        "x".encode(name or "utf-8")
    except LookupError:
        raise typer.BadParameter(f"there is no encoding {name!r}; try cp1252 or utf-16") from None
    return name


Encoding = Annotated[
    str | None,
    typer.Option(
        help="How the files write characters, such as cp1252; default UTF-8, or as the"
        " mapping says.",
        callback=known_encoding,
    ),
]
OUT = Console()
ERR = Console(stderr=True)


def answer(facts: Mapping[str, Any], as_json: bool, sentence: str = "") -> None:
    """Writes the facts as one line of JSON, or the sentence followed by the facts as a list."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
        sys.stdout.flush()
        return
    if sentence:
        OUT.print(sentence, highlight=False, markup=False)
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        line = f"  {name.replace('_', ' '):<{width}}  {in_words(value)}"
        OUT.print(line, highlight=False, markup=False, soft_wrap=True)


def in_words(value: object) -> str:
    """A value as people read it: a list with commas, sentences as they are, nothing as "none"."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {in_words(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list | tuple):
        told = list(map(in_words, value))
        between = " " if all(one.endswith(".") for one in told) else ", "
        return between.join(told) or "none"
    return "none" if value is None else str(value)


def operator() -> str:
    """Who runs the command, as the log names them."""
    return f"command line ({getpass.getuser()})"


@contextmanager
def progress() -> Iterator[Report]:
    """A function to report progress to; it draws on a terminal's stderr and is silent elsewhere."""
    if not ERR.is_terminal:
        yield lambda _what, _rows: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as bar:
        lines: dict[str, Any] = {}

        def report(what: str, rows: int) -> None:
            if what not in lines:
                lines[what] = bar.add_task(what, total=None)
            bar.update(lines[what], completed=rows)

        yield report
