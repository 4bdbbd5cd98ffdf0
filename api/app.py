"""The hub over HTTP: every part of it put together."""

from __future__ import annotations

import logging
import time
from typing import Any

from apiflask import APIFlask
from flask import Response, g, request
from flask.json.provider import DefaultJSONProvider
from prometheus_client import Histogram

from api import describe, problems, tracing
from api.exchange import only_json
from api.routes import (
    audit,
    codes,
    hierarchies,
    identities,
    links,
    loads,
    lookup,
    match,
    push,
    rules,
    stewardship,
    system,
    tasks,
    versions,
)
from api.workbench import codes as code_pages
from api.workbench import loads as load_pages
from api.workbench import pages, trees
from api.workbench import rules as rule_pages
from mdm.settings import Settings
from mdm.store.hub import Hub, open_hub

LARGEST_BODY = 16 * 1024 * 1024
TITLE = "Finance master data hub"
TIMES = Histogram(
    "mdm_http_request_seconds",
    "Time to answer a request.",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

ROUTES = (
    system,
    audit,
    codes,
    hierarchies,
    identities,
    links,
    loads,
    lookup,
    match,
    rules,
    push,
    stewardship,
    tasks,
    versions,
)


def create_app(hub: Hub) -> APIFlask:
    """The WSGI application that serves this hub."""
    app = APIFlask(
        "api",
        title=TITLE,
        version="1",
        docs_path=None,
        spec_path="/openapi.json",
        static_folder="workbench/static",
        static_url_path="/static",
        template_folder="workbench/templates",
    )
    app.extensions["hub"] = hub
    app.json = _Bounded(app)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        OPENAPI_VERSION="3.1.0",
        DESCRIPTION="Golden records of suppliers, cost centers, projects, tax codes and legal"
        " entities: looked up, pushed and decided. Errors are problems of RFC 9457.",
        JSON_SORT_KEYS=False,
        SYNC_LOCAL_SPEC=False,
    )
    app.security_schemes = {"key": {"type": "http", "scheme": "bearer"}}
    app.before_request(_start)
    tracing.register(app)
    problems.register(app)
    describe.register(app)
    app.after_request(_finish)
    for route in ROUTES:
        app.register_blueprint(route.blueprint)
    pages.register(app)
    trees.register(app)
    load_pages.register(app)
    code_pages.register(app)
    rule_pages.register(app)
    return app


def served() -> APIFlask:
    """The application on the hub that the settings name, for a WSGI server to call."""
    logging.basicConfig(level=logging.INFO)
    # It tells at every start which dialect it sees, which is no news to an operator.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return create_app(open_hub(Settings()))


class _Bounded(DefaultJSONProvider):
    """JSON whose nesting no parser follows is as unreadable as any other that is none."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("It is nested too deeply.") from error


def _start() -> None:
    g.started = time.perf_counter()
    only_json()


def _finish(response: Response) -> Response:
    rule: Any = request.url_rule
    route = rule.rule if rule is not None else "none"
    if "started" in g:
        took = time.perf_counter() - g.started
        TIMES.labels(request.method, route, response.status_code).observe(took)
    response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    return response
