"""The schema of each domain, derived from its lines, is what golden records are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError
from sqlalchemy import text

from mdm.domains import DOMAINS
from mdm.load import LoadRequest, load
from mdm.model.schema import json_schema, record_model
from mdm.records import Mode
from mdm.samples import write_exports
from mdm.store.hub import Hub


def test_every_golden_record_of_five_systems_fits_the_schema_of_its_domain(
    sqlite_hub: Hub, tmp_path: Path
) -> None:
    for source, paths in write_exports(tmp_path / "exports", suppliers=150).files.items():
        load(sqlite_hub, LoadRequest(source, paths, Mode.INITIAL, "test"))
    with sqlite_hub.database.read() as connection:
        rows = connection.execute(text("SELECT domain, record FROM golden")).all()
    assert {domain for domain, _record in rows} == set(DOMAINS)
    for name, record in rows:
        validator = Draft202012Validator(json_schema(DOMAINS[name]), format_checker=FormatChecker())
        document = json.loads(record)
        for one in document.get("slices", [document]):
            validator.validate(one)
            record_model(DOMAINS[name]).model_validate_json(json.dumps(one))


@pytest.mark.parametrize(
    ("domain", "record"),
    [
        ("supplier", {"nmae": "Acme"}),
        ("supplier", {"one_time": "perhaps"}),
        ("supplier", {"addresses": [{"city": "Bonn"}]}),
        ("supplier", {"bank_accounts": [{"id": "bnk_x", "account": "DE89370400440532013000"}]}),
        ("cost_center", {"valid_from": "01/02/2026"}),
    ],
)
def test_what_no_line_of_the_domain_says_is_refused(domain: str, record: object) -> None:
    assert not Draft202012Validator(
        json_schema(DOMAINS[domain]), format_checker=FormatChecker()
    ).is_valid(record)
    with pytest.raises(ValidationError):
        record_model(DOMAINS[domain]).model_validate(record)


def test_the_schema_tells_meaning_class_and_reference_of_a_field() -> None:
    said = json_schema(DOMAINS["supplier"])
    assert said["title"] == "SupplierRecord"
    assert said["properties"]["email"]["x-class"] == "public"
    assert said["$defs"]["Contacts"]["properties"]["email"]["x-class"] == "personal"
    assert said["$defs"]["BankAccounts"]["properties"]["account"]["x-class"] == "protected"
    company = said["$defs"]["Companies"]["properties"]["legal_entity"]
    assert (company["x-reference"], company["description"]) == ("legal_entity", "The legal entity.")
