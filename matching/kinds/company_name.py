"""Company names: told apart by their own words, not by legal forms, fillers or spelling.

A name written "Müller & Söhne Int'l GmbH t/a MSI" is compared as the words "muller sohne
international" and "msi"; its legal form is compared on its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from matching.kinds import legal_form
from matching.kinds.kind import Kind, no_problem
from matching.words import LONGEST, ascii_lower, joined_initials, plain, spelled, trimmed

# Legal forms in other scripts: without a space beside the name, or written with points or quotes
# that transliteration would make words of their own.
UNSPACED_FORMS: dict[str, str] = {
    "\u80a1\u4efd\u6709\u9650\u516c\u53f8": " co ltd ",
    "\u6709\u9650\u8d23\u4efb\u516c\u53f8": " co ltd ",
    "\u6709\u9650\u516c\u53f8": " co ltd ",
    "\u682a\u5f0f\u4f1a\u793e": " kk ",
    "\u6709\u9650\u4f1a\u793e": " yk ",
    "\u5408\u540c\u4f1a\u793e": " gk ",
    "(\u682a)": " kk ",
    "\uff08\u682a\uff09": " kk ",
    "\u3231": " kk ",
    "(\u6709)": " yk ",
    "\uff08\u6709\uff09": " yk ",
    "\uc8fc\uc2dd\ud68c\uc0ac": " kk ",
    "(\uc8fc)": " kk ",
    "\u321c": " kk ",
    '\u05d1\u05e2"\u05de': " ltd ",
    "\u05d1\u05e2\u05f4\u05de": " ltd ",
    "\u0634\u0631\u0643\u0629 ": " company ",
    "\u0634.\u0630.\u0645.\u0645": " llc ",
    "\u0630.\u0645.\u0645": " llc ",
    "\u0634.\u0645.\u0645": " sae ",
    "\u0634.\u0645.\u0639": " pjsc ",
    "\u0634.\u0645.\u0644": " sal ",
}
MARKER = "dba"
TRADING_AS = r"\b[tdo]/(?:as|[ab](?:/a)?)\b"
MARKER_TEXT = f" {MARKER} "
INITIALS = r"\(([A-Za-z][A-Za-z.]{1,9})\)|^([A-Z]{2,9}) +[-\u2013] | [-\u2013] +([A-Z]{2,9})$"
"""Where a name may say its own initials: in brackets, or before or after a dash."""
INITIALS_HINT = "[(]|[-\u2013] "
"""What every text has that may say its own initials."""
_INITIALS = re.compile(INITIALS)
_INITIALS_HINT = re.compile(INITIALS_HINT)
_TRADING_AS = re.compile(TRADING_AS)
_UNSPACED = re.compile("|".join(map(re.escape, UNSPACED_FORMS)))
MARKER_PHRASES = (
    ("doing", "business", "as"),
    ("trading", "as"),
    ("operating", "as"),
    ("also", "known", "as"),
    ("formerly", "known", "as"),
    ("previously", "known", "as"),
    ("now", "known", "as"),
    ("handelnd", "unter"),
    ("handelend", "onder", "de", "naam"),
    ("exercant", "sous", "le", "nom"),
    ("nom", "commercial"),
    ("nombre", "comercial"),
    ("nome", "fantasia"),
)
MARKERS = frozenset("dba aka fka nka formerly vormals ehemals hodn".split())
"""Words between two names of one company."""
WOUND_UP = tuple(
    tuple(told.split())
    for told in (
        "in liquidation", "in liquidazione", "en liquidation", "en liquidacion", "in abwicklung",
        "w likwidacji", "in liq",
    )
)  # fmt: skip
TRADES = {
    ("przedsiebiorstwo", "handlowo", "uslugowe"): "phu",
    ("przedsiebiorstwo", "produkcyjno", "handlowo", "uslugowe"): "pphu",
    ("firma", "handlowo", "uslugowa"): "fhu",
    ("sanayi", "ve", "ticaret"): "santic",
    ("san", "ve", "tic"): "santic",
}
"""What a firm says it is, at length and in short."""
FILLERS = frozenset(
    "the and of de der die das den du des la le les el los las for fur und et y e in im am von van "
    "zu per di da do dos del della a al il firma fa ditta phu pphu fhu santic liq".split()
)
NUMBERS = {
    **dict(
        zip(
            "one two three four five six seven eight nine ten".split(),
            "1 2 3 4 5 6 7 8 9 10".split(),
            strict=True,
        )
    ),
    **dict(zip("first second third fourth fifth".split(), "1 2 3 4 5".split(), strict=True)),
    **dict(zip("1st 2nd 3rd 4th 5th".split(), "1 2 3 4 5".split(), strict=True)),
    **dict(
        zip(
            "ii iii iv vi vii viii ix xi xii xiii".split(),
            "2 3 4 6 7 8 9 11 12 13".split(),
            strict=True,
        )
    ),
}
ABBREVIATIONS = {
    "intl": "international",
    "int": "international",
    "intnl": "international",
    "natl": "national",
    "mfg": "manufacturing",
    "mfr": "manufacturing",
    "mgmt": "management",
    "mgt": "management",
    "svc": "service",
    "svcs": "service",
    "serv": "service",
    "srvcs": "service",
    "assoc": "association",
    "assn": "association",
    "assocs": "associate",
    "bros": "brother",
    "gebr": "gebruder",
    "gebrueder": "gebruder",
    "ctr": "center",
    "cntr": "center",
    "centre": "center",
    "dept": "department",
    "univ": "university",
    "inst": "institute",
    "tech": "technology",
    "techn": "technology",
    "technologies": "technology",
    "eng": "engineering",
    "engrg": "engineering",
    "dist": "distribution",
    "distr": "distribution",
    "equip": "equipment",
    "govt": "government",
    "hosp": "hospital",
    "ind": "industry",
    "inds": "industry",
    "industries": "industry",
    "lab": "laboratory",
    "labs": "laboratory",
    "laboratories": "laboratory",
    "mkt": "market",
    "mktg": "marketing",
    "prod": "product",
    "prods": "product",
    "sys": "system",
    "syst": "system",
    "sch": "school",
    "hldg": "holding",
    "hldgs": "holding",
    "grp": "group",
    "gruppe": "group",
    "groupe": "group",
    "gruppo": "group",
    "grupo": "group",
    "sol": "solution",
    "comm": "communication",
    "telecom": "telecommunication",
    "trans": "transport",
    "transp": "transport",
    "constr": "construction",
    "const": "construction",
    "elec": "electric",
    "electr": "electric",
    "organisation": "organization",
    "org": "organization",
    "labour": "labor",
    "services": "service",
    "companies": "company",
    "st": "saint",
    "sankt": "saint",
    "sta": "santa",
    "uk": "unitedkingdom",
    "us": "unitedstate",
    "usa": "unitedstate",
    "communities": "community",
    "deutschland": "germany",
    "osterreich": "austria",
    "oesterreich": "austria",
    "schweiz": "switzerland",
    "suisse": "switzerland",
    "italia": "italy",
    "espana": "spain",
    "france": "france",
    "polska": "poland",
    "nederland": "netherland",
    "norge": "norway",
    "danmark": "denmark",
    "sverige": "sweden",
    "suomi": "finland",
    "brasil": "brazil",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of a word as it stands in a name."""

    text: str
    form: str | None
    """Class of legal form, where the word is one."""
    filler: bool


