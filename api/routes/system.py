"""Is it alive, is it ready, how is it doing; what the interface looks like."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, render_template
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel

from api.auth import the_hub
from api.describe import answers
from api.exchange import as_json
from mdm.store import schema
from mdm.store.measures import MEASURES, counted

blueprint = APIBlueprint("system", __name__, tag="System")


class State(BaseModel):
    """One word."""

    status: str


@blueprint.get("/health")
@answers(State, strict=False)
def health() -> Response:
    """The process answers."""
    return _said("ok")


@blueprint.get("/ready")
@answers(State, strict=False)
def ready() -> Response:
    """The database is there and of this version."""
    schema.require_ready(the_hub().database)
    return _said("ready")


@blueprint.get("/metrics")
@blueprint.doc(hide=True)
def metrics() -> Response:
    """Counts and times for Prometheus: of this process, and what waits in the hub."""
    waiting = CollectorRegistry()
    with the_hub().database.read() as connection:
        for measure in MEASURES:
            gauge = Gauge(measure.name, measure.meaning, measure.labels, registry=waiting)
            for labels, count in counted(connection, measure):
                gauge.labels(*labels).set(count)
    said = generate_latest() + generate_latest(waiting)
    return Response(said, content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/docs")
@blueprint.doc(hide=True)
def docs() -> str:
    """The interface for people, made of the OpenAPI document; nothing is fetched elsewhere."""
    return render_template("docs.html")


def _said(word: str) -> Response:
    return as_json({"status": word})
