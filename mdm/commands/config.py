"""`mdm config`: what configuration would change, and making it run."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.syntax import Syntax

from mdm.commands.output import OUT, AsJson, answer, operator
from mdm.config import Proposal, activate, proposals
from mdm.domains import domain_named
from mdm.learning import activate_proposal
from mdm.refresh import follow_up
from mdm.rematch import Work
from mdm.settings import Settings
from mdm.store.database import open_database
from mdm.store.hub import open_hub
from mdm.store.schema import require_ready
from mdm.store.transaction import Act


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    config = typer.Typer(
        no_args_is_help=True,
        help="Compare and activate configuration: sources, subscriptions, ownership, rules.",
    )
    app.add_typer(config, name="config")
    _add_diff(config)
    _add_activate(config)


def _add_diff(config: typer.Typer) -> None:
    @config.command("diff")
    def show(as_json: AsJson = False) -> None:
        """Show which files differ from the configuration that runs.

        Reads the built-in files and those in MDM_CONFIG. Exit 0 where nothing differs, 1 where
        something waits to be activated.
        """
        settings = Settings()
        with closing(open_database(settings.database_url)) as database:
            require_ready(database)
            waiting = proposals(database, settings)
        if as_json:
            answer({"proposals": [_facts(one) for one in waiting]}, as_json)
        elif not waiting:
            OUT.print("What runs is what the files say.")
        else:
            for one in waiting:
                now = f"now {one.running}" if one.running else "new"
                OUT.print(f"[bold]{one.kind} {one.name}[/]  {one.version} ({now})", highlight=False)
                _print_difference(one.diff)
            OUT.print("`mdm config activate` makes this run.", highlight=False)
        raise typer.Exit(1 if waiting else 0)


def _print_difference(told: str) -> None:
    """In colours on a terminal; elsewhere as it is, for a column's width would cut it."""
    if OUT.is_terminal:
        OUT.print(Syntax(told, "diff", background_color="default", word_wrap=True))
    else:
        OUT.print(told, markup=False, highlight=False, soft_wrap=True)


def _add_activate(config: typer.Typer) -> None:
    @config.command("activate")
    def make_live(
        names: Annotated[
            list[str] | None,
            typer.Argument(help="Which to activate, e.g. source:csv; without a name: all."),
        ] = None,
        reason: Annotated[str | None, typer.Option(help="Why; kept in the log.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Make files that differ the configuration that runs."""
        settings = Settings()
        wanted = [name.replace(":", " ", 1) for name in names or ()]
        actor = operator()
        with closing(open_database(settings.database_url)) as database:
            require_ready(database)
            waiting = {f"{one.kind} {one.name}": one for one in proposals(database, settings)}
            done = activate(database, settings, wanted, actor, reason)
        done += _run_rules(settings, [waiting[name] for name in wanted or waiting], actor, reason)
        hub = open_hub(settings)
        with closing(hub.database):
            follow = follow_up(hub)
        facts = {
            "activated": [_facts(one) for one in done],
            "golden_changed": follow.golden_changed,
        }
        if as_json:
            answer(facts, as_json)
            return
        for one in done:
            OUT.print(f"{one.kind} {one.name} runs in version {one.version}.", highlight=False)
        if not done:
            OUT.print("Nothing waits: what runs is what the files say.")


def _run_rules(
    settings: Settings, chosen: list[Proposal], actor: str, reason: str | None
) -> list[Proposal]:
    """Makes proposed matching rules run, each followed by its re-match."""
    rules = [one for one in chosen if one.kind == "rules" and one.running is not None]
    if rules:
        hub = open_hub(settings)
        with closing(hub.database):
            for one in rules:
                act = Act("config", actor, reason=reason)
                activate_proposal(Work(hub, domain_named(one.name), act))
    return rules


def _facts(one: Proposal) -> dict[str, str | None]:
    return {
        "kind": one.kind,
        "name": one.name,
        "version": one.version,
        "running": one.running,
        "diff": one.diff,
    }
