"""The pages: sign-in, queue, pair, golden record, search."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint, APIFlask
from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from api.auth import the_hub
from api.problems import status_of
from api.tracing import correlation_id
from api.workbench import records, session, views
from api.workbench.compare import child_parts, label, shown
from api.workbench.session import form_token, keep, signed_in, the_person
from mdm.domains import DOMAINS, domain_named
from mdm.errors import BadRequest, HubError, NotFound, Refused
from mdm.governance.decisions import Answer as Saying
from mdm.governance.decisions import answer_task, task_named, withdraw
from mdm.people.rights import Right, require
from mdm.people.users import sign_in, sign_out
from mdm.placeholders import add_placeholder
from mdm.rematch import Work
from mdm.store import find
from mdm.store.tasks import SORTS, Wanted
from mdm.store.transaction import Act

blueprint = APIBlueprint("workbench", __name__, url_prefix="/workbench", enable_openapi=False)
PAGE = 50
MOST_DIGITS = 10


def register(app: APIFlask) -> None:
    """Adds the pages and what their templates use."""
    app.register_blueprint(blueprint)
    app.register_blueprint(records.blueprint)
    app.add_url_rule("/", "home", app.doc(hide=True)(_home))
    app.jinja_env.filters.update(shown=shown, label=label, day=_day, number=_number, likely=_likely)
    app.jinja_env.globals.update(
        form_token=form_token, child_parts=child_parts, reasons_of=views.reasons_of, domains=DOMAINS
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _home() -> Answer:
    return redirect("/workbench/")


@blueprint.errorhandler(HubError)
@records.blueprint.errorhandler(HubError)
def problem_page(error: HubError) -> tuple[str, int]:
    """An error as a page, with what to do next."""
    page = render_template("problem.html", error=error, correlation=correlation_id())
    return page, status_of(error)


@blueprint.get("/sign-in")
def sign_in_page() -> Response:
    """The sign-in form."""
    return _sign_in_form(None, 200)


@blueprint.post("/sign-in")
def sign_in_now() -> Answer:
    """Opens a session, or shows the form again with what is wrong."""
    session.check_visitor()
    form = request.form
    try:
        token = sign_in(the_hub(), form["name"], form["password"], form["code"])
    except Refused as error:
        return _sign_in_form(error.detail, 403)
    onward = form.get("next") or ""
    # Only a path of our own: "//host" would lead to another site.
    safe = onward.startswith("/workbench/") and "\\" not in onward
    answer = redirect(onward if safe else url_for("workbench.queue"), 303)
    return keep(answer, session.COOKIE, token)  # type: ignore[arg-type] # flask's redirect


@blueprint.post("/sign-out")
@signed_in
def sign_out_now() -> Answer:
    """Ends the session."""
    sign_out(the_hub(), request.cookies[session.COOKIE])
    answer = redirect(url_for("workbench.sign_in_page"), 303)
    answer.delete_cookie(session.COOKIE, path="/workbench")
    return answer


def _sign_in_form(wrong: str | None, status: int) -> Response:
    onward = request.values.get("next", "")
    name = request.form.get("name", "")
    page = render_template("sign_in.html", wrong=wrong, onward=onward, name=name)
    return keep(make_response(page, status), session.VISITOR, session.visitor())


@blueprint.get("/")
@signed_in
def queue() -> str:
    """Open tasks, filtered and sorted."""
    require(the_person(), Right.TASKS)
    wanted = _wanted()
    found = views.queue(the_hub(), wanted)
    return page_of("queue.html", wanted=wanted, **found, done=_done())


@blueprint.get("/tasks/<int:number>")
@signed_in
def pair(number: int) -> Any:
    """A task: two records beside each other, what differs, and why the rules think so."""
    require(the_person(), Right.TASKS)
    place = views.place_of(the_hub(), number)
    if place is not None:
        return redirect(f"/workbench/{place}")
    found = views.pair(the_hub(), number)
    back = _query(_wanted())
    return page_of("pair.html", **found, back=back, done=_done())


@blueprint.get("/explain")
@signed_in
def explain() -> str:
    """Any two records: why they are, or are not, the same."""
    require(the_person(), Right.READ)
    domain = domain_named(request.args.get("domain") or "supplier")
    left, right = (request.args.get(side, "").strip() for side in ("left", "right"))
    found: dict[str, Any] = {"evidence": None, "pair": None, "wrong": None}
    try:
        if left and right:
            found |= views.explained(the_hub(), the_person(), domain, left, right)
    except (BadRequest, NotFound) as error:
        found["wrong"] = error.detail
    return page_of("explain.html", **{"domain": domain, **found}, left=left, right=right)


@blueprint.post("/tasks/<int:number>")
@signed_in
def decide(number: int) -> Answer:
    """Answers the task and goes on to the next one."""
    form = request.form
    left, right = _chosen(form)
    said = Saying(
        task_id=number,
        version=int(form["version"]) if form["version"].isdecimal() else 0,
        kind=form["decision"],
        reason=form.get("reason", "").strip() or None,
        survivor=(form.get("survivor") or None) if form["decision"] == "same" else None,
        left=left,
        right=right,
    )
    done = answer_task(the_hub(), the_person(), said, correlation_id())
    wanted = _wanted()
    following = views.next_task(the_hub(), wanted)
    query = {**_query(wanted), "done": str(done.decision)}
    place = "" if following is None else f"tasks/{following}"
    return redirect(f"/workbench/{place}?{urlencode(query)}", 303)


@blueprint.post("/tasks/<int:number>/placeholder")
@signed_in
def list_placeholder(number: int) -> Answer:
    """Lists a value of an over-common key as one that stands for nothing."""
    require(the_person(), Right.RULES)
    task, form = task_named(the_hub(), number), request.form
    act = Act(
        "config",
        the_person().name,
        reason=form.get("reason", "").strip() or None,
        correlation_id=correlation_id(),
    )
    work = Work(the_hub(), DOMAINS[task.domain], act)
    field, _, value = form["placeholder"].partition(":")
    add_placeholder(work, field, value)
    return redirect(url_for("workbench.pair", number=number), 303)


@blueprint.post("/decisions/<int:number>/withdraw")
@signed_in
def take_back(number: int) -> Answer:
    """Takes a decision back and shows its task, or the history, again."""
    withdraw(the_hub(), the_person(), number, correlation_id())
    return redirect(url_for("workbench.decisions", withdrawn=number), 303)


@blueprint.get("/decisions")
@signed_in
def decisions() -> str:
    """The latest decisions; each in force can be taken back."""
    require(the_person(), Right.TASKS)
    found = views.decisions(the_hub())
    return page_of("decisions.html", decisions=found, withdrawn=request.args.get("withdrawn"))


@blueprint.get("/records/<domain>/<golden_id>")
@signed_in
def golden(domain: str, golden_id: str) -> Any:
    """A golden record: values with winner and rule, children, sources, history, tasks."""
    require(the_person(), Right.READ)
    known = domain_named(domain)
    found = views.golden(the_hub(), the_person(), known, golden_id)
    if found["stored"].golden_id != golden_id:
        to = url_for(
            "workbench.golden",
            domain=known.path,
            golden_id=found["stored"].golden_id,
            formerly=golden_id,
        )
        return redirect(to)
    given = request.args
    return page_of("golden.html", **found, formerly=given.get("formerly"), said=given.get("said"))


@blueprint.get("/search")
@signed_in
def search() -> str:
    """Records by name, code, key or number."""
    require(the_person(), Right.READ)
    said = request.args.get("q", "").strip()
    domain = domain_named(request.args.get("domain") or "supplier")
    results = views.search(the_hub(), the_person(), domain, said) if said else []
    return page_of("search.html", q=said, domain=domain, results=results)


def page_of(template: str, **facts: Any) -> str:
    """The page of a template, with what stands on top of every page."""
    with the_hub().database.read() as connection:
        totals = find.totals(connection)
    person = the_person()
    may_decide = person.may(Right.DECIDE)
    facts["may_change_rules"] = person.may(Right.RULES)
    return render_template(template, person=person, may_decide=may_decide, totals=totals, **facts)


def _wanted() -> Wanted:
    given = request.args
    domain = given.get("domain") or None
    sort = given.get("sort", "probability")
    if sort not in (*SORTS, views.WORTH):
        raise BadRequest(f"`sort` is one of: {', '.join((*SORTS, views.WORTH))}.")
    page = given.get("page", "1")
    skip = (int(page) - 1) * PAGE if page.isdecimal() and 0 < int(page) < 10_000 else 0  # noqa: PLR2004 # far beyond any queue
    return Wanted(
        state=given.get("state", "open"),
        domain=domain_named(domain).name if domain else None,
        kind=given.get("kind") or None,
        sort=sort,
        limit=PAGE,
        skip=skip,
    )


def _done() -> Any:
    """The decision that has just been taken, where the address names one."""
    said = request.args.get("done", "")
    return (
        views.in_force(the_hub(), int(said))
        if said.isdecimal() and len(said) < MOST_DIGITS
        else None
    )


def _query(wanted: Wanted) -> dict[str, str]:
    """The filter of a queue as it stands in addresses."""
    said = {"domain": wanted.domain, "kind": wanted.kind, "sort": wanted.sort}
    return {name: value for name, value in said.items() if value and value != "probability"}


def _chosen(form: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sides a person gave to records of a task that names no two sides."""
    sides: dict[str, list[int]] = {"left": [], "right": []}
    for name, side in form.items():
        if name.startswith("side-") and side in sides and name[5:].isdecimal():
            sides[side].append(int(name[5:]))
    return tuple(sides["left"]), tuple(sides["right"])


def _likely(probability: float) -> str:
    """In percent; never 100 or 0, for rules are never certain."""
    told = f"{probability:.0%}"
    if told in ("0%", "100%"):
        told = f"{min(max(probability, 0.001), 0.999):.1%}"
    return f"{told[:-1]} %"


def _day(instant: str | None) -> str:
    """An instant to the minute."""
    return f"{instant[:10]} {instant[11:16]}" if instant else ""


def _number(value: int) -> str:
    """A count with thin spaces."""
    return f"{value:,}".replace(",", "\u202f")
