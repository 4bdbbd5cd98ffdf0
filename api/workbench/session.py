"""Sessions of the workbench: who is signed in, and that a form came from our own page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, g, redirect, request, url_for

from api.auth import the_hub
from mdm.errors import Refused
from mdm.people.rights import Caller
from mdm.people.users import person_of

COOKIE = "mdm_session"
VISITOR = "mdm_visitor"
View = TypeVar("View", bound=Callable[..., Any])


def signed_in(view: View) -> View:
    """A page for people who are signed in; others are sent to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        person = person_of(the_hub(), request.cookies.get(COOKIE, ""))
        if person is None:
            here = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("workbench.sign_in_page", next=here))
        g.person = person
        if request.method == "POST":
            _refuse_foreign(request.cookies[COOKIE])
        return view(*args, **kwargs)

    return cast("View", guarded)


def the_person() -> Caller:
    """Who is signed in."""
    found: Caller = g.person
    return found


def form_token() -> str:
    """What our forms carry, so that no other site's page can send them."""
    return _token_of(request.cookies.get(COOKIE) or visitor())


def check_visitor() -> None:
    """Refuses a sign-in form that did not come from our own page."""
    _refuse_foreign(request.cookies.get(VISITOR, ""))


def visitor() -> str:
    """A random mark of a browser that is not signed in yet."""
    if "visitor" not in g:
        g.visitor = request.cookies.get(VISITOR) or secrets.token_urlsafe(16)
    return str(g.visitor)


def keep(response: Response, name: str, value: str) -> Response:
    """Sets a cookie that scripts cannot read and other sites cannot make the browser send."""
    secure = request.is_secure or the_hub().settings.public_url.startswith("https://")
    response.set_cookie(
        name, value, httponly=True, samesite="Lax", secure=secure, path="/workbench"
    )
    return response


def _token_of(mark: str) -> str:
    return the_hub().keys.text_hash(f"form {mark}")


def _refuse_foreign(mark: str) -> None:
    said = request.form.get("token", "")
    if not mark or not secrets.compare_digest(said.encode(), _token_of(mark).encode()):
        raise Refused("This form is not from the workbench, or too old. Open the page again.")
