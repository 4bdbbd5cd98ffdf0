"""Users, their sessions, clients with API keys, remembered answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from mdm.errors import Conflict
from mdm.store.database import Database
from mdm.store.statements import text
from mdm.store.tables.people import client, session, user_account
from mdm.store.transaction import Act, begin, transaction

USER = "id, name, password_hash, totp_secret, roles, active, failures, locked_until"


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in."""

    id: int
    name: str
    password_hash: str
    totp_secret: bytes | None
    """Sealed."""
    roles: frozenset[str]
    active: bool
    failures: int
    locked_until: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """A program that may ask."""

    name: str
    subscription: str | None
    roles: frozenset[str]
    scopes: frozenset[str]


def add_user(database: Database, act: Act, values: Mapping[str, Any]) -> None:
    """Keeps a new user; Conflict where the name is taken."""
    _add(database, act, user_account, {**values, "active": True, "failures": 0}, "user")


def add_client(database: Database, act: Act, values: Mapping[str, Any]) -> None:
    """Keeps a new client; Conflict where the name is taken."""
    _add(database, act, client, {**values, "active": True}, "client")


def _add(database: Database, act: Act, table: Any, values: Mapping[str, Any], what: str) -> None:
    try:
        with transaction(database, act) as tx:
            tx.connection.execute(insert(table).values({**values, "created_at": tx.at}))
            rights = {n: values[n] for n in ("roles", "scopes", "subscription") if values.get(n)}
            tx.note("rights", f"{what}:{values['name']}", **rights)
    except IntegrityError:
        raise Conflict(
            f"There is a {what} {values['name']!r} already. Choose another name."
        ) from None


def user_named(connection: Connection, name: str) -> User | None:
    """The user of this name; None where there is none."""
    row = connection.execute(
        text(f"SELECT {USER} FROM user_account WHERE name = :name"), {"name": name}
    ).first()
    return _user(row) if row else None


def note_attempt(database: Database, user_id: int, failures: int, locked_until: str | None) -> None:
    """Keeps how many sign-ins failed in a row, and until when the user must wait."""
    _run(
        database,
        "UPDATE user_account SET failures = :failures, locked_until = :until WHERE id = :id",
        {"failures": failures, "until": locked_until, "id": user_id},
    )


def use_code(database: Database, user_id: int, mark: str, now: str) -> bool:
    """Marks a one-time code as used; False where it was used before."""
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        done = connection.execute(
            text(
                "INSERT INTO idempotency (client, route, key, fingerprint, at)"
                " VALUES (:client, 'totp', :key, :none, :at) ON CONFLICT DO NOTHING"
            ),
            {"client": f"user {user_id}", "key": mark, "none": b"", "at": now},
        )
        connection.commit()
        return done.rowcount == 1


def open_session(database: Database, token_hash: bytes, user_id: int, now: str, until: str) -> None:
    """Keeps a session and clears those that have ended."""
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        connection.execute(text("DELETE FROM session WHERE expires_at < :now"), {"now": now})
        connection.execute(
            insert(session).values(
                token_hash=token_hash,
                user_id=user_id,
                created_at=now,
                seen_at=now,
                expires_at=until,
            )
        )
        connection.commit()


def user_of_session(
    connection: Connection, token_hash: bytes, now: str, idle_since: str
) -> tuple[User, str] | None:
    """The user whose session this is and when it was seen last; None where it has ended."""
    names = ", ".join(f"user_account.{name}" for name in USER.split(", "))
    row = connection.execute(
        text(
            f"SELECT {names}, session.seen_at FROM session"
            " JOIN user_account ON user_account.id = session.user_id"
            " WHERE token_hash = :token AND expires_at > :now AND seen_at > :idle"
            " AND user_account.active"
        ),
        {"token": token_hash, "now": now, "idle": idle_since},
    ).first()
    return (_user(row[:-1]), str(row[-1])) if row else None


def see_session(database: Database, token_hash: bytes, now: str) -> None:
    """Notes that a session was used."""
    _run(
        database,
        "UPDATE session SET seen_at = :now WHERE token_hash = :token",
        {"now": now, "token": token_hash},
    )


def close_session(database: Database, token_hash: bytes) -> None:
    """Ends a session."""
    _run(database, "DELETE FROM session WHERE token_hash = :token", {"token": token_hash})


def client_by_key(connection: Connection, key_hash: bytes) -> Client | None:
    """The active client that holds this key; None where there is none."""
    row = connection.execute(
        text(
            "SELECT name, subscription, roles, scopes FROM client WHERE key_hash = :key AND active"
        ),
        {"key": key_hash},
    ).first()
    if row is None:
        return None
    roles, scopes = (frozenset(msgspec.json.decode(one)) for one in row[2:])
    return Client(row[0], row[1], roles, scopes)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that was made before under the same key."""

    fingerprint: bytes
    status: int | None
    """None: it is still being answered."""
    answer: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What makes two requests the same: client, route and key."""

    client: str
    route: str
    key: str

    @property
    def values(self) -> dict[str, str]:
        """As bound parameters."""
        return {"client": self.client, "route": self.route, "key": self.key}


SAME = "client = :client AND route = :route AND key = :key"


def begin_request(
    database: Database, request: Repeatable, fingerprint: bytes, now: str, stale: str
) -> Remembered | None:
    """Takes the key for this request, or returns what is remembered under it.

    A request that never ended, begun before `stale`, is taken over.
    """
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        connection.execute(
            text(f"DELETE FROM idempotency WHERE {SAME} AND status IS NULL AND at < :stale"),
            {**request.values, "stale": stale},
        )
        done = connection.execute(
            text(
                "INSERT INTO idempotency (client, route, key, fingerprint, at)"
                " VALUES (:client, :route, :key, :fingerprint, :at) ON CONFLICT DO NOTHING"
            ),
            {**request.values, "fingerprint": fingerprint, "at": now},
        )
        row = connection.execute(
            text(f"SELECT fingerprint, status, answer, at FROM idempotency WHERE {SAME}"),
            request.values,
        ).one()
        connection.commit()
    return None if done.rowcount == 1 else Remembered(bytes(row[0]), row[1], row[2], row[3])


ANSWER = f"UPDATE idempotency SET status = :status, answer = :answer WHERE {SAME}"


def keep_answer(connection: Connection, request: Repeatable, status: int, answer: str) -> None:
    """Remembers the answer, in the transaction of what it tells."""
    connection.execute(text(ANSWER), {**request.values, "status": status, "answer": answer})


def end_request(database: Database, request: Repeatable, status: int, answer: str) -> None:
    """Remembers the answer of a request that changed nothing."""
    _run(database, ANSWER, {**request.values, "status": status, "answer": answer})


def forget_request(database: Database, request: Repeatable) -> None:
    """Gives the key back after a failure that a repetition may mend."""
    _run(database, f"DELETE FROM idempotency WHERE {SAME} AND status IS NULL", request.values)


def _run(database: Database, sql: str, values: Mapping[str, Any]) -> None:
    with database.engine.connect() as connection:
        begin(connection, database.dialect)
        connection.execute(text(sql), values)
        connection.commit()


def _user(row: Any) -> User:
    sealed = bytes(row[3]) if row[3] is not None else None
    roles = frozenset(msgspec.json.decode(row[4]))
    return User(row[0], row[1], row[2], sealed, roles, bool(row[5]), row[6], row[7])
