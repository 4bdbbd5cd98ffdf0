"""Law 11: versions of a record count in their source's own order, whenever they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mdm.inbound.mapping import builtin_sources, parse_source
from mdm.store.hub import Hub
from tests.mdm.laws import world

SEQUENCED = "    sequence: instant(updated_at)\n"
told = st.fixed_dictionaries(
    {"id": st.sampled_from(["V1", "V2"]), "name": world.names},
    optional={"phone": world.phones, "street": world.streets, "vat_number": world.vats},
)
days = st.lists(st.integers(1, 28), min_size=2, max_size=6, unique=True)


def in_sequence(hub: Hub) -> Hub:
    """The hub with a plain source that tells the order of its versions."""
    text = builtin_sources()["csv"].replace("    source_time: instant(updated_at)\n", SEQUENCED)
    return replace(hub, sources={**hub.sources, "csv": parse_source(text, "csv")})


@given(days=days, data=st.data(), size=st.integers(1, 6))
def test_an_older_version_never_overwrites_a_newer_one_whenever_it_arrives(
    hub: Hub, days: Sequence[int], data: st.DataObject, size: int
) -> None:
    sequenced = in_sequence(hub)
    versions = [
        {**data.draw(told), "country": "DE", "updated_at": f"2026-01-{day:02}T08:00:00Z"}
        for day in sorted(days)
    ]
    world.clear(hub)
    world.take(sequenced, versions, size=1)
    in_order = world.state(hub)
    world.clear(hub)
    world.take(sequenced, data.draw(st.permutations(versions)), size)
    assert world.state(hub) == in_order
    again = world.take(sequenced, data.draw(st.permutations(versions)), size)
    assert (again.added, again.changed, world.state(hub)) == (0, 0, in_order)
