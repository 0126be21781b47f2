"""The fifteen markets: shares, language, clock, money, mail providers and addresses of each.

A person's locale follows from the person's number: among every hundred consecutive persons each
locale has exactly its share, so shares hold in any part of the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

REGIONS = {"north_america": 40, "europe": 30, "apac": 20, "latam": 10}


@dataclass(frozen=True)
class Locale:
    """One market.

    ``share`` is persons per hundred; ``rate`` is units of the currency per US dollar, a rounded
    constant; ``minor`` is the number of decimal places in use. ``clock`` is local time minus UTC in
    hours without daylight saving, None where it follows from the city. ``mail`` has the mail
    providers with their shares, ``ios`` the percentage of iPhones. ``unit`` is how an address names
    a flat, empty where it does not.
    """

    code: str
    country: str
    region: str
    share: int
    currency: str
    rate: float
    minor: int
    language: str
    clock: float | None
    ios: int
    mail: Mapping[str, float]
    address: str = "{number} {street}"
    unit: str = ""

    @property
    def domain(self) -> str:
        """The end of the market's company domains."""
        quebec = self.code == "fr_CA"
        return ".qc.ca" if quebec else TOP_LEVEL.get(self.country, f".{self.country.lower()}")


TOP_LEVEL = {"US": ".com", "GB": ".co.uk", "JP": ".co.jp", "KR": ".co.kr", "AU": ".com.au",
             "BR": ".com.br", "MX": ".com.mx", "CN": ".com.cn"}  # fmt: skip
# Orders of street and number in an address.
NUMBER_FIRST, STREET_FIRST, COMMA = "{number} {street}", "{street} {number}", "{street}, {number}"
NA, EU, ASIA, LATAM = REGIONS


def _mail(gmail: float, outlook: float, hotmail: float, yahoo: float, icloud: float,
          yahoo_domain: str = "yahoo.com", hotmail_domain: str = "hotmail.com",
          **own: float) -> dict[str, float]:  # fmt: skip
    """Shares of mail providers; local ones are named with ``__`` for a dot and ``_`` for a dash."""
    # Domains that begin with a digit are named with an x before it.
    names = {
        re.sub(r"^x(?=\d)", "", name).replace("__", ".").replace("_", "-"): share
        for name, share in own.items()
    }
    known = {"gmail.com": gmail, "outlook.com": outlook, hotmail_domain: hotmail,
             yahoo_domain: yahoo, "icloud.com": icloud}  # fmt: skip
    return {name: share for name, share in (known | names).items() if share}


# Mail providers: assumption; Germany's are near GMX 26% and web.de 26% (Convios Consulting, 2016).
# iPhones: StatCounter Global Stats, mobile operating systems, 2021 to 2025, rounded.
LOCALES = (
    Locale("en_US", "US", NA, 34, "USD", 1.0, 2, "en", None, 57,
           _mail(51, 5, 9, 16, 6, aol__com=5, comcast__net=3, att__net=2, msn__com=1.5,
                 verizon__net=1.5), unit=" Apt {n}"),
    Locale("en_CA", "CA", NA, 4, "CAD", 1.35, 2, "en", None, 60,
           _mail(49, 6, 20, 3, 5, "yahoo.ca", rogers__com=5, shaw__ca=5, telus__net=4,
                 sympatico__ca=3), unit=" Unit {n}"),
    Locale("fr_CA", "CA", NA, 2, "CAD", 1.35, 2, "fr", -5, 60,
           _mail(41, 6, 26, 3, 4, "yahoo.ca", videotron__ca=12, sympatico__ca=8),
           "{number}, {street}", " app. {n}"),
    Locale("en_GB", "GB", EU, 8, "GBP", 0.80, 2, "en", 0, 51,
           _mail(44, 4, 10, 8, 7, "yahoo.co.uk", "hotmail.co.uk", btinternet__com=8, sky__com=4,
                 live__co__uk=4, talktalk__net=3, aol__com=3), unit=" Flat {n}"),
    Locale("de_DE", "DE", EU, 8, "EUR", 0.92, 2, "de", 1, 38,
           _mail(25, 3, 5, 4, 3, "yahoo.de", "hotmail.de", gmx__de=22, web__de=22, t_online__de=11,
                 gmx__net=3, freenet__de=2), STREET_FIRST),
    Locale("fr_FR", "FR", EU, 6, "EUR", 0.92, 2, "fr", 1, 36,
           _mail(44, 4, 12, 7, 4, "yahoo.fr", "hotmail.fr", orange__fr=11, free__fr=6, sfr__fr=4,
                 wanadoo__fr=4, laposte__net=4), unit=" appt {n}"),
    Locale("es_ES", "ES", EU, 4, "EUR", 0.92, 2, "es", 1, 22,
           _mail(62, 3, 22, 5, 3, "yahoo.es", "hotmail.com", hotmail__es=3, telefonica__net=2),
           COMMA, ", {n}"),
    Locale("it_IT", "IT", EU, 4, "EUR", 0.92, 2, "it", 1, 29,
           _mail(52, 2, 10, 5, 4, "yahoo.it", "hotmail.it", libero__it=15, alice__it=4,
                 virgilio__it=4, tiscali__it=3), STREET_FIRST, " int. {n}"),
    Locale("ja_JP", "JP", ASIA, 5, "JPY", 145.0, 0, "ja", 9, 66,
           _mail(44, 3, 3, 22, 6, "yahoo.co.jp", docomo__ne__jp=9, ezweb__ne__jp=7,
                 softbank__ne__jp=5), "{street}{number}番地", " {n}号室"),
    Locale("zh_CN", "CN", ASIA, 5, "CNY", 7.2, 2, "zh", 8, 24,
           _mail(3, 3, 2, 0, 3, qq__com=55, x163__com=21, x126__com=8, sina__com=4,
                 foxmail__com=3), "{street}{number}号", "{n}室"),
    Locale("en_IN", "IN", ASIA, 5, "INR", 83.0, 0, "en", 5.5, 4,
           _mail(81, 2, 3, 5, 1, "yahoo.co.in", "hotmail.com", rediffmail__com=6, yahoo__in=2),
           unit=", Flat {n}"),
    Locale("ko_KR", "KR", ASIA, 2, "KRW", 1330.0, 0, "ko", 9, 25,
           _mail(26, 1, 2, 0, 1, naver__com=57, hanmail__net=7, daum__net=3, nate__com=3),
           STREET_FIRST, " {n}호"),
    Locale("en_AU", "AU", ASIA, 3, "AUD", 1.5, 2, "en", None, 59,
           _mail(49, 5, 16, 5, 5, "yahoo.com.au", bigpond__com=10, optusnet__com__au=4,
                 live__com__au=3), unit=" Unit {n}"),
    Locale("pt_BR", "BR", LATAM, 5, "BRL", 5.0, 2, "pt", -3, 17,
           _mail(66, 5, 15, 5, 2, "yahoo.com.br", uol__com__br=3, bol__com__br=3, terra__com__br=1),
           COMMA, " ap. {n}"),
    Locale("es_MX", "MX", LATAM, 5, "MXN", 17.0, 2, "es", -6, 23,
           _mail(63, 4, 24, 4, 2, "yahoo.com.mx", live__com__mx=2, prodigy__net__mx=1),
           STREET_FIRST, " Int. {n}"),
)  # fmt: skip
LANGUAGES = tuple(dict.fromkeys(locale.language for locale in LOCALES))
