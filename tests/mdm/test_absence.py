"""What a complete load ends, where several feeds of a source tell one domain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mdm.load import LoadReport, LoadRequest, load
from mdm.records import Mode
from mdm.store.hub import Hub
from tests.mdm.test_load import states

Full = Callable[..., LoadReport]


@pytest.fixture
def full(hub: Hub, tmp_path: Path) -> Full:
    """Loads suppliers of S/4HANA as a complete file: by `odata` and by `idocs`, each by its key."""

    def do(mode: Mode = Mode.FULL, **feeds: str) -> LoadReport:
        paths = [
            write(tmp_path, keys) for feed, write in WRITERS.items() if (keys := feeds.get(feed))
        ]
        return load(hub, LoadRequest("s4", paths, mode, "test"))

    return do


def _odata(folder: Path, keys: str) -> Path:
    partners = [
        {"BusinessPartner": key, "Supplier": key, "BusinessPartnerFullName": f"Vendor {key}"}
        for key in keys
    ]
    path = folder / "business_partners.json"
    path.write_text(json.dumps({"d": {"results": partners}}))
    return path


def _idocs(folder: Path, keys: str) -> Path:
    idocs = [
        f"<IDOC><EDI_DC40><SERIAL>20260101000000</SERIAL><DOCNUM>{key}</DOCNUM></EDI_DC40>"
        f"<E1LFA1M><LIFNR>{key}</LIFNR><NAME1>Vendor {key}</NAME1></E1LFA1M></IDOC>"
        for key in keys
    ]
    path = folder / "cremas.xml"
    path.write_text(f"<CREMAS05>{''.join(idocs)}</CREMAS05>")
    return path


WRITERS = {"odata": _odata, "idocs": _idocs}


def test_a_complete_file_of_one_feed_says_nothing_of_what_only_another_told(
    hub: Hub, full: Full
) -> None:
    full(odata="1234")
    report = full(idocs="1")
    assert report.ended == 0
    assert set(states(hub).values()) == {"active"}
    (note,) = report.notes
    assert note.startswith("3 records that are not in these files stay")
    assert note.endswith("only another feed told them: business_partners.")


def test_a_complete_file_ends_what_its_feed_ever_told_whoever_told_it_last(
    hub: Hub, full: Full
) -> None:
    full(odata="1234")
    full(Mode.INCREMENTAL, idocs="15")
    assert full(odata="234").ended == 1
    assert states(hub) == {"1": "ended", "2": "active", "3": "active", "4": "active", "5": "active"}


def test_a_complete_load_of_all_feeds_ends_what_none_of_them_has(hub: Hub, full: Full) -> None:
    full(odata="1234", idocs="5")
    assert full(odata="123", idocs="6").ended == 2
    assert {key for key, state in states(hub).items() if state == "ended"} == {"4", "5"}


def test_the_same_lines_in_another_format_speak_for_each_other(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    def coupa(path: Path, content: str) -> LoadReport:
        path.write_text(content)
        return load(sqlite_hub, LoadRequest("coupa", [path], Mode.FULL, "test"))

    both = [{"id": 1, "name": "Acme", "status": "active"}, {"id": 2, "name": "Cedar"}]
    assert coupa(tmp_path / "suppliers.json", json.dumps(both)).added == 2
    one = "<suppliers><supplier><id>1</id><name>Acme</name></supplier></suppliers>"
    assert coupa(tmp_path / "suppliers.xml", one).ended == 1
