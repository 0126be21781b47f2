"""What names of columns suggest: a generator, personal data, a kind of values, an order in time.

Whatever a source declares, or rows show, comes before it. The generators are in ``name_rules``.
"""

from __future__ import annotations

import re
from functools import cache

from synth_assets.importing.found import Kind
from synth_assets.importing.keys import snake
from synth_assets.importing.name_rules import PEOPLE, RULES, Rule, compiled

# What a name says of the kind of values, for columns of which no type is declared.
KINDS: tuple[tuple[str, Kind], ...] = (
    ("(is|has|was|can)_.*|.*_flag", Kind.BOOLEAN),
    ("(.*_)?(date|dob|birthday)|.*_on", Kind.DATE),
    (".*_(at|ts|time|timestamp)|timestamp", Kind.TIMESTAMP),
    ("(.*_)?id", Kind.INTEGER),
    ("(.*_)?(quantity|qty|count|cents|seats|units|age|year|month|version|position)", Kind.INTEGER),
    ("(.*_)?(price|amount|total|subtotal|cost|fee|balance|revenue|tax|discount|rate|percent(age)?)",
     Kind.DECIMAL),
    ("lat(itude)?|lon(gitude)?|lng|(.*_)?(score|ratio)", Kind.FLOAT),
)  # fmt: skip
# Words for a point in time.
TIME = "at|on|date|time|datetime|timestamp|ts|dt"
# Stages of a record: a time of a later stage is after one of an earlier stage of the same row.
# Each has what was done, with or without a word for the time, and what is done, with such a word.
STAGES: tuple[str, ...] = tuple(
    rf"(.*_)?({done})(_?({TIME}))?|(.*_)?({deed})_?({TIME}){rest}"
    for done, deed, rest in (
        ("created|occurred|inserted|registered|opened|signed_?up|joined|hired|booked|ordered|placed"
         "|issued|requested|submitted|enrolled|subscribed|rented|borrowed|loaned|purchased|sold",
         "order|invoice|issue|hire|creation|create|booking|sign_?up|request|rental|loan|purchase"
         "|sales?|registration|enrolment|enrollment|subscription|application|contract|transaction|open(ing)?",
         "|since|timestamp"),
        ("scheduled|confirmed|approved|valid_?from|effective|activated",
         "approval|confirmation|activation|from", ""),
        ("start|starts|started|begin|began|admitted|admission|check_?in|arrived|arrival|received"
         "|collected|prescribed|period_start", "starting|pick_?up|collection", ""),
        ("shipped|processed|performed|sent|administered|dispatched|picked",
         "ship|shipping|shipment|processing|dispatch|sending", ""),
        ("end|ends|ended|finish|finished|stop|stopped|discharged|discharge|check_?out|left"
         "|completed|delivered|closed|resolved|returned|paid|reported|period_end|valid_?(to|until)"
         "|due|required|expire[sd]?|expiry|expiration",
         "return|delivery|payment|completion|close|closing|settlement|maturity|drop_?off|to|until",
         ""),
        ("updated|modified|changed|last_?seen|last_?update|synced|loaded",
         "update|modification|change", ""),
        ("deleted|archived|cancel(l)?ed|refunded|churned|terminated",
         "deletion|cancel(l)?ation|refund|termination", ""),
    )
)  # fmt: skip
# The last time of what happens again is of the stage of updates, whatever happens: last_order_at.
LATEST = r"(.*_)?(last|latest|most_recent)_?[a-z_]+"
STAGE_OF_LATEST = next(n for n, words in enumerate(STAGES) if re.fullmatch(words, "updated_at"))


def rule_for(table: str, column: str, kind: Kind) -> Rule | None:
    """The first rule for a column; None if its name suggests nothing.

    Args:
        table: Name of its table.
        column: Its name.
        kind: Its kind.
    """
    name = f"{snake(table)}.{snake(column)}"
    return next((rule for rule in RULES if rule.matches(name, kind)), None)


@cache
def is_personal(column: str) -> bool:
    """Whether a name suggests personal data, in a table of any name.

    Args:
        column: The column's name.
    """
    plain = f".{snake(column)}"
    return any(rule.pii and compiled(rule.pattern).fullmatch(plain) for rule in RULES) or bool(
        re.fullmatch(rf"\.((.*_)?({PEOPLE})_)?name", plain)
    )


def stage(column: str) -> int | None:
    """The stage that a time belongs to; None if its name says none.

    Args:
        column: The column's name.
    """
    plain = snake(column)
    if re.fullmatch(LATEST, plain):
        return STAGE_OF_LATEST
    found = (number for number, words in enumerate(STAGES) if re.fullmatch(words, plain))
    return next(found, None)


def kind_of(column: str) -> Kind:
    """The kind of values that a name suggests; text if it suggests nothing.

    Args:
        column: The column's name.
    """
    plain = snake(column)
    found = (kind for words, kind in KINDS if re.fullmatch(words, plain))
    return next(found, Kind.TEXT)
