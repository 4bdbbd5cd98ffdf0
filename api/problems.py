"""Every error as a problem of RFC 9457: one table says which exception has which status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from apiflask import APIFlask, HTTPError
from flask import Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from api.tracing import correlation_id
from mdm import errors
from mdm.errors import HubError

PROBLEM = "application/problem+json"


class Unauthenticated(HubError):
    """No key was given, or none that the hub knows."""

    code: ClassVar[str] = "unauthenticated"
    title: ClassVar[str] = "Key is missing or unknown"


class PreconditionRequired(HubError):
    """A change needs to say which version it is based on."""

    code: ClassVar[str] = "precondition_required"
    title: ClassVar[str] = "If-Match is required"


class KeyReused(HubError):
    """The Idempotency-Key was used before with another payload."""

    code: ClassVar[str] = "idempotency_key_reused"
    title: ClassVar[str] = "Idempotency-Key was used for something else"


class StillRunning(HubError):
    """The first request with this Idempotency-Key is still being answered."""

    code: ClassVar[str] = "still_running"
    title: ClassVar[str] = "The first request is still running"


class WrongMediaType(HubError):
    """The body is of a kind that the hub does not read."""

    code: ClassVar[str] = "wrong_media_type"
    title: ClassVar[str] = "Body is not JSON"


class NotReady(HubError):
    """The hub cannot answer at the moment."""

    code: ClassVar[str] = "not_ready"
    title: ClassVar[str] = "The hub is not ready"


STATUSES: dict[type[HubError], int] = {
    errors.UnknownField: 400,
    errors.UnknownName: 404,
    errors.NotFound: 404,
    errors.NotYetKnown: 400,
    errors.BadRequest: 400,
    errors.UnreadableFile: 400,
    errors.Refused: 403,
    errors.StaleVersion: 412,
    errors.Conflict: 409,
    errors.DatabaseNotReady: 503,
    errors.MissingKeys: 503,
    Unauthenticated: 401,
    PreconditionRequired: 428,
    KeyReused: 422,
    StillRunning: 409,
    WrongMediaType: 415,
    NotReady: 503,
    HubError: 500,
}
INVALID = 422
CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "refused",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_media_type",
    422: "invalid",
}
"""Codes of what the web server itself refuses."""
NEXT_STEPS = {
    400: "The body is no JSON that can be read.",
    404: "There is nothing at this address; /docs lists what there is.",
    405: "This address does not take this method; /docs lists what it takes.",
    413: "The body is larger than 16 MiB; send it in parts.",
}
"""What to do about it, where the web server only says what it is."""
PAGE_STEPS = {404: "There is no page at this address."}
"""The same on the stewards' pages."""


def known_problems() -> dict[str, dict[str, Any]]:
    """Every code with the status and the title it comes with."""
    told: dict[str, dict[str, Any]] = {code: {"status": status} for status, code in CODES.items()}
    for kind, status in STATUSES.items():
        told[kind.code] = {"status": status, "title": kind.title}
    told["internal_error"] = {"status": 500, "title": "Internal error"}
    return dict(sorted(told.items()))


def register(app: APIFlask) -> None:
    """Answers every error of the hub and of the web server as a problem."""
    app.register_error_handler(HubError, of_hub)
    app.error_processor(of_validation)
    # The line above takes the web server's own refusals too; they are told by another.
    app.register_error_handler(HTTPException, of_server)
    app.register_error_handler(Exception, of_programs)


def status_of(error: HubError) -> int:
    """The status of the nearest class that the table names."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def of_hub(error: HubError) -> Response:
    """A named error of the hub."""
    field = error.facts.get("field")
    more: dict[str, Any] = {}
    if field is not None:
        more["errors"] = [{"pointer": f"#/{field}", "code": error.code, "message": error.detail}]
    answer = problem(status_of(error), error.code, error.title, error.detail, more)
    if isinstance(error, Unauthenticated):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="mdm"'
    if isinstance(error, StillRunning):
        answer.headers["Retry-After"] = "1"
    return answer


def of_server(error: HTTPException) -> Response:
    """What the web server refuses before the hub is asked."""
    status = error.code or 500
    if _for_a_person():
        said = PAGE_STEPS.get(status) or error.description or error.name
        return _page(status, error.name, said)
    code = CODES.get(status, "http_error")
    detail = NEXT_STEPS.get(status) or error.description or error.name
    answer = problem(status, code, error.name, detail)
    # RFC 9110 asks for Allow with 405.
    answer.headers.extend((k, v) for k, v in error.get_headers() if k == "Allow")
    return answer


def of_validation(error: HTTPError) -> Any:
    """What the library refuses: a body not as described, each fault with its JSON pointer."""
    status = error.status_code
    faults = [
        {"pointer": pointer, "code": "invalid", "message": message}
        for pointer, message in _faults(error.detail)
    ]
    told = "; ".join(f"{one['pointer']}: {one['message']}" for one in faults)
    answer = problem(
        status,
        CODES.get(status, "http_error"),
        "The body is not as described" if status == INVALID else error.message or "Refused",
        told or NEXT_STEPS.get(status) or error.message or "The request was refused.",
        {"errors": faults} if faults else {},
    )
    return answer.get_json(), status, {**dict(error.headers), "Content-Type": PROBLEM}


def _faults(detail: Any) -> list[tuple[str, str]]:
    """(JSON pointer, message) of every fault, from {place: {field: [messages]}}."""
    found: list[tuple[str, str]] = []
    for name, said in detail.items() if isinstance(detail, dict) else ():
        fields = said if isinstance(said, dict) else {name: said}
        for path, messages in fields.items():
            whole = path == "_schema"
            pointer = "#" if whole else "#/" + str(path).replace(".", "/")
            told = messages if isinstance(messages, list) else [messages]
            told = ["The body is a JSON object."] if whole else told
            found += [(pointer, str(message)) for message in told]
    return found


def of_programs(error: Exception) -> Response:
    """A fault of ours: logged with its trace, told without it."""
    current_app.logger.exception("unexpected error, correlation id %s", correlation_id())
    title = "Internal error"
    said = "Something went wrong inside the hub. Its log tells more under the correlation id."
    return (
        _page(500, title, said) if _for_a_person() else problem(500, "internal_error", title, said)
    )


def _for_a_person() -> bool:
    return request.path.startswith("/workbench/")


def _page(status: int, title: str, detail: str) -> Response:
    """The refusal as a page of the workbench."""
    error = {"title": title, "detail": detail}
    page = render_template("problem.html", error=error, correlation=correlation_id())
    return Response(page, status, content_type="text/html; charset=utf-8")


def problem(
    status: int, code: str, title: str, detail: str, more: Mapping[str, Any] | None = None
) -> Response:
    """The problem as a response."""
    said = {
        "type": f"/docs#problem-{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "correlationid": correlation_id(),
        **(more or {}),
    }
    return Response(msgspec.json.encode(said), status, content_type=PROBLEM)
