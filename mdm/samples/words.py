"""Words that names of companies are made of, by language; all typed for this project."""

# ruff: noqa: E501 - a table of words and figures reads by its rows

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trades:
    """Words for what companies do and what they call themselves, in one language."""

    trades: tuple[str, ...]
    extras: tuple[str, ...]
    heirs: tuple[str, ...]
    """What follows a surname: "& Söhne"."""
    shop: str
    """What a branch is called: "Filiale"."""
    endings: tuple[str, ...]
    """How rare surnames end."""


def _trades(trades: str, extras: str, heirs: str, shop: str, endings: str) -> Trades:
    def split(text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(","))

    return Trades(split(trades), split(extras), split(heirs), shop, split(endings))


GERMAN = _trades(
    "Logistik, Maschinenbau, Elektrotechnik, Bürobedarf, Gebäudereinigung, Druckerei, Spedition,"
    "Metallbau, Werkzeuge, Kunststofftechnik, Fördertechnik, Software, Beratung, Catering, Möbel,"
    "Medizintechnik, Heizungsbau, Verpackungen, Messtechnik, Umwelttechnik, Stahlhandel, Gärtnerei,"
    "Sicherheitsdienst, Übersetzungen, Fahrzeugbau, Lackiererei, Gerüstbau, Hydraulik",
    "International, Deutschland, Süd, Nord, West, Service, Handel, Systeme, Technik, Gruppe, Vertrieb",
    "& Söhne, & Sohn, & Partner, & Co., Gebrüder, & Töchter",
    "Filiale",
    "mann, er, bauer, berg, hofer, inger, eck, le, hardt, stein, feld",
)
ENGLISH = _trades(
    "Logistics, Engineering, Consulting, Software, Catering, Cleaning, Security, Printing, Packaging,"
    "Furniture, Construction, Electrical, Plumbing, Marketing, Recruitment, Chemicals, Textiles,"
    "Components, Laboratories, Analytics, Freight, Tools, Instruments, Energy, Foods, Media, Design,"
    "Training, Insurance, Facilities",
    "International, Services, Solutions, Group, Systems, Holdings, Global, Technologies, Supplies, Trading",
    "& Sons, & Partners, & Co, Brothers, Associates, & Daughters",
    "Store",
    "son, ton, ley, ford, man, wood, well, field, more, by, bridge",
)
FRENCH = _trades(
    "Logistique, Mécanique, Conseil, Informatique, Nettoyage, Imprimerie, Emballages, Transports,"
    "Électricité, Plomberie, Menuiserie, Boulangerie, Traiteur, Sécurité, Équipements, Matériaux,"
    "Énergie, Santé, Bâtiment, Métallurgie, Peinture, Chauffage",
    "International, Services, France, Groupe, Distribution, Solutions, Développement, Industrie",
    "& Fils, et Associés, Frères, & Cie",
    "Magasin",
    "eau, ier, ard, on, ot, elle, in, et, aud, ois",
)
ITALIAN = _trades(
    "Logistica, Meccanica, Consulenza, Informatica, Pulizie, Tipografia, Imballaggi, Trasporti,"
    "Elettrica, Idraulica, Arredamenti, Ristorazione, Sicurezza, Costruzioni, Energia, Plastica,"
    "Tessile, Ceramiche, Macchine, Utensili",
    "Italia, Internazionale, Servizi, Gruppo, Soluzioni, Sistemi, Commerciale",
    "& Figli, Fratelli, & Soci, e C.",
    "Negozio",
    "ini, elli, etti, ano, ucci, oni, aro, ato, igo",
)
SPANISH = _trades(
    "Logística, Ingeniería, Consultoría, Informática, Limpiezas, Imprenta, Envases, Transportes,"
    "Electricidad, Fontanería, Muebles, Construcción, Seguridad, Maquinaria, Energía, Química,"
    "Alimentación, Cerámica, Herramientas, Jardinería",
    "Internacional, Servicios, Grupo, Soluciones, Sistemas, Comercial, Global",
    "e Hijos, Hermanos, y Asociados, y Cía",
    "Tienda",
    "ez, ero, ares, ado, ana, illo, edo, ales, eira",
)
NORDIC = _trades(
    "Logistik, Teknik, Konsult, Data, Bygg, Transport, El, Mekanik, Grafisk, Design, Energi, Textil,"
    "Maskin, Verktyg, Fastighet, Marin, Trä, Metall, Livs, Miljö, Hydraulik, Måleri",
    "Norden, International, Service, Gruppen, System, Handel, Solutions",
    "& Söner, & Partner, & Co, Brødrene",
    "Butik",
    "sen, ström, berg, lund, sson, gren, dal, vik, holm, quist",
)
SLAVIC = _trades(
    "Logistyka, Transport, Budownictwo, Maszyny, Elektro, Serwis, Druk, Opakowania, Metal, Technika,"
    "Energia, Meble, Doradztwo, Software, Chemia, Ochrona, Stal, Narzędzia, Plast, Instal",
    "International, Grupa, Systemy, Handel, Europa, Solutions, Plus",
    "i Synowie, i Partnerzy, Bracia, i Wspólnicy",
    "Sklep",
    "ski, ak, czyk, owicz, ek, ik, arz, iak, icki",
)

