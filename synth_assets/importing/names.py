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
# Stages of a record: a time of a later stage is after one of an earlier stage of the same row.
STAGES: tuple[str, ...] = (
    "(.*_)?(created|occurred|inserted|registered|opened|signed_?up|joined|hired|booked|ordered|placed|issued"
    "|requested|submitted|enrolled|subscribed)(_?(at|on|date|time))?|(order|invoice|issue|hire"
    "|creation|booking|signup|request)_?date|since|timestamp",
    "(.*_)?(scheduled|confirmed|approved|valid_?from|effective|activated)(_?(at|on|from|date))?",
    "(.*_)?(start|starts|started|begin|began|admitted|admission|check_?in|arrived|arrival|received"
    "|collected|prescribed|period_start)(_?(at|on|date|time))?",
    "(.*_)?(shipped|processed|performed|sent|administered)(_?(at|on|date|time))?",
    "(.*_)?(end|ends|ended|finish|finished|stop|stopped|discharged|discharge|check_?out|left"
    "|completed|delivered|closed|resolved|returned|paid|reported|period_end|valid_?(to|until)|due"
    "|expire[sd]?|expiry|expiration)(_?(at|on|date|time))?",
    "(.*_)?(updated|modified|changed|last_?seen|synced|loaded)(_?(at|on|date|time))?",
    "(.*_)?(deleted|archived|cancel(l)?ed|refunded|churned|terminated)(_?(at|on|date|time))?",
)


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
