"""Numbers given out in blocks, inside the transaction that uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from mdm.store.statements import text


def reserve(connection: Connection, name: str, count: int) -> int:
    """The first of `count` numbers that nobody else will get; 1 is the first ever."""
    last = connection.scalar(
        text(
            "INSERT INTO counter (name, value) VALUES (:name, :count)"
            " ON CONFLICT (name) DO UPDATE SET value = counter.value + :count RETURNING value"
        ),
        {"name": name, "count": count},
    )
    assert last is not None
    return int(last) - count + 1


def numbers(connection: Connection, name: str, block: int) -> Callable[[], int]:
    """Gives out numbers one by one, reserved `block` at a time; unused ones are never given."""
    free: Iterator[int] = iter(())

    def next_number() -> int:
        nonlocal free
        number = next(free, None)
        if number is None:
            first = reserve(connection, name, block)
            free = iter(range(first, first + block))
            number = next(free)
        return number

    return next_number