STEMS = tuple(
    "Alb Bal Bar Ber Bir Bol Bran Bur Cal Car Dal Dan Dor Ebel Eck Fal Far Gal Gar Ger Gol Grim Hal"
    " Har Hel Hol Jan Kal Kas Kel Kol Lam Lan Ler Lor Mal Mar Mer Mon Nor Ober Or Pal Pas Per Pol Rad"
    " Ram Rein Rol Sal San Ser Sol Stal Tal Tar Tol Ul Val Var Vol Wal Wer Wil Zal Zim".split()
)
STARTS = tuple(
    "Nova Sol Tec Alta Inter Euro Pro Omni Vel Cor Lumi Aqua Terra Ferro Medi Opti Digi Bio Cen Dyna"
    " Evo Gal Hel Indu Kry Lex Mag Nex Orbi Pan Quan Rex Sil Tri Uni Ver Wes Xen Zen Ark Bel Cal Del"
    " Fin Gra Hyd Iso Jun Kap Lan Mer Nor Oxy Pro Rad Sta Tor Ult Val Ast Bra Cre Dor".split()
)
MIDDLES = tuple("a o i e u ra to li ma ve ni co da re sta vi lo".split())
ENDS = tuple(
    "tec tech ion is ex ia on ax dyne flex form gen line logic max med net nova plan plex print"
    " quip san scan soft stream sys tron vance via vista works zone cor data lux mark pack port"
    " dex fix gard lab lift mont pharm power prime rail safe".split()
)

ABBREVIATIONS: dict[str, str] = {
    "International": "Intl",
    "Internacional": "Intl",
    "Logistik": "Log.",
    "Logistics": "Logist.",
    "Maschinenbau": "Masch.bau",
    "Engineering": "Eng.",
    "Services": "Svcs",
    "Solutions": "Sol.",
    "Deutschland": "Dtl.",
    "Technologies": "Tech.",
    "Systems": "Sys",
    "Systeme": "Sys.",
    "Elektrotechnik": "E-Technik",
    "Construction": "Constr.",
    "Consulting": "Cons.",
    "Gruppe": "Grp.",
    "Group": "Grp",
    "Transports": "Transp.",
    "Gebrüder": "Gebr.",
    "Brothers": "Bros",
    "Fratelli": "F.lli",
    "Hermanos": "Hnos.",
    "Frères": "Fr.",
    "Associates": "Assoc.",
    "Distribution": "Distrib.",
    "Trading": "Trdg",
    "Manufacturing": "Mfg",
    "Holdings": "Hldgs",
    "Supplies": "Suppl.",
}
"""How clerks shorten what does not fit the screen."""

FORM_SPELLINGS: dict[str, tuple[str, ...]] = {
    "GmbH": ("G.m.b.H.", "Gmbh", "Gesellschaft mbH", "GMBH"),
    "GmbH & Co. KG": ("GmbH & Co KG", "GmbH u. Co. KG", "GmbH+Co.KG"),
    "AG": ("Aktiengesellschaft", "A.G."),
    "Ltd": ("Limited", "Ltd."),
    "Limited": ("Ltd", "Ltd."),
    "Inc.": ("Inc", "Incorporated", ", Inc."),
    "LLC": ("L.L.C.", "Llc"),
    "Corp.": ("Corporation", "Corp"),
    "SARL": ("S.A.R.L.", "Sarl"),
    "SAS": ("S.A.S.", "S.A.S"),
    "SA": ("S.A.", "Sa"),
    "S.r.l.": ("SRL", "Srl", "s.r.l."),
    "S.p.A.": ("SPA", "SpA"),
    "S.L.": ("SL", "S. L."),
    "S.A.": ("SA", "S. A."),
    "B.V.": ("BV", "b.v."),
    "AB": ("Aktiebolag", "(publ) AB"),
    "A/S": ("AS", "Aktieselskab"),
    "Sp. z o.o.": ("Spółka z o.o.", "sp. zoo", "SP Z O O"),
    "s.r.o.": ("spol. s r.o.", "sro"),
    "Pty Ltd": ("Pty. Ltd.", "Proprietary Limited"),
    "Pte. Ltd.": ("Pte Ltd", "Private Limited"),
    "Oy": ("OY", "Osakeyhtiö"),
    "AS": ("A.S.", "A/S"),
}
"""How one legal form is written by others."""

STREET_ABBREVIATIONS: tuple[tuple[str, str], ...] = (
    ("straße", "str."),
    ("strasse", "str."),
    ("Straße", "Str."),
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Boulevard", "Blvd"),
    ("Rue ", "R. "),
    ("Calle ", "C/ "),
    ("Avenida", "Avda."),
    ("Via ", "V. "),
    ("Lane", "Ln"),
    ("Drive", "Dr"),
    ("platz", "pl."),
    ("straat", "str."),
)

PLACEHOLDER_NAMES = (
    "One-time vendor",
    "CPD Kreditor",
    "Einmallieferant",
    "Diverse Lieferanten",
    "TBD",
    "n/a",
    "Employee reimbursement",
    "DO NOT USE",
    "Miscellaneous vendor",
    "Test",
)
PLACEHOLDER_NUMBERS = ("000000000", "999999999", "TBD", "n/a", "DE000000000", "XXXXXXXX")
