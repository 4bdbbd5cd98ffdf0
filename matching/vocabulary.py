"""Words and values that many records have: what they are worth before the data has told.

Learned rules replace the words' worth by their frequency in the user's own data.
"""

from __future__ import annotations

# Words of company names by how much they tell, in tenths of bits; a word not listed is rare.
_BY_WORTH: dict[int, str] = {
    25: "service group company international holding solution center association management "
    "industry system technology consulting partner enterprise global trading",
    35: "bank capital trust fund school construction engineering energy medical health school "
    "food product "
    "transport logistic security software data digital media network communication design studio "
    "development property investment finance insurance travel hotel restaurant cafe shop store "
    "market "
    "supply equipment electric electronic power water oil gas steel metal plastic chemical pharma "
    "laboratory institute university college hospital clinic care child center church community "
    "house "
    "national american european asia europe germany unitedkingdom unitedstate france italy spain "
    "canada "
    "china india japan austria switzerland netherland poland sweden norway denmark brazil mexico",
    45: "north south east west new first general central royal city home auto car print printing "
    "paper "
    "building maintenance cleaning catering event marketing advertising research education "
    "training "
    "legal law account tax audit real estate garden green blue red white black star sun best world "
    "handel bau technik haus werk werke dienst beratung verlag versicherung immobilie vertrieb "
    "und sohne "
    "gebruder brother son art saint san santa line air sea express team plus pro smart tech net "
    "web",
}
COMMON_WORDS: dict[str, int] = {
    word: worth for worth, words in _BY_WORTH.items() for word in words.split()
}

PLACEHOLDERS: dict[str, frozenset[str]] = {
    "name": frozenset(
        "tbd|na|n a|none|null|unknown|unbekannt|test|xxx|dummy|various|diverse|miscellaneous|"
        "one time vendor|onetime vendor|cpd|not known|not available|tba|vendor|supplier|lieferant|"
        "temp|do not use|inconnu|desconocido|sconosciuto".split("|")
    ),
    "value": frozenset(
        "na none null unknown tbd tba nil test xxx unbekannt 0 00 000 notavailable noreply "
        "notapplicable nv kein keine".split()
    ),
}
PLACEHOLDER_WORDS = frozenset(
    "miscellaneous misc various diverse divers diver sundry sundrie vendor supplier lieferant "
    "kreditor creditor "
    "fournisseur proveedor fornitore leverancier 1 one time onetime once cpd cpdl conto pro "
    "unknown unbekannt "
    "inconnu desconocido sconosciuto dummy test testing example sample temp temporary tbd tba na "
    "none null xxx "
    "do not use delete deleted blocked obsolete cash employee mitarbeiter einmallieferant einmal "
    "general "
    "miscellaneousvendor miscellaneoussupplier onetimevendor onetimesupplier "
    "diverselieferanten account".split()
)
"""A name of nothing but these stands for nobody."""
NO_MAILBOX = frozenset(
    "noreply no-reply donotreply do-not-reply none na n.a unknown test null".split()
)
FREE_MAIL = frozenset(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de hotmail.com hotmail.fr "
    "hotmail.co.uk outlook.com live.com msn.com aol.com icloud.com me.com mac.com gmx.de gmx.net "
    "gmx.at gmx.ch web.de t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr "
    "libero.it virgilio.it alice.it tin.it hotmail.it btinternet.com comcast.net verizon.net "
    "att.net "
    "sbcglobal.net bellsouth.net proton.me protonmail.com mail.com mail.ru yandex.ru qq.com "
    "163.com "
    "126.com sina.com bluewin.ch telenet.be skynet.be ziggo.nl kpnmail.nl planet.nl wp.pl o2.pl "
    "onet.pl interia.pl seznam.cz centrum.cz email.cz uol.com.br bol.com.br terra.com.br "
    "rediffmail.com "
    "example.com example.org".split()
)
