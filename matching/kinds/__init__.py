"""Kinds of value, a file each; a domain's field names its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from matching.kinds.kind import Kind, remembering

NAMES: tuple[str, ...] = tuple(
    "address bank_account bic choice city code company_name country currency date decimal email "
    "flag iban language legal_form lei person_name phone postcode street tax_number text "
    "vat_number website".split()
)
"""The files, each of which has the kind of its name."""


class Kinds(Mapping[str, Kind]):
    """The kinds by name, each loaded when it is first asked for.

    What some stand on (the numbering plans of all countries) takes long to load, and the matching
    engine needs few of them.
    """

    def __init__(self) -> None:
        self.loaded: dict[str, Kind] = {}

    def __getitem__(self, name: str) -> Kind:
        kind = self.loaded.get(name)
        if kind is None:
            if name not in NAMES:
                raise KeyError(name)
            kind = remembering(import_module(f"{__name__}.{name}").KIND)
            self.loaded[name] = kind
        return kind

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


KINDS = Kinds()

__all__ = ["KINDS", "NAMES", "Kind"]
