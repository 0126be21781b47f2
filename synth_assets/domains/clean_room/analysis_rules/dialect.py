"""Translates SQL that has different meanings in BigQuery and DuckDB.

String literals with BigQuery's escapes are translated before parsing; date parts, the first day of
a week, division by zero and the order of columns with ``USING`` after it. ``grammar`` decides what
a query may contain; the translation uses only nodes that it allows.
"""

from __future__ import annotations

import re

from sqlglot import Token, TokenType, exp

from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotASelectError,
    NotProvablySafeError,
)

SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|([0-3][0-7]{2})|([abfnrtv])|([\\?\"'`\n])|(.|$))",
    re.DOTALL,
)
# DuckDB counts these from the start of the minute, BigQuery from the start of the second.
WITHIN_A_SECOND = {"MILLISECOND": "1000", "MICROSECOND": "1000000"}
TRANSLATED = (exp.Extract, exp.DateTrunc, exp.TimestampTrunc, exp.Div)


def literal(token: Token, sql: str) -> str | None:
    """A string literal as both dialects read it; None for other tokens.

    Args:
        token: A token of the query.
        sql: The query that the token's positions refer to.

    Raises:
        NotASelectError: An escape is illegal, or the text contains the character of code 0.
    """
    if token.token_type not in (TokenType.STRING, TokenType.RAW_STRING):
        return None
    text = sql[token.start : token.end + 1]
    raw = token.token_type is TokenType.RAW_STRING
    text = text[1:] if raw else text
    mark = 3 if len(text) >= 6 and text[:3] in ("'''", '"""') else 1
    inside = text[mark:-mark]
    value = inside if raw else ESCAPE.sub(_unescaped, inside)
    if "\0" in value:
        raise NotASelectError("a text cannot have the character of code 0 in it")
    written = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{written}'"


def translate(query: exp.Query) -> None:
    """Rewrite a query in place so that DuckDB computes what BigQuery would.

    Args:
        query: A tree that ``grammar`` allows.

    Raises:
        NotProvablySafeError: A date function has no translation.
    """
    for select in query.find_all(exp.Select):
        _joined_columns_first(select)
    # Innermost first, since an outer node is replaced with a copy of its inner nodes.
    for node in reversed(list(query.find_all(*TRANSLATED))):
        if isinstance(node, exp.Extract):
            node.replace(_extract(node.copy()))
        elif isinstance(node, exp.Div):
            # Dividing by zero gives NULL, where DuckDB would give infinity.
            node.set("expression", exp.Nullif(this=node.expression.copy(), expression=_number("0")))
        else:
            node.replace(_truncated(node.copy()))


def _unescaped(found: re.Match[str]) -> str:
    for digits, base in zip(found.groups()[:5], (16, 16, 16, 16, 8), strict=True):
        if digits is not None:
            code = int(digits, base)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise NotASelectError(f"{found.group()} in a text is no character")
            return chr(code)
    simple, itself, unknown = found.groups()[5:]
    if unknown is not None:
        raise NotASelectError(f"a text has the illegal escape sequence \\{unknown}")
    return SIMPLE[simple] if simple else itself


def _joined_columns_first(select: exp.Select) -> None:
    """Put the columns of USING first in ``SELECT *``, beginning with those of the last join."""
    joins = select.args.get("joins") or []
    names: dict[str, exp.Identifier] = {}
    for join in reversed(joins):
        for name in join.args.get("using") or []:
            names.setdefault(name.name.lower(), name)
    if not names:
        return
    shown: list[exp.Expr] = []
    for one in select.expressions:
        if isinstance(one, exp.Star):
            left_out = {column.name.lower() for column in one.args.get("except_") or []}
            first = [name for key, name in names.items() if key not in left_out]
            shown += [exp.column(name.name, quoted=name.quoted) for name in first]
            others = [exp.column(name.name, quoted=name.quoted) for name in first]
            one.set("except_", [*(one.args.get("except_") or []), *others])
        shown.append(one)
    select.set("expressions", shown)


def _extract(node: exp.Expr) -> exp.Expr:
    part = node.name.upper()
    if part == "WEEK":
        raise NotProvablySafeError(
            "EXTRACT(WEEK …) is not offered here: use ISOWEEK, whose weeks begin on Monday, or "
            "DATE_TRUNC(…, WEEK), whose weeks begin on Sunday"
        )
    if part == "DATE":
        return exp.cast(node.expression, "DATE")
    if part == "ISOWEEK":
        node.set("this", exp.Var(this="WEEK"))
    elif part == "DAYOFWEEK":
        return exp.Paren(this=exp.Add(this=node, expression=_number("1")))
    elif part in WITHIN_A_SECOND:
        return exp.Paren(this=exp.Mod(this=node, expression=_number(WITHIN_A_SECOND[part])))
    return node


def _truncated(node: exp.Expr) -> exp.Expr:
    """The start of a day or a longer unit, as a value of the argument's type."""
    unit, of = node.args["unit"].name.upper(), node.this
    if isinstance(node, exp.TimestampTrunc) and "WEEK" not in unit:
        return node
    if of.find(exp.Case):
        raise NotProvablySafeError(
            "DATE_TRUNC of a DATE_TRUNC or CASE is not offered here: compute the inner one in a "
            "sub-query"
        )
    if unit == "WEEK":
        # BigQuery's weeks begin on Sunday: the day before the Monday of the next day's week.
        tomorrow = exp.Add(this=exp.cast(of.copy(), "DATE"), expression=_number("1"))
        start: exp.Expr = exp.Sub(this=_day("WEEK", tomorrow), expression=_number("1"))
    else:
        start = _day("WEEK" if unit == "ISOWEEK" else unit, of.copy())
    # The first branch is never taken; it gives the result its type.
    return exp.Case(ifs=[exp.If(this=exp.false(), true=of.copy())], default=start)


def _day(unit: str, of: exp.Expr) -> exp.Expr:
    start = exp.DateTrunc(this=of, unit=exp.Literal.string(unit))  # type: ignore[no-untyped-call]
    return exp.cast(start, "DATE")


def _number(text: str) -> exp.Expr:
    return exp.Literal.number(text)
