"""`mdm loads`: what was loaded, and the loads that wait for a person."""

from __future__ import annotations

import getpass
from contextlib import closing
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from mdm.commands.output import OUT, AsJson, answer, progress
from mdm.errors import NotFound
from mdm.load_release import drop, release
from mdm.settings import Settings
from mdm.store import seen_loads
from mdm.store.hub import open_hub
from mdm.store.seen_loads import SeenLoad
from mdm.store.transaction import Act

HEADINGS = ("No", "Source", "Mode", "State", "Started", "Rows", "What stopped it")
Number = Annotated[int, typer.Argument(help="The load's number, as `mdm loads list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the load and in the audit.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(
        no_args_is_help=True, help="What was loaded; release or drop a load that a guard stopped."
    )
    app.add_typer(group, name="loads")
    _add_list(group)
    _add_show(group)
    _add_release(group)
    _add_drop(group)


def _add_list(group: typer.Typer) -> None:
    @group.command("list")
    def show_all(
        stopped: Annotated[
            bool, typer.Option("--stopped", help="Only those that wait for a person.")
        ] = False,
        limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
        as_json: AsJson = False,
    ) -> None:
        """List loads, the latest first, with what they did or what stopped them."""
        hub = open_hub(Settings())
        with closing(hub.database), hub.database.read() as connection:
            state = "stopped" if stopped else None
            found = seen_loads.recent(connection, limit, state)
        if as_json:
            answer({"loads": [asdict(one) for one in found]}, as_json)
            return
        if not found:
            OUT.print("No load waits." if stopped else "Nothing was loaded yet.")
            return
        table = Table(
            "No", "Source", "Mode", "State", "Started", "Rows", "What stopped it", box=None
        )
        for one in found:
            table.add_row(*_row(one))
        OUT.print(table)


def _row(one: SeenLoad) -> tuple[str, ...]:
    why = " ".join(str(guard["sentence"]) for guard in one.stopped_by or ())
    read = str(one.counts.get("read", ""))
    return str(one.id), one.source, one.mode, one.state, one.started_at[:16], read, escape(why)


def _add_show(group: typer.Typer) -> None:
    @group.command("show")
    def show_one(number: Number, as_json: AsJson = False) -> None:
        """Show a load: files, counts, and the guards that stopped it with their causes."""
        hub = open_hub(Settings())
        with closing(hub.database), hub.database.read() as connection:
            found = seen_loads.by_id(connection, number)
        if found is None:
            raise NotFound(f"There is no load {number}. `mdm loads list` shows those there are.")
        told: dict[str, Any] = asdict(found)
        guards = told.pop("stopped_by") or []
        if as_json:
            answer({**told, "guards": guards}, as_json)
            return
        answer(told, as_json, f"Load {number}")
        for guard in guards:
            OUT.print(f"  {guard['guard']}: {guard['sentence']}", highlight=False)
            for cause in guard["causes"]:
                OUT.print(f"    {cause}", highlight=False, markup=False)


def _add_release(group: typer.Typer) -> None:
    @group.command("release")
    def apply_now(number: Number, reason: Reason = "", as_json: AsJson = False) -> None:
        """Apply a stopped load as it is, guards off; run again it continues where it was cut."""
        hub = open_hub(Settings())
        with closing(hub.database), progress() as report:
            done = release(hub, number, _act(reason), report)
        answer(asdict(done), as_json, f"Load {number} was released and applied.")


def _add_drop(group: typer.Typer) -> None:
    @group.command("drop")
    def give_up(number: Number, reason: Reason = "", as_json: AsJson = False) -> None:
        """Give a stopped load up: nothing of it is applied, and its rows are deleted."""
        hub = open_hub(Settings())
        with closing(hub.database):
            drop(hub, number, _act(reason))
        answer({"load": number, "state": "dropped"}, as_json, f"Load {number} was dropped.")


def _act(reason: str) -> Act:
    return Act("load", f"command line ({getpass.getuser()})", reason=reason.strip())
