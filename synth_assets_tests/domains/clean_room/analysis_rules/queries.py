# ruff: noqa: E501 (a form to a line, so that lists can be read)
"""Queries that ask for what they must not have, made by a grammar.

Each is built around one protected view, from parts that the room understands; up to six parts
are *wild*: a clause left out, a function or statement that is not allowed, a text that tries to
leave its quotes, another party's table, the engine's own. What may come of them is not said here:
the oracle is in ``planted``.
"""

from __future__ import annotations

from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from synth_assets_tests.domains.clean_room.analysis_rules.planted import BASE, OWN, VIEWS, View

T = TypeVar("T")

TEXT, NUMBER, DATE = ("city", "tier", "note"), ("id", "score"), ("born",)
COLUMNS = (*TEXT, *NUMBER, *DATE, "verified", "email")
PARTS = ("YEAR", "MONTH", "QUARTER", "DAY", "DAYOFWEEK", "DAYOFYEAR", "ISOWEEK", "week", "`YEAR`")
WILD_PARTS = ("DECADE", "EPOCH", "`year `", "WEEK(SUNDAY)", "'YEAR'", "``", "`YEAR--`", "`YEAR/*`")
TEXTS = (
    "'city 1'",
    "'Free'",
    "''",
    "'%'",
    '"city 0"',
    r"'\x41'",
    r"'it\'s'",
    "'''a\nb'''",
    "'ｃｉｔｙ'",
    "'‮'",
    "'🂡'",
    "'seen'",
    r"'\\'",
    "'--'",
    "'/*'",
)
NUMBERS = ("0", "1", "2", "7", "1.5", "-1", "1e3", "9223372036854775807")
WILD_NUMBERS = ("0x1F", "99999999999999999999999999", "1_000", "1e999", "NaN", ".5.5")
RELATIONS = (
    *(f"relation_{i}" for i in range(14)),
    *(f"RELATION_{i}" for i in (2, 3, 4)),
    "release_0",
    "duckdb_views()",
    "duckdb_tables()",
    "information_schema.columns",
    "sqlite_master",
    "pragma_table_info('relation_2')",
    *(f'"{BASE}.{one}"' for one in ("users", "members", "payments")),
    "read_text('/etc/passwd')",
)
TABLES = (
    f"`{BASE}.users`",
    f"{BASE}.members",
    f"`{BASE}`.payments",
    "relation_2",
    "`relation_3`",
    "RELATION_4",
    "`wallet.*`",
    "INFORMATION_SCHEMA.TABLES",
    "duckdb_views",
    "sqlite_master",
    "`/etc/passwd`",
    "`../x.parquet`",
    "UNNEST([1, 2])",
    "duckdb_tables()",
    "wallet.INFORMATION_SCHEMA.COLUMNS",
    "read_csv('/etc/passwd')",
    "query('SELECT 1')",
)
COMMENTS = (
    "/* x */",
    "-- x\n",
    "# x\n",
    "/*+ no_merge */",
    "/* sqlglot.meta case_sensitive */",
    "/* WITH AGGREGATION_THRESHOLD */",
    "@{x=1}",
    "/*! 1 */",
    "/**/",
    "\u00a0",
    "\u2003",
    "\ufeff",
    "\n\t",
)
FRAMES = (
    "",
    " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    " ROWS 1 PRECEDING",
    " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
)
WILD_FRAMES = (
    " ROWS BETWEEN `1 PRECEDING` AND CURRENT ROW",
    " GROUPS 1 PRECEDING",
    " RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW",
    " ROWS BETWEEN id PRECEDING AND CURRENT ROW",
    " ROWS CURRENT ROW EXCLUDE TIES",
)


