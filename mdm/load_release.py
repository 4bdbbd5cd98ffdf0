"""Releases or drops a load that a guard stopped: a person's act, kept with its reason."""

from __future__ import annotations

from dataclasses import replace

from mdm.errors import BadRequest, Conflict, NotFound
from mdm.load import LoadReport, load_released, no_progress
from mdm.staging import Progress
from mdm.stopping import TASK
from mdm.store import stopped, write_tasks
from mdm.store.hub import Hub
from mdm.store.stopped import Stopped
from mdm.store.transaction import Act, transaction


def stopped_load(hub: Hub, number: int) -> Stopped:
    """The load of this number that a guard stopped; NotFound where none of it was."""
    with hub.database.read() as connection:
        found = stopped.by_id(connection, number)
    if found is None:
        raise NotFound(
            f"No load {number} was stopped. `mdm loads list --stopped` shows those that wait."
        )
    return found


def release(hub: Hub, number: int, act: Act, progress: Progress = no_progress) -> LoadReport:
    """Applies a stopped load as if no guard had tripped; a release cut short is continued.

    Raises NotFound, BadRequest without a reason, Conflict where it waits no more, or where a later
    load of the source was applied: then its rows are out of date.
    """
    load, facts = stopped_load(hub, number), {"load": number}
    if load.state != stopped.APPLYING and not _cut_at_the_end(hub, load):
        _require_waiting(load, act)
        _require_newest(hub, load)
        with transaction(hub.database, replace(act, kind="load_release", facts=facts)) as tx:
            if not stopped.move(tx, load.id, stopped.STOPPED, stopped.APPLYING):
                raise Conflict(f"Somebody else released or dropped load {number} meanwhile.")
            write_tasks.close_about(tx, TASK, f"load:{number}", "released")
    report = load_released(hub, load, replace(act, kind="load", facts=facts), progress)
    with transaction(hub.database, replace(act, kind="load_released", facts=facts)) as tx:
        stopped.forget_rows(tx, number)
    return report


def drop(hub: Hub, number: int, act: Act) -> None:
    """Gives a stopped load up: nothing of it is ever applied, and its rows are deleted."""
    load, facts = stopped_load(hub, number), {"load": number}
    _require_waiting(load, act)
    with transaction(hub.database, replace(act, kind="load_drop", facts=facts)) as tx:
        if not stopped.move(tx, load.id, stopped.STOPPED, stopped.DROPPED):
            raise Conflict(f"Somebody else released or dropped load {number} meanwhile.")
        stopped.forget_rows(tx, number)
        write_tasks.close_about(tx, TASK, f"load:{number}", "dropped")


def _cut_at_the_end(hub: Hub, load: Stopped) -> bool:
    """Whether the load was applied, and only its rows were not deleted any more."""
    with hub.database.read() as connection:
        return load.state == stopped.DONE and bool(stopped.pieces(connection, load.id))


def _require_waiting(load: Stopped, act: Act) -> None:
    if not (act.reason or "").strip():
        raise BadRequest("Say why: the reason is kept with the load.", field="reason")
    if load.state != stopped.STOPPED:
        raise Conflict(f"Load {load.id} waits no more: its state is {load.state}.")


def _require_newest(hub: Hub, load: Stopped) -> None:
    with hub.database.read() as connection:
        later = stopped.later(connection, load)
    if later:
        raise Conflict(
            f"Load {later[-1]} of {load.source} was applied after load {load.id} was stopped:"
            f" applied now, its rows would take the place of newer ones. Drop load {load.id} and"
            " load a fresh export."
        )
