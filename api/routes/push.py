"""Records pushed by source systems: one answer per record, the same answer when asked again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel

from api.auth import caller, the_hub
from api.describe import answers, reads
from api.exchange import JSON, LINES
from api.problems import KeyReused, StillRunning
from api.tracing import correlation_id
from mdm import clock
from mdm.domains import domain_named
from mdm.errors import BadRequest, Refused
from mdm.push import Keep, PushAnswer, push_rows, road_into
from mdm.store import people
from mdm.store.people import Repeatable
from mdm.store.transaction import Act, Tx

blueprint = APIBlueprint("push", __name__, tag="Sources", url_prefix="/v1")
MOST = 5_000
LONGEST_KEY = 255
GIVEN_UP = timedelta(seconds=30)
"""A request that has not ended by then died with its process, before it changed anything, and its
key is free again; should it live on all the same, the repetition finds its records unchanged."""
RECORDS = {
    "type": "array",
    "description": "Records as the source writes them, with the columns of its mapping.",
    "items": {"type": "object"},
    "minItems": 1,
    "maxItems": MOST,
}
EXAMPLE = {"id": "4711", "name": "Example GmbH", "country": "DE", "vat_number": "DE136695976"}
BODY = {
    "required": True,
    "content": {
        JSON: {"schema": RECORDS, "example": [EXAMPLE]},
        LINES[0]: {"schema": {"type": "string", "description": "A record a line."}},
    },
}


class Pushed(BaseModel):
    """What became of one record: accepted, unchanged or rejected."""

    position: int
    outcome: str
    source_key: str | None
    golden_id: str | None
    code: str | None
    reason: str | None
    findings: list[str]


class PushedAll(BaseModel):
    """One answer per record, in their order."""

    results: list[Pushed]


@blueprint.post("/sources/<source>/<domain>")
@blueprint.doc(
    summary="Push records of a source",
    description="A JSON array, or JSON lines as application/x-ndjson; at most 5,000 records."
    " Where the mapping says nothing else, an absent field stays as the preceding version told it,"
    " null withdraws the value, and so does an empty text."
    " With `Idempotency-Key` the same request again gets the same answer, kept for good.",
)
@reads(BODY)
@answers(PushedAll, headers=("Idempotency-Key",))
def push_records(source: str, domain: str) -> Response:
    """Takes records as the source writes them; a refused one is kept and says why."""
    who = caller()
    if not who.may_push(source):
        raise Refused(
            f"{who.name!r} may not push records of source {source!r}; a client that may:"
            f" `mdm client add NAME --scope push:{source}`."
        )
    known = domain_named(domain)
    body = request.get_data()
    repeatable = _repeatable(who.name, request.path)
    if repeatable is None:
        return _answer(_pushed(source, known.name, body, who.name))
    return _once(repeatable, body, source, known.name)


def _once(repeatable: Repeatable, body: bytes, source: str, domain: str) -> Response:
    database, now = the_hub().database, clock.now()
    fingerprint = sha256(body).digest()
    before = people.begin_request(
        database, repeatable, fingerprint, clock.iso(now), clock.iso(now - GIVEN_UP)
    )
    if before is not None:
        if before.fingerprint != fingerprint:
            raise KeyReused("Use another Idempotency-Key for another payload.")
        if before.status is None or before.answer is None:
            raise StillRunning("Wait until the first request is answered, then ask again.")
        return _answer(before.answer.encode())

    def keep(tx: Tx, given: list[PushAnswer]) -> None:
        people.keep_answer(tx.connection, repeatable, 200, _told(given).decode())

    try:
        answer = _pushed(source, domain, body, repeatable.client, keep)
    except BaseException:
        people.forget_request(database, repeatable)
        raise
    people.end_request(database, repeatable, 200, answer.decode())
    return _answer(answer)


def _pushed(source: str, domain: str, body: bytes, actor: str, keep: Keep | None = None) -> bytes:
    act = Act("push", actor, domain, correlation_id=correlation_id())
    road = road_into(the_hub(), source, domain, keep)
    return _told(push_rows(the_hub(), road, _records(body), act))


def _told(given: list[PushAnswer]) -> bytes:
    return msgspec.json.encode({"results": [asdict(one) for one in given]})


def _records(body: bytes) -> list[Any]:
    try:
        records = _lines(body) if request.mimetype in LINES else msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply to be records.") from None
    if isinstance(records, dict):
        records = [records]
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise BadRequest("Send a JSON array of objects, or one object a line as x-ndjson.")
    if not 1 <= len(records) <= MOST:
        raise BadRequest(f"Send from 1 to {MOST:,} records; these are {len(records):,}.")
    return records


def _lines(body: bytes) -> list[Any]:
    records = []
    for number, line in enumerate(body.splitlines(), 1):
        try:
            if line.strip():
                records.append(msgspec.json.decode(line))
        except msgspec.DecodeError as error:
            raise BadRequest(f"Line {number} of the body is not JSON: {error}.") from None
    return records


def _repeatable(client: str, route: str) -> Repeatable | None:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(key) > LONGEST_KEY:
        raise BadRequest(f"An Idempotency-Key has at most {LONGEST_KEY} characters.")
    return Repeatable(client, route, key) if key else None


def _answer(body: bytes) -> Response:
    return Response(body, content_type="application/json")
