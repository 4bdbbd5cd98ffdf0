"""People who sign in: a password, a one-time code, a session that the hub can end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mdm import clock
from mdm.errors import BadRequest, Refused
from mdm.people.rights import Caller, known_roles
from mdm.store import people
from mdm.store.hub import Hub
from mdm.store.people import User
from mdm.store.transaction import Act

HASHER = PasswordHasher()
SHORTEST = 12
STEP = 30
"""Seconds that a one-time code lives (RFC 6238)."""
PATIENCE = 5
LOCKED = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
REFRESH = timedelta(minutes=1)
WRONG = "The name, the password or the code is not right. Codes change every 30 seconds."
NOBODY = HASHER.hash(secrets.token_urlsafe(16))
"""Checked for names that nobody has, so that the time taken does not tell them."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user with what must be handed over once."""

    name: str
    password: str
    totp_secret: str
    roles: list[str]


def code_now(secret: str) -> str:
    """The one-time code that an authenticator app shows at this moment."""
    return pyotp.TOTP(secret).now()


def add_user(
    hub: Hub, act: Act, name: str, roles: list[str], password: str | None = None
) -> NewUser:
    """Adds a user; without a password one is made. The code's secret is shown this once."""
    if not roles:
        raise BadRequest(f"User {name!r} could do nothing: give at least one role.")
    if password is not None and len(password) < SHORTEST:
        raise BadRequest(f"A password has at least {SHORTEST} characters.")
    chosen = password or secrets.token_urlsafe(15)
    secret = pyotp.random_base32()
    values = {
        "name": name,
        "password_hash": HASHER.hash(chosen),
        "totp_secret": hub.keys.seal(secret.encode(), _about(name)),
        "roles": msgspec.json.encode(sorted(known_roles(roles))).decode(),
    }
    people.add_user(hub.database, act, values)
    return NewUser(name, chosen, secret, sorted(roles))


def sign_in(hub: Hub, name: str, password: str, code: str) -> str:
    """The token of a new session; Refused in the same words whatever was wrong."""
    now = clock.now()
    with hub.database.read() as connection:
        user = people.user_named(connection, name)
    if user is not None and user.locked_until and user.locked_until > clock.iso(now):
        raise Refused("Too many attempts failed. Wait 15 minutes, then try again.")
    right = _password_fits(user, password)
    step = _step_of(hub, user, code, now) if user is not None and right else None
    if user is None or not user.active or step is None or not _unused(hub, user, step, now):
        if user is not None:
            _count_failure(hub, user, now)
        raise Refused(WRONG)
    people.note_attempt(hub.database, user.id, 0, None)
    token = secrets.token_urlsafe(32)
    until = clock.iso(now + LONGEST)
    people.open_session(hub.database, _token_hash(token), user.id, clock.iso(now), until)
    return token


def person_of(hub: Hub, token: str) -> Caller | None:
    """The user whose session this token opens; None where it has ended or is idle too long."""
    now = clock.now()
    hashed = _token_hash(token)
    with hub.database.read() as connection:
        found = people.user_of_session(connection, hashed, clock.iso(now), clock.iso(now - IDLE))
    if found is None:
        return None
    user, seen = found
    if seen < clock.iso(now - REFRESH):
        people.see_session(hub.database, hashed, clock.iso(now))
    return Caller(user.name, user.roles)


def sign_out(hub: Hub, token: str) -> None:
    """Ends the session at once, wherever its token is held."""
    people.close_session(hub.database, _token_hash(token))


def _password_fits(user: User | None, password: str) -> bool:
    try:
        HASHER.verify(user.password_hash if user else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


def _step_of(hub: Hub, user: User, code: str, now: datetime) -> int | None:
    """The time step the code belongs to: the current one or a neighbour; None: it is wrong."""
    if user.totp_secret is None:
        return None
    totp = pyotp.TOTP(hub.keys.unseal(user.totp_secret, _about(user.name)).decode())
    said = code.replace(" ", "")
    for offset in (0, -1, 1):
        moment = now + timedelta(seconds=offset * STEP)
        if secrets.compare_digest(totp.at(moment), said):
            return int(moment.timestamp()) // STEP
    return None


def _unused(hub: Hub, user: User, step: int, now: datetime) -> bool:
    return people.use_code(hub.database, user.id, str(step), clock.iso(now))


def _count_failure(hub: Hub, user: User, now: datetime) -> None:
    failures = user.failures + 1
    locked = failures % PATIENCE == 0
    until = clock.iso(now + LOCKED) if locked else None
    people.note_attempt(hub.database, user.id, failures, until)


def _about(name: str) -> bytes:
    return f"totp {name}".encode()


def _token_hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
