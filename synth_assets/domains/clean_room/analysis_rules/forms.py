"""The texts that a node of a query may carry: words of a closed list, or texts of a checked form.

A printer copies some texts of a syntax tree unchanged: units, names, numbers, join kinds, window
frames. ``TEXTS`` lists for each such part what it may contain. Text in any other part is refused,
so a new version of the parser cannot add one. The allowed types of nodes are in ``allowed_nodes``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.clauses import BOUNDED, BOUNDS

PARTS_OF_TIME: dict[type[exp.Expr], set[str]] = {
    exp.Extract: {"YEAR", "ISOYEAR", "QUARTER", "MONTH", "WEEK", "ISOWEEK", "DAY", "DAYOFWEEK",
                  "DAYOFYEAR", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "DATE",
                  "TIME"},
    exp.DateTrunc: {"YEAR", "ISOYEAR", "QUARTER", "MONTH", "WEEK", "ISOWEEK", "DAY"},
    exp.TimestampTrunc: {"YEAR", "ISOYEAR", "QUARTER", "MONTH", "WEEK", "ISOWEEK", "DAY", "HOUR",
                         "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"},
}  # fmt: skip
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NAME = 300

Form = Callable[[exp.Expr, str], bool]


def _words(*words: str) -> Form:
    return lambda node, text: text.upper() in words


def _literal(node: exp.Expr, text: str) -> bool:
    """Any text that is printed as a quoted string, or a number; a date part is a known word."""
    if node.arg_key == "unit":
        return _variable(node, text)
    if node.args.get("is_string"):
        return "\0" not in text
    return NUMBER.fullmatch(text) is not None


def _name(node: exp.Expr, text: str) -> bool:
    """A name that can be printed in quotes."""
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _variable(node: exp.Expr, text: str) -> bool:
    """A date part where one is expected, or the name of an aggregate's bounds."""
    above = node.parent
    if isinstance(above, exp.Kwarg):
        return node.arg_key == "this" and text.lower() == BOUNDS
    units = PARTS_OF_TIME.get(type(above), set()) if above is not None else set()
    place = "this" if isinstance(above, exp.Extract) else "unit"
    return node.arg_key == place and text.isascii() and text.upper() in units


SIDES = _words("PRECEDING", "FOLLOWING")
ENDS = _words("UNBOUNDED", "CURRENT ROW")
TEXTS: dict[tuple[type[exp.Expr], str], Form] = {
    (exp.Identifier, "this"): _name,
    (exp.Literal, "this"): _literal,
    (exp.Var, "this"): _variable,
    (exp.Anonymous, "this"): _words(*(f"{BOUNDED}{one}" for one in ("COUNT", "SUM", "AVG"))),
    (exp.Join, "side"): _words("LEFT", "RIGHT", "FULL"),
    (exp.Join, "kind"): _words("INNER", "OUTER", "CROSS"),
    (exp.Trim, "position"): _words("BOTH", "LEADING", "TRAILING"),
    (exp.WindowSpec, "kind"): _words("ROWS", "RANGE"),
    (exp.WindowSpec, "start"): ENDS,
    (exp.WindowSpec, "end"): ENDS,
    (exp.WindowSpec, "start_side"): SIDES,
    (exp.WindowSpec, "end_side"): SIDES,
    (exp.Window, "over"): _words("OVER"),
}


def misused(node: exp.Expr) -> str | None:
    """The first part of a node with a text that is not allowed, or None.

    Args:
        node: Any node of a query.
    """
    for part, value in node.args.items():
        if isinstance(value, str) and value:
            form = TEXTS.get((type(node), part))
            good = form is not None and form(node, value)
        elif part == "unit":
            good = value is None or isinstance(value, exp.Literal | exp.Var)
        else:
            good = all(_is_tree(one) for one in (value if isinstance(value, list) else [value]))
        if not good:
            return part
    return None


def _is_tree(value: object) -> bool:
    """Whether a value is a node, which is checked separately, or cannot be a text."""
    return value in (None, "") or isinstance(value, bool | exp.Expr | exp.DType)
