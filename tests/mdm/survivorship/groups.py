"""Small groups of source records for the tests of survivorship."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from mdm.domains import DOMAINS
from mdm.records import Document
from mdm.sealing import Keys
from mdm.survivorship import Member, SourceTrust, Survived, Trust, survive

KEYS = Keys([(b"abcd", b"s" * 32)], b"f" * 32, b"h" * 32)
TODAY = date(2026, 11, 21)
TRUST = Trust.of({"s4": 60, "netsuite": 40, "csv": 40})
SUPPLIER, COST_CENTER = DOMAINS["supplier"], DOMAINS["cost_center"]


def member(source: str, key: str, **told: Any) -> Member:
    """A supplier as a source tells it; `source_time` and `ended` are those of the member."""
    time, ended = told.pop("source_time", None), told.pop("ended", False)
    findings = told.pop("findings", ())
    number = abs(hash((source, key))) % 10**6
    return Member(number, source, key, told, time, 0, ended, findings)


def golden(
    *members: Member, prior: Document | None = None, trust: Trust = TRUST, today: date = TODAY
) -> Survived:
    """The golden supplier of these members."""
    return survive(SUPPLIER, members, trust, today, prior=prior, new_child_id=KEYS.child_id)


def dated(*members: Member, trust: Trust = TRUST) -> Survived:
    """The golden cost center of these slices."""
    return survive(COST_CENTER, members, trust, TODAY, new_child_id=KEYS.child_id)


def cost_center(source: str, start: str | None, end: str | None = None, **told: Any) -> Member:
    """A slice of cost center 4711 as a source tells it."""
    period = {name: day for name, day in (("valid_from", start), ("valid_to", end)) if day}
    key = f"A000/4711@{start or ''}"
    return member(source, key, code="4711", controlling_area="A000", **period, **told)


def ageing(score: int, loss: int, floor: int = 0) -> SourceTrust:
    """Trust that falls with age."""
    return SourceTrust(score, yearly_loss=loss, floor=floor)


_few = st.sampled_from
_addresses = st.fixed_dictionaries(
    {"usage": _few(["legal", "order"]), "street": _few(["Hauptstr. 1", "Hauptstraße 1", "Ring 7"])},
    optional={"city": _few(["Berlin", "Bonn"]), "postcode": _few(["10115", "53111"])},
)
_accounts = st.fixed_dictionaries(
    {"account": _few([{"masked": "DE", "fingerprint": mark} for mark in "abc"])},
    optional={"holder": _few(["Acme", "Acme GmbH"])},
)
_companies = st.fixed_dictionaries(
    {"legal_entity": _few(["1000", "2000"])},
    optional={"payment_terms": _few(["N30", "N60"]), "blocked": st.booleans()},
)
documents = st.fixed_dictionaries(
    {"name": _few(["Acme GmbH", "ACME", "Acme Logistik GmbH"])},
    optional={
        "country": _few(["DE", "FR"]),
        "email": _few(["a@acme.de", "b@acme.de"]),
        "status": _few(["active", "blocked"]),
        "addresses": st.lists(_addresses, max_size=3),
        "bank_accounts": st.lists(_accounts, max_size=3),
        "companies": st.lists(_companies, max_size=2),
    },
)
members = st.builds(
    Member,
    record_id=st.integers(1, 9),
    source=_few(["s4", "netsuite", "csv", "hub"]),
    source_key=_few(["1", "2", "3"]),
    document=documents,
    source_time=st.none() | _few(["2026-01-01", "2026-06-01T10:00:00Z", "2020-01-01"]),
    ended=st.booleans(),
)
groups = st.lists(members, min_size=1, max_size=6, unique_by=lambda one: one.crosswalk)
_days = st.none() | _few(["2024-01-01", "2025-01-01", "2025-07-01", "2026-01-01", "2027-01-01"])
slices = st.builds(
    lambda source, start, end, name, time, ended: Member(
        1,
        source,
        f"A000/4711@{start or ''}",
        {"code": "4711", "controlling_area": "A000", "name": name}
        | {k: v for k, v in (("valid_from", start), ("valid_to", end)) if v},
        time,
        0,
        ended,
    ),
    _few(["s4", "netsuite"]),
    _days,
    _days,
    _few(["Sales", "Vertrieb"]),
    st.none() | _few(["2026-01-01", "2026-06-01"]),
    st.booleans(),
)
timelines = st.lists(slices, min_size=1, max_size=7, unique_by=lambda one: one.crosswalk)
