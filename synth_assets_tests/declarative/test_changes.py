"""Noise and anomalies: the ground truth says what was changed, and checks find what they must."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.core.sources import frames
from synth_assets.quality.structural import checks_of
from synth_assets_tests.declarative.conftest import Declare, rows_of
from synth_assets_tests.quality.memory import Memory, judge

SENSORS = """\
  readings:
    rows: 600
    partitioning: {kind: daily}
    columns:
      id: {kind: sequence, primary_key: true}
      name: {kind: vocabulary, provider: name}
      value: {kind: uniform, low: 10, high: 20}
      state: {kind: choice, values: [on, off]}
    checks:
      - {kind: range, column: value, low: 10, high: 20}
      - {kind: not_null, column: state}
      - {kind: accepted, column: state, values: [on, off]}
"""
CHANGES = """\
    noise:
      - {kind: typo, column: name, rate: 0.1}
      - {kind: case, column: name, rate: 0.05}
      - {kind: spaces, column: name, rate: 0.05}
      - {kind: truncate, column: name, rate: 0.05}
      - {kind: missing, column: state, rate: 0.02}
    anomalies:
      - {kind: expression, name: spike, column: value, sql: value * 10, rate: 0.02, days: 0.5, detected_by: [range_value]}
      - {kind: set, name: unknown_state, column: state, value: lost, rate: 0.02, detected_by: [accepted_state]}
      - {kind: repeat, name: stuck, column: value, rate: 0.03}
"""  # noqa: E501


@pytest.fixture
def domain(declare: Declare) -> Domain:
    return declare(SENSORS + CHANGES)


def test_the_ground_truth_leads_from_the_true_rows_to_the_observed(
    domain: Domain, declare: Declare
) -> None:
    true, observed = rows_of(declare(SENSORS), "readings"), rows_of(domain, "readings")
    truth = rows_of(domain, "readings_ground_truth")
    assert set(truth["kind"]) == {
        "typo", "case", "spaces", "truncate", "missing", "spike", "unknown_state", "stuck",
    }  # fmt: skip
    for column in ("name", "value", "state"):
        values = dict(zip(true["id"].cast(pl.String), true[column].cast(pl.String), strict=True))
        for edit in truth.filter(column_name=column).sort("step").iter_rows(named=True):
            assert values[edit["record"]] == edit["before"]
            values[edit["record"]] = edit["after"]
        assert list(values.values()) == observed[column].cast(pl.String).to_list(), column
    days = truth.filter(kind="spike")["partition"].n_unique()
    assert 0 < days < 7
    spikes = len(truth.filter(kind="spike"))
    assert spikes == pytest.approx(600 * days * 0.02, rel=0.5)


def test_checks_find_what_was_planted(domain: Domain) -> None:
    slices = {
        table.name: {
            part.key: rows.collect()
            for part, rows in frames(table, domain.scenario, table.partitioning.keys())
        }
        for table in domain.tables
    }
    checks = checks_of(domain.table("readings_ground_truth"))
    [found] = [check for check in checks if check.name == "anomalies_found"]
    [result] = judge(found, domain, "readings_ground_truth", Memory(slices))
    assert result.passed
    assert result.numbers == {"recall.spike": 1.0, "recall.unknown_state": 1.0}
    by_name = {check.name: check for check in checks_of(domain.table("readings"))}
    assert by_name["range_value"].detects == ("spike",)
    assert not by_name["range_value"].blocking
    assert by_name["not_null_state"].blocking


@pytest.mark.parametrize("kind", ["typo", "case", "spaces", "truncate"])
@pytest.mark.parametrize(
    "pattern", ["[AB]{2}", "[ab]{12}", "[Aab]{3}", "[A-Z][a-z]{3} [äÖ]", "[aA]"]
)
def test_noise_changes_as_many_rows_as_its_rate(declare: Declare, kind: str, pattern: str) -> None:
    text = (
        "  t:\n    rows: 20000\n    columns:\n      id: {kind: sequence, primary_key: true}\n"
        f'      x: {{kind: pattern, pattern: "{pattern}"}}\n'
    )
    true = rows_of(declare(text), "t")["x"]
    domain = declare(text + f"    noise:\n      - {{kind: {kind}, column: x, rate: 0.2}}\n")
    observed, truth = rows_of(domain, "t")["x"], rows_of(domain, "t_ground_truth")
    assert len(truth) == (observed != true).sum()
    if kind == "truncate" and pattern == "[aA]":
        assert len(truth) == 0
    else:
        assert len(truth) / 20000 == pytest.approx(0.2, abs=0.01)
    assert not (observed == "").any()
    lengths = observed.str.len_chars().cast(int) - true.str.len_chars().cast(int)
    least = {"truncate": -true.str.len_chars().max() // 2, "typo": -1}.get(kind, 0)
    assert lengths.min() >= least


def test_noise_leaves_what_it_cannot_change(declare: Declare) -> None:
    kinds = "".join(
        f"      - {{kind: {kind}, column: {column}, rate: 1}}\n"
        for column, kind in (("empty", "typo"), ("empty", "truncate"), ("digits", "case"))
    )
    domain = declare(
        "  t:\n    rows: 9\n    columns:\n      id: {kind: sequence, primary_key: true}\n"
        "      empty: {kind: constant, value: ''}\n      digits: {kind: constant, value: '12'}\n"
        f"    noise:\n{kinds}"
    )
    assert len(rows_of(domain, "t_ground_truth")) == 0
    assert set(rows_of(domain, "t").select("empty", "digits").iter_rows()) == {("", "12")}


def test_declared_shares_are_a_check(declare: Declare) -> None:
    text = "  a:\n    rows: 900\n    columns:\n      s: {kind: choice, values: {x: 90, y: 10}}\n"
    domain = declare(text)
    [check] = [c for c in checks_of(domain.table("a")) if c.name == "s_distribution"]
    rows = rows_of(domain, "a").drop("partition")
    [passed] = judge(check, domain, "a", Memory({"a": {"all": rows}}))
    [failed] = judge(check, domain, "a", Memory({"a": {"all": rows.with_columns(s=pl.lit("y"))}}))
    assert (passed.passed, failed.passed) == (True, False)


REPEATS = """\
  t:
    rows: {rows}
    partitioning: {partitioning}
    columns:
      id: {{kind: sequence, primary_key: true}}
      serial: {{kind: pattern, pattern: "S-[A-Z]######", unique: true}}
      value: {{kind: integers, high: 1000000}}
      other: {{kind: integers, high: 1000000, hidden: true}}
    checks: [{{kind: unique, columns: [serial], name: serial_once}}]
    noise: [{{kind: typo, column: serial, rate: 0.2}}]
    anomalies:
      - {{kind: expression, name: spike, column: value, sql: value + other, rate: 0.3}}
      - {{kind: repeat, name: again, column: serial, rate: 0.1, detected_by: [serial_once]}}
      - {{kind: repeat, name: stuck, column: value, rate: {rate}{days}}}
      - {{kind: repeat, name: later, column: value, rate: 0.1}}
