"""The hub as it runs: its settings, database, keys and activated configuration, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from matching.rules import BadRules, Rules, default_rules, dump, load
from mdm import clock
from mdm.domains import DOMAINS
from mdm.errors import BadConfiguration, DatabaseNotReady, MissingKeys
from mdm.inbound.codes import with_codes
from mdm.inbound.mapping import Source, parse_source
from mdm.model.domain import Mastering
from mdm.publication.message import new_epoch
from mdm.publication.subscription import Subscription, parse_subscription
from mdm.sealing.keys import Keys, create_keys, load_keys
from mdm.settings import Settings
from mdm.store import configuration, schema
from mdm.store.database import Database, open_database, without_password
from mdm.store.statements import text
from mdm.store.transaction import Act, transaction
from mdm.survivorship import Trust
from mdm.survivorship.choices import parse_choices
from mdm.survivorship.ownership import parse_ownership

TRUSTED = ("source", "ownership", "survivorship")
"""The kinds of configuration that say how far sources are believed."""


@dataclass(frozen=True, repr=False)
class Hub:
    """Everything a command or a request needs."""

    settings: Settings
    database: Database
    keys: Keys
    sources: dict[str, Source]
    """The sources as last read; `source_of` gives one with the codes that run."""
    subscriptions: Mapping[str, Subscription]
    rules: dict[str, Rules]
    """The matching rules as last read; `rules_of` gives those that run."""
    trust: Trust
    hub_id: str
    epoch: str
    rules_read: dict[str, str] = field(default_factory=dict)
    """Versions of the texts that `rules` were read from."""
    trusted: str = ""
    """The version of the texts that `trust` was read from; `trust_of` gives the one that counts."""
    trust_read: dict[str, Trust] = field(default_factory=dict)
    """A later one, by its version."""
    codes_read: dict[str, str | None] = field(default_factory=dict)
    """By source, the version of the codes that it reads with."""

    def __repr__(self) -> str:
        """Short, and without secrets: what is shown where something fails."""
        return f"<Hub on {without_password(self.settings.database_url)}>"


def open_hub(settings: Settings) -> Hub:
    """The hub these settings name; DatabaseNotReady or MissingKeys where `mdm init` is wanting."""
    database = open_database(settings.database_url)
    schema.require_ready(database)
    keys = load_keys(settings.keys_file)
    with database.read() as connection:
        facts = _facts(connection)
        live = configuration.live(connection)
        trusted = configuration.version_of(connection, TRUSTED)
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
        rules={
            name: read_rules(text, name, keys.match_secret) for name, text in live["rules"].items()
        },
        trust=_trust(sources, live),
        hub_id=facts["hub_id"],
        epoch=facts["epoch"],
        trusted=trusted,
        rules_read={name: configuration.content_hash(text) for name, text in live["rules"].items()},
    )


def source_of(connection: Connection, hub: Hub, name: str) -> Source:
    """The source with the codes that run now: a person may have mapped some meanwhile."""
    version = configuration.live_hash(connection, "codes", name)
    if hub.codes_read.get(name) != version:
        said = configuration.live_text(connection, "source", name)
        codes = configuration.live_text(connection, "codes", name)
        assert said is not None
        source = parse_source(said, name)
        hub.sources[name] = with_codes(source, codes) if codes is not None else source
        hub.codes_read[name] = version
    return hub.sources[name]


def trust_of(connection: Connection, hub: Hub) -> Trust:
    """The trust that counts now: another process may have activated other sources meanwhile."""
    version = configuration.version_of(connection, TRUSTED)
    if version == hub.trusted:
        return hub.trust
    if version not in hub.trust_read:
        live = configuration.live(connection)
        hub.trust_read.clear()
        hub.trust_read[version] = read_trust(live)
    return hub.trust_read[version]


def read_trust(live: Mapping[str, Mapping[str, str]]) -> Trust:
    """The trust that texts of `TRUSTED` kinds say, by kind and name."""
    return _trust({name: parse_source(text, name) for name, text in live["source"].items()}, live)


def _trust(sources: Mapping[str, Source], live: Mapping[str, Mapping[str, str]]) -> Trust:
    owners = {
        name: parse_ownership(text, name, DOMAINS, sources)
        for name, text in live["ownership"].items()
    }
    choices = {
        name: parse_choices(text, name, DOMAINS) for name, text in live["survivorship"].items()
    }
    return Trust.of({source.name: source.trust for source in sources.values()}, owners, choices)


def built_in_rules() -> dict[str, str]:
    """The matching rules that every domain that is matched begins with, as texts.

    Until stewards have decided enough for the rules to be trusted, only an equal VAT number, tax
    number or LEI under a likely name links by itself; all else becomes a task.
    """
    return {
        domain.name: dump(replace(default_rules(domain.name), auto_link="identifiers"))
        for domain in DOMAINS.values()
        if domain.mastering is Mastering.FUZZY
    }


def read_rules(text: str, domain: str, secret: bytes) -> Rules:
    """Rules from their text; BadConfiguration where this version cannot read them."""
    try:
        return load(text, secret)
    except BadRules as error:
        raise BadConfiguration(
            f"The matching rules of {domain} that run were written by another version of the hub:"
            f" {error} `mdm rules reset {domain}` proposes the built-in ones."
        ) from error


def rules_of(connection: Connection, hub: Hub, domain: str) -> Rules:
    """The rules that run now: another process may have activated others since this hub opened."""
    version = configuration.live_hash(connection, "rules", domain)
    if version is not None and hub.rules_read.get(domain) != version:
        text = configuration.live_text(connection, "rules", domain)
        assert text is not None
        hub.rules[domain] = read_rules(text, domain, hub.keys.match_secret)
        hub.rules_read[domain] = configuration.content_hash(text)
    if domain not in hub.rules:
        raise DatabaseNotReady(f"No matching rules of {domain} run. `mdm init` activates them.")
    return hub.rules[domain]


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
