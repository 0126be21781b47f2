"""The rules of names: what the name of a column suggests, the first that matches counts.

A rule is matched against ``table.column`` in snake case, as a whole. What it gives are fields of a
column of the YAML language. ``names`` applies the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from synth_assets.importing.found import NUMBERS, TIMES, Kind

PEOPLE = (
    "users?|customers?|clients?|patients?|employees?|staff|people|persons?|contacts?|members?"
    "|doctors?|physicians?|nurses?|providers?|students?|teachers?|drivers?|guests?|authors?|agents?"
)
COMPANIES = "compan(y|ies)|suppliers?|vendors?|manufacturers?|insurers?|organi[sz]ations?|accounts?"
TEXTS = frozenset({Kind.TEXT, Kind.OTHER})


@dataclass(frozen=True)
class Rule:
    """What a name suggests.

    Attributes:
        pattern: Regular expression of ``table.column``; ``.*`` before it is understood.
        kinds: Kinds of columns that it is for.
        fields: Fields of the column.
        pii: Kind of personal data whose form the values have.
        null_rate: Share of rows without a value, if the column may be null.
    """

    pattern: str
    kinds: frozenset[Kind]
    fields: Mapping[str, Any] = field(default_factory=dict)
    pii: str | None = None
    null_rate: float | None = None

    def matches(self, name: str, kind: Kind) -> bool:
        """Whether the rule is for a column.

        Args:
            name: ``table.column`` in snake case.
            kind: The column's kind.
        """
        return kind in self.kinds and compiled(self.pattern).fullmatch(name) is not None


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a rule's pattern, with anything before it.

    Args:
        pattern: The pattern.
    """
    return re.compile(rf"(?:.*[._])?(?:{pattern})")


def _words(provider: str, pattern: str, pii: str | None = None, **fields: Any) -> Rule:
    return Rule(pattern, TEXTS, {"kind": "vocabulary", "provider": provider, **fields}, pii)


def _texts(text: str, pattern: str, pii: str | None = None) -> Rule:
    return Rule(pattern, TEXTS, {"kind": "pattern", "pattern": text}, pii)


def _choice(pattern: str, *values: str, **shares: float) -> Rule:
    return Rule(pattern, TEXTS, {"kind": "choice", "values": shares or list(values)})


def _numbers(pattern: str, kind: str, **fields: Any) -> Rule:
    return Rule(pattern, NUMBERS, {"kind": kind, **fields})


def _null(pattern: str, kinds: frozenset[Kind], null_rate: float) -> Rule:
    return Rule(pattern, kinds, null_rate=null_rate)


