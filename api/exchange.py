"""What all routes read and write alike: query fields, pages, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from api.problems import WrongMediaType
from mdm.asking.answer import etag
from mdm.asking.listing import DEFAULT, MOST
from mdm.errors import BadRequest

JSON = "application/json"
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")


def as_json(said: Any) -> Response:
    """An answer that says this."""
    return Response(msgspec.json.encode(said), content_type=JSON)


def validated(body: bytes) -> Response:
    """An answer with the hash of what is sent as its ETag; 304 where the caller has it already."""
    answer = Response(body, content_type=JSON)
    answer.set_etag(etag(body))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def paged(answer: Response, following: str | None) -> Response:
    """A page that names the next one in its Link header, where there is one."""
    if following is not None:
        query = urlencode({**request.args.to_dict(), "cursor": following})
        answer.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return answer


def only(known: Sequence[str]) -> None:
    """BadRequest where the query has a field that the route does not know."""
    for name in request.args:
        if name not in known:
            there = f"there are: {', '.join(known)}" if known else "this route has none"
            raise BadRequest(f"There is no query field {name!r}; {there}.", field=name)


def only_json() -> None:
    """WrongMediaType where a program sends the interface a body that says it is no JSON."""
    kind = request.mimetype
    said = request.path.startswith("/v1/") and request.content_length
    if said and kind and kind not in (JSON, *LINES) and not kind.endswith("+json"):
        raise WrongMediaType(
            f"Send JSON with `Content-Type: {JSON}`, or JSON lines to push as {LINES[0]};"
            f" this is {kind}."
        )


def limit() -> int:
    """How many the page may hold, as the query says."""
    said = request.args.get("limit")
    if said is None:
        return DEFAULT
    if not said.isdecimal() or not 1 <= int(said) <= MOST:
        raise BadRequest(f"`limit` is a number from 1 to {MOST}.", field="limit")
    return int(said)


def after() -> int:
    """The number behind which the page begins, of a list in the order of numbers."""
    said = request.args.get("cursor", "0")
    if not said.isdecimal() or len(said) > len(str(2**62)):
        raise BadRequest("`cursor` is `next` of the page before.", field="cursor")
    return int(said)
