"""Legal forms of companies: which words are one, and which forms are of one class.

The list of terms is cleanco's (67 countries); long forms and spellings it lacks are added here.
"""

from __future__ import annotations

from functools import cache

from cleanco import termdata

from matching.kinds.kind import Kind, no_problem
from matching.words import trimmed, words

# Long forms, written out in words, and the short form they stand for.
LONG_FORMS: dict[str, str] = {
    "public limited company": "plc",
    "public company limited": "pcl",
    "designated activity company": "dac",
    "private limited company": "ltd",
    "limited liability limited partnership": "lllp",
    "limited liability partnership": "llp",
    "limited liability company": "llc",
    "limited liability co": "llc",
    "limited company": "ltd",
    "limited partnership": "lp",
    "general partnership": "gp",
    "professional corporation": "pc",
    "professional limited liability company": "pllc",
    "open joint stock company": "oao",
    "closed joint stock company": "zao",
    "public joint stock company": "pao",
    "joint stock company": "jsc",
    "proprietary limited": "pty ltd",
    "sendirian berhad": "sdn bhd",
    "private limited": "pvt ltd",
    "company limited": "co ltd",
    "national association": "na",
    "aktiengesellschaft": "ag",
    "gesellschaft mit beschrankter haftung": "gmbh",
    "gesellschaft mit beschraenkter haftung": "gmbh",
    "gesellschaft m b h": "gmbh",
    "gesellschaft mbh": "gmbh",
    "ges m b h": "gmbh",
    "ges mbh": "gmbh",
    "gesmbh": "gmbh",
    "unternehmergesellschaft haftungsbeschrankt": "ug",
    "ug haftungsbeschrankt": "ug",
    "unternehmergesellschaft": "ug",
    "kommanditgesellschaft auf aktien": "kgaa",
    "kommanditgesellschaft": "kg",
    "offene handelsgesellschaft": "ohg",
    "gesellschaft burgerlichen rechts": "gbr",
    "eingetragene genossenschaft": "eg",
    "eingetragener verein": "ev",
    "eingetragener kaufmann": "ek",
    "gmbh and co kg": "gmbhcokg",
    "gmbh and co kgaa": "gmbhcokg",
    "gmbh co kg": "gmbhcokg",
    "ug and co kg": "gmbhcokg",
    "ag and co kg": "gmbhcokg",
    "ltd and co kg": "gmbhcokg",
    "mbh and co kg": "gmbhcokg",
    "societe anonyme": "sa",
    "societe a responsabilite limitee": "sarl",
    "sa rl": "sarl",
    "s a rl": "sarl",
    "societe par actions simplifiee unipersonnelle": "sasu",
    "societe par actions simplifiee": "sas",
    "societe civile immobiliere": "sci",
    "societe en nom collectif": "snc",
    "entreprise unipersonnelle a responsabilite limitee": "eurl",
    "besloten vennootschap": "bv",
    "naamloze vennootschap": "nv",
    "vennootschap onder firma": "vof",
    "sociedad anonima de capital variable": "sa de cv",
    "sociedad de responsabilidad limitada": "srl",
    "sociedad limitada unipersonal": "slu",
    "sociedad anonima unipersonal": "sau",
    "sociedad limitada": "sl",
    "sociedad anonima": "sa",
    "sociedad por acciones simplificada": "sas",
    "sociedade anonima": "sa",
    "sociedade limitada": "ltda",
    "sociedade unipessoal limitada": "unipessoal lda",
    "limitada": "ltda",
    "societa per azioni": "spa",
    "societa a responsabilita limitata semplificata": "srls",
    "societa a responsabilita limitata": "srl",
    "societa in accomandita semplice": "sas",
    "societa in nome collettivo": "snc",
    "societatea cu raspundere limitata": "srl",
    "spolka z ograniczona odpowiedzialnoscia": "spzoo",
    "spolka z oo": "spzoo",
    "sp z oo": "spzoo",
    "sp z o o": "spzoo",
    "sp zoo": "spzoo",
    "spolka akcyjna": "sa",
    "spolka komandytowa": "spk",
    "sp k": "spk",
    "sp j": "spj",
    "spolecnost s rucenim omezenym": "sro",
    "spol s ro": "sro",
    "spol s r o": "sro",
    "akciova spolecnost": "as",
    "korlatolt felelossegu tarsasag": "kft",
    "reszvenytarsasag": "rt",
    "zartkoruen mukodo reszvenytarsasag": "zrt",
    "aktiebolag": "ab",
    "aktieselskab": "as",
    "anpartsselskab": "aps",
    "aksjeselskap": "as",
    "osakeyhtio": "oy",
    "julkinen osakeyhtio": "oyj",
    "anonim sirketi": "as",
    "limited sirketi": "ltd",
    "obshchestvo s ogranichennoy otvetstvennostyu": "ooo",
    "obshchestvo s ogranichennoi otvetstvennostyu": "ooo",
    "obshhestvo s ogranichennoj otvetstvennostyu": "ooo",
    "obshchestvo s ogranichennoj otvetstvennostyu": "ooo",
    "aktsionernoe obshchestvo": "ao",
    "akcionernoe obshchestvo": "ao",
    "otkrytoe aktsionernoe obshchestvo": "oao",
    "zakrytoe aktsionernoe obshchestvo": "zao",
    "publichnoe aktsionernoe obshchestvo": "pao",
    "individualnyy predprinimatel": "ip",
    "tovarystvo z obmezhenoyu vidpovidalnistyu": "tov",
    "pryvatne aktsionerne tovarystvo": "prat",
    "publichne aktsionerne tovarystvo": "pat",
    "etaireia periorismenis efthynis": "epe",
    "anonymi etaireia": "ae",
    "kabushiki kaisha": "kk",
    "kabushiki gaisha": "kk",
    "godo kaisha": "gk",
    "yugen kaisha": "yk",
    "zhushihuishe": "kk",
    "youxiangongsi": "co ltd",
    "gufenyouxiangongsi": "co ltd",
    "jusighoesa": "co ltd",
    "cong ty trach nhiem huu han": "tnhh",
    "cong ty tnhh": "tnhh",
    "cong ty co phan": "ctcp",
    "perseroan terbatas": "pt",
    "perusahaan perseroan": "pt",
    "kaisha": "kk",
    "drustvo s ogranicenom odgovornoscu": "doo",
    "drustvo z omejeno odgovornostjo": "doo",
    "dionicko drustvo": "dd",
    "uzdaroji akcine bendrove": "uab",
    "sabiedriba ar ierobezotu atbildibu": "sia",
    "osauhing": "ou",
    "aktsiaselts": "as",
    "free zone company": "fzco",
    "free zone establishment": "fze",
    "sp zo o": "spzoo",
    "partg mbb": "partgmbb",
    "partnerschaftsgesellschaft mbb": "partgmbb",
    "societa cooperativa": "coop",
    "sociedad cooperativa": "coop",
    "soc coop": "coop",
    "s coop": "coop",
    "s de rl de cv": "srlcv",
    "s de rl": "srl",
    "sl unipersonal": "slu",
    "sa unipersonal": "sau",
    "spolka jawna": "spj",
    "spolka partnerska": "spp",
    "sp p": "spp",
    "spolka cywilna": "sc",
    "srl d": "srl",
    "sarl au": "sarl",
    "and c snc": "snc",
    "and c sas": "sas",
}
# Words that are a legal form of one class; classes are what is compared.
CLASSES: dict[str, str] = {
    "limited": "ltd ltda limited lda ltee limitee gmbh mbh gesmbh sarl srl srls sl slu bv sro "
    "doo dooel spzoo "
    "zoo llc ooo oop tov kft pty pte pvt bhd sdn eurl ug unipessoal uab sia ou oue aps epe ike "
    "fze fzco fzc fzllc wll dwc eood ood too kk gk yk yugen lc ltdsti sti lllc limitada bvba "
    "sprl srlcv pllc "
    "private proprietary sendirian berhad dac tnhh "
    "ggmbh jdoo sagl sll eireli teo teoranta cyf cyfyngedig dmcc fz",
    "stock": "ag sa spa plc nv ab oy oyj as asa se jsc ojsc cjsc pjsc oao zao pao ao ad dd kgaa "
    "sas sasu sau "
    "nyrt zrt rt bt sae tbk pt saa sab sapi rl kdd at hf ehf pat prat aat vat zat saog saoc psc "
    "pjs rao pcl ctcp ae "
    "sac ead jsco qpsc bsc ksc scpa",
    "corporation": "inc incorporated corp corporation co company cia cie companhia compania "
    "compagnie "
    "ulc corpn comp",
    "partnership": "kg ohg gbr lp llp lllp gp snc scs vof cv gmbhcokg spk spj sp ks hb partg "
    "partgmbb sc scp "
    "partnership secs scop "
    "kkt spp gesbr",
    "association": "ev eg na verein stiftung foundation trust ngo asbl vzw aisbl npo coop scrl "
    "scoop cooperative "
    "ry vsi onlus ets npc clg cic scarl",
    "sole": "ek ekfr ekfm ip fop ei eirl soleprop inh "
    "enk pfa einzelunternehmen einzelfirma einzelkaufmann",
}


