"""The hub as it runs: its settings, database, keys and activated configuration, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from matching.rules import Rules, default_rules
from mdm import clock
from mdm.domains import DOMAINS
from mdm.errors import MissingKeys
from mdm.inbound.mapping import Source, parse_source
from mdm.model.domain import Mastering
from mdm.publication.message import new_epoch
from mdm.publication.subscription import Subscription, parse_subscription
from mdm.sealing.keys import Keys, create_keys, load_keys
from mdm.settings import Settings
from mdm.store import configuration, schema
from mdm.store.database import Database, open_database
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Trust


@dataclass(frozen=True)
class Hub:
    """Everything a command or a request needs."""

    settings: Settings
    database: Database
    keys: Keys
    sources: Mapping[str, Source]
    subscriptions: Mapping[str, Subscription]
    rules: Mapping[str, Rules]
    trust: Trust
    hub_id: str
    epoch: str


def open_hub(settings: Settings) -> Hub:
    """The hub these settings name; DatabaseNotReady or MissingKeys where `mdm init` is wanting."""
    database = open_database(settings.database_url)
    schema.require_ready(database)
    keys = load_keys(settings.keys_file)
    with database.read() as connection:
        facts = _facts(connection)
        live = configuration.live(connection)
    if facts["key_check"] != keys.check:
        raise MissingKeys(
            f"The keys in {settings.keys_file} are not the ones this database was sealed with."
            " Set MDM_KEYS to the right file."
        )
    sources = {name: parse_source(text, name) for name, text in live["source"].items()}
    return Hub(
        settings=settings,
        database=database,
        keys=keys,
        sources=sources,
        subscriptions={
            name: parse_subscription(text, name) for name, text in live["subscription"].items()
        },
        rules=match_rules(keys),
        trust=Trust.of({source.name: source.trust for source in sources.values()}),
        hub_id=facts["hub_id"],
        epoch=facts["epoch"],
    )


def match_rules(keys: Keys) -> dict[str, Rules]:
    """The matching rules of every domain that is matched.

    Until stewards have decided enough for the rules to be trusted, only an equal VAT number, tax
    number or LEI under a likely name links by itself; all else becomes a task.
    """
    return {
        domain.name: replace(
            default_rules(domain.name, secret=keys.match_secret), auto_link="identifiers"
        )
        for domain in DOMAINS.values()
        if domain.mastering is Mastering.FUZZY
    }


def initialise(settings: Settings, built_in: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Creates or upgrades the database, its keys and its configuration; says what there is now."""
    database = open_database(settings.database_url)
    schema.upgrade(database)
    keys = load_keys(settings.keys_file) if settings.keys_file.exists() else None
    with database.read() as connection:
        known = _facts(connection)
    if keys is None:
        if known:
            raise MissingKeys(
                f"This database is sealed, but {settings.keys_file} is not there."
                " Restore the key file, or set MDM_KEYS to where it is."
            )
        keys = create_keys(settings.keys_file)
    with transaction(database, Act(kind="init", actor="mdm init")) as tx:
        if not known:
            _introduce(tx.connection, settings, keys)
        activated = configuration.activate_missing(tx, built_in)
        tx.cancelled = bool(known) and not activated
    database.close()
    return {"database": settings.database_url.split("@")[-1], "activated": activated}


def _introduce(connection: Connection, settings: Settings, keys: Keys) -> None:
    facts = {
        "hub_id": settings.hub_id,
        "epoch": str(new_epoch(clock.now())),
        "key_check": keys.check,
    }
    for name, value in facts.items():
        connection.execute(
            text("INSERT INTO hub (name, value) VALUES (:name, :value)"),
            {"name": name, "value": value},
        )


def _facts(connection: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(text("SELECT name, value FROM hub"))}
