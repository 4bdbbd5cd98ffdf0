"""The page of proposed matching rules: what they would do, why they stopped, release and drop."""

from __future__ import annotations

from apiflask import APIBlueprint, APIFlask
from flask import redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.tracing import correlation_id
from api.workbench.loads import told_guards
from api.workbench.pages import page_of, problem_page
from api.workbench.session import signed_in, the_person
from mdm.domains import domain_named
from mdm.errors import HubError
from mdm.learning import drop_proposal, learned_domain, release_proposal
from mdm.people.rights import Right, require
from mdm.rematch import Work
from mdm.store import rule_sets
from mdm.store.transaction import Act

blueprint = APIBlueprint(
    "rules_pages", __name__, url_prefix="/workbench/rules", enable_openapi=False
)
blueprint.register_error_handler(HubError, problem_page)


def register(app: APIFlask) -> None:
    """Adds the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/<domain>")
@signed_in
def waiting(domain: str) -> str:
    """The rules that wait for a person, with examples of what they would do."""
    require(the_person(), Right.TASKS)
    known = learned_domain(domain_named(domain))
    with the_hub().database.read() as connection:
        found = [p for p in rule_sets.open_proposals(connection) if p.domain == known.name]
    proposal = found[0] if found else None
    guards = told_guards(proposal.effect.get("stopped_by") if proposal else None)
    said = request.args.get("said")
    return page_of("rules.html", domain=known, proposal=proposal, guards=guards, said=said)


@blueprint.post("/<domain>/release")
@signed_in
def release(domain: str) -> Answer:
    """Makes the waiting rules run, and matches what is stored by them."""
    done = release_proposal(_work(domain))
    return _shown(domain, f"The rules run; {done.applied.golden_changed} golden records changed.")


@blueprint.post("/<domain>/drop")
@signed_in
def drop(domain: str) -> Answer:
    """Gives the waiting rules up."""
    drop_proposal(_work(domain))
    return _shown(domain, "The proposed rules are dropped: nothing ran by them.")


def _work(domain: str) -> Work:
    require(the_person(), Right.RULES)
    reason = request.form.get("reason", "").strip()
    act = Act("config", the_person().name, reason=reason, correlation_id=correlation_id())
    return Work(the_hub(), learned_domain(domain_named(domain)), act)


def _shown(domain: str, said: str) -> Answer:
    return redirect(url_for("rules_pages.waiting", domain=domain, said=said), 303)