RULES: tuple[Rule, ...] = (
    # People
    _words("first_name", "(first|given|fore|middle|preferred)_?name|fname", "name",
           frequencies="real"),
    _words("last_name", "(last|family|sur|maiden)_?name|surname|lname", "name", frequencies="real"),
    _words("company", rf"({COMPANIES})(\.|_)name|company|employer|manufacturer|brand"),
    _words("name", rf"({PEOPLE})(\.|_)name|(full|person|contact|display|holder)_?name", "name"),
    _words("safe_email", "e_?mail(_?address)?", "email"),
    _texts("+1-###-555-01##", "(tele)?phone(_?(number|no))?|mobile|cell|fax|msisdn", "phone"),
    _words("user_name", "user_?name|login|nick(name)?|handle", "username"),
    _texts("000-##-####", "ssn|social_security(_?number)?|national_id", "national_id"),
    _texts("[A-Z]##[0-9A-Z]{5}#", "passport(_?(number|no))?", "passport"),
    _texts("[A-Z]{2}#########", "vat(_?(id|number))?|tax_?(id|number)", "tax_id"),
    _texts("[A-Z]{3}-####", "licen[cs]e_plate|plate(_number)?", "licence_plate"),
    _choice("gender|sex", F=0.5, M=0.49, X=0.01),
    _words("job", "job(_?title)?|occupation|profession"),
    _choice("salutation|honorific", "Ms.", "Mr.", "Dr."),
    # Addresses that are of no place
    _words("ipv4", "ip(_?addr(ess)?)?|remote_addr|client_ip|host_ip", "ip_address"),
    _words("mac_address", "mac(_?address)?"),
    # Places
    _words("street_address", "street(_?address)?|address(_?line)?(_?1)?|addr", "address"),
    _texts("Apt. ##", "address(_?line)?_?2|unit|apartment", "address"),
    _words("city", "city|town|municipality|birth_?place"),
    _texts("#####", "zip(_?code)?|post(al)?_?code|plz", "postcode"),
    _words("country_code", "country_?(code|iso|iso2)|nationality_code"),
    _words("country", "country(_?name)?|nationality"),
    _words("state_abbr", "state_?(code|abbr)|us_state"),
    _words("state", "state(_name)?|province|region"),
    _numbers("lat(itude)?", "uniform", low=-60, high=70, decimals=5),
    _numbers("lon|lng|longitude", "uniform", low=-180, high=180, decimals=5),
    _words("timezone", "time_?zone|tz"),
    # Money and trade
    _words("iban", "iban", "bank_account"),
    _words("swift", "bic|swift(_code)?"),
    _words("bban", "account_?(number|no)|bank_account", "bank_account"),
    _words("credit_card_number", "(credit_?)?card_?(number|no)|pan", "payment_card"),
    _words("credit_card_provider", "card_?(type|brand|scheme)"),
    _texts("####", "(card_)?last_?(4|four)(_digits)?", "payment_card"),
    _choice("(.*_)?currency(_?code)?", USD=0.6, EUR=0.3, GBP=0.1),
    _words("ean13", "ean(13)?|gtin|barcode|upc"),
    _words("isbn13", "isbn(_?13)?"),
    _texts("SKU-######", "sku"),
    _texts("PO-######", "po_?number|purchase_order(_number)?"),
    _texts("INV-######", "invoice_?(number|no)"),
    # Computers
    _words("user_agent", "user_?agent"),
    _words("url", "url|uri|link|website|homepage|refer(r)?er"),
    _words("domain_name", "domain(_name)?"),
    _words("hostname", "host(_?name)?"),
    _words("file_name", "file_?name"),
    _texts("[0-9a-f]{40}", "(.*_)?(hash|sha1?|checksum|digest|token|secret|password|fingerprint)"),
    _choice("lang(uage)?(_?code)?", en=0.7, es=0.2, fr=0.1),
    _choice("locale", "en_US", "en_GB", "de_DE", "fr_FR"),
    # Medicine, in the form of its codes
    _texts("[A-T]##.#", "icd(_?10)?(_?code)?|diagnosis_?code"),
    _texts("[1-9]####-#", "loinc(_?code)?"),
    _choice("blood_?(type|group)", **{"O+": 0.38, "A+": 0.34, "B+": 0.09, "O-": 0.07, "A-": 0.06,
            "AB+": 0.03, "B-": 0.02, "AB-": 0.01}),
    # Words of any kind
    _words("color_name", "colou?r"),
    _choice("(.*_)?status|state", active=0.7, pending=0.2, closed=0.1),
    _choice("priority|severity", low=0.5, medium=0.35, high=0.15),
    _choice("unit(_of_measure)?|uom", "each", "kg", "l"),
    _texts("[A-Z]{3}-####", "(.*_)?(code|number|no|ref|reference)"),
    _words("sentence", "(.*_)?(description|comments?|notes?|remarks?|text|body|message|reason"
           "|summary|instructions?|details?|content)"),
    _words("catch_phrase", "(.*_)?(name|title|subject|label|headline)"),
    # Numbers
    _numbers("age(_years)?", "integers", low=18, high=90),
    _numbers("rating|stars", "integers", low=1, high=5),
    _numbers("year|(.*_)?year", "integers", low=2015, high=2026),
    _numbers("month", "integers", low=1, high=12),
    _numbers("hour", "integers", low=0, high=23),
    Rule("(.*_)?(percent(age)?|pct|rate|ratio|share|fraction|probability|score)",
         frozenset({Kind.INTEGER}), {"kind": "uniform", "low": 0, "high": 100}),
    _numbers("(.*_)?(percent(age)?|pct)", "uniform", low=0, high=100, decimals=1),
    _numbers("(.*_)?(rate|ratio|share|fraction|probability|score)", "uniform", low=0, high=1,
             decimals=4),
    _numbers("(.*_)?(quantity|qty|count|items|guests)|units|seats(_.*)?", "integers", low=1,
             high=10),
    _numbers("weight(_kg)?", "normal", mean=75, sd=15, low=40, high=160, decimals=1),
    _numbers("height(_cm)?", "normal", mean=170, sd=10, low=140, high=210, decimals=1),
    _numbers("(.*_)?temperature(_c)?", "normal", mean=20, sd=8, low=-20, high=45, decimals=1),
    _numbers("(.*_)?cents", "lognormal", median=4000, sigma=0.9, low=1, high=1_000_000),
    _numbers("(.*_)?(price|amount|total|subtotal|cost|fee|balance|salary|revenue|charge|payment"
             "|discount|tax|premium|budget|value)", "lognormal", median=40, sigma=0.9, low=0.01,
             high=10_000),
    _numbers("(.*_)?(duration|seconds|minutes|hours|latency|ms)", "exponential", mean=60, low=0,
             high=3600),
    _numbers("version", "integers", low=1, high=5),
    # Dates and truth values
    Rule("(birth_?(date|day)|date_of_birth|dob|born(_?(at|on))?)", TIMES,
         {"kind": "date", "start": "1940-01-01", "end": "2007-12-31"}, "birth_date"),
    _null("(.*_)?(deleted|archived|deceased|cancel(l)?ed|died|death|churned|terminated|resigned"
          "|retired)(_?(at|on|date|time|day))?|(.*_)?(deletion|cancel(l)?ation|termination|resignation"
          "|retirement)_?(at|on|date|time)|dod|date_of_death", TIMES, 0.9),
    Rule("(is_)?(deleted|archived|test|blocked|deceased|cancel(l)?ed)", frozenset({Kind.BOOLEAN}),
         {"kind": "boolean", "probability": 0.03}),
    Rule("(is_)?(active|enabled|verified|current|valid)", frozenset({Kind.BOOLEAN}),
         {"kind": "boolean", "probability": 0.9}),
)  # fmt: skip