"""


def repeats(declare: Declare, kind: str, rows: int, rate: float, days: str = "") -> Domain:
    return declare(
        REPEATS.format(rows=rows, partitioning=f"{{kind: {kind}}}", rate=rate, days=days)
    )


def test_a_repeated_value_is_the_stored_one_of_the_row_before(declare: Declare) -> None:
    domain = repeats(declare, "unpartitioned", 7000, 0.4)
    rows, truth = rows_of(domain, "t"), rows_of(domain, "t_ground_truth")
    changed = {kind: ids["record"].cast(pl.Int64) for (kind,), ids in truth.group_by("kind")}
    later = [*changed["later"], *(changed["later"] + 1)]
    # A row that is to be repeated and has the value already is not changed.
    for kind, column, share in (
        ("again", "serial", 0.1), ("stuck", "value", 0.4), ("later", "value", 0.1 * 0.6),
    ):  # fmt: skip
        found = rows.with_columns(before=pl.col(column).shift())
        found = found.filter(pl.col("id").is_in(changed[kind].implode()))
        assert len(found) / 7000 == pytest.approx(share, rel=0.15)
        if kind == "stuck":  # what is changed after it may be one row of two
            found = found.filter(~pl.col("id").is_in(later))
        assert (found[column] == found["before"]).all(), kind
    typos = truth.filter(kind="typo")["after"]
    assert truth.filter(kind="again")["after"].is_in(typos.implode()).mean() > 0.1
    memory = Memory({"t": {"all": rows.drop("partition")}, "t_ground_truth": {"all": truth}})
    [found] = [c for c in checks_of(domain.table("t_ground_truth")) if c.name == "anomalies_found"]
    [result] = judge(found, domain, "t_ground_truth", memory)
    assert result.measured == 1.0


@pytest.mark.parametrize("rate", [0.3, 0.98, 1.0])
def test_repeats_are_the_same_for_any_partitions(declare: Declare, rate: float) -> None:
    whole = repeats(declare, "unpartitioned", 7000, rate)
    for kind, rows in (("sharded", 7000), ("daily", 1000)):
        parts = repeats(declare, kind, rows, rate)
        for name in ("t", "t_ground_truth"):
            expected = rows_of(whole, name).drop("partition")
            assert rows_of(parts, name).drop("partition").equals(expected), (kind, name)


def test_a_run_of_repeats_ends_after_a_thousand_rows(declare: Declare) -> None:
    domain = declare(
        "  t:\n    rows: 500\n    partitioning: {kind: daily}\n    columns:\n"
        "      id: {kind: sequence, primary_key: true}\n      x: {kind: uuid}\n"
        "    anomalies: [{kind: repeat, name: stuck, column: x, rate: 1}]\n"
    )
    rows, truth = rows_of(domain, "t"), rows_of(domain, "t_ground_truth")
    assert rows["x"].rle().struct.field("len").to_list() == [1000, 1000, 1000, 500]
    assert len(truth) == 3500 - 4


def test_repeats_strike_days(declare: Declare) -> None:
    domain = repeats(declare, "daily", 3000, 0.5, ", days: 0.5")
    truth = rows_of(domain, "t_ground_truth").filter(kind="stuck")
    per_day = truth.group_by("partition").len()
    assert 0 < len(per_day) < 7
    assert per_day["len"].to_list() == pytest.approx([1500] * len(per_day), rel=0.1)
