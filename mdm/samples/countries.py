"""The countries of the made-up world: their words, cities, legal forms and number formats."""

# ruff: noqa: E501 - a table of words and figures reads by its rows

from __future__ import annotations

from dataclasses import dataclass

from mdm.samples.words import ENGLISH, FRENCH, GERMAN, ITALIAN, NORDIC, SLAVIC, SPANISH, Trades


@dataclass(frozen=True, slots=True)
class City:
    """A city: its name, the first digits of its postcodes, its region, its dialling code."""

    name: str
    postcode: str
    region: str
    dial: str


@dataclass(frozen=True, slots=True)
class Country:
    """What names, addresses and numbers look like in one country."""

    code: str
    iso3: str
    language: str
    currency: str
    dial: str
    weight: int
    trades: Trades
    forms: tuple[str, ...]
    postcode: str
    """Its mask: 9 a digit, A a letter, anything else as it stands."""
    street: str
    """How a street line is put together from {street} and {house}."""
    cities: tuple[City, ...]
    streets: tuple[str, ...]
    surnames: tuple[str, ...]
    given: tuple[str, ...]


def _cities(text: str) -> tuple[City, ...]:
    return tuple(City(*part.strip().split(":")) for part in text.split(","))


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


# fmt: off
COUNTRIES: tuple[Country, ...] = (
    Country(
        "DE", "DEU", "de", "EUR", "49", 20, GERMAN,
        ("GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG", "UG (haftungsbeschränkt)", "e.K.", "OHG"), "99999", "{street} {house}",
        _cities(
            "Berlin:10:BE:30, Hamburg:20:HH:40, München:80:BY:89, Köln:50:NW:221,"
            "Düsseldorf:40:NW:211, Frankfurt am Main:60:HE:69, Stuttgart:70:BW:711,"
            "Nürnberg:90:BY:911, Leipzig:04:SN:341, Münster:48:NW:251, Lübeck:23:SH:451"
        ),
        _words(
            "Hauptstraße, Bahnhofstraße, Goethestraße, Industriestraße, Gartenweg, Lindenallee,"
            "Schillerstraße, Am Mühlbach, Dorfstraße, Königsplatz, Hafenstraße, Ringstraße"
        ),
        _words(
            "Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann,"
            "Schäfer, Köhler, Krüger, Böhm, Größer, Jäger, Vogel, Brandt, Winkler, Lindner"
        ),
        _words("Hans, Jürgen, Petra, Sabine, Stefan, Jörg, Karin, Uwe, Anke, Björn, Heike, Ralf"),
    ),
    Country(
        "AT", "AUT", "de", "EUR", "43", 4, GERMAN,
        ("GmbH", "Ges.m.b.H.", "AG", "KG", "OG", "e.U."), "9999", "{street} {house}",
        _cities(
            "Wien:1:W:1, Graz:80:ST:316, Linz:40:OÖ:732, Salzburg:50:S:662, Innsbruck:60:T:512"
        ),
        _words(
            "Mariahilfer Straße, Landstraßer Hauptstraße, Ringstraße, Kirchengasse, Seegasse,"
            "Wiener Straße, Mühlgasse, Schloßstraße"
        ),
        _words(
            "Gruber, Huber, Bauer, Wagner, Pichler, Steiner, Moser, Mayer, Hofer, Leitner, Fuchs"
        ),
        _words("Franz, Josef, Maria, Elisabeth, Thomas, Johanna, Lukas, Martina"),
    ),
    Country(
        "CH", "CHE", "de", "CHF", "41", 5, GERMAN,
        ("AG", "AG", "GmbH", "SA", "Sàrl"), "9999", "{street} {house}",
        _cities(
            "Zürich:80:ZH:44, Basel:40:BS:61, Bern:30:BE:31, Luzern:60:LU:41, Genève:12:GE:22,"
            "Lausanne:10:VD:21"
        ),
        _words(
            "Bahnhofstrasse, Seestrasse, Limmatquai, Dorfstrasse, Rue du Rhône, Poststrasse,"
            "Zürcherstrasse, Industriestrasse"
        ),
        _words("Meier, Keller, Brunner, Zimmermann, Frei, Baumann, Favre, Rochat, Bühler, Lüthi"),
        _words("Reto, Urs, Beat, Ursula, Regula, Luc, Claire, Daniel"),
    ),
    Country(
        "FR", "FRA", "fr", "EUR", "33", 9, FRENCH,
        ("SARL", "SAS", "SA", "EURL", "SNC", "SASU"), "99999", "{house} {street}",
        _cities(
            "Paris:75:75:1, Lyon:69:69:4, Marseille:13:13:4, Lille:59:59:3, Bordeaux:33:33:5,"
            "Nantes:44:44:2, Strasbourg:67:67:3, Saint-Étienne:42:42:4, Orléans:45:45:2"
        ),
        _words(
            "Rue de la République, Avenue des Champs, Boulevard Saint-Michel, Rue Victor Hugo,"
            "Place de l'Église, Rue du Général Leclerc, Quai de la Gare, Chemin des Prés"
        ),
        _words(
            "Martin, Bernard, Dubois, Lefèvre, Moreau, Laurent, Girard, Mercier, Béranger,"
            "Fournier, Rousseau, Gauthier, Chevalier, Noël"
        ),
        _words("Jean, Hélène, François, Céline, Benoît, Chloé, Luc, Agnès, Rémi"),
    ),
    Country(
        "BE", "BEL", "fr", "EUR", "32", 4, FRENCH,
        ("SRL", "BV", "SA", "NV"), "9999", "{street} {house}",
        _cities(
            "Bruxelles:10:BRU:2, Antwerpen:20:VAN:3, Gent:90:VOV:92, Liège:40:WLG:42, Namur:50:WNA:81"
        ),
        _words(
            "Avenue Louise, Chaussée de Charleroi, Kerkstraat, Stationsstraat, Rue Haute, Grote Markt,"
            "Rue de l'Industrie"
        ),
        _words("Peeters, Janssens, Maes, Jacobs, Dupont, Lambert, Claes, Wouters, Goossens"),
        _words("Luc, Marie, Jan, Annelies, Philippe, Sofie, Dirk"),
    ),
    Country(
        "NL", "NLD", "nl", "EUR", "31", 6, NORDIC,
        ("B.V.", "BV", "N.V.", "V.O.F."), "9999 AA", "{street} {house}",
        _cities(
            "Amsterdam:10:NH:20, Rotterdam:30:ZH:10, Utrecht:35:UT:30, Eindhoven:56:NB:40,"
            "Groningen:97:GR:50, Den Haag:25:ZH:70"
        ),
        _words(
            "Keizersgracht, Stationsweg, Kerkstraat, Dorpsstraat, Molenweg, Havenkade, Schoolstraat,"
            "Nieuwstraat"
        ),
        _words(
            "de Jong, Jansen, de Vries, van den Berg, Bakker, Visser, Smit, Mulder, van Dijk, Bos"
        ),
        _words("Pieter, Sanne, Willem, Anouk, Kees, Femke, Joost"),
    ),
    Country(
        "IT", "ITA", "it", "EUR", "39", 7, ITALIAN,
        ("S.r.l.", "S.p.A.", "SRL", "S.n.c.", "S.a.s."), "99999", "{street}, {house}",
        _cities(
            "Milano:20:MI:02, Roma:00:RM:06, Torino:10:TO:011, Bologna:40:BO:051, Napoli:80:NA:081,"
            "Verona:37:VR:045, Forlì:47:FC:0543"
        ),
        _words(
            "Via Roma, Via Garibaldi, Corso Vittorio Emanuele, Piazza del Duomo, Via Mazzini,"
            "Viale Europa, Via dell'Università, Via della Libertà"
        ),
        _words("Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco"),
        _words("Marco, Giulia, Luca, Francesca, Niccolò, Chiara, Paolo"),
    ),
    Country(
        "ES", "ESP", "es", "EUR", "34", 6, SPANISH,
        ("S.L.", "S.A.", "SL", "SLU"), "99999", "{street} {house}",
        _cities(
            "Madrid:28:M:91, Barcelona:08:B:93, Valencia:46:V:96, Sevilla:41:SE:95, Málaga:29:MA:95,"
            "Bilbao:48:BI:94, Cádiz:11:CA:956"
        ),
        _words(
            "Calle Mayor, Avenida de la Constitución, Calle del Sol, Paseo Marítimo, Gran Vía,"
            "Plaza de España, Calle San José, Ronda Norte"
        ),
        _words(
            "García, Martínez, López, Sánchez, Pérez, Gómez, Muñoz, Ibáñez, Núñez, Ortega, Ruiz"
        ),
        _words("José, María, Íñigo, Lucía, Andrés, Carmen, Jesús"),
    ),
    Country(
        "PT", "PRT", "pt", "EUR", "351", 2, SPANISH,
        ("Lda.", "S.A.", "Unipessoal Lda."), "9999-999", "{street} {house}",
        _cities(
            "Lisboa:10:11:21, Porto:40:13:22, Braga:47:03:253, Coimbra:30:06:239, Évora:70:07:266"
        ),
        _words(
            "Rua Augusta, Avenida da Liberdade, Rua das Flores, Praça do Comércio, Rua de São João"
        ),
        _words("Silva, Santos, Ferreira, Pereira, Oliveira, Conceição, Magalhães, Simões"),
        _words("João, Inês, Tiago, Catarina, Nuno, Sofia"),
    ),
    Country(
        "GB", "GBR", "en", "GBP", "44", 10, ENGLISH,
        ("Ltd", "Limited", "LLP", "PLC"), "AA9 9AA", "{house} {street}",
        _cities(
            "London:SW:LND:207, Manchester:MA:MAN:161, Birmingham:BI:BIR:1212, Leeds:LE:LDS:1132,"
            "Glasgow:GL:GLG:141, Bristol:BR:BST:1179, Cardiff:CF:CRF:292, York:YO:YOR:1904"
        ),
        _words(
            "High Street, Station Road, Church Lane, Victoria Road, King Street, Park Avenue,"
            "Mill Lane, Queensway, Bridge Street, Albert Close"
        ),
        _words(
            "Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Patel, Wright, Walker"
        ),
        _words("James, Emily, Oliver, Sophie, Harry, Charlotte, George, Amelia"),
    ),
    Country(
        "IE", "IRL", "en", "EUR", "353", 3, ENGLISH,
        ("Ltd", "Limited", "DAC", "PLC"), "A99 A9A9", "{house} {street}",
        _cities("Dublin:D:D:1, Cork:T:CO:21, Galway:H:G:91, Limerick:V:LK:61"),
        _words(
            "O'Connell Street, Grafton Street, Main Street, Patrick Street, Quay Road, Abbey Lane"
        ),
        _words("Murphy, Kelly, O'Sullivan, Walsh, O'Brien, Byrne, Ryan, O'Connor, Doyle"),
        _words("Seán, Aoife, Conor, Niamh, Patrick, Ciara"),
    ),
    Country(
        "US", "USA", "en", "USD", "1", 14, ENGLISH,
        ("Inc.", "LLC", "Corp.", "Inc", "Co."), "99999", "{house} {street}",
        _cities(
            "New York:10:NY:212, Chicago:60:IL:312, Houston:77:TX:713, Seattle:98:WA:206,"
            "Boston:02:MA:617, Denver:80:CO:303, Atlanta:30:GA:404, Detroit:48:MI:313,"
            "San Jose:95:CA:408, Portland:97:OR:503"
        ),
        _words(
            "Main Street, Oak Avenue, Maple Drive, Washington Boulevard, Elm Street, Lake Road,"
            "Industrial Parkway, Sunset Boulevard, 2nd Street, Market Street"
        ),
        _words(
            "Smith, Johnson, Garcia, Miller, Davis, Rodriguez, Anderson, Nguyen, Lee, Thompson, Clark"
        ),
        _words("Michael, Jennifer, David, Linda, Robert, Ashley, Carlos, Grace"),
    ),
    Country(
        "PL", "POL", "pl", "PLN", "48", 5, SLAVIC,
        ("Sp. z o.o.", "S.A.", "Sp. k.", "Sp. j."), "99-999", "{street} {house}",
        _cities(
            "Warszawa:00:MZ:22, Kraków:30:MA:12, Łódź:90:LD:42, Wrocław:50:DS:71, Poznań:60:WP:61,"
            "Gdańsk:80:PM:58"
        ),
        _words(
            "ul. Długa, ul. Polna, ul. Słoneczna, ul. Leśna, Aleje Jerozolimskie, ul. Kościuszki,"
            "ul. Świętojańska"
        ),
        _words("Nowak, Kowalski, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański"),
        _words("Piotr, Małgorzata, Łukasz, Agnieszka, Paweł, Zofia"),
    ),
    Country(
        "CZ", "CZE", "cs", "CZK", "420", 3, SLAVIC,
        ("s.r.o.", "a.s.", "spol. s r.o.", "v.o.s."), "999 99", "{street} {house}",
        _cities("Praha:11:PR:2, Brno:60:JM:54, Ostrava:70:MO:59, Plzeň:30:PL:37, Olomouc:77:OL:58"),
        _words("Hlavní, Nádražní, Školní, Zahradní, Dlouhá, Masarykovo náměstí, Křižíkova"),
        _words("Novák, Svoboda, Novotný, Dvořák, Černý, Procházka, Kučera, Veselý, Horák"),
        _words("Jiří, Jana, Tomáš, Lenka, Ondřej, Kateřina"),
    ),
    Country(
        "SE", "SWE", "sv", "SEK", "46", 4, NORDIC,
        ("AB", "Aktiebolag", "HB"), "999 99", "{street} {house}",
        _cities(
            "Stockholm:11:AB:8, Göteborg:41:O:31, Malmö:21:M:40, Uppsala:75:C:18, Örebro:70:T:19"
        ),
        _words(
            "Storgatan, Drottninggatan, Kungsgatan, Järnvägsgatan, Skolgatan, Hamngatan, Södra vägen"
        ),
        _words("Andersson, Johansson, Karlsson, Nilsson, Eriksson, Lindström, Bergström, Sjöberg"),
        _words("Lars, Karin, Björn, Åsa, Gustav, Elin"),
    ),
    Country(
        "DK", "DNK", "da", "DKK", "45", 3, NORDIC,
        ("A/S", "ApS", "I/S"), "9999", "{street} {house}",
        _cities(
            "København:10:84:33, Aarhus:80:82:86, Odense:50:83:6, Aalborg:90:81:98, Helsingør:30:84:4"
        ),
        _words("Vesterbrogade, Nørregade, Østergade, Strandvejen, Søndergade, Industrivej, Algade"),
        _words("Jensen, Nielsen, Hansen, Pedersen, Møller, Sørensen, Kjær, Østergaard"),
        _words("Søren, Mette, Jørgen, Kirsten, Rasmus, Freja"),
    ),
    Country(
        "NO", "NOR", "nb", "NOK", "47", 2, NORDIC,
        ("AS", "ASA", "ANS"), "9999", "{street} {house}",
        _cities(
            "Oslo:01:03:22, Bergen:50:46:55, Trondheim:70:50:7, Stavanger:40:11:51, Tromsø:90:55:7"
        ),
        _words("Karl Johans gate, Storgata, Kirkegata, Strandgata, Sjøgata, Industriveien"),
        _words("Hansen, Olsen, Larsen, Berg, Haugen, Bøe, Ødegård, Lie"),
        _words("Ola, Kari, Bjørn, Ingrid, Håkon, Silje"),
    ),
    Country(
        "FI", "FIN", "fi", "EUR", "358", 2, NORDIC,
        ("Oy", "Oyj", "Ky"), "99999", "{street} {house}",
        _cities(
            "Helsinki:00:18:9, Tampere:33:11:3, Turku:20:19:2, Oulu:90:14:8, Jyväskylä:40:08:14"
        ),
        _words("Mannerheimintie, Hämeenkatu, Kauppakatu, Rautatienkatu, Satamatie, Teollisuuskatu"),
        _words("Korhonen, Virtanen, Mäkinen, Nieminen, Hämäläinen, Järvinen, Niemelä"),
        _words("Juha, Päivi, Matti, Anneli, Ville, Aino"),
    ),
    Country(
        "SG", "SGP", "en", "SGD", "65", 3, ENGLISH,
        ("Pte. Ltd.", "Pte Ltd", "LLP"), "999999", "{house} {street}",
        _cities("Singapore:04:SG:6, Singapore:22:SG:6, Singapore:60:SG:6"),
        _words(
            "Orchard Road, Shenton Way, Raffles Place, Jurong East Street, Tampines Avenue, Beach Road"
        ),
        _words("Tan, Lim, Lee, Ng, Wong, Goh, Chua, Koh, Teo"),
        _words("Wei Ming, Hui Min, Jun Jie, Siew Ling, Kumar, Aisha"),
    ),
    Country(
        "AU", "AUS", "en", "AUD", "61", 3, ENGLISH,
        ("Pty Ltd", "Pty. Ltd.", "Limited"), "9999", "{house} {street}",
        _cities(
            "Sydney:20:NSW:2, Melbourne:30:VIC:3, Brisbane:40:QLD:73, Perth:60:WA:86, Adelaide:50:SA:88"
        ),
        _words(
            "George Street, Collins Street, Pitt Street, Queen Street, Murray Road, Harbour Drive"
        ),
        _words("Smith, Nguyen, Williams, Kelly, Thompson, White, Robinson, Harris"),
        _words("Jack, Olivia, Noah, Charlotte, Lachlan, Matilda"),
    ),
)
# fmt: on
