"""Files with mistakes: the error names the line, the field, and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    "mixed values": ("{kind: choice, values: [a, 1]}", "of one type"),
    "number": ("{kind: integers, high: many}", "integer"),
    "digits of a number": (f"{{kind: integers, high: {'9' * 5000}}}", "exceeded maximum size"),
    "type": ("{kind: constant, value: 1, type: json}", "every store has: smallint"),
    "digits": ("{kind: constant, value: 1, type: 'decimal(50,2)'}", "1 to 38 digits"),
    "column": ("{kind: expression, sql: idd + 1}", "did you mean 'id'"),
    "aggregate": ("{kind: expression, sql: sum(id)}", "SUM(id)' is not allowed"),
    "query": ("{kind: expression, sql: (select 1)}", "not allowed"),
    "table": ("{kind: expression, sql: x.id}", "names a table"),
    "sql": ("{kind: expression, sql: id +}", "cannot read the SQL"),
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
    "duration": ("{kind: later, than: id, most: soon}", "a number with s, m, h"),
}
WHOLE = {
    "columns depend": (
        HEAD + "      a: {kind: expression, sql: b}\n      b: {kind: expression, sql: a}\n",
        3,
        "customers.a -> customers.b -> customers.a",
    ),
    "tables depend": (
        HEAD
        + "      o: {kind: reference, to: orders}\n  orders:\n    rows: 1\n    columns:\n"
        + "      id: {kind: sequence, primary_key: true}\n"
        + "      c: {kind: reference, to: customers}\n",
        3,
        "customers -> orders -> customers",
    ),
    "rows": (HEAD.replace("5", "many"), 4, "must be a number"),
    "negative": (HEAD.replace("5", "-5"), 4, "greater than or equal to 0"),
    "interval": (
        HEAD + "      i: {kind: expression, sql: \"interval '1 day'\"}\n", 3, "i: the values are of"
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
    "partition column": (HEAD + "      part: {kind: boolean}\n", 7, "partition column"),
    "name": (HEAD.replace("id:", "'i d':"), 6, "letters, digits"),
    "case of letters": (
        HEAD + "      x: {kind: boolean}\n      X: {kind: boolean}\n", 8, "distinguish 'X' from 'x'"
    ),
    "case of the partition column": (HEAD + "      Part: {kind: boolean}\n", 7, "partition column"),
    "partitions": (
        OTHER.replace("rows: 5", "rows: 5\n    partitioning: {kind: sharded, shards: 3}").replace(
            "rows: 9", "rows: 9\n    partitioning: {kind: sharded}"
        )
        + "id: {kind: sequence}\n",
        10,
        "shop/customers and shop/orders are partitioned differently",
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
