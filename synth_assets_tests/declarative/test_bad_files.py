"""Files with mistakes: the error names the line, the field, and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth_assets import open_world
from synth_assets.core.errors import UserError
from synth_assets.declarative.loader import load_domain

HEAD = """\
domain: shop
tables:
  customers:
    rows: 5
    columns:
      id: {kind: sequence, primary_key: true}
"""
OTHER = HEAD + "  orders:\n    rows: 9\n    columns:\n      "
# What a file contains, and the line and words of its error.
NO_YAML = {
    "tab": ("domain: x\ntables:\n\tx: 1\n", 3, "tab"),
    "anchor": ("a: &a [lol, lol]\nb: [*a, *a]\n", 1, "anchor &a"),
    "alias": ("a: [*a]\n", 1, "alias *a"),
    "tag": ("domain: !!python/object/apply:os.system [ls]\n", 1, "tag"),
    "twice by value": ("values: {1: 0.5,\n 1.0: 0.5}\n", 2, "1.0 is there twice, in lines 1 and 2"),
    "twice as true": ("values:\n  true: 1\n  1: 1\n", 3, "1 is there twice, in lines 2 and 3"),
    "twice": (HEAD + "  customers:\n    rows: 4\n", 7, "lines 3 and 7"),
    "two documents": (HEAD + "---\na: b\n", 7, "document"),
    "open": ("domain: [a\n", 2, "no YAML"),
    "deep": ("[" * 60 + "]" * 60, 1, "levels"),
    "list": ("- a\n", 1, "mapping"),
}
COLUMNS = {
    "kind": ("{kind: chioce, values: [a]}", "did you mean 'choice'"),
    "no kind": ("{values: [a]}", "kind is required"),
    "field": ("{kind: integers, high: 3, lo: 1}", "did you mean 'low'"),
    "required": ("{kind: integers}", "high is required"),
    "shares": ("{kind: choice, values: {a: 0.5, b: 0.6}}", "sum to 1.1"),
    "far below": ("{kind: exponential, high: -2}", "high: must be greater than or equal to 0"),
    "no logarithm": ("{kind: lognormal, high: 0}", "high: must be greater than 0, not 0"),
    "mixed values": ("{kind: choice, values: [a, 1]}", "of one type"),
    "number": ("{kind: integers, high: many}", "integer"),
    "truth as number": (
        "{kind: integers, high: true}",
        "must be a valid integer, not True",
    ),
    "text as number": ("{kind: integers, high: '9'}", "x.high: must be a valid integer, not '9'"),
    "truth as share": ("{kind: uuid, null_rate: true}", "null_rate: must be a valid number"),
    "number as truth": ("{kind: uuid, hidden: 1}", "x.hidden: must be a valid boolean, not 1"),
    "word as truth": ("{kind: uuid, hidden: 'yes'}", "x.hidden: must be a valid boolean"),
    "number as date": ("{kind: date, start: 0}", "x.start: must be a date such as"),
    "digits of a number": (f"{{kind: integers, high: {'9' * 5000}}}", "must be a valid integer"),
    "type": ("{kind: constant, value: 1, type: json}", "every store has: smallint"),
    "digits": ("{kind: constant, value: 1, type: 'decimal(50,2)'}", "1 to 38 digits"),
    "column": ("{kind: expression, sql: idd + 1}", "did you mean 'id'"),
    "aggregate": ("{kind: expression, sql: sum(id)}", "SUM(id)' is not allowed"),
    "query": ("{kind: expression, sql: (select 1)}", "not allowed"),
    "table": ("{kind: expression, sql: x.id}", "names a table"),
    "sql": ("{kind: expression, sql: id +}", "cannot read the SQL"),
    "parentheses": (
        f"{{kind: expression, sql: {'(' * 1500}id{')' * 1500}}}",
        "x.sql: '" + "(" * 40 + "'… has more than 40 levels",
    ),
    "long text": (
        f"{{kind: expression, sql: {'||'.join(['id'] * 600)}}}",
        "x.sql: 'id||id||id||id||id||id||id||id||id||id||'… has more than 200 `||`",
    ),
    "long padding": (
        "{kind: expression, sql: \"lpad('a', 2000000000, 'x')\"}",
        "written as a number",
    ),
    "unknown padding": ("{kind: expression, sql: \"rpad('a', id - 3, 'x')\"}", "from 0 to 1,000"),
    "negative padding": ("{kind: expression, sql: \"lpad('a', -3, 'x')\"}", "from 0 to 1,000"),
    "not": (f"{{kind: boolean, only_when: {'not ' * 900}id = 1}}", "x.only_when: 'not not "),
    "reference": ("{kind: reference, to: custmers}", "did you mean 'customers'"),
    "not daily": ("{kind: timestamp}", "start and end are required"),
    "half a span": ("{kind: date, start: 2026-01-01}", "give both or neither"),
    "pattern": ("{kind: pattern, pattern: '[AB'}", "has no ']'"),
    "provider": ("{kind: vocabulary, provider: first_nam}", "did you mean 'first_name'"),
    "clock": ("{kind: vocabulary, provider: date_of_birth}", "depends on the current date"),
    "locale": ("{kind: vocabulary, provider: city, locale: xx_YY}", "no locale 'xx_YY'"),
    "too few": ("{kind: pattern, pattern: '[AB]', unique: true}", "2 different values"),
    "not unique": ("{kind: boolean, unique: true}", "cannot be made without repeats"),
    "nothing to copy": ("{kind: copy, through: id, column: x}", "unknown reference"),
    "no parent": ("{kind: position}", "needs rows {kind: children}"),
    "list": ("{kind: constant, value: [1]}", "value: must be a single value, not [1]\n"),
    "nothing": ("{kind: constant, value: null}", "value: must be a single value, not None\n"),
    "share": ("{kind: choice, values: {a: -1, b: 2}}", "values.a: must be greater"),
    "no values": ("{kind: choice, values: []}", "values: must not be empty\n"),
    "no time": ("{kind: later, than: id, most: 1d}", "x: is after customers.id, which is no date"),
    "texts as numbers": ("{kind: choice, values: [a, b], type: integer}", "x.type: the value 'a'"),
    "large numbers": ("{kind: integers, high: 99999, type: smallint}", "value 99999 does not fit"),
    "long sequence": ("{kind: sequence, start: 32765, type: smallint}", "the value 32769"),
    "large amounts": (
        "{kind: lognormal, median: 5000, sigma: 2, type: 'decimal(4,2)'}",
        "x.type: the value 2416",
    ),
    "large constant": ("{kind: constant, value: 99999999999999999999}", "fit the type bigint"),
    "letters": ("{kind: pattern, pattern: 'A##', type: integer}", "the value 'A00' does not fit"),
    "words": ("{kind: vocabulary, provider: city, type: integer}", "x.type: the value '"),
    "case of a switch": (
        "{kind: switch, on: id, cases: {1: {kind: integers, high: 99999}}, type: smallint}",
        "99999",
    ),
    "cases twice": (
        "{kind: switch, on: id, cases: {1: {kind: boolean}, '1': {kind: boolean}}}",
        "2 cases are",
    ),
    "no condition": ("{kind: boolean, only_when: id}", "x.only_when: 'id' is no condition"),
    "nothing between": ("{kind: uniform, low: 0.01, high: 0.04, decimals: 1}", "no number with 1"),
    "infinite": ("{kind: pareto, alpha: 0.001}", "the value inf does not fit the type double"),
    "no weights": (
        "{kind: date, start: 2026-01-01, end: 2026-01-02, calendar: {weekdays: [1,0,0,0,0,0,0]}}",
        "x.calendar: every day",
    ),
    "no hours": (f"{{kind: timestamp, hours: {[0] * 24}}}", "hours must not all be 0"),
    "part of a day": (
        f"{{kind: timestamp, start: 2026-01-01, end: 2026-01-01T06:00:00, hours: {[1] * 24}}}",
        "of whole days",
    ),
    "delay": ("{kind: later, than: id, most: 999999999w}", "must not be above 36525d"),
    "duration": ("{kind: later, than: id, most: soon}", "a number with s, m, h"),
}
WHOLE = {
    "too many rows": (
        OTHER.replace("rows: 5", "rows: 100000000000").replace(
            "rows: 9", "rows: {kind: children, of: c, count: 100000}"
        ) + "c: {kind: reference, to: customers}\n",
        8, "rows.count: makes about 10,000,000,000,000,000 rows of orders: at most 100,000,000,000",
    ),
    "too many parents": (
        OTHER.replace("rows: 5", "rows: 1000000000").replace(
            "rows: 9", "rows: {kind: children, of: c, count: {kind: poisson, mean: 5}}"
        ) + "c: {kind: reference, to: customers}\n",
        8, "rows.count: the rows of 1,000,000,000 parents cannot be drawn: of at most 200,000,000",
    ),
    "chain": (
        HEAD + "".join(
            f"      c{n}: {{kind: expression, sql: {f'c{n - 1}' if n else 'id'} + 1}}\n"
            for n in range(1200)
        ), 70, "c63: ends a chain of 65 columns, each computed from the one before: at most 64",
    ),
    "chain of keys": (
        "domain: shop\ntables:\n  t0: {rows: 1, columns: {id: {kind: uuid, primary_key: true}}}\n"
        + "".join(
            f"  t{n}: {{rows: 1, columns: {{id: {{kind: reference, to: t{n - 1}, "
            "primary_key: true}}}\n" for n in range(1, 400)
        ), 67, "t64.columns.id: ends a chain of 65 columns",
    ),
    "reference that depends on its row": (
        HEAD + "      n: {kind: copy, through: r, column: m}\n      m: {kind: uuid}\n"
        "      r: {kind: reference, to: customers, only_when: n > 'a'}\n",
        7, "customers.n -> customers.r -> customers.n",
    ),
    "columns depend": (
        HEAD + "      a: {kind: expression, sql: b}\n      b: {kind: expression, sql: a}\n",
        7,
        "customers.a -> customers.b -> customers.a",
    ),
    "tables depend": (
        HEAD
        + "      o: {kind: reference, to: orders}\n  orders:\n    rows: 1\n    columns:\n"
        + "      id: {kind: sequence, primary_key: true}\n"
        + "      c: {kind: reference, to: customers}\n",
        7,
        "o.to: tables refer to each other in a circle: customers -> orders -> customers",
    ),
    "rows": (HEAD.replace("5", "many"), 4, "must be a number"),
    "truth as rows": (HEAD.replace("5", "true"), 4, "rows: must be a number"),
    "negative": (HEAD.replace("5", "-5"), 4, "greater than or equal to 0"),
    "interval": (
        HEAD + "      i: {kind: expression, sql: \"interval '1 day'\"}\n",
        7, "i.sql: values cannot be made: the values are of type Duration",
    ),
    "cardinality": (OTHER + "c: {kind: reference, to: customers, unique: true}\n", 10, "9 rows"),
    "no rows": (
        OTHER.replace("rows: 5", "rows: 0") + "c: {kind: reference, to: customers}\n", 10, "no rows"
    ),
    "hidden": (OTHER + "c: {kind: reference, to: customers, hidden: true}\n", 9, "hidden"),
    "unpartitioned child": (
        OTHER.replace("rows: 5", "partitioning: {kind: daily}\n    rows: 5")
        + "c: {kind: reference, to: customers}\n",
        11,
        "only daily tables",
    ),
    "check": (
        HEAD + "    checks:\n      - {kind: range, column: nope, low: 1}\n",
        8,
        "stored column",
    ),
    "types": (
        HEAD
        + "      at: {kind: date, start: 2026-01-01, end: 2026-01-02}\n    checks:\n"
        + "      - {kind: expression, name: c, sql: at > 'x'}\n",
        9,
        "cannot evaluate \"at > 'x'\"",
    ),
    "noise": (HEAD + "    noise:\n      - {kind: typo, column: id, rate: 1}\n", 8, "key id"),
    "anomaly": (
        HEAD
        + "      n: {kind: integers, high: 9}\n    anomalies:\n"
        + "      - {kind: missing, name: m, column: n, rate: 0.1, detected_by: [x]}\n",
        9,
        "unknown check 'x'",
    ),
    "repeats": (
        HEAD + "      n: {kind: boolean}\n    anomalies:\n"
        + "".join(f"      - {{kind: repeat, name: r{n}, column: n, rate: 1}}\n" for n in range(5)),
        8, "anomalies: 5 anomalies repeat n: at most 4 are possible",
    ),
    "partition column": (HEAD + "      part: {kind: boolean}\n", 7, "partition column"),
    "name": (HEAD.replace("id:", "'i d':"), 6, "letters, digits"),
    "case of letters": (
        HEAD + "      x: {kind: boolean}\n      X: {kind: boolean}\n", 8, "distinguish 'X' from 'x'"
    ),
    "case of the partition column": (HEAD + "      Part: {kind: boolean}\n", 7, "partition column"),
    "hours beside after": (
        HEAD + "      a: {kind: timestamp}\n      b:\n        kind: timestamp\n        after: a\n"
        f"        hours: {[1] * 24}\n    partitioning: {{kind: daily}}\n",
        11, "b.hours: has no effect beside `after`",
    ),
    "spread beside after": (
        HEAD + "      a: {kind: timestamp}\n      b:\n        kind: timestamp\n        after: a\n"
        "        spread: even\n    partitioning: {kind: daily}\n",
        11, "b.spread: has no effect beside `after`",
    ),
    "hours beside even": (
        OTHER.replace("rows: 9", "rows: {kind: children, of: c, count: 2}\n"
        "    partitioning: {kind: daily}") + "c: {kind: reference, to: customers}\n"
        f"      b:\n        kind: timestamp\n        spread: even\n        hours: {[1] * 24}\n",
        15, "b.hours: has no effect beside `spread: even`",
    ),
    "calendar of a day": (
        HEAD + "      a:\n        kind: date\n        calendar: {growth: 1}\n"
        "    partitioning: {kind: daily}\n",
        9, "a.calendar: a calendar is of the days from start to end",
    ),
    "nullable key": (
        HEAD + "      n: {kind: integers, high: 99, unique: true, null_rate: 0.5}\n"
        + "      m: {kind: reference, to: customers, column: n}\n",
        8, "m.column: refers to customers.n, which may be null",
    ),
    "type of a key": (
        HEAD + "      m: {kind: reference, to: customers, type: text}\n",
        7, "m.type: must be that of customers.id, which is bigint",
    ),
    "set": (
        HEAD + "      n: {kind: integers, high: 9}\n    anomalies:\n"
        + "      - {kind: set, name: m, column: n, rate: 0.1, value: none}\n",
        9, "value: the value 'none' does not fit the type bigint",
    ),
    "range of texts": (
        HEAD + "      n: {kind: uuid}\n    checks:\n      - {kind: range, column: n, low: 1}\n",
        9, "n is text, which cannot be compared with 1.0",
    ),
    "null": (
        HEAD + "      i: {kind: expression, sql: 'null'}\n", 7, "i.sql: values cannot be made: the",
    ),
    "large number": (
        HEAD + "      x: {kind: constant, value: 1e999}\n", 7, "the number 1e999 is too large",
    ),
    "large share": (
        HEAD + "      x: {kind: choice, values: {1e999: 1}}\n", 7, "the number 1e999 is too large",
    ),
    "hour": (HEAD + "schedule: '9 99 * * *'\n", 7, "schedule: '99' is no hour: from 0 to 23"),
    "weekday": (HEAD + "schedule: 9 9 * * mon,x\n", 7, "is no weekday: from 0 to 7 or sun, mon,"),
    "word": (HEAD + "schedule: '@never'\n", 7, "'@never' is no schedule: take one of @hourly"),
    "count": (
        OTHER.replace(
            "rows: 9",
            "rows: {kind: children, of: c, count: {kind: integers, high: 2, hidden: true}}",
        ) + "c: {kind: reference, to: customers}\n",
        8, "count.hidden: a count is no column and has no hidden: only doc, high, kind, low",
    ),
    "distribution of counted rows": (
        OTHER.replace("rows: 9", "rows: {kind: children, of: c, count: 2}")
        + "c: {kind: reference, to: customers, distribution: zipf}\n",
        8, "rows.of: c counts the rows by `count`: it has no distribution",
    ),
    "type of a later table": (
        HEAD + "      o: {kind: reference, to: orders}\n  orders:\n    rows: 9\n    columns:\n"
        "      id: {kind: sequence, primary_key: true}\n      t: {kind: expression, sql: 'null'}\n",
        12, "orders.columns.t.sql: values cannot be made",
    ),
    "exponent": (
        OTHER + "c: {kind: reference, to: customers, exponent: 2}\n", 10, "c.exponent: only dist",
    ),
    "schedule": (HEAD + "schedule: every day\n", 7, "is not a cron expression of five fields"),
    "owner": (HEAD + "owner: me\n", 7, "'me' is not an owner: team: and a name"),
    "reversed range": (
        HEAD + "    checks:\n      - {kind: range, column: id, low: 3, high: 2}\n",
        8, "low = 3.0 must not be above high = 2.0",
    ),
    "numbers and dates": (
        HEAD + "    checks:\n      - {kind: range, column: id, low: 3, high: 2026-01-01}\n",
        8, "must both be numbers",
    ),
    "column twice": (
        HEAD + "    checks:\n      - {kind: unique, columns: [id, id]}\n", 8, "must differ",
    ),
    "check that is no condition": (
        HEAD + "    checks:\n      - {kind: expression, name: c, sql: id + 1}\n",
        8, "'id + 1' is no condition",
    ),
    "dates": (HEAD + "start_date: 2026-01-02\nend_date: 2026-01-01\n", 8, "must be after"),
}  # fmt: skip


def refusal(folder: Path, text: str) -> str:
    file = folder / "bad.yaml"
    file.write_text(text)
    with pytest.raises(UserError) as refused:
        load_domain(file)
    return str(refused.value).replace(str(file), "bad.yaml")


@pytest.mark.parametrize(("text", "line", "words"), NO_YAML.values(), ids=NO_YAML)
def test_only_plain_yaml_is_read(tmp_path: Path, text: str, line: int, words: str) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith(f"bad.yaml:{line}: ")
    assert words in message


@pytest.mark.parametrize(("column", "words"), COLUMNS.values(), ids=COLUMNS)
def test_a_wrong_column_is_named(home: Path, tmp_path: Path, column: str, words: str) -> None:
    message = refusal(tmp_path, HEAD + f"      x: {column}\n")
    assert message.startswith("bad.yaml:7: tables.customers.columns.x")
    assert words in f"{message}\n"
    assert message.count("\n") == 0


@pytest.mark.parametrize(("text", "line", "words"), WHOLE.values(), ids=WHOLE)
def test_what_does_not_fit_is_named(
    home: Path, tmp_path: Path, text: str, line: int, words: str
) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith(f"bad.yaml:{line}: ")
    assert words in message


def test_every_mistake_has_a_line_of_its_own(tmp_path: Path) -> None:
    message = refusal(tmp_path, HEAD + "      x: {kind: no}\n      y: {kind: integers}\n")
    assert [line.split(":")[1] for line in message.splitlines()] == ["7", "8"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*none\.yaml: No such file"):
        load_domain(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"domain: r\xe9sum\xe9\n")
    with pytest.raises(UserError, match=r"latin\.yaml: is not UTF-8"):
        load_domain(tmp_path / "latin.yaml")


def test_words_of_yaml_1_1_are_texts(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "norway.yaml"
    text = "      x: {kind: choice, values: {no: 0.5, on: 0.5}}\n"
    file.write_text(HEAD + text + "      y: {kind: constant, value: 007}\n")
    doc = load_domain(file).table("customers").schema.columns()["x"].description
    assert doc == "One of no, on."


# Rows of a table, the columns of its key, and the values that they are drawn from; 0 is allowed.
KEYS = {
    "choice": (40, ["{kind: choice, values: [a, b]"], 2),
    "boolean": (3, ["{kind: boolean"], 2),
    "one of two": (1, ["{kind: boolean"], 0),
    "constant": (2, ["{kind: constant, value: 7"], 1),
    "integers": (40, ["{kind: integers, low: 1, high: 100"], 100),
    "unique integers": (40, ["{kind: integers, low: 1, high: 100, unique: true"], 0),
    "large integers": (40, ["{kind: integers, low: 1, high: 1000000"], 0),
    "pattern": (40, ["{kind: pattern, pattern: '##'"], 100),
    "long pattern": (40, ["{kind: pattern, pattern: '[A-Z]{6}'"], 0),
    "reference": (40, ["{kind: reference, to: customers"], 50),
    "unique reference": (40, ["{kind: reference, to: customers, unique: true"], 0),
    "words": (90, ["{kind: vocabulary, provider: city, size: 80"], 80),
    "dates": (40, ["{kind: date, start: 2026-01-01, end: 2026-02-09"], 40),
    "times": (1000, ["{kind: timestamp, start: 2026-01-01, end: 2026-01-01T10:00:00"], 36_000),
    "numbers": (40, ["{kind: normal, mean: 1, sd: 1, low: 0, high: 2, decimals: 1"], 21),
    "open numbers": (40, ["{kind: normal, decimals: 9"], 0),
    "ranks": (40, ["{kind: zipf, high: 30"], 30),
    "counts": (40, ["{kind: poisson, mean: 3, high: 9"], 10),
    "two": (40, ["{kind: choice, values: [a, b]", "{kind: integers, low: 1, high: 3"], 6),
    "enough of two": (40, ["{kind: integers, high: 999", "{kind: integers, high: 999"], 0),
    "sequence and choice": (40, ["{kind: choice, values: [a, b]", "{kind: sequence"], 0),
    "computed": (40, ["{kind: choice, values: [a, b]", "{kind: expression, sql: n"], 0),
    "day": (2, ["{kind: date"], 1),
    "a row a day": (1, ["{kind: date"], 0),
    "day and parent": (40, ["{kind: date", "{kind: reference, to: customers"], 50),
    "few of a day": (10, ["{kind: date", "{kind: reference, to: customers"], 0),
    "second of a day": (40, ["{kind: timestamp", "{kind: reference, to: customers"], 0),
    "child a day": (
        "{kind: children, of: k0, count: 1}", ["{kind: reference, to: customers", "{kind: date"], 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "keys", "values"), KEYS.values(), ids=KEYS)
def test_rows_that_are_alike_in_the_primary_key_are_refused(
    home: Path, tmp_path: Path, rows: int | str, keys: list[str], values: int
) -> None:
    days = any(key in ("{kind: date", "{kind: timestamp") for key in keys)
    text = HEAD.replace("rows: 5", "rows: 50") + f"  t:\n    rows: {rows}\n"
    text += f"    partitioning: {{kind: {'daily' if days else 'unpartitioned'}}}\n    columns:\n"
    text += "      n: {kind: integers, high: 9}\n"
    text += "".join(f"      k{n}: {key}, primary_key: true}}\n" for n, key in enumerate(keys))
    if values:
        message = refusal(tmp_path, text)
        names = ", ".join(f"k{n}" for n in range(len(keys)))
        assert message.startswith("bad.yaml:12: tables.t.columns.k0.primary_key: rows are alike")
        assert f"key {names}: {rows:,} are drawn from {values:,} values; give" in message
    else:
        (tmp_path / "good.yaml").write_text(text)
        load_domain(tmp_path / "good.yaml")


def test_a_key_that_is_too_short_for_more_rows_stops_the_run(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    text = HEAD.replace("rows: 5", "rows: 30\n    partitioning: {kind: daily}")
    text = text.replace("kind: sequence", "kind: integers, high: 999")
    file.write_text(f"start_date: 2026-01-01\nend_date: 2026-01-31\n{text}")
    table = open_world(file)["customers"]
    assert table.partition("2026-01-01").collect().height == 30
    with pytest.raises(UserError, match=r"bad\.yaml:9: .*id\.primary_key: .* 120 are drawn from"):
        table.partition("2026-01-04")


# Values that only the rows show, and the place and words of the error.
ROWS = {
    "wrapped": (
        "{kind: expression, sql: id * 9223372036854775807}",
        "x.sql: values cannot be made: a number is not from -9223372036854775808 to",
    ),
    "wrapped sum": ("{kind: expression, sql: 9223372036854775807 + id}", "number is not from"),
    "wrapped case": (
        "{kind: expression, sql: case when id > 3 then -(id * 9223372036854775807) else 0 end}",
        "a number is not from",
    ),
    "small type": (
        "{kind: expression, sql: 'cast(mod(id, 9) + 9 as smallint) * 30000'}",
        "x.sql: values cannot be made: a number is not from -32768 to 32767",
    ),
    "power": ("{kind: expression, sql: 'pow(10, 400)'}", "a number is not from"),
    "power of a column": ("{kind: expression, sql: 'pow(id, 80)'}", "a number is not from"),
    "infinite": ("{kind: expression, sql: exp(id * 1000.0)}", "a number is infinite: too large"),
    "wrapped anomaly": (
        "{kind: integers, high: 9}\n    anomalies:\n      - {kind: expression, name: m, column: x,"
        " rate: 1, sql: id * 9223372036854775807}", "anomalies.0: values cannot be those of x",
    ),
    "anomaly after a repeat": (
        "{kind: integers, high: 9}\n    anomalies:\n      - {kind: repeat, name: r, column: x,"
        " rate: 0.5}\n      - {kind: expression, name: m, column: x,"
        " rate: 1, sql: id * 9223372036854775807}", "anomalies.1: values cannot be those of x",
    ),
    "infinite distribution": ("{kind: pareto, alpha: 0.0105}", "a number is infinite: too large"),
    "within": (
        "{kind: expression, sql: 'mod(id * 9223372036854775807, 7)'}", "a number is not from -92",
    ),
    "cast": ("{kind: expression, sql: cast('a' || id as integer)}", "columns.x.sql: values cannot"),
    "type": ("{kind: expression, sql: id * 10000, type: smallint}", "`i64` to `i16` failed"),
    "distribution": (
        "{kind: lognormal, median: 9, sigma: 0.7, type: 'decimal(4,2)'}", "x.type: values cannot",
    ),
    "anomaly": (
        "{kind: integers, high: 9}\n    anomalies:\n      - {kind: expression, name: m, column: x,"
        " rate: 1, sql: \"'a' || id\"}", "customers.anomalies.0: values cannot be those of x",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("column", "words"), ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("rows", [5000, 600_000])
def test_a_column_that_cannot_be_computed_is_named(
    tmp_path: Path, column: str, words: str, rows: int
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(HEAD.replace("rows: 5", f"rows: {rows}") + f"      x: {column}\n")
    table = open_world(file)["customers"]
    with pytest.raises(UserError, match=r"bad\.yaml:([79]|10): tables\.customers\.") as refused:
        table.polars()
    assert words in str(refused.value)
    assert "a1" not in str(refused.value)


def test_a_sequence_beyond_its_type_is_named_by_the_day(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    daily = HEAD.replace("rows: 5", "rows: 20000\n    partitioning: {kind: daily}")
    file.write_text(
        "end_date: 2026-01-03\n" + daily + "      x: {kind: sequence, type: smallint}\n"
    )
    table = open_world(file)["customers"]
    assert table.partition("2026-01-01").collect().height == 20_000
    with pytest.raises(UserError, match=r"bad\.yaml:9: tables\.customers\.columns\.x\.type"):
        table.partition("2026-01-02")
