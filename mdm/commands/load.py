"""`mdm load`: brings exports of a source system into the hub."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mdm.commands.output import AsJson, Encoding, answer, progress
from mdm.errors import LoadStopped
from mdm.load import LoadReport, LoadRequest, load
from mdm.records import Mode
from mdm.settings import Settings
from mdm.store.hub import open_hub


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("load")(load_files)


def load_files(  # noqa: PLR0913, PLR0917 - the options the command has
    source: Annotated[str, typer.Argument(help="The source system, e.g. s4, netsuite, csv.")],
    paths: Annotated[
        list[Path], typer.Argument(help="Files exported from it.", exists=True, dir_okay=False)
    ],
    mode: Annotated[
        Mode,
        typer.Option(
            help="incremental: what changed. full: everything there is; what is absent ends."
            " initial: a first load, matched as one batch."
        ),
    ] = Mode.INCREMENTAL,
    domain: Annotated[
        str | None,
        typer.Option(help="The domain, where the file alone does not tell."),
    ] = None,
    encoding: Encoding = None,
    as_json: AsJson = False,
) -> None:
    """Load exports of a source system.

    The files are read to their end first; a file that cannot be read changes nothing. Rows that
    cannot be understood are kept as rejects (`mdm rejects list`), all others are applied.
    Loading the same file again changes nothing. A load that looks wrong (rows missing, one
    value everywhere, far too many joins or changes) stops before anything is applied: exit 1,
    and `mdm loads` releases or drops it. Codes that no value map knows are kept as told and
    counted: `mdm codes` maps them.
    """
    hub = open_hub(Settings())
    request = LoadRequest(
        source, paths, mode, actor="command line", domain=domain, encoding=encoding
    )
    try:
        with progress() as report:
            done = load(hub, request, report)
    except LoadStopped as stopped:
        if as_json:
            answer(_stopped(stopped), as_json)
            raise typer.Exit(1) from stopped
        raise
    answer(asdict(done), as_json, f"Loaded {len(paths)} file(s) from {source}.")


def _stopped(error: LoadStopped) -> dict[str, Any]:
    """What is known of a load that waits for a person, in the shape of any other load."""
    named = ("load", "guards", "causes")
    counts: Any = error.facts["counts"]
    return {
        **asdict(LoadReport()),
        **counts,
        "stopped": True,
        **{name: error.facts[name] for name in named},
        "message": error.detail,
    }