@lru_cache(maxsize=500_000)
def word(raw: str) -> Word:
    """What is known of a raw word."""
    return Word(spelling(raw), legal_form.forms().get(raw), raw in FILLERS)


def spelling(raw: str) -> str:
    """The one way in which a raw word is written; the batch asks once per distinct word."""
    return NUMBERS.get(raw) or ABBREVIATIONS.get(raw) or spelled(raw)


@cache
def phrases() -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """Phrases that are replaced, by their first word, in the order tried: longest first."""
    markers = tuple((phrase, (MARKER,)) for phrase in MARKER_PHRASES)
    grouped: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    trades = tuple((phrase, (short,)) for phrase, short in TRADES.items())
    ended = tuple((phrase, ("liq",)) for phrase in WOUND_UP)
    for phrase, short in (*legal_form.phrases(), *markers, *trades, *ended):
        grouped.setdefault(phrase[0], []).append((phrase, short))
    return {
        first: tuple(sorted(told, key=lambda pair: -len(pair[0])))
        for first, told in grouped.items()
    }


def without_initials(text: str) -> str:
    """The text without its own initials: "World Wide Fund for Nature (WWF)" says them twice."""
    found = _INITIALS.search(text) if _INITIALS_HINT.search(text) else None
    if found is None:
        return text
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    told = next(filter(None, found.groups())).replace(".", "").lower()
    own = plain(ascii_lower(rest)).split()
    for counted in (own, [each for each in own if each not in FILLERS]):
        if told in "".join([each[0] for each in counted]):
            return rest
    return text


def text_of(value: str) -> str:
    """The value as plain words, "t/a" and "d/b/a" written as a marker."""
    text = without_initials(value[:LONGEST])
    if not text.isascii():
        text = _UNSPACED.sub(lambda found: UNSPACED_FORMS[found[0]], text)
    text = ascii_lower(text)
    return plain(_TRADING_AS.sub(MARKER_TEXT, text) if "/" in text else text)


def raw_parts(text: str) -> list[list[str]]:
    """The words of each name in a plain text: initials joined, long legal forms made short.

    There are several names where the text says "trading as".
    """
    told = joined_initials(text.split())
    table = phrases()
    out: list[list[str]] = [[]]
    at = 0
    while at < len(told):
        for phrase, short in table.get(told[at], ()):
            if tuple(told[at : at + len(phrase)]) == phrase:
                found, at = short, at + len(phrase)
                break
        else:
            found, at = (told[at],), at + 1
        if found[0] not in MARKERS:
            out[-1].extend(found)
        elif out[-1]:
            out.append([])
    return [part for part in out if part]


def parts(value: str) -> list[list[Word]]:
    """The names in a value: one, or several where it says "trading as"."""
    return [[word(raw) for raw in part] for part in raw_parts(text_of(value))]


def core(name: list[Word]) -> list[Word]:
    """The name's own words: no legal form before or after them, no fillers; each once.

    A name that is nothing but legal forms and fillers keeps all its words.
    """
    own = [at for at, known in enumerate(name) if known.form is None and not known.filler]
    if not own:
        return list({known.text: known for known in name}.values())
    inside = name[own[0] : own[-1] + 1]
    return list({known.text: known for known in inside if not known.filler}.values())


def form_class(name: list[Word]) -> str | None:
    """Class of the first legal form that stands before or after the name's own words."""
    own = [at for at, known in enumerate(name) if known.form is None and not known.filler]
    if not own:
        return None
    outside = (*name[: own[0]], *name[own[-1] + 1 :])
    return next((known.form for known in outside if known.form is not None), None)


def match_form(value: str, country: str | None) -> str:
    """The own words of the first name in the value."""
    told = parts(value)
    return " ".join(known.text for known in core(told[0])) if told else ""


KIND = Kind("company_name", trimmed, no_problem, match_form)
