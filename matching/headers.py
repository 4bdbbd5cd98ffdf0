"""How columns are headed, field by field, the most usual header first."""

# ruff: noqa: E501 - a table of words in many scripts reads by its rows

from __future__ import annotations

HEADERS: dict[str, str] = {
    "name": "name|company|company name|supplier name|vendor name|legal name|business name|"
    "organisation name|"
    "organization name|organisation|organization|firm|firma|firmenname|lieferant|lieferantenname|"
    "kreditor|"
    "customer name|account name|org name|entity name|raison sociale|razon social|ragione sociale|"
    "nom|"
    "nombre|naam|nazwa|denominazione|name1|name 1|supplier|vendor|partner name|vendname|trading "
    "name",
    "legal_form": "legal form|rechtsform|forme juridique|company type|entity type",
    "person_name": "person name|full name|contact name|person|employee name|first and surname|"
    "vorname|nachname|"
    "given name|surname|first name|last name|family name|forename|firstname|lastname|fullname",
    "address": "address|addr|full address|anschrift|adresse|direccion|indirizzo|location",
    "street": "street|street address|address1|address 1|address line 1|strasse|str|street name|"
    "street number|"
    "house number|house no|hausnummer|calle|via|rue|street1|line1|stras|address line",
    "city": "city|town|ort|stadt|suburb|ville|ciudad|citta|comune|locality|municipality|place|"
    "birth place|"
    "ort01|gemeinde|plaats|city name",
    "postcode": "postcode|postal code|zip|zipcode|zip code|plz|postleitzahl|post code|code "
    "postal|cap|cp|"
    "codigo postal|pstlz|postcode fake|postalcode",
    "country": "country|country code|land|iso country|land1|pays|pais|paese|nation|country iso|"
    "country region",
    "vat_number": "vat|vat number|vat no|vat id|vatid|ust id|ustid|ustidnr|ust idnr|tva|btw|piva|"
    "partita iva|"
    "stceg|vat registration|vat registration number|vat reg no|vat num",
    "tax_number": "tax number|tax id|taxid|tax no|ein|tin|steuernummer|tax identification number|"
    "fiscal code|"
    "codice fiscale|stcd1|ssn|soc sec id|social security number|siren|siret|nip|ico|abn|gst|"
    "federal id|nif|cif",
    "lei": "lei|legal entity identifier|lei code",
    "iban": "iban|bank account|account number|konto|kontonummer|iban number|bankn|account no|"
    "bank account number",
    "phone": "phone|telephone|tel|phone number|telefon|telf1|mobile|fon|telefono|telephone "
    "number|phone1|"
    "contact phone|main phone|phone no",
    "email": "email|e mail|mail|email address|e mail address|smtp addr|contact email|mail address",
    "website": "website|web|url|homepage|domain|web site|www|site|internet|internet address|web "
    "address",
    "birth_date": "birth date|date of birth|dob|birthday|birthdate|geburtsdatum|date naissance",
}
FURTHER_LANGUAGES: dict[str, str] = {
    "name": "nome|navn|namn|nimi|nev|nume|jmeno|nazev|nazov|naziv|unvan|firma adi|sirket adi|bedrijfsnaam|"
    "nom entreprise|nom du fournisseur|fournisseur|nombre empresa|empresa|proveedor|fornitore|azienda|"
    "nome empresa|fornecedor|leverancier|leverandor|leverantor|toimittaja|dodavatel|dostawca|furnizor|"
    "tedarikci|handelsname|firmenbezeichnung|название|наименование|имя|поставщик|компания|организация|"
    "επωνυμια|ονομα|会社名|名称|商号|取引先名|企業名|公司名称|公司|供应商|供应商名称|상호|회사명|업체명|"
    "title|product name|product|item name|item|label|bezeichnung|designation|descripcion|"
    "denomination|nome da empresa|nazwa firmy|foretagsnamn|nome fornitore|nom de l entreprise|nom fournisseur|nombre del proveedor|nombre proveedor|nombre comercial|nome fantasia|denominacion|denominacion social|nazwa dostawcy|vendor account name|naam leverancier",
    "person_name": "prenom|apellido|apellidos|cognome|nome completo|voornaam|achternaam|imie|nazwisko|fornamn|"
    "efternamn|fornavn|etternavn|fio|фио|фамилия|ονοματεπωνυμο|氏名|姓名|성명|이름",
    "address": "endereco|morada|adresa|adres|adress|cim|osoite|адрес|διευθυνση|住所|所在地|地址|주소",
    "street": "ulica|gata|gade|straat|utca|улица|οδος|calle numero|strasse und hausnummer|rue et numero|"
    "domicilio|domicilio social|straat en huisnummer|gatuadress|gateadresse|vejnavn|strasse nr|strasse und nr|strasse und hausnr|ulica i numer|ulica i nr|rue et n|calle y numero|strasse hausnr|adresse 1|adresse ligne 1|address line 1|addr1|logradouro",
    "city": "cidade|miasto|mesto|kommune|by|stad|kaupunki|varos|oras|sehir|город|πολη|市区町村|城市|도시|"
    "poblacion|commune|localidad|municipio|localita|woonplaats|miejscowosc|localidade|ortschaft|postort|poststed|obec|telepules|localitate|wohnort|cidade|town city|city town|city name|ciudad poblacion",
    "postcode": "kod pocztowy|psc|postnummer|postinumero|iranyitoszam|cod postal|cep|posta kodu|индекс|"
    "почтовый индекс|τκ|郵便番号|邮编|邮政编码|우편번호|"
    "zip postal|zip postal code|zip postcode|codigo postal zip|postal zip|post zip|zip plus 4",
    "country": "kraj|zeme|maa|orszag|tara|ulke|страна|χωρα|国|国家|국가|"
    "landerschlussel|laenderschluessel|landercode|land code|code pays|codigo pais|codigo de pais|nazione|codice paese|landcode|kod kraju|land region",
    "vat_number": "nr vat|mva|moms|alv numero|afm|αφμ|nr tva|vkn|umsatzsteuer id|umsatzsteuer identifikationsnummer|"
    "numero tva|numero de tva|n tva|vat identification number|"
    "tva intracommunautaire|btw nummer|momsnr|moms nr|nip ue|nif iva|numero de identificacion fiscal iva|p iva|ust nr|ust id nr|uid nummer|dph|ic dph",
    "tax_number": "инн|dic|cnpj|cuit|rfc|rut|nit|organisationsnummer|org nr|orgnr|cvr|y tunnus|法人番号|"
    "统一社会信用代码|사업자등록번호|company number|registration number|handelsregisternummer|regon|krs|"
    "steuernr|steuer nr|kvk|kvk nummer|nipc|n siren|n siret|federal tax id|company reg no|company registration|registration no|c f|cf|cod fiscal|nif cif|rsin|tax registration",
    "iban": "rachunek bankowy|"
    "cuenta|cuenta bancaria|numer konta|nr konta|rekeningnummer|bankgiro|plusgiro|bankverbindung|rib|coordinate bancarie|conto corrente|kontonr|bankkonto|bank account no",
    "phone": "telephone portable|telefone|telefoon|puhelin|telefonszam|numer telefonu|телефон|τηλεφωνο|電話番号|"
    "電話|电话|전화번호|전화|handy|mobil|"
    "telefonnummer|telefonnr|telefoonnummer|tel nr|tfno|tlf|nr telefonu|numero de telephone|numero di telefono|numero de telefono|rufnummer|telephone no|festnetz|telnr",
    "email": "courriel|correo|correo electronico|posta elettronica|email adresse|адрес электронной почты|почта|"
    "メール|メールアドレス|邮箱|电子邮件|이메일|"
    "pec|correio eletronico|e mailadres|e post|epost|adres e mail|adresse e mail|adresse email|e mail adres|adresse mail|e mailadresse|emailadres|correo e",
    "website": "sitio web|sito|sito web|site web|webseite|internetseite|сайт|ホームページ|网站|홈페이지|"
    "pagina web|strona www|strona internetowa|hemsida|home page|hjemmeside|site internet|sito internet|strona|web page|webpage|adres www|www adresse",
    "birth_date": "fecha de nacimiento|data di nascita|geboortedatum|data urodzenia|дата рождения|生年月日|"
    "出生日期|생년월일|date de naissance|syntymaaika|fodelsedatum|"
    "geboren am|geb datum|geburtstag|date of birth dob",
}
"""Further headers, each the least usual of its field; other scripts are read as transliterated."""
