"""`mdm rules`: the matching rules that run, what would be better ones, and who may join records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table

from matching.fields import FIELDS
from matching.rules import AutoLink
from mdm.commands.output import OUT, AsJson, answer, operator, progress
from mdm.domains import domain_named
from mdm.learning import (
    activate_proposal,
    change_rules,
    drop_proposal,
    finish_rematches,
    propose_refit,
    release_proposal,
    renew,
    told_proposal,
    told_rules,
    with_bar,
)
from mdm.readiness import Readiness, readiness
from mdm.rematch import Progress, Rematched, Work
from mdm.settings import Settings
from mdm.store.hub import built_in_rules, open_hub, read_rules
from mdm.store.transaction import Act

DomainName = Annotated[str, typer.Argument(metavar="DOMAIN", help="E.g. suppliers.")]
Reason = Annotated[str, typer.Option(help="Why; kept in the log.")]
Accept = Annotated[
    bool, typer.Option("--accept-effect", help="Even where it changes more than the budget.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    rules = typer.Typer(
        no_args_is_help=True,
        help="Matching rules: show, propose better ones, activate them, set the bar.",
    )
    app.add_typer(rules, name="rules")
    for add in (_add_show, _add_propose, _add_activate, _add_release, _add_drop):
        add(rules)
    for add in (_add_bar, _add_reset, _add_rematch):
        add(rules)


def _add_show(rules: typer.Typer) -> None:
    @rules.command("show")
    def show(domain: DomainName, as_json: AsJson = False) -> None:
        """Show the rules that run: bits of every field and level, thresholds, the bar.

        Also how many more decisions the hub wants before it joins records by itself, a waiting
        proposal with its predicted effect, and the versions before.
        """
        hub = open_hub(Settings())
        known = domain_named(domain)
        told = told_rules(hub, known)
        ready = readiness(hub, known)
        told |= {"decisions": ready.decisions, "decisions_wanted": ready.wanted}
        told["readiness"] = asdict(ready)
        if as_json:
            answer(told, as_json)
            return
        _print_rules(told, ready)
        if told["proposal"]:
            _print_proposal(told["proposal"])


def _print_rules(told: dict[str, Any], ready: Readiness) -> None:
    OUT.print(
        f"Rules {told['version']} of {told['domain']}, activated {told['activated_at'][:16]} by"
        f" {told['activated_by']}. A match from {told['threshold']:.0%}, a question from"
        f" {told['review']:.0%}; before anything is compared {told['prior_bits']:+.2f} bits.",
        highlight=False,
        markup=False,
    )
    if told["rematched_at"] is None:
        OUT.print("The re-match by them is not finished: `mdm rules rematch` goes on.")
    OUT.print(ready.sentence, highlight=False)
    table = Table("field", "level", "bits", box=None, pad_edge=False)
    for field in FIELDS:
        for place, level in reversed(list(enumerate(field.levels))):
            first = field.name if place == len(field.levels) - 1 else ""
            bits = told["weights"][field.name][level.name]
            table.add_row(first, level.meaning, f"{bits:+.2f}")
    OUT.print(table)


def _print_proposal(one: dict[str, Any]) -> None:
    told = one["effect"]
    OUT.print(
        f"Proposed by {one['proposed_by']}: rules {one['version']}. They would join"
        f" {told['joined']} and split {told['split']} of {told['golden_before']} golden records,"
        f" open {told['tasks_opened']} and close {told['tasks_closed']} questions.",
        highlight=False,
        markup=False,
    )
    for guard in told.get("stopped_by", ()):
        OUT.print(f"  Stopped: {guard['sentence']}", highlight=False, markup=False)
        for cause in guard["causes"]:
            OUT.print(f"    {cause}", highlight=False, markup=False)
    for example in told["examples"]:
        OUT.print(
            f"  {example['happens']}: {', '.join(example['names'])}"
            f" ({', '.join(example['records'])})",
            highlight=False,
            markup=False,
        )
    act = "release" if told.get("stopped_by") else "activate"
    OUT.print(f"`mdm rules {act} {one['domain']}` makes them run.", highlight=False)


def _add_propose(rules: typer.Typer) -> None:
    @rules.command("propose")
    def propose(domain: DomainName, as_json: AsJson = False) -> None:
        """Fit rules to the records and the decisions, and keep them as a proposal.

        Changes nothing: the answer says what activating them would do.
        """
        with progress() as report:
            work = work_on(domain, None, report)
            found = propose_refit(work)
        if as_json:
            answer(told_proposal(found), as_json)
        else:
            _print_proposal(told_proposal(found))


def _add_activate(rules: typer.Typer) -> None:
    @rules.command("activate")
    def activate(
        domain: DomainName,
        reason: Annotated[str | None, typer.Option(help="Why; kept in the log.")] = None,
        accept: Accept = False,
        as_json: AsJson = False,
    ) -> None:
        """Make the proposed rules run, and match all stored records by them anew."""
        with progress() as report:
            work = work_on(domain, reason, report)
            done = activate_proposal(work, accept=accept)
        say(done, as_json)


def _add_release(rules: typer.Typer) -> None:
    @rules.command("release")
    def release(domain: DomainName, reason: Reason, as_json: AsJson = False) -> None:
        """Make proposed rules run that stopped because they would change too much."""
        with progress() as report:
            done = release_proposal(work_on(domain, reason, report))
        say(done, as_json)


def _add_drop(rules: typer.Typer) -> None:
    @rules.command("drop")
    def drop(domain: DomainName, reason: Reason, as_json: AsJson = False) -> None:
        """Give proposed rules up: they never run."""
        with progress() as report:
            work = work_on(domain, reason, report)
            drop_proposal(work)
        path = work.domain.path
        answer({"domain": path, "state": "dropped"}, as_json, f"The rules of {path} are dropped.")


def _add_bar(rules: typer.Typer) -> None:
    @rules.command("bar")
    def bar(  # noqa: PLR0913, PLR0917 - the options the command has
        domain: DomainName,
        auto_link: Annotated[
            str,
            typer.Option(
                help="identifiers: only an equal VAT number, tax number or LEI joins by itself;"
                " probability: a probability from the threshold on is enough."
            ),
        ],
        reason: Reason,
        threshold: Annotated[
            float | None, typer.Option(min=0.5, max=1.0, help="Probability that makes a match.")
        ] = None,
        accept: Accept = False,
        as_json: AsJson = False,
    ) -> None:
        """Set what the hub may join without a person; kept with its reason."""
        if auto_link not in ("identifiers", "probability"):
            raise typer.BadParameter("--auto-link is identifiers or probability.")
        wanted: AutoLink = "identifiers" if auto_link == "identifiers" else "probability"
        with progress() as report:
            work = work_on(domain, reason, report)
            done = change_rules(work, lambda told: with_bar(told, wanted, threshold), accept=accept)
        say(done, as_json)


def _add_reset(rules: typer.Typer) -> None:
    @rules.command("reset")
    def reset(
        domain: DomainName, reason: Reason, accept: Accept = False, as_json: AsJson = False
    ) -> None:
        """Go back to the built-in rules; what was learned is kept among the versions."""
        with progress() as report:
            work = work_on(domain, reason, report)
            name, secret = work.domain.name, work.hub.keys.match_secret
            shipped = read_rules(built_in_rules()[name], name, secret)
            done = change_rules(work, lambda _rules: shipped, accept=accept)
        say(done, as_json)


def _add_rematch(rules: typer.Typer) -> None:
    @rules.command("rematch")
    def rematch_on(as_json: AsJson = False) -> None:
        """Go on with re-matches that were cut short, and make those that a newer engine wants.

        Does nothing where all is matched by the rules that run, on the engine as it is now.
        """
        hub, act = open_hub(Settings()), Act("rematch", operator())
        done = [*finish_rematches(hub, act), *renew(hub, act)]
        answer({"rematched": [one.version for one in done]}, as_json, "No re-match waits any more.")


def work_on(domain: str, reason: str | None, report: Progress) -> Work:
    """The hub of the settings, a domain of it, and the person at the command line."""
    act = Act("config", operator(), reason=reason)
    return Work(open_hub(Settings()), domain_named(domain), act, report)


def say(done: Rematched, as_json: bool) -> None:
    """Answers with what a re-match did."""
    answer(done.facts(), as_json, "The rules run, and the stored records are matched by them.")