@cache
def forms() -> dict[str, str]:
    """Every word that is a legal form at the end of a name, and its class."""
    known = {word: name for name, told in CLASSES.items() for word in told.split()}
    by_type = {"Corporation": "corporation", "General Partnership": "partnership"}
    for kind, terms in termdata.terms_by_type.items():
        name = by_type.get(kind, "partnership" if "Partnership" in kind else "limited")
        for term in terms:
            told = words(term)
            if len(told) == 1 and len(told[0]) > 1:
                known.setdefault(told[0], name)
    plain = {"the", "and", "group", "bank", "da", "in", "is", "to", "be", "fie", "foundation"}
    return {word: name for word, name in known.items() if word not in plain | {"trust", "stiftung"}}


@cache
def phrases() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Long forms as words and the short form's words, longest first."""
    told = {tuple(long.split()): tuple(short.split()) for long, short in LONG_FORMS.items()}
    return tuple(sorted(told.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def match_form(value: str, country: str | None) -> str:
    """The class of the legal form; its letters where the class is not known."""
    text = " ".join(words(value))
    for long, short in phrases():
        text = text.replace(" ".join(long), " ".join(short))
    told = [forms()[word] for word in text.split() if word in forms()]
    return told[0] if told else text.replace(" ", "")


KIND = Kind("legal_form", trimmed, no_problem, match_form)