class Writer:
    """Writes one query over one view; ``wild`` is how many parts may still be out of order."""

    def __init__(self, random: Random, view: View, wild: int) -> None:
        self.random, self.view, self.wild = random, view, wild
        self.alias = self.pick("p", "p", "`p`", "P", "`ü p`")
        must = "JOIN_ANY" in str(view.policy) or "JOIN_ALL" in str(view.policy)
        self.joined = self.either(must or (view.joinable and self.once(2)), not must)

    def pick(self, *options: str) -> str:
        """One of some texts."""
        return self.random.choice(options)

    def once(self, times: int) -> bool:
        """True once in so many times."""
        return self.random.randrange(times) == 0

    def either(self, tame: T, wild: T, chance: int = 3) -> T:
        """What is in order, or, while there is wildness left, what is not."""
        if self.wild and self.once(chance):
            self.wild -= 1
            return wild
        return tame

    def either_of(self, tame: tuple[str, ...], wild: tuple[str, ...], chance: int = 4) -> str:
        """The same for lists."""
        return self.pick(*self.either(tame, wild, chance))

    # expressions

    def column(self, *names: str) -> str:
        """A column of the view in one of many spellings."""
        name = self.pick(*names)
        spelled = self.pick(name, name, name.upper(), f"`{name}`", f"`{name.title()}`")
        alias = self.pick(self.alias, self.alias, self.alias.upper())
        plain = f"{alias}.{spelled}"
        wild = (
            spelled,
            f"{alias} . {spelled}",
            f"`p.{name}`",
            f"{self.view.name}.{name}",
            alias,
            f"{alias}.*",
            f"{alias}.{name}\u200b",
            f'"{name}"',
            f'{alias}.`{name}"`',
            f"{alias}.rowid",
            f"u.{name}",
        )
        return self.either_of((plain,), wild, 12)

    def text(self, depth: int = 1) -> str:
        """A text over the view."""
        if depth <= 0 or self.once(2):
            return self.either_of(
                (self.column(*TEXT), self.pick(*TEXTS)),
                (self.column("email"), self.poison_text(), "r'\\d'", "b'x'"),
                8,
            )
        t, n = self.text, self.number
        tame = (lambda: f"{self.pick('LOWER', 'UPPER', 'TRIM', 'lower')}({t(depth - 1)})",
                lambda: f"CONCAT({t(depth - 1)}, {t(depth - 1)})",
                lambda: f"{t(depth - 1)} || {t(depth - 1)}",
                lambda: f"SUBSTR({t(depth - 1)}, {self.pick('1', '2')}, {self.pick('3', '7')})",
                lambda: f"COALESCE({t(depth - 1)}, {self.pick(*TEXTS)})",
                lambda: f"IF({self.broad()}, {t(depth - 1)}, {self.pick(*TEXTS)})",
                lambda: f"CASE WHEN {self.broad()} THEN {t(depth - 1)} ELSE {self.pick(*TEXTS)} END",
                lambda: f"NULLIF({t(depth - 1)}, {self.pick(*TEXTS)})",
                lambda: f"CAST({n(depth - 1)} AS STRING)")  # fmt: skip
        wild = (lambda: f"{self.pick('TO_JSON_STRING', 'FORMAT', 'REVERSE', 'MD5', 'TO_HEX', 'ERROR', 'getenv', 'current_setting', 'query', 'STRING', 'SOUNDEX', 'CHR', 'NORMALIZE')}({t(depth - 1)})",
                lambda: f"REGEXP_EXTRACT({t(depth - 1)}, r'.*')",
                lambda: f"REPLACE({t(depth - 1)}, 'a', 'b')",
                lambda: f"CAST({n(depth - 1)} AS STRING FORMAT {self.poison_text()})",
                lambda: f"COLLATE({t(depth - 1)}, {self.poison_text()})",
                lambda: f"({t(depth - 1)} COLLATE `{self.poison()}`)",
                lambda: f"`{self.poison()}`({t(depth - 1)})",
                lambda: f"{self.pick('SAFE.', 'NET.', 'KEYS.', '`a.b`.')}UPPER({t(depth - 1)})",
                lambda: f"(SELECT {t(depth - 1)})",
                lambda: f"(SELECT {self.pick('MAX', 'ANY_VALUE', 'STRING_AGG')}(note) FROM {self.pick(*TABLES)})",
                lambda: f"{self.pick('SESSION_USER', 'CURRENT_DATE', 'GENERATE_UUID', 'version')}()")  # fmt: skip
        return self.either(tame, wild, 6)[self.random.randint(0, 8)]()

    def number(self, depth: int = 1) -> str:
        """A number over the view and the party's own table."""
        own = (f"u.{self.pick('id', 'age')}",) if self.joined and self.view.key == "email" else ()
        if depth <= 0 or self.once(2):
            return self.either_of(
                (self.column(*NUMBER), self.column(*NUMBER), self.pick(*NUMBERS), *own),
                WILD_NUMBERS,
                12,
            )
        n = self.number
        tame = (lambda: f"({n(depth - 1)} {self.pick('+', '-', '*', '/')} {n(depth - 1)})",
                lambda: f"{self.pick('ABS', 'ROUND', 'FLOOR', 'CEIL', 'SIGN')}({n(depth - 1)})",
                lambda: f"MOD(p.id, {self.pick('2', '7')})" if self.alias == "p" else self.column("id"),
                lambda: f"SAFE_DIVIDE({n(depth - 1)}, {n(depth - 1)})",
                lambda: f"LENGTH({self.text(depth - 1)})",
                lambda: f"EXTRACT({self.pick(*PARTS)} FROM {self.date(depth - 1)})",
                lambda: f"SAFE_CAST({self.text(depth - 1)} AS {self.pick('INT64', 'FLOAT64')})",
                lambda: f"IF({self.broad()}, {n(depth - 1)}, {self.pick(*NUMBERS)})",
                lambda: f"CASE WHEN {self.broad()} THEN {n(depth - 1)} END")  # fmt: skip
        wild = (lambda: f"EXTRACT({self.pick(*WILD_PARTS)} FROM {self.date(depth - 1)})",
                lambda: f"EXTRACT({self.breakout()} FROM {self.column('born')})",
                lambda: f"EXTRACT(YEAR FROM {self.date(depth - 1)} AT TIME ZONE {self.poison_text()})",
                lambda: f"DATE_DIFF({self.column('born')}, DATE '2020-01-01', {self.breakout()})",
                lambda: f"CAST({self.text(depth - 1)} AS {self.pick('NUMERIC', 'BYTES', 'JSON', 'ARRAY<INT64>', 'INT64 FORMAT `x`', 'STRUCT<a INT64>', 'BIGNUMERIC(76, 38)', '`INT64`', 'INTERVAL')})",
                lambda: f"{self.pick('FARM_FINGERPRINT', 'RAND', 'EXP', 'POW', 'SQRT', 'UNIX_DATE', 'ST_GEOGPOINT', 'nextval', 'hash', 'to_base')}({n(depth - 1)})",
                lambda: f"{self.pick('ARRAY', 'STRUCT', '')}({n(depth - 1)}, {n(depth - 1)})",
                lambda: self.pick("@x", "@@version", "NUMERIC '1'", "JSON '{}'", "INTERVAL 1 DAY", "b'x'", "[1, 2][OFFSET(0)]", "99999999999999999999999999", f"(SELECT COUNT(*) FROM {self.view.name})"),
                lambda: f"({n(depth - 1)} {self.pick('<<', '>>', '&', '|', '^', 'DIV')} 1)")  # fmt: skip
        return self.either(tame, wild, 6)[self.random.randint(0, 8)]()

    def date(self, depth: int = 1) -> str:
        """A date over the view."""
        if depth <= 0 or self.once(2):
            return self.pick(self.column("born"), "DATE '2020-02-29'", "CAST('2021-01-01' AS DATE)")
        unit = self.either_of(
            ("YEAR", "MONTH", "WEEK", "DAY", "QUARTER"),
            ("`MONTH'`", "DECADE", "'month'", "WEEK(TUESDAY)", self.breakout()),
            4,
        )
        return self.either_of(
            (f"DATE_TRUNC({self.date(depth - 1)}, {unit})",),
            (
                f"PARSE_DATE({self.poison_text()}, {self.text(0)})",
                f"DATE_ADD({self.date(0)}, INTERVAL 1 {self.breakout()})",
                f"DATE({self.column('born')}, {self.poison_text()})",
            ),
            5,
        )

    def broad(self) -> str:
        """A condition that holds for many units, which alone may stand inside an aggregate."""
        one = self.pick(
            f"{self.alias}.verified",
            f"{self.alias}.city = 'city 1'",
            f"{self.alias}.score > 0",
            f"NOT {self.alias}.verified",
            f"{self.alias}.city LIKE 'city%'",
        )
        return self.pick(
            one, one, f"{one} AND {self.alias}.id > 0", f"({one} OR {self.alias}.verified)"
        )

    def condition(self, depth: int = 1) -> str:
        """Any condition on rows."""
        if depth > 0 and self.once(3):
            return f"({self.condition(depth - 1)} {self.pick('AND', 'OR')} {self.condition(depth - 1)})"
        tame = (lambda: f"{self.number()} {self.pick('=', '<', '>', '<>', '>=', '!=')} {self.number()}",
                lambda: f"{self.text()} {self.pick('=', '<', '>', 'LIKE', 'NOT LIKE')} {self.text(0)}",
                lambda: f"{self.text()} {self.pick('', 'NOT ')}IN ({self.pick(*TEXTS)}, {self.pick(*TEXTS)})",
                lambda: f"{self.date()} BETWEEN DATE '1700-01-01' AND {self.date(0)}",
                lambda: f"{self.column(*COLUMNS)} IS {self.pick('', 'NOT ')}NULL",
                lambda: f"STARTS_WITH({self.text()}, {self.pick(*TEXTS)})",
                lambda: f"NOT {self.broad()}",
                lambda: self.broad(),
                lambda: f"NOT CAST({self.number()} AS BOOL)")  # fmt: skip
        wild = (lambda: f"{self.column('email', 'note')} IN (SELECT {self.pick('note', 'email')} FROM {self.pick(*TABLES)})",
                lambda: f"EXISTS (SELECT 1 FROM `{self.view.name}` q WHERE q.note = {self.column('note')})",
                lambda: f"{self.column('id')} = ANY (SELECT id FROM `{self.view.name}`)",
                lambda: f"REGEXP_CONTAINS({self.text()}, {self.poison_text()})",
                lambda: f"{self.text()} LIKE {self.text(0)} ESCAPE {self.poison_text()}",
                lambda: f"{self.text()} SIMILAR TO '.*'",
                lambda: f"ERROR({self.text()}) IS NULL",
                lambda: f"{self.column('email')} = {self.pick(*TEXTS)}",
                lambda: f"{self.column('id')} IS DISTINCT FROM {self.number(0)}")  # fmt: skip
        return self.either(tame, wild, 6)[self.random.randint(0, 8)]()

    def aggregate(self) -> str:
        """One aggregate, of the kind that the view's clause has."""
        if self.view.clause == "DIFFERENTIAL_PRIVACY":
            low, high = self.pick("0", "-5", "1e3"), self.pick("1e3", "1e10")
            bounds = f"contribution_bounds_per_group => ({low}, {high})"
            of = self.either_of(
                (self.number(),), ("*", "DISTINCT p.id", self.column("email", "note")), 5
            )
            tame = (
                f"COUNT(*, {bounds})",
                f"SUM({of}, {bounds})",
                f"AVG({of}, {bounds})",
                f"COUNT({of}, {bounds})",
            )
            return self.either_of(
                tame,
                (
                    f"MAX({of}, {bounds})",
                    f"SUM({of})",
                    f"STRING_AGG(note, {bounds})",
                    f"SUM({of}, contribution_bounds_per_group => (p.id, `p`.id))",
                    f"APPROX_QUANTILES({of}, 2, {bounds})",
                ),
            )
        n = self.number(2)
        tame = (
            "COUNT(*)",
            f"COUNT({self.column(*COLUMNS)})",
            f"COUNT(DISTINCT {self.text()})",
            f"SUM({n})",
            f"AVG({n})",
            f"STDDEV({n})",
            f"VAR_POP({n})",
            f"COUNTIF({self.broad()})",
            f"LOGICAL_OR({self.broad()})",
            f"CORR({n}, {self.column('score')})",
            f"APPROX_COUNT_DISTINCT({self.text()})",
        )
        wild = (f"{self.pick('MIN', 'MAX', 'ANY_VALUE', 'STRING_AGG', 'ARRAY_AGG', 'ARRAY_CONCAT_AGG', 'BIT_XOR', 'first', 'mode', 'list', 'arg_max')}({self.column(*COLUMNS)})",
                f"MAX_BY({self.text()}, {n})", f"APPROX_TOP_COUNT({self.text()}, 1)", f"SUM({n} HAVING MAX {n})", f"STRING_AGG({self.text()}, {self.poison_text()} ORDER BY {n} LIMIT 1)", f"SUM({n}) OVER ({self.window()})", f"SUM({n}) OVER `{self.poison()}`", f"FIRST_VALUE({self.text()} IGNORE NULLS) OVER ({self.window()})", f"SUM(SUM({n}))", f"COUNT(DISTINCT {self.text()}, {n})", f"SUM(({self.column('id')}, 1))", f"SUM(EXTRACT({self.breakout()} FROM {self.column('born')}))", f"SUM({n}) FILTER (WHERE TRUE)")  # fmt: skip
        return self.either_of(tame, wild)

    def window(self) -> str:
        """What stands in OVER."""
        return f"{self.pick('', 'PARTITION BY 1 ')}ORDER BY 1{self.either_of(FRAMES, WILD_FRAMES)}"

    # texts that try to leave their quotes

    def steal(self) -> str:
        """A query over what must not be read."""
        column = self.pick(
            "note", "email", "tier", "CAST(id AS VARCHAR)", "CAST(born AS VARCHAR)", "sql"
        )
        listed = f"STRING_AGG({column}, {self.pick(repr(','), 'CHR(10)')})"
        elsewhere = f"(SELECT {listed} FROM {self.pick(*RELATIONS)})"
        return self.pick(listed, elsewhere, elsewhere)

    def breakout(self) -> str:
        """A back-quoted part of time that closes its function, steals, and opens another."""
        part = self.pick("YEAR", "MONTH", "DAY")
        reopened = self.pick(
            f"SUM(TRY(EXTRACT({part}",
            f"SUM(TRY(EXTRACT({part}",
            f"TRY(EXTRACT({part}",
            f"EXTRACT({part}",
        )
        closed = self.pick(")" * reopened.count("("), ")" * reopened.count("("), ")", "')")
        return f"`{part} FROM DATE '2020-01-01'{closed} || {self.steal()} || {reopened}`"

    def poison(self) -> str:
        """A text that goes on as a statement wherever a quote is forgotten."""
        quote = self.pick("'", '"', "", "')", '")', "''", '""', "\\'", "*/", "\n")
        end = self.pick("--", "/*", "", f" || {quote}", f" AS {quote}", ";")
        return f"x{quote}{self.pick(' || ', ' FROM ', '; SELECT ', ', ', ' UNION ALL SELECT ')}{self.steal()}{end}"

    def poison_text(self) -> str:
        """The same between quotes of a text."""
        inside = self.poison()
        return self.pick(
            f"'{inside}'",
            f'"{inside}"',
            f"'''{inside}'''",
            f"r'{inside}'",
            "'" + inside.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'",
        )

    # clauses

    def clause(self) -> str:
        """The privacy clause with its options, or another one."""
        agg = self.either_of(
            ("", "", " OPTIONS(threshold=12)", " OPTIONS (privacy_unit_column = email)"),
            (
                " OPTIONS(threshold=1)",
                " OPTIONS(threshold=10, threshold=1)",
                " OPTIONS(privacy_unit_column=id)",
                " OPTIONS(threshold=`1`)",
                f" OPTIONS(threshold={self.poison_text()})",
                " OPTIONS()",
                " OPTIONS",
                " OPTIONS(`threshold`=12)",
            ),
        )
        dp = self.either_of(
            (
                "",
                " OPTIONS(epsilon=9, delta=1e-12)",
                " OPTIONS(epsilon = 10.0, max_groups_contributed = 2)",
            ),
            (
                " OPTIONS(epsilon=1e9)",
                " OPTIONS(delta=1)",
                " OPTIONS(epsilon=-1)",
                " OPTIONS(max_groups_contributed=999999999)",
                " OPTIONS(epsilon=nan)",
                " OPTIONS(noise=0)",
                f" OPTIONS(epsilon={self.poison_text()})",
            ),
        )
        clauses = {
            "": "",
            "AGGREGATION_THRESHOLD": f"WITH AGGREGATION_THRESHOLD{agg} ",
            "DIFFERENTIAL_PRIVACY": f"WITH DIFFERENTIAL_PRIVACY{dp} ",
        }
        right = clauses.pop(self.view.clause)
        return self.either_of(
            (right,),
            (
                *clauses.values(),
                "/* WITH AGGREGATION_THRESHOLD */ ",
                "AS STRUCT ",
                "AS VALUE ",
                "`WITH` ",
                "WITH ANONYMIZATION ",
            ),
            6,
        )

    def source(self) -> str:
        """FROM and what comes with it."""
        name = self.pick(
            f"`{self.view.name}`",
            self.view.name,
            ".".join(f"`{part}`" for part in self.view.name.split(".")),
        )
        name = self.either_of(
            (name,),
            (
                *TABLES,
                f"(SELECT * FROM `{self.view.name}`)",
                f"`{self.view.name}` TABLESAMPLE SYSTEM (1 PERCENT)",
                f"`{self.view.name}` FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()",
                f"`{self.view.name}` /*+ x */",
                f"`{self.view.name}`@{{FORCE_INDEX=x}}",
                self.view.name.upper(),
            ),
            8,
        )
        if not self.joined:
            return f"{name} {self.pick('AS ', '')}{self.alias}"
        keys = ["email", "city"] if self.view.name.endswith("members") else [self.view.key]
        on = " AND ".join(f"u.{key} = {self.alias}.{key}" for key in keys)
        on = self.either_of(
            (f"ON {on}",),
            (
                f"USING ({', '.join(keys)})",
                f"ON {on} OR TRUE",
                "ON TRUE",
                f"ON u.{keys[0]} = {self.alias}.note",
                f"ON LOWER(u.{keys[0]}) = {self.alias}.{keys[0]}",
                f"ON u.{keys[0]} >= {self.alias}.{keys[0]}",
                f"ON {on} AND {self.condition(0)}",
                "",
            ),
            6,
        )
        join = self.either_of(
            ("JOIN", "INNER JOIN"),
            (
                "LEFT JOIN",
                "RIGHT JOIN",
                "FULL JOIN",
                "CROSS JOIN",
                "NATURAL JOIN",
                "LEFT SEMI JOIN",
                "LEFT ANTI JOIN",
                "ASOF JOIN",
                "POSITIONAL JOIN",
                ",",
                "LATERAL JOIN",
                "JOIN LATERAL",
                "HASH JOIN",
            ),
            6,
        )
        own = self.pick(f"`{self.view.own}`", self.view.own, f"(SELECT * FROM `{self.view.own}`)")
        own = self.either_of(
            (own,),
            (
                f"`{self.view.name}`",
                "`wallet.a.free_users`",
                f"(SELECT 'u0@example.com' AS email, 'city 0' AS city, 0 AS order_id, 0 AS id, 20 AS age FROM `{OWN}.users`)",
                "UNNEST(['u0@example.com']) ",
            ),
            6,
        )
        return f"{name} AS {self.alias} {join} {own} AS u {on}"

    def select(self) -> str:
        """One SELECT over the view."""
        if not self.view.clause:
            return self._rows()
        keys = [self.key() for _ in range(self.random.randint(0, 2))]
        values = [self.aggregate() for _ in range(self.random.randint(1, 2))]
        if self.once(3) and self.view.clause == "AGGREGATION_THRESHOLD":
            values.append(f"{values[0]} {self.pick('+', '*', '/')} COUNT(*)")
        columns = [f"{one} AS k{i}" for i, one in enumerate(keys)]
        columns += [f"{one} AS {self.output(f'a{i}')}" for i, one in enumerate(values)]
        columns += self.either(
            [],
            [
                self.pick(
                    "*",
                    f"{self.alias}.*",
                    "* EXCEPT (email)",
                    self.column(*COLUMNS),
                    f"TO_JSON_STRING({self.alias})",
                    "* REPLACE (1 AS id)",
                )
            ],
            8,
        )
        sql = f"SELECT {self.clause()}{', '.join(columns)} FROM {self.source()}"
        if self.once(2):
            sql += f" WHERE {self.condition()}"
        if keys:
            by = self.pick(
                ", ".join(f"k{i}" for i in range(len(keys))),
                ", ".join(keys),
                ", ".join(str(i + 1) for i in range(len(keys))),
            )
            sql += " GROUP BY " + self.either_of(
                (by,),
                (
                    f"ROLLUP({by})",
                    f"CUBE({by})",
                    "ALL",
                    f"GROUPING SETS ({by}, ())",
                    f"{by}, email",
                    "9",
                    "",
                ),
                8,
            )
        if self.once(3):
            sql += " HAVING " + self.either_of(
                (f"{values[0]} > 0",), (self.condition(), "MAX(note) > ''", "ERROR('x') IS NULL")
            )
        if self.once(3):
            by = self.either_of(
                ("1", f"{values[0]} DESC", "a0 NULLS LAST"),
                (
                    self.column(*COLUMNS),
                    "(SELECT MAX(note) FROM relation_2)",
                    "RAND()",
                    "2 COLLATE `x`",
                ),
            )
            sql += f" ORDER BY {by}"
        if self.once(4):
            sql += " LIMIT " + self.either_of(
                ("3", "100 OFFSET 0"), ("(SELECT 1)", "1 PERCENT", "-1", "id", "1e99", "ALL")
            )
        return sql + self.either(
            "",
            self.pick(
                " QUALIFY ROW_NUMBER() OVER () = 1",
                f" WINDOW w AS ({self.window()})",
                " FOR UPDATE",
                " SETTINGS x = 1",
                " FORMAT CSV",
                " INTO OUTFILE '/tmp/x'",
            ),
            20,
        )

    def _rows(self) -> str:
        """A SELECT whose rows may leave where they overlap."""
        columns = [
            self.pick(
                "*",
                f"{self.alias}.*",
                "COUNT(*) AS n",
                f"* EXCEPT ({self.pick('city', 'note', 'id')})",
            )
            if self.once(2)
            else f"{self.pick(self.text(2), self.number(2), self.date(2))} AS {self.output('x')}"
        ]
        if self.once(4):
            columns.append(f"{self.pick('ROW_NUMBER()', 'RANK()')} OVER ({self.window()}) AS w")
        columns += self.either(
            [],
            [
                self.pick(
                    f"STRING_AGG({self.column('note')})",
                    f"({self.alias}.id, {self.alias}.note)",
                    self.alias,
                    f"ARRAY(SELECT {self.alias}.note)",
                    self.aggregate(),
                )
            ],
            6,
        )
        where = f" WHERE {self.condition()}" if self.once(2) else ""
        return f"SELECT {self.clause()}{', '.join(columns)} FROM {self.source()}{where}"

    def key(self) -> str:
        """What groups are made by."""
        plain = self.column("city", "tier", "verified")
        made = (
            f"CONCAT({self.text()}, {plain})",
            f"{self.number()} + {self.column('id')}",
            f"DATE_TRUNC({self.column('born')}, YEAR)",
            f"SUBSTR({self.column('tier', 'note')}, 1, 7)",
        )
        return self.either_of(
            (plain, plain, *made),
            (
                self.column("email"),
                "p",
                f"EXTRACT({self.breakout()} FROM {self.column('born')})",
                self.poison_text(),
            ),
            8,
        )

    def output(self, name: str) -> str:
        """The name of a column."""
        return self.either_of(
            (name,),
            (f"`{self.poison()}`".replace("\n", ""), "`email`", "`π`", '"x"', "'x'", "k0"),
            12,
        )

    def whole(self) -> str:
        """The statement: the SELECT with what is put around it."""
        sql = self.select()
        tame = (sql, sql, sql, f"({sql})", f"WITH c AS ({sql}) SELECT * FROM c", f"SELECT * FROM ({sql}) AS s", f"WITH c AS ({sql}), d AS (SELECT * FROM c) SELECT COUNT(*) AS n FROM d",
                f"WITH c AS ({sql}) SELECT *, ROW_NUMBER() OVER ({self.window()}) AS r FROM c", f"SELECT 1 AS one UNION ALL SELECT COUNT(*) FROM ({sql}) AS s", f"WITH c AS ({sql}) SELECT c.*, o.age FROM c, `{OWN}.users` AS o LIMIT 9", f"{sql};", f"  {sql}\n-- end")  # fmt: skip
        wild = (f"{sql}; {sql}", f"EXPLAIN {sql}", f"CREATE TABLE x AS {sql}", f"EXPORT DATA OPTIONS(uri='gs://x/*') AS {sql}", f"DECLARE x STRING DEFAULT ({sql}); SELECT x", f"WITH RECURSIVE c AS ({sql} UNION ALL SELECT * FROM c) SELECT * FROM c",
                f"SELECT ({sql})", f"SELECT ARRAY({sql})", f"SELECT * FROM `{OWN}.users` WHERE email IN ({sql})", f"SELECT email FROM `{OWN}.users` EXCEPT DISTINCT ({sql})", f"({sql}) INTERSECT DISTINCT SELECT * FROM `{self.view.name}`", f"{sql} UNION ALL {sql}", f"{sql} UNION ALL SELECT * FROM `{self.view.name}`",
                f"WITH c AS ({sql}) SELECT * FROM c JOIN `{self.view.name}` AS q ON TRUE", f"WITH c AS (SELECT * FROM `{self.view.name}`) {sql}", f"WITH `{self.view.name}` AS (SELECT * FROM {self.pick(*TABLES)}) {sql}", f"FROM `{self.view.name}` |> SELECT *", f"{sql} |> WHERE TRUE", f"EXECUTE IMMEDIATE {self.poison_text()}", f"CALL query({self.poison_text()})", f"PRAGMA show_tables; {sql}", f"SELECT * FROM {self.pick(*TABLES)}", f"VALUES ({sql})", f"{sql} PIVOT (MAX(note) FOR tier IN ('Free'))", f"BEGIN {sql}; END", f"COPY ({sql}) TO '/tmp/x'", sql.replace("SELECT", "SELECT ALL", 1), sql.replace("=", "＝"), sql.replace("FROM", "FRＯM"), sql.upper(), sql[: len(sql) // 2], "(" * 250 + sql + ")" * 250)  # fmt: skip
        sql = self.either_of(tame, wild, 4)
        if self.once(3):
            words = sql.split(" ")
            words.insert(
                self.random.randint(0, len(words)),
                self.either_of(("/* x */", "\n-- x\n", "\n"), COMMENTS),
            )
            sql = " ".join(words)
        return sql


def written(random: Random) -> str:
    """A query that may or may not be in order."""
    view = random.choice(VIEWS)
    writer = Writer(random, view, wild=random.choice((0, 3, 4, 6)))
    if view.clause == "AGGREGATION_THRESHOLD" and writer.once(12):
        # One hole and nothing else out of order, so that nothing else refuses it.
        writer.wild = 0
        return f"SELECT {writer.clause()}SUM(EXTRACT({writer.breakout()} FROM {writer.alias}.born)) AS x FROM {writer.source()}"
    return writer.whole()


def attacks() -> st.SearchStrategy[str]:
    """Queries by a seed each: drawing every word by itself would make the same ones again."""
    return st.randoms(use_true_random=True).map(written)
