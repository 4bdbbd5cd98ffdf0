"""Cities: compared without the words that come and go ("Frankfurt am Main", "St. Louis")."""

from __future__ import annotations

from matching.kinds.kind import Kind, no_problem
from matching.words import spelled, trimmed, words

SPELLINGS = {
    "saint": "st",
    "sankt": "st",
    "sainte": "st",
    "ste": "st",
    "fort": "ft",
    "mount": "mt",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "nth": "n",
    "sth": "s",
}
# What cities are called abroad, by what they are called at home.
ABROAD = {
    "antwerpen": "antwerp anvers",
    "athina": "athens athen athenes atene atenas",
    "basel": "basle bale basilea",
    "beijing": "peking pekin pechino",
    "beograd": "belgrade belgrad belgrado",
    "bern": "berne berna",
    "brugge": "bruges",
    "bruxelles": "brussels brussel bruselas",
    "bucuresti": "bucharest bukarest bucarest",
    "firenze": "florence florenz florencia",
    "geneve": "geneva genf ginevra ginebra",
    "genova": "genoa genua genes",
    "gent": "ghent gand",
    "goteborg": "gothenburg goteburg",
    "haag": "hague haye",
    "hannover": "hanover hanovre",
    "kobenhavn": "copenhagen kopenhagen copenhague",
    "koln": "cologne koeln",
    "krakow": "cracow krakau cracovie cracovia",
    "leuven": "louvain lowen",
    "liege": "luik luttich",
    "lisboa": "lisbon lissabon lisbonne lisbona",
    "london": "londres londra londen",
    "luzern": "lucerne lucerna",
    "milano": "milan mailand",
    "moskva": "moscow moskau moscou mosca",
    "munchen": "munich muenchen",
    "napoli": "naples neapel",
    "nurnberg": "nuremberg nuernberg norimberga",
    "padova": "padua padoue",
    "paris": "parigi parijs",
    "praha": "prague prag praga",
    "roma": "rome rom",
    "sevilla": "seville",
    "strasbourg": "strassburg strasburgo",
    "torino": "turin",
    "venezia": "venice venedig venise",
    "warszawa": "warsaw warschau varsovie varsovia",
    "wien": "vienna vienne viena",
    "wroclaw": "breslau",
    "zaragoza": "saragossa",
    "zurich": "zuerich zurigo",
}
SPELLINGS |= {abroad: home for home, told in ABROAD.items() for abroad in told.split()}
DROPPED = frozenset(
    {"city", "of", "am", "an", "der", "im", "cedex", "the", "de", "la", "le", "den"}
)


def match_words(value: str) -> list[str]:
    """The words of a city that tell it from another; digits (districts, CEDEX 08) are dropped."""
    told = [SPELLINGS.get(word, word) for word in words(value) if not word.isdigit()]
    kept = [spelled(word) for word in told if word not in DROPPED]
    return kept or [spelled(word) for word in told]


def match_form(value: str, country: str | None) -> str:
    """The city's telling words, joined."""
    return "".join(match_words(value))


KIND = Kind("city", trimmed, no_problem, match_form)
