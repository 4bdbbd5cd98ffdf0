"""Identifiers with right check digits: VAT numbers, national tax numbers, IBANs.

The formulas are those of the national registers as python-stdnum has them; a test compares.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank account: with an IBAN, or with a national account number."""

    country: str
    iban: str
    bank_code: str
    account: str
    bic: str


def digits(rng: random.Random, count: int) -> str:
    """So many random digits, the first not zero."""
    low = 10 ** (count - 1)
    return str(low + int(rng.random() * 9 * low))


def _weighted(number: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def luhn(number: str) -> str:
    """The check digit that makes the number pass Luhn's test."""
    doubled = [int(digit) for digit in reversed(number)]
    total = sum(d if place % 2 else d * 2 - 9 * (d * 2 > 9) for place, d in enumerate(doubled))  # noqa: PLR2004 - digit sum
    return str(-total % 10)


def _mod_11_10(number: str) -> str:
    check = 5
    for digit in number:
        check = (((check or 10) * 2) % 11 + int(digit)) % 10
    return str((1 - ((check or 10) * 2) % 11) % 10)


def _by_weights(prefix: str, length: int, weights: Sequence[int]) -> Callable[[random.Random], str]:
    """A maker of numbers whose weighted sum, check digit (weight 1) included, divides by 11."""

    def make(rng: random.Random) -> str:
        while True:
            number = prefix + digits(rng, length - len(prefix) - 1)
            check = -_weighted(number, weights) % 11
            if check <= 9:  # noqa: PLR2004 - ten has no digit: such numbers are not given out
                return f"{number}{check}"

    return make


_dutch = _by_weights("", 9, (-9, -8, -7, -6, -5, -4, -3, -2))
_polish = _by_weights("", 10, (-6, -5, -7, -2, -3, -4, -5, -6, -7))
_danish = _by_weights("", 8, (2, 7, 6, 5, 4, 3, 2))
_norwegian = _by_weights("9", 9, (3, 2, 7, 6, 5, 4, 3, 2))
_finnish = _by_weights("", 8, (7, 9, 10, 5, 8, 4, 2))
_swiss = _by_weights("", 9, (5, 4, 3, 2, 7, 6, 5, 4))


def _german(rng: random.Random) -> str:
    number = digits(rng, 8)
    return f"DE{number}{_mod_11_10(number)}"


def _austrian(rng: random.Random) -> str:
    number = digits(rng, 7)
    total = sum(
        int(d) if i % 2 == 0 else int(d) * 2 // 10 + int(d) * 2 % 10 for i, d in enumerate(number)
    )
    return f"ATU{number}{(6 - total) % 10}"


def siren(rng: random.Random) -> str:
    """A French company number."""
    number = digits(rng, 8)
    return number + luhn(number)


def _french(rng: random.Random) -> str:
    number = siren(rng)
    return f"FR{(12 + 3 * (int(number) % 97)) % 97:02d}{number}"


def _belgian(rng: random.Random) -> str:
    number = "0" + digits(rng, 7)
    return f"BE{number}{97 - int(number) % 97:02d}"


def _italian(rng: random.Random) -> str:
    number = f"{digits(rng, 7)}{1 + int(rng.random() * 99):03d}"
    return f"IT{number}{luhn(number)}"


def _spanish(rng: random.Random) -> str:
    number = digits(rng, 7)
    return f"ES{'AB'[int(rng.random() * 2)]}{number}{luhn(number)}"


def _portuguese(rng: random.Random) -> str:
    number = "5" + digits(rng, 7)
    return f"PT{number}{(11 - _weighted(number, range(9, 1, -1))) % 11 % 10}"


def _british(rng: random.Random) -> str:
    number = digits(rng, 7)
    return f"GB{number}{-_weighted(number, range(8, 1, -1)) % 97:02d}"


def _irish(rng: random.Random) -> str:
    number = digits(rng, 7)
    return f"IE{number}{'WABCDEFGHIJKLMNOPQRSTUV'[_weighted(number, range(8, 1, -1)) % 23]}"


def _czech(rng: random.Random) -> str:
    number = str(1 + int(rng.random() * 8)) + digits(rng, 6)
    check = (11 - _weighted(number, range(8, 1, -1))) % 11
    return f"CZ{number}{(check or 1) % 10}"


def _swedish(rng: random.Random) -> str:
    number = "55" + digits(rng, 7)
    return f"SE{number}{luhn(number)}01"


def _singaporean(rng: random.Random) -> str:
    number = f"{1990 + int(rng.random() * 34)}{digits(rng, 5)}"
    return number + "ZKCMDNERGWH"[_weighted(number, (10, 8, 6, 4, 9, 7, 5, 3, 1)) % 11]


def _australian(rng: random.Random) -> str:
    number = digits(rng, 9)
    check = 11 + (-_weighted(number, (3, 5, 7, 9, 11, 13, 15, 17, 19)) - 1) % 89
    return f"{check}{number}"


VAT: dict[str, Callable[[random.Random], str]] = {
    "DE": _german,
    "AT": _austrian,
    "CH": lambda rng: f"CHE{_swiss(rng)}MWST",
    "FR": _french,
    "BE": _belgian,
    "NL": lambda rng: f"NL{_dutch(rng)}B01",
    "IT": _italian,
    "ES": _spanish,
    "PT": _portuguese,
    "GB": _british,
    "IE": _irish,
    "PL": lambda rng: f"PL{_polish(rng)}",
    "CZ": _czech,
    "SE": _swedish,
    "DK": lambda rng: f"DK{_danish(rng)}",
    "NO": lambda rng: f"NO{_norwegian(rng)}MVA",
    "FI": lambda rng: f"FI{_finnish(rng)}",
}
"""Makers of VAT numbers, prefix included; the United States, Singapore and Australia have none."""

EIN_PREFIXES = ("04", "12", "20", "27", "36", "45", "52", "61", "74", "83", "91")


def tax_number(country: str, vat: str, rng: random.Random) -> str:
    """The national number that stands beside or instead of the VAT number, or ""."""
    if country == "US":
        return f"{EIN_PREFIXES[int(rng.random() * len(EIN_PREFIXES))]}-{digits(rng, 7)}"
    if country == "SG":
        return _singaporean(rng)
    if country == "AU":
        return _australian(rng)
    if country == "FR":
        return vat[4:]
    if country in ("SE", "DK", "FI"):
        return vat[2:12]
    return ""


_BANKS: dict[str, tuple[tuple[str, str], ...]] = {
    "DE": (("37040044", "COBADEFFXXX"), ("10070000", "DEUTDEBBXXX"), ("50010517", "INGDDEFFXXX")),
    "AT": (("19043", "BKAUATWWXXX"), ("20111", "GIBAATWWXXX")),
    "CH": (("00762", "ZKBKCHZZ80A"), ("00230", "UBSWCHZH80A")),
    "FR": (("2004101005", "PSSTFRPPXXX"), ("3000203006", "CRLYFRPPXXX")),
    "BE": (("001", "GEBABEBBXXX"), ("310", "BBRUBEBBXXX")),
    "NL": (("ABNA", "ABNANL2AXXX"), ("INGB", "INGBNL2AXXX"), ("RABO", "RABONL2UXXX")),
    "IT": (("0542811101", "BLOPIT22XXX"), ("0306909606", "BCITITMMXXX")),
    "ES": (("21000418", "CAIXESBBXXX"), ("00490001", "BSCHESMMXXX")),
    "PT": (("00020123", "BBPIPTPLXXX"), ("00350123", "CGDIPTPLXXX")),
    "GB": (("NWBK601613", "NWBKGB2LXXX"), ("BARC200000", "BARCGB22XXX")),
    "IE": (("AIBK931152", "AIBKIE2DXXX"), ("BOFI900017", "BOFIIE2DXXX")),
    "PL": (("10901014", "WBKPPLPPXXX"), ("11402004", "BREXPLPWXXX")),
    "CZ": (("0800", "GIBACZPXXXX"), ("0100", "KOMBCZPPXXX")),
    "SE": (("500", "ESSESESSXXX"), ("300", "NDEASESSXXX")),
    "DK": (("0040", "NDEADKKKXXX"), ("3000", "DABADKKKXXX")),
    "NO": (("8601", "DNBANOKKXXX"), ("6010", "NDEANOKKXXX")),
    "FI": (("123456", "NDEAFIHHXXX"), ("500015", "OKOYFIHHXXX")),
    "US": (("021000021", "CHASUS33XXX"), ("026009593", "BOFAUS3NXXX")),
    "SG": (("7171001", "DBSSSGSGXXX"), ("7339501", "OCBCSGSGXXX")),
    "AU": (("062000", "CTBAAU2SXXX"), ("033000", "WPACAU2SXXX")),
}
_ACCOUNT_DIGITS = {
    "DE": 10,
    "AT": 11,
    "CH": 12,
    "FR": 11,
    "BE": 7,
    "NL": 10,
    "IT": 12,
    "ES": 10,
    "PT": 11,
    "GB": 8,
    "IE": 8,
    "PL": 16,
    "CZ": 16,
    "SE": 17,
    "DK": 10,
    "NO": 6,
    "FI": 7,
    "US": 10,
    "SG": 10,
    "AU": 9,
}


_AS_DIGITS = str.maketrans({chr(55 + value): str(value) for value in range(10, 36)})


def iban_check(country: str, account: str) -> str:
    """The two check digits of ISO 13616."""
    return f"{98 - int((account + country + '00').translate(_AS_DIGITS)) % 97:02d}"


def _spanish_checks(bank: str, account: str) -> str:
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    return "".join(
        str({10: 1, 11: 0}.get(check, check))
        for check in (
            11 - _weighted("00" + bank, weights) % 11,
            11 - _weighted(account, weights) % 11,
        )
    )


def _national(country: str, bank: str, account: str) -> str:  # noqa: PLR0911 - a case per country
    """The national part of an IBAN with the national check digits where they are verified."""
    match country:
        case "BE":
            number = bank + account
            return f"{number}{int(number) % 97 or 97:02d}"
        case "ES":
            return bank + _spanish_checks(bank, account) + account
        case "FR":
            weighted = 89 * int(bank[:5]) + 15 * int(bank[5:]) + 3 * int(account)
            return f"{bank}{account}{97 - weighted % 97:02d}"
        case "PT":
            return f"{bank}{account}{98 - int(bank + account + '00') % 97:02d}"
        case "IT":
            return _italian_check(bank + account) + bank + account
        case "FI":
            return bank + account + luhn(bank + account)
        case "NO":
            check = -_weighted(bank + account, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
            if check > 9:  # noqa: PLR2004 - ten has no digit: the next number is given out
                return _national(country, bank, f"{(int(account) + 1) % 10**6:06d}")
            return f"{bank}{account}{check}"
        case _:
            return bank + account


_ITALIAN_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)


def _italian_check(number: str) -> str:
    total = sum(
        int(digit) if place % 2 else _ITALIAN_ODD[int(digit)] for place, digit in enumerate(number)
    )
    return chr(65 + total % 26)


def bank_account(country: str, rng: random.Random) -> Bank:
    """A bank account of that country; an IBAN where the country uses them."""
    banks = _BANKS[country]
    bank, bic = banks[int(rng.random() * len(banks))]
    account = digits(rng, _ACCOUNT_DIGITS[country])
    if country not in VAT:
        return Bank(country, "", bank, account, bic)
    national = _national(country, bank, account)
    return Bank(country, f"{country}{iban_check(country, national)}{national}", bank, account, bic)


def spoiled(number: str, rng: random.Random) -> str:
    """The number with one digit wrong, as a clerk types it."""
    places = [place for place, char in enumerate(number) if place > 2 and char.isdigit()]  # noqa: PLR2004 - after the country
    if not places:
        return number
    place = places[int(rng.random() * len(places))]
    wrong = (int(number[place]) + 1 + int(rng.random() * 8)) % 10
    return f"{number[:place]}{wrong}{number[place + 1 :]}"
