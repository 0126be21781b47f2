"""The privacy clauses of a query, removed before parsing, since the parser does not know them.

The clauses are ``SELECT WITH AGGREGATION_THRESHOLD OPTIONS(…)`` and ``SELECT WITH
DIFFERENTIAL_PRIVACY OPTIONS(…)``. They are found among tokens, so text in strings and comments is
never taken for a clause. A random marker replaces each clause as the first column of its SELECT.
Bounded aggregates get a name that the parser accepts, and string literals are rewritten, so that
their escapes are read as BigQuery reads them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError

from synth_assets.domains.clean_room.analysis_rules.dialect import literal
from synth_assets.domains.clean_room.analysis_rules.errors import (
    NotASelectError,
    PrivacyOptionError,
)

THRESHOLD = "AGGREGATION_THRESHOLD"
PRIVACY = "DIFFERENTIAL_PRIVACY"
OPTIONS = {
    THRESHOLD: ("threshold", "privacy_unit_column"),
    PRIVACY: ("epsilon", "delta", "max_groups_contributed", "privacy_unit_column"),
}
BOUNDS = "contribution_bounds_per_group"
# Prefix of COUNT, SUM and AVG with bounds: the parser does not change functions of unknown names.
BOUNDED = "BOUNDED_"


@dataclass(frozen=True)
class PrivacyClause:
    """The privacy clause of one SELECT: its kind and its options as texts."""

    kind: str
    options: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """An option that is a number above zero; None if it is not given.

        Args:
            name: The option's name.

        Raises:
            PrivacyOptionError: The option has another value.
        """
        given = self.options.get(name)
        if given is None:
            return None
        try:
            value = float(given)
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            raise PrivacyOptionError(f"option {name} must be a number above 0, got {given}")
        return value

    def whole(self, name: str) -> int | None:
        """An option that is a whole number above zero; None if it is not given.

        Args:
            name: The option's name.

        Raises:
            PrivacyOptionError: The option has another value.
        """
        value = self.number(name)
        if value is not None and not self.options[name].isdecimal():
            given = self.options[name]
            raise PrivacyOptionError(f"option {name} must be a whole number above 0, got {given}")
        return None if value is None else int(self.options[name])


class QueryText:
    """The text of a query with a marker for each privacy clause, and the clauses.

    ``tokens`` are those of the original text, ``sql`` is the text that the parser can read.

    Args:
        sql: The query as its author wrote it.

    Raises:
        NotASelectError: A quote or comment is not closed.
        PrivacyOptionError: The options of a clause cannot be read.
    """

    def __init__(self, sql: str) -> None:
        self._nonce = secrets.token_hex(16)
        self._clauses: list[PrivacyClause] = []
        self.tokens = _tokens(sql)
        pieces, end, at = [], 0, 0
        while at < len(self.tokens):
            token = self.tokens[at]
            if self._starts_clause(at):
                pieces.append(sql[end : token.end + 1])
                at = self._clause(at + 2)
                while at < len(self.tokens) and _is(self.tokens[at], "DISTINCT", "ALL"):
                    pieces.append(f" {self.tokens[at].text}")
                    at += 1
                pieces.append(f" '{self._nonce}{len(self._clauses) - 1}' AS _clause, ")
                end = self.tokens[at].start if at < len(self.tokens) else len(sql)
            else:
                if self._is_bounded(at):
                    pieces += [sql[end : token.start], BOUNDED, token.text]
                    end = token.end + 1
                elif (text := literal(token, sql)) is not None:
                    pieces += [sql[end : token.start], text]
                    end = token.end + 1
                at += 1
        self.sql = "".join([*pieces, sql[end:]])

    def take(self, select: exp.Select) -> PrivacyClause | None:
        """The clause of a parsed SELECT, or None; the marker is removed from the SELECT.

        Args:
            select: A SELECT of the tree that was parsed from ``sql``.
        """
        first = select.expressions[0].unalias() if select.expressions else None
        if not isinstance(first, exp.Literal) or not first.this.startswith(self._nonce):
            return None
        select.expressions.pop(0)
        return self._clauses[int(first.this.removeprefix(self._nonce))]

    def _starts_clause(self, at: int) -> bool:
        words = self.tokens[at : at + 3]
        return len(words) == 3 and (
            _is(words[0], "SELECT") and _is(words[1], "WITH") and _is(words[2], THRESHOLD, PRIVACY)
        )

    def _clause(self, at: int) -> int:
        """Read a clause that begins with its kind; returns the token after it."""
        kind = self.tokens[at].text.upper()
        at += 1
        options: dict[str, str] = {}
        if at < len(self.tokens) and _is(self.tokens[at], "OPTIONS"):
            inside, at = self._parenthesis(at + 1)
            options = _options(kind, inside)
        self._clauses.append(PrivacyClause(kind, options))
        return at

    def _parenthesis(self, at: int) -> tuple[list[Token], int]:
        """The tokens between parentheses without nesting, and the place after them."""
        inside: list[Token] = []
        if at < len(self.tokens) and self.tokens[at].token_type is TokenType.L_PAREN:
            for place in range(at + 1, len(self.tokens)):
                if self.tokens[place].token_type is TokenType.R_PAREN:
                    return inside, place + 1
                inside.append(self.tokens[place])
        raise PrivacyOptionError("OPTIONS must be followed by (name = value, …)")

    def _is_bounded(self, at: int) -> bool:
        """Whether an aggregate with bounds among its own arguments begins at a token."""
        call = self.tokens[at : at + 2]
        if len(call) < 2 or call[1].token_type is not TokenType.L_PAREN:
            return False
        if not _is(call[0], "COUNT", "SUM", "AVG"):
            return False
        depth = 0
        for token in self.tokens[at + 1 :]:
            depth += (token.token_type is TokenType.L_PAREN) - (
                token.token_type is TokenType.R_PAREN
            )
            if depth == 0:
                return False
            if depth == 1 and _is(token, BOUNDS.upper()):
                return True
        return False


def _options(kind: str, tokens: list[Token]) -> dict[str, str]:
    """``name = value`` pairs; a value is a number or a column, with or without its table."""
    options: dict[str, str] = {}
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.COMMA:
            parts.append([])
        else:
            parts[-1].append(token)
    for part in parts if tokens else []:
        name = part[0].text.lower() if part else ""
        if name not in OPTIONS[kind] or name in options:
            allowed = ", ".join(OPTIONS[kind])
            raise PrivacyOptionError(
                f"{kind} has no option {name!r} here: allowed, each once, are {allowed}"
            )
        value = "".join(token.text for token in part[2:])
        if len(part) < 3 or part[1].token_type is not TokenType.EQ:
            raise PrivacyOptionError(f"option {name} must be given as {name} = value")
        options[name] = value
    return options


def _is(token: Token, *words: str) -> bool:
    """Whether a token is one of some words, unquoted."""
    plain = token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)
    return plain and token.text.upper() in words


def _tokens(sql: str) -> list[Token]:
    try:
        return Dialect.get_or_raise("bigquery").tokenize(sql)
    except TokenError:
        raise NotASelectError(
            "the query cannot be read: a quote or comment is not closed"
        ) from None
