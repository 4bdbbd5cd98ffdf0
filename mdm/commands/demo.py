"""`mdm demo`: a hub with sample exports of five systems, decided, published and served."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live

from mdm.commands.output import OUT, AsJson, answer, progress
from mdm.commands.run import Place, drain, require_free, serve_all
from mdm.config import built_in
from mdm.decisions import Said, say
from mdm.domains import DOMAINS
from mdm.errors import Conflict
from mdm.load import LoadRequest, load
from mdm.people.demo import DemoPeople, add_people
from mdm.people.users import code_now
from mdm.records import Mode
from mdm.samples import SampleSet, write_exports
from mdm.settings import Settings
from mdm.store import tasks
from mdm.store.hub import Hub, initialise, open_hub
from mdm.store.totals import totals
from mdm.store.transaction import Act, transaction

DECISIONS = 60
"""Decisions that the demo takes from its own truth, marked as simulated."""


def register(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("demo")
    def run_demo(
        once: Annotated[
            bool, typer.Option("--once", help="End when all is loaded, decided and sent.")
        ] = False,
        records: Annotated[int, typer.Option(help="Supplier rows over all systems.")] = 5000,
        port: Annotated[int, typer.Option(help="Port of the workbench and the API.")] = 8080,
        keep: Annotated[
            Path | None, typer.Option(help="Leave exports, truth and hub in this folder.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Show the hub at work on sample exports of five systems.

        Writes exports of S/4HANA, Dynamics 365, NetSuite, Coupa and plain CSV with realistic
        errors, loads them, takes 60 decisions from its own truth (marked as simulated), publishes
        over MQTT, and serves the workbench until Ctrl-C.
        """
        started = time.monotonic()
        place = Place("127.0.0.1", port)
        if not once:
            require_free(place)
        with _folder(keep) as folder, ExitStack() as shown:
            settings = demo_settings(folder, port)
            hub = prepare(settings, folder, records)
            people = add_people(hub)
            if once:
                sent = drain(hub)
                facts: dict[str, Any] = {**totals(hub.database), "events_published": sent}
                facts["seconds"] = round(time.monotonic() - started, 1)
                answer(facts, as_json, "The demo ran once:")
                return
            serve_all(
                hub,
                place,
                lambda url, broker: _announce(people, (url, broker), as_json, shown),
            )


def demo_settings(folder: Path, port: int) -> Settings:
    """Settings of a demo hub whose every file stands in one folder."""
    return Settings(
        database_url=f"sqlite:///{folder / 'mdm.db'}",
        keys=folder / "mdm.keys",
        anchors=folder / "mdm.anchors",
        public_url=f"http://127.0.0.1:{port}",
    )


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        kept = keep.resolve() / "mdm.db"
        if kept.exists():
            raise Conflict(
                f"{keep} holds the hub of an earlier demo. Name another folder, or go on with that"
                f" hub: MDM_DATABASE_URL=sqlite:///{kept} mdm run"
            )
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="mdm-demo-") as folder:
        yield Path(folder)


def prepare(settings: Settings, folder: Path, records: int) -> Hub:
    """A hub with the sample exports loaded and the simulated decisions taken."""
    samples = write_exports(folder / "exports", suppliers=records)
    initialise(settings, built_in())
    hub = open_hub(settings)
    with progress() as report:
        for source, paths in load_order(samples):
            load(hub, LoadRequest(source, paths, Mode.INITIAL, actor="demo"), report)
    decide_from_truth(hub, samples.truth, DECISIONS)
    return hub


def load_order(samples: SampleSet) -> list[tuple[str, tuple[Path, ...]]]:
    """Sources with their files; plain CSV first, for it holds the legal entities."""
    return sorted(samples.files.items(), key=lambda item: (item[0] != "csv", item[0]))


@dataclass(frozen=True, slots=True)
class Truth:
    """Which entity each source record really is."""

    entities: dict[tuple[str, str], str]

    @classmethod
    def read(cls, path: Path) -> Truth:
        """The truth beside the sample exports."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return cls({(row["source"], row["source_key"]): row["entity"] for row in rows})

    def kind(self, left: tuple[str, str], right: tuple[str, str]) -> str:
        """`same` or `different`."""
        return "same" if self.entities[left] == self.entities[right] else "different"


def decide_from_truth(hub: Hub, path: Path, count: int) -> int:
    """Answers the most uncertain open tasks as the truth has it; returns how many."""
    truth = Truth.read(path)
    domain = DOMAINS["supplier"]
    done = 0
    act = Act("decision", "demo (simulated)", domain.name, reason="simulated from the demo's truth")
    while done < count:
        asked = tasks.most_uncertain(hub.database, domain.name, 1)
        if not asked:
            break
        task = asked[0]
        kind = truth.kind(task.left_key, task.right_key)
        said = Said(
            kind, domain, (task.left,), (task.right,), act.reason, None, task.id, simulated=True
        )
        with transaction(hub.database, act) as tx:
            say(tx, hub, said)
        done += 1
    return done


def _announce(
    people: DemoPeople, addresses: tuple[str, str], as_json: bool, shown: ExitStack
) -> None:
    """Says how to get in; on a terminal the one-time codes of the moment stay below."""
    url, broker = addresses
    facts: dict[str, Any] = {
        "url": url,
        "broker": broker,
        "api_key": people.api_key,
        "users": people.users,
    }
    if as_json:
        answer(facts, as_json)
        return
    OUT.print(f"\n[bold]The hub is running.[/] Workbench: [link]{url}/workbench/[/]")
    row = "  {:<8} {:<20} {:<32}  {}"
    lines = [row.format("name", "password", "secret of the one-time codes", "role")]
    lines += [
        row.format(user["name"], user["password"], user["totp_secret"], ", ".join(user["roles"]))
        for user in people.users
    ]
    lines += [f"  API key  {people.api_key}", f"  Events   {broker}", "Ctrl-C ends it."]
    OUT.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    if OUT.is_terminal:
        codes = Live(
            get_renderable=lambda: _codes(people), console=OUT, refresh_per_second=1, transient=True
        )
        shown.enter_context(codes)
    else:
        OUT.print("One-time codes come from an authenticator app that knows the secret.")


def _codes(people: DemoPeople) -> str:
    """What a visitor without an authenticator app types in at this moment."""
    now = "   ".join(f"{user['name']} {code_now(user['totp_secret'])}" for user in people.users)
    return f"One-time codes now: {now}"
