"""`mdm verify-audit`: proves that nobody altered the past."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from mdm.commands.output import OUT, AsJson, answer
from mdm.errors import BadRequest
from mdm.proof.audit import export, verify_export, verify_hub
from mdm.proof.verifier import Findings
from mdm.settings import Settings
from mdm.store.hub import open_hub

NO_ANCHORS = (
    "There is no file of anchors yet, so a tail cut off, or rewritten with its seals, would not be"
    " noticed. `mdm run` seals and anchors within a second."
)


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("verify-audit")
    def verify_audit(
        exported: Annotated[
            Path | None,
            typer.Argument(metavar="EXPORT", help="An exported audit instead of the database."),
        ] = None,
        anchors: Annotated[
            Path | None, typer.Option(help="File of anchors; else the one MDM_ANCHORS names.")
        ] = None,
        to: Annotated[
            Path | None, typer.Option("--export", help="Write the audit to this file instead.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Check that nobody altered, added or took away anything that the audit tells.

        Recomputes every hash and seal, compares the seals with the anchors that were written
        outside the database, and in the database every golden record with its entry. Names the
        first broken entry and exits with 1, or says how much is not sealed yet. --export writes
        the audit as JSON lines, which this command, or mdm/proof/verifier.py alone on any other
        machine, checks without the hub.
        """
        settings = Settings()
        if to is not None:
            if exported is not None:
                raise BadRequest("Either check an export or write one, not both.")
            with closing((hub := open_hub(settings)).database):
                answer({"entries": export(hub, to)}, as_json, f"The audit stands in {to}.")
            return
        chosen = _anchors(settings, anchors)
        if exported is not None:
            findings = verify_export(exported, chosen)
        else:
            with closing((hub := open_hub(settings)).database):
                findings = verify_hub(hub, chosen)
        _tell(findings, chosen, as_json)


def _anchors(settings: Settings, told: Path | None) -> Path | None:
    """The anchors file that was named, else the hub's where there is one."""
    if told is not None and not told.is_file():
        raise BadRequest(f"There is no anchors file {told}.")
    chosen = told or settings.anchors_file
    return chosen if chosen.is_file() else None


def _tell(findings: Findings, anchors: Path | None, as_json: bool) -> None:
    broken = findings.broken
    facts: dict[str, Any] = {
        "ok": broken is None,
        "entries": findings.entries,
        "transactions": findings.transactions,
        "unsealed": findings.unsealed_entries,
        "anchors": findings.anchors,
    }
    if as_json:
        facts["broken"] = asdict(broken) if broken is not None else None
        answer(facts, as_json)
    else:
        answer(facts, as_json, "Nothing was altered." if broken is None else broken.why)
        if anchors is None:
            OUT.print(NO_ANCHORS, highlight=False)
    if broken is not None:
        raise typer.Exit(1)
