"""Events are CloudEvents 1.0, and the same bytes whenever they are sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft7Validator

from mdm.publication.message import OutboxRow, envelope, new_epoch, topic

ROW = OutboxRow(
    id=41,
    position=42,
    subscriber="coupa",
    domain="cost_center",
    golden_id="cct_a",
    entityversion=3,
    type="changed",
    correlation_id="c-1",
    at="2026-11-21T08:00:00.000000Z",
    data='{"golden_id":"cct_a","version":5}',
    epoch=7,
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def test_an_envelope_says_all_that_the_contract_names() -> None:
    assert msgspec.json.decode(envelope(ROW, "hub")) == {
        "specversion": "1.0",
        "id": "7-41",
        "source": "/mdm/hub",
        "type": "mdm.cost_center.changed.v1",
        "subject": "cct_a",
        "time": "2026-11-21T08:00:00.000000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:mdm:coupa:cost_center:v1",
        "sequence": "00000000000000000042",
        "entityversion": 3,
        "epoch": 7,
        "correlationid": "c-1",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "data": {"golden_id": "cct_a", "version": 5},
    }


def test_an_envelope_is_the_same_bytes_every_time() -> None:
    assert envelope(ROW, "hub") == envelope(ROW, "hub")


def test_an_envelope_conforms_to_the_schema_of_cloudevents(shared_data: Path) -> None:
    file = shared_data / "standards" / "cloudevents" / "cloudevents.json"
    if not file.exists():
        pytest.skip("no CloudEvents JSON schema in the shared reference data")
    validator = Draft7Validator(msgspec.json.decode(file.read_bytes()))
    assert list(validator.iter_errors(msgspec.json.decode(envelope(ROW, "hub")))) == []


def test_one_topic_per_subscription_and_golden_record() -> None:
    assert topic(ROW) == "mdm/v1/coupa/cost_center/cct_a"


def test_an_epoch_is_above_every_earlier_one() -> None:
    restored = datetime(2026, 11, 21, tzinfo=UTC)
    assert new_epoch(restored) < new_epoch(restored + timedelta(seconds=1)) < 2**31
