"""Configuration runs by activated content hash; a file that differs is a proposal.

The texts come from the hub itself, and from the folder MDM_CONFIG over them. Nothing of a file
takes effect before somebody activates it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration, UnknownName
from mdm.inbound.mapping import builtin_sources, parse_source, self_contained
from mdm.publication.subscription import builtin_subscriptions, parse_subscription
from mdm.settings import Settings
from mdm.store import configuration, follow_ups, rule_sets
from mdm.store.database import Database
from mdm.store.hub import built_in_rules, read_trust
from mdm.store.transaction import Act, Tx, transaction
from mdm.survivorship import Trust
from mdm.survivorship.choices import parse_choices
from mdm.survivorship.ownership import parse_ownership

FOLDERS = {
    "source": "sources",
    "subscription": "subscriptions",
    "ownership": "ownership",
    "survivorship": "survivorship",
}
"""The kinds of configuration that files give, and the folder of each."""

Texts = Mapping[str, Mapping[str, str]]
"""Configuration texts by kind and name."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text that differs from the one that runs."""

    kind: str
    name: str
    version: str
    running: str | None
    """Version that runs now; None: nothing of this name runs."""
    diff: str


def built_in() -> dict[str, dict[str, str]]:
    """The texts that come with the hub: what `mdm init` activates."""
    own = builtin_sources()
    return {
        "source": {name: self_contained(text, name, own) for name, text in own.items()},
        "subscription": builtin_subscriptions(),
        "rules": built_in_rules(),
        "ownership": {},
        "survivorship": {},
    }


def texts(settings: Settings) -> dict[str, dict[str, str]]:
    """Every text: the built-in ones, and those of the folder MDM_CONFIG over them, checked.

    A source that extends another is written out, so that what runs does not depend on other files.
    Raises BadConfiguration.
    """
    found = built_in()
    if settings.config is not None:
        if not settings.config.is_dir():
            raise BadConfiguration(
                f"MDM_CONFIG names {str(settings.config)!r}, which is no folder."
            )
        for kind, folder in FOLDERS.items():
            found[kind].update(_read(settings.config / folder))
    own = builtin_sources()
    for name, text in dict(found["source"]).items():
        # A file that extends its own name means the built-in source that it stands for.
        others = {**found["source"], **({name: own[name]} if name in own else {})}
        found["source"][name] = self_contained(text, name, others)
        parse_source(found["source"][name], name)
    for name, text in found["subscription"].items():
        parse_subscription(text, name)
    for name, text in found["ownership"].items():
        parse_ownership(text, name, DOMAINS, found["source"])
    for name, text in found["survivorship"].items():
        parse_choices(text, name, DOMAINS)
    return found


def _read(folder: Path) -> dict[str, str]:
    try:
        return {
            path.stem: path.read_text(encoding="utf-8")
            for path in sorted(folder.glob("*.yaml"))
            if path.is_file()
        }
    except (OSError, UnicodeError) as error:
        raise BadConfiguration(
            f"{folder}: a file cannot be read ({error}). Save it as UTF-8."
        ) from error


def proposals(database: Database, settings: Settings) -> list[Proposal]:
    """Every text that differs from the one that runs under its name, in order of kind and name.

    Matching rules are learned, not written: of those, what was proposed and waits.
    """
    with database.read() as connection:
        running = configuration.live(connection)
        waiting = {one.domain: one.content for one in rule_sets.open_proposals(connection)}
    told = texts(settings)
    told["rules"] = {**told["rules"], **running["rules"], **waiting}
    return [
        Proposal(
            kind=kind,
            name=name,
            version=configuration.content_hash(text),
            running=_version(running[kind].get(name)),
            diff=diff(running[kind].get(name, ""), text, f"{kind} {name}"),
        )
        for kind, named in sorted(told.items())
        for name, text in sorted(named.items())
        if running[kind].get(name) != text
    ]


def _version(text: str | None) -> str | None:
    return configuration.content_hash(text) if text is not None else None


def diff(running: str, proposed: str, name: str) -> str:
    """What would change, as a unified diff."""
    lines = difflib.unified_diff(
        running.splitlines(),
        proposed.splitlines(),
        f"{name} (running)",
        f"{name} (proposed)",
        lineterm="",
    )
    return "\n".join(lines)


def activate(
    database: Database, settings: Settings, names: Sequence[str], actor: str, reason: str | None
) -> list[Proposal]:
    """Makes the named proposals ("source csv"; none named: all of them) the texts that run.

    All take effect together, in one transaction; proposed matching rules are left out. What was
    formed under other trust waits for `mdm.refresh.follow_up`. Raises UnknownName for a name that
    proposes nothing.
    """
    waiting = {f"{one.kind} {one.name}": one for one in proposals(database, settings)}
    for name in names:
        if name not in waiting:
            raise UnknownName.among("proposal", name, list(waiting) or ["none"])
    chosen = [waiting[name] for name in names] if names else list(waiting.values())
    # Rules that run already are followed by a re-match: learning.activate_proposal does both.
    chosen = [one for one in chosen if one.kind != "rules" or one.running is None]
    if not chosen:
        return []
    named = texts(settings)
    facts = {f"{one.kind} {one.name}": one.version for one in chosen}
    with transaction(database, Act("config", actor, reason=reason, facts=facts)) as tx:
        before = _trust(tx)
        for one in chosen:
            configuration.activate(tx, one.kind, one.name, named[one.kind][one.name])
        # Who is believed, and whose field it is, decides golden values.
        follow_ups.add_trust(tx, before, _trust(tx))
    return chosen


def _trust(tx: Tx) -> Trust:
    return read_trust(configuration.live(tx.connection))


def activate_builtin(tx: Tx) -> list[str]:
    """Activates the built-in texts whose name runs in no version yet; returns their names."""
    return configuration.activate_missing(tx, built_in())
