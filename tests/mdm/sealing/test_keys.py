"""Secrets: what they seal opens again, and only with them."""

from __future__ import annotations

import json
import pickle
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdm.errors import MissingKeys
from mdm.sealing import Keys, create_keys, load_keys, rotate_keys

KEYS = Keys([(b"abcd", b"s" * 32)], b"f" * 32, b"h" * 32)
OTHER = Keys([(b"abce", b"t" * 32)], b"g" * 32, b"i" * 32)


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_sealed_opens_again(data: bytes, about: bytes) -> None:
    assert KEYS.unseal(KEYS.seal(data, about), about) == data


def test_the_same_value_is_never_sealed_the_same_way_twice() -> None:
    assert KEYS.seal(b"value", b"about") != KEYS.seal(b"value", b"about")


def test_a_sealed_value_does_not_open_as_that_of_another_record() -> None:
    with pytest.raises(MissingKeys, match="another record"):
        KEYS.unseal(KEYS.seal(b"value", b"one"), b"two")


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    envelope = bytearray(KEYS.seal(b"DE89370400440532013000", b"about"))
    envelope[data.draw(st.integers(0, len(envelope) - 1))] ^= 1
    with pytest.raises(MissingKeys):
        KEYS.unseal(bytes(envelope), b"about")


def test_other_keys_open_nothing_and_say_which_key_is_missing() -> None:
    with pytest.raises(MissingKeys, match=b"abcd".hex()):
        OTHER.unseal(KEYS.seal(b"value", b""), b"")


def test_fingerprints_are_equal_for_equal_values_of_one_hub_only() -> None:
    value = "DE89370400440532013000"
    assert KEYS.fingerprint(value) == KEYS.fingerprint(value)
    assert KEYS.fingerprint(value) != OTHER.fingerprint(value)
    assert len(KEYS.fingerprint(value)) == 26


def test_the_kinds_of_hashes_do_not_tell_of_each_other() -> None:
    said = "1000"
    hashes = {KEYS.fingerprint(said)[:26], KEYS.text_hash(said), KEYS.content_hash(b"1000").hex()}
    assert len(hashes) == 3


def test_a_child_id_names_its_founder_and_is_its_own() -> None:
    one = KEYS.child_id("adr", "s4", "0001", "addresses", "legal", "Ring 7")
    other = KEYS.child_id("adr", "s4", "0001", "addresses", "legal", "Ring 8")
    foreign = KEYS.child_id("adr", "s4", "0002", "addresses", "legal", "Ring 7")
    assert one[:12] == other[:12] != foreign[:12]
    assert one != other
    assert len(one) == len("adr_") + 22


def test_keys_travel_to_worker_processes() -> None:
    there = pickle.loads(pickle.dumps(KEYS))
    assert there.unseal(KEYS.seal(b"value", b""), b"") == b"value"
    assert there.check == KEYS.check


def test_keys_do_not_show_in_logs() -> None:
    assert "ssss" not in repr(KEYS)


def test_a_key_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "mdm.keys"
    keys = create_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(path).check == keys.check
    with pytest.raises(MissingKeys, match="already"):
        create_keys(path)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "not json", '{"version": 2}', '{"version": 1, "sealing": []}']
)
def test_a_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mdm.keys"
    path.write_text(text)
    with pytest.raises(MissingKeys, match=r"mdm\.keys"):
        load_keys(path)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingKeys, match="MDM_KEYS"):
        load_keys(tmp_path / "nowhere.keys")


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(tmp_path: Path) -> None:
    path = tmp_path / "mdm.keys"
    before = create_keys(path)
    old = before.seal(b"old", b"")
    after = rotate_keys(path)
    assert after.unseal(old, b"") == b"old"
    assert after.seal(b"new", b"")[:4] != old[:4]
    assert after.check == before.check
    assert after.fingerprint("x") == before.fingerprint("x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text())["sealing"]) == 2


def test_a_million_values_are_sealed_and_hashed_within_seconds() -> None:
    values = [f"DE89370400440532{number:06}" for number in range(20_000)]
    start = time.process_time()
    for value in values:
        KEYS.seal(value.encode(), KEYS.fingerprint(value).encode())
    assert (time.process_time() - start) / len(values) < 30e-6
