"""What stewards do on the page of a golden record: merge, unmerge, set values, take them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from apiflask import APIBlueprint
from flask import request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.tracing import correlation_id
from api.workbench.session import signed_in, the_person
from mdm.domains import domain_named
from mdm.errors import BadRequest
from mdm.governance import merging, overrides
from mdm.governance.overrides import Asked
from mdm.model.domain import Domain
from mdm.overrides import Wanted
from mdm.survivorship import Lifetime

blueprint = APIBlueprint("records", __name__, url_prefix="/workbench/records", enable_openapi=False)


@blueprint.post("/<domain>/<golden_id>/merge")
@signed_in
def merge(domain: str, golden_id: str) -> Answer:
    """Makes the record and another one, and shows what survived."""
    form = request.form
    known = domain_named(domain)
    other, survivor = form["with"].strip(), form.get("survivor") or None
    if survivor == "other":
        survivor = other
    asked = _asked(known, golden_id)
    number, after = merging.merge(the_hub(), asked, other, survivor, form.get("reason", ""))
    return _shown(known, after.golden_id, f"Merged by decision {number}.")


@blueprint.post("/<domain>/<golden_id>/unmerge")
@signed_in
def unmerge(domain: str, golden_id: str) -> Answer:
    """Takes a merge back, and shows the record that stands again."""
    form = request.form
    known = domain_named(domain)
    parting = merging.Parting(form["original"], scope=form.get("scope", "subtree"))
    asked = _asked(known, golden_id)
    done, _after = merging.unmerge(the_hub(), asked, parting, form.get("reason", ""))
    told = [*done.not_restored, *done.moved]
    lost = " ".join(told) or "All of it is as if it had never been merged."
    return _shown(known, done.restored[0], f"Unmerged by decision {done.decision}. {lost}")


@blueprint.post("/<domain>/<golden_id>/overrides")
@signed_in
def override(domain: str, golden_id: str) -> Answer:
    """Sets a value over the sources."""
    form = request.form
    known = domain_named(domain)
    entity = form.get("legal_entity", "").strip()
    wanted = Wanted(
        field=form["field"],
        value=form["value"],
        reason=form.get("reason", ""),
        lifetime=_lifetime(form.get("lifetime", Lifetime.FOR_EVER.value)),
        until=_day(form, "until"),
        scope={"legal_entity": entity} if entity else {},
        valid_from=_day(form, "valid_from"),
        valid_to=_day(form, "valid_to"),
    )
    number, after = overrides.override(the_hub(), _asked(known, golden_id), wanted)
    return _shown(known, after.golden_id, f"Override {number} holds now.")


@blueprint.post("/<domain>/<golden_id>/overrides/<int:number>")
@signed_in
def take_back(domain: str, golden_id: str, number: int) -> Answer:
    """Takes an override back."""
    known = domain_named(domain)
    reason = request.form.get("reason", "").strip() or None
    after = overrides.lift(the_hub(), _asked(known, golden_id), number, reason)
    return _shown(known, after.golden_id, f"Override {number} is taken back.")


def _asked(domain: Domain, golden_id: str) -> Asked:
    version = request.form.get("version", "")
    number = int(version) if version.isdecimal() else 0
    return Asked(the_person(), domain, golden_id, number, correlation_id())


def _lifetime(said: str) -> Lifetime:
    try:
        return Lifetime(said)
    except ValueError:
        known = ", ".join(one.value for one in Lifetime)
        raise BadRequest(f"A lifetime is one of: {known}.", field="lifetime") from None


def _day(form: Mapping[str, Any], name: str) -> date | None:
    said = str(form.get(name, "")).strip()
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise BadRequest(f"{said!r} is no date; write 2026-01-31.", field=name) from None


def _shown(domain: Domain, golden_id: str, said: str) -> Answer:
    to = url_for("workbench.golden", domain=domain.path, golden_id=golden_id, said=said)
    return redirect(to, 303)
