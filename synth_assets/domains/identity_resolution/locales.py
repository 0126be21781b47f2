"""The fifteen markets: shares, words, money, mail and telephone numbers of each.

A person's locale follows from the person's number: among every hundred consecutive persons each
locale has exactly its share, so shares hold in any part of the data.
"""

from __future__ import annotations

from dataclasses import dataclass

REGIONS = {"north_america": 40, "europe": 30, "apac": 20, "latam": 10}
GLOBAL_MAIL = ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com")
# First and last names, and cities and streets, that are drawn from Faker for each locale.
WORDS, PLACES = 400, 200


@dataclass(frozen=True)
class Locale:
    """One market.

    ``share`` is persons per hundred; ``rate`` is units of the currency per US dollar, a rounded
    constant; ``minor`` is the number of decimal places in use.
    """

    code: str
    country: str
    region: str
    share: int
    currency: str
    rate: float
    minor: int
    mail: tuple[str, ...]
    address: str = "{number} {street}"
    street_provider: str = "street_name"


# Orders of street and number in an address.
NUMBER_FIRST, STREET_FIRST, COMMA = "{number} {street}", "{street} {number}", "{street}, {number}"
NA, EU, ASIA, LATAM = REGIONS

LOCALES = (
    Locale("en_US", "US", NA, 34, "USD", 1.0, 2, ("aol.com", "comcast.net", "att.net")),
    Locale("en_CA", "CA", NA, 4, "CAD", 1.35, 2, ("rogers.com", "shaw.ca")),
    Locale("fr_CA", "CA", NA, 2, "CAD", 1.35, 2, ("videotron.ca", "sympatico.ca")),
    Locale("en_GB", "GB", EU, 8, "GBP", 0.80, 2, ("btinternet.com", "sky.com")),
    Locale("de_DE", "DE", EU, 8, "EUR", 0.92, 2, ("gmx.de", "web.de"), STREET_FIRST),
    Locale("fr_FR", "FR", EU, 6, "EUR", 0.92, 2, ("orange.fr", "free.fr", "laposte.net")),
    Locale("es_ES", "ES", EU, 4, "EUR", 0.92, 2, ("telefonica.net", "hotmail.es"), STREET_FIRST),
    Locale("it_IT", "IT", EU, 4, "EUR", 0.92, 2, ("libero.it", "virgilio.it"), STREET_FIRST),
    Locale(
        "ja_JP", "JP", ASIA, 5, "JPY", 145.0, 0, ("yahoo.co.jp", "docomo.ne.jp"),
        "{street}{number}番地", "town",
    ),
    Locale("zh_CN", "CN", ASIA, 5, "CNY", 7.2, 2, ("qq.com", "163.com"), "{street}{number}号"),
    Locale("en_IN", "IN", ASIA, 5, "INR", 83.0, 0, ("rediffmail.com", "yahoo.co.in")),
    Locale("ko_KR", "KR", ASIA, 2, "KRW", 1330.0, 0, ("naver.com", "daum.net"), STREET_FIRST),
    Locale("en_AU", "AU", ASIA, 3, "AUD", 1.5, 2, ("bigpond.com", "optusnet.com.au")),
    Locale("pt_BR", "BR", LATAM, 5, "BRL", 5.0, 2, ("uol.com.br", "bol.com.br"), COMMA),
    Locale("es_MX", "MX", LATAM, 5, "MXN", 17.0, 2, ("hotmail.com", "terra.mx"), STREET_FIRST),
)  # fmt: skip
