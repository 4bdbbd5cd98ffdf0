"""The correlation id of a request, taken in, given out and passed down; the W3C trace context."""

from __future__ import annotations

import re
import secrets
from uuid import uuid4

from apiflask import APIFlask
from flask import Response, g, has_request_context, request

from mdm.store.transaction import TRACE

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
CORRELATION = re.compile(r"[\x21-\x7e]{1,128}")


def register(app: APIFlask) -> None:
    """Reads the ids before, and sends them after every request."""
    app.before_request(_take)
    app.after_request(_give)
    app.teardown_request(_forget)


def correlation_id() -> str:
    """The id of the request that is being answered."""
    if not has_request_context():
        return str(uuid4())
    if "correlation_id" not in g:
        _take()
    return str(g.correlation_id)


def _take() -> None:
    said = request.headers.get("X-Correlation-ID", "")
    g.correlation_id = said if CORRELATION.fullmatch(said) else str(uuid4())
    trace = request.headers.get("traceparent", "")
    # Of a trace that comes in, this hub is a new span (W3C Trace Context, 3.2).
    known = TRACEPARENT.fullmatch(trace) is not None
    number = trace.split("-")[1] if known else secrets.token_hex(16)
    g.traceparent = f"00-{number}-{secrets.token_hex(8)}-{trace[-2:] if known else '00'}"
    TRACE.set(g.traceparent)


def _give(response: Response) -> Response:
    response.headers["X-Correlation-ID"] = correlation_id()
    response.headers["traceparent"] = g.traceparent
    return response


def _forget(_error: BaseException | None) -> None:
    TRACE.set(None)
