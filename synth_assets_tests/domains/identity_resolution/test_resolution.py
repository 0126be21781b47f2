"""The baseline resolver and its scores, against small results by hand and by brute force."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from synth_assets.core.model import Domain, TableView
from synth_assets.domains.identity_resolution.contact_noise import (
    PLACEHOLDER_MAILS,
    PLACEHOLDER_PHONES,
)
from synth_assets.domains.identity_resolution.identifiers import EMAIL, IDENTIFIERS, PHONE, TYPES
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.normalise import (
    EXCLUDED,
    excluded,
    identifying,
    normalised,
)
from synth_assets.domains.identity_resolution.resolution.resolve import resolve
from synth_assets.domains.identity_resolution.resolution.score import score
from synth_assets.quality.structural import checks_of
from synth_assets_tests.domains.identity_resolution.made import identity, stored
from synth_assets_tests.quality.memory import Memory, judge

# Records that may share an identifier.
MOST = 5_000
RESOLVED, SCORES = "resolved_identities", "resolution_scores"
RATIOS = ("precision", "recall", "f1", "b_cubed_precision", "b_cubed_recall", "b_cubed_f1")


def of(kind: str, *values: str | None) -> list[str | None]:
    """The values as the resolver compares them."""
    frame = pl.DataFrame({"value": values}, schema={"value": pl.String})
    return frame.select(identifying(kind, pl.col("value"))).to_series().to_list()


def test_spellings_of_an_address_are_one_and_other_addresses_are_not() -> None:
    spellings = ["john.doe@gmail.com", "JOHN.DOE@gmail.com", "j.ohndoe+shop@GMAIL.com"]
    assert set(of(EMAIL, *spellings)) == {"johndoe@gmail.com"}
    assert of(EMAIL, "John.Doe+x@mail.de", None) == ["john.doe@mail.de", None]
    assert len(set(of(EMAIL, "john.doe@mail.de", "johndoe@mail.de", "john.doe@notgmail.com"))) == 3


def test_formats_of_a_telephone_are_one() -> None:
    formats = ["+15551234567", "+1-555-123-4567", "5551234567", "(555) 123-4567"]
    assert set(of(PHONE, *formats)) == {"551234567"}
    assert len(set(of(PHONE, "+15551234567", "+15551234568"))) == 2


def test_exact_identifiers_stay_as_they_are() -> None:
    assert of("loyalty_id", "L+1@x", "0000000000") == ["L+1@x", "0000000000"]


def test_placeholders_identify_no_person_in_any_spelling() -> None:
    assert of(EMAIL, "NoReply@company.com", "test+a@test.com") == [None, None]
    assert of(PHONE, "000-00-0000", "0000000000") == [None, None]
    assert set(PLACEHOLDER_MAILS) == set(EXCLUDED[EMAIL])
    assert set(PLACEHOLDER_PHONES) == set(EXCLUDED[PHONE])


def test_the_columns_of_identifiers_exist_and_every_source_has_some(retailer: Domain) -> None:
    assert set(IDENTIFIERS) == {source.table for source in SOURCES.values()}
    for table, columns in IDENTIFIERS.items():
        assert set(columns.values()) <= set(retailer.table(table).schema.columns())
        assert set(columns) <= set(TYPES)


def frames(**sources: dict[str, list[Any]]) -> dict[str, pl.LazyFrame]:
    """Sources from their columns, all of them text."""
    return {
        name: pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String))
        for name, columns in sources.items()
    }


def clusters(resolved: pl.DataFrame) -> set[frozenset[str]]:
    """The resolver's clusters as sets of records."""
    grouped = resolved.group_by("cluster_id").agg("record_id")
    return {frozenset(records) for records in grouped["record_id"]}


SHOPS = {
    "a": {
        "record_id": ["a1", "a2", "a3", "a4"],
        "email": ["x@gmail.com", None, "test@test.com", "q@mail.de"],
        "phone": ["+15551234567", "0000000000", "000-00-0000", None],
    },
    "b": {
        "record_id": ["b1", "b2", "b3"],
        "email": ["X+tag@gmail.com", "test@test.com", "z@mail.de"],
        "loyalty_id": ["L1", "L2", None],
    },
    "c": {"record_id": ["c1", "c2"], "loyalty_id": ["L1", "L3"]},
}


def test_records_are_connected_through_others_and_not_by_placeholders() -> None:
    found = resolve(frames(**SHOPS), MOST)
    assert clusters(found) == {
        frozenset({"a1", "b1", "c1"}),
        *(frozenset({one}) for one in ("a2", "a3", "a4", "b2", "b3", "c2")),
    }
    first = found.row(by_predicate=pl.col("record_id") == "c1", named=True)
    assert first == {
        "source": "c",
        "record_id": "c1",
        "cluster_id": "a1",
        "cluster_size": 3,
        "skipped": 0,
    }


def test_a_value_of_too_many_records_is_skipped_and_counted() -> None:
    crowd = {"record_id": ["a1", "a2", "a3"], "email": ["o@hub.com"] * 3, "phone": ["1", "1", None]}
    assert clusters(resolve(frames(a=crowd), most=3)) == {frozenset({"a1", "a2", "a3"})}
    found = resolve(frames(a=crowd), most=2)
    assert clusters(found) == {frozenset({"a1", "a2"}), frozenset({"a3"})}
    assert found["skipped"].to_list() == [1, 1, 1]


def test_equal_values_of_different_identifiers_do_not_connect() -> None:
    found = resolve(
        frames(
            a={"record_id": ["a1"], "email": ["x"]}, b={"record_id": ["b1"], "device_id": ["x"]}
        ),
        MOST,
    )
    assert len(clusters(found)) == 2


record = st.fixed_dictionaries(
    {
        "email": st.sampled_from([None, "a@x.de", "A@x.de", "b@x.de", "c+t@x.de", "test@test.com"]),
        "phone": st.sampled_from([None, "+4917012345678", "017012345678", "0000000000", "123"]),
        "device_id": st.sampled_from([None, "d1", "d2", "d3"]),
    }
)


def connected(rows: list[dict[str, Any]], most: int) -> set[frozenset[str]]:
    """The expected clusters, by comparing all pairs of records repeatedly."""
    known = [
        {
            (kind, value)
            for kind in ("email", "phone", "device_id")
            if (value := of(kind, row[kind])[0]) is not None
        }
        for row in rows
    ]
    counts = Counter(pair for values in known for pair in values)
    usable = [{pair for pair in values if counts[pair] <= most} for values in known]
    label = list(range(len(rows)))
    for _ in rows:
        for one, other in combinations(range(len(rows)), 2):
            if usable[one] & usable[other]:
                label[one] = label[other] = min(label[one], label[other])
    names = {}
    for row, of_row in zip(rows, label, strict=True):
        names.setdefault(of_row, set()).add(row["record_id"])
    return {frozenset(names_) for names_ in names.values()}


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(record, min_size=1, max_size=9), most=st.integers(1, 9), data=st.data())
def test_clusters_are_those_of_comparing_every_two_records(
    rows: list[dict[str, Any]], most: int, data: st.DataObject
) -> None:
    rows = [{"record_id": f"r{i}", **row} for i, row in enumerate(rows)]
    expected = connected(rows, most)
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    schema = dict.fromkeys(("record_id", "email", "phone", "device_id"), pl.String)
    parts = {"s": shuffled[:cut], "t": shuffled[cut:]}
    found = resolve({s: pl.LazyFrame(part, schema=schema) for s, part in parts.items()}, most)
    assert clusters(found) == expected
    names = {record: (min(group), len(group)) for group in expected for record in group}
    assert {r: (c, n) for _, r, c, n, _ in found.iter_rows()} == names


def labelled(rows: list[tuple[str, str | None, str | None, str]]) -> pl.LazyFrame:
    """Records: source, person, edge case, cluster."""
    columns = ["source", "person_id", "edge_case", "cluster_id"]
    return pl.LazyFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def scored(records: pl.LazyFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Scores by scope and name."""
    return {(r["scope"], r["name"]): r for r in score(records).iter_rows(named=True)}


def test_scores_are_those_computed_by_hand() -> None:
    # Clusters {A A B} and {B}, and a record without a person, which does not count.
    found = scored(
        labelled(
            [
                ("x", "A", None, "1"),
                ("x", "A", "hard", "1"),
                ("y", "B", None, "1"),
                ("y", "B", None, "2"),
                ("y", None, "hard", "1"),
            ]
        )
    )
    overall = found["overall", "all"]
    assert [overall[f"{kind}_pairs"] for kind in ("real", "found", "correct")] == [2, 3, 1]
    assert overall["records"] == 4
    assert overall["precision"] == pytest.approx(1 / 3)
    assert overall["recall"] == pytest.approx(1 / 2)
    assert overall["f1"] == pytest.approx(2 / 5)
    assert overall["b_cubed_precision"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)
    assert overall["b_cubed_recall"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    within = found["source_pair", "x/x"]
    assert [within[n] for n in RATIOS] == [1] * 6
    between = found["source_pair", "x/y"]
    assert (between["found_pairs"], between["real_pairs"]) == (2, 0)
    assert between["recall"] is None
    hard = found["edge_case", "hard"]
    assert (hard["records"], hard["found_pairs"], hard["correct_pairs"]) == (1, 2, 1)
    assert hard["b_cubed_precision"] == pytest.approx(2 / 3)
    assert set(found) == {
        ("overall", "all"),
        *(("source_pair", name) for name in ("x/x", "x/y", "y/y")),
        *(("edge_case", name) for name in ("hard", "none")),
    }


line = st.tuples(
    st.sampled_from("xyz"),
    st.sampled_from(["A", "B", "C", None]),
    st.sampled_from(["hard", "odd", None]),
    st.sampled_from("123"),
)


def brute(rows: list[tuple[Any, ...]], scope: str, name: str) -> tuple[list[int], float, float]:
    """Counts of real, found and correct pairs, and B-cubed, by going through all pairs."""
    first, _, second = name.partition("/")
    case = None if name == "none" else name
    if scope == "source_pair":
        rows = [row for row in rows if row[0] in (first, second)]
    pairs = [
        (one, other)
        for one, other in combinations(rows, 2)
        if (scope != "source_pair" or {one[0], other[0]} == {first, second})
        and (scope != "edge_case" or case in (one[2], other[2]))
    ]
    same = [(one[1] == other[1], one[3] == other[3]) for one, other in pairs]
    counts = [sum(r for r, _ in same), sum(f for _, f in same), sum(r and f for r, f in same)]
    chosen = [row for row in rows if scope != "edge_case" or row[2] == case]
    precision = recall = 0.0
    for row in chosen:
        person = [other[1] == row[1] for other in rows]
        cluster = [other[3] == row[3] for other in rows]
        both = sum(p and c for p, c in zip(person, cluster, strict=True))
        precision, recall = precision + both / sum(cluster), recall + both / sum(person)
    return counts, precision / len(chosen), recall / len(chosen)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(line, min_size=1, max_size=14).filter(lambda r: any(x[1] for x in r)))
def test_scores_are_those_of_enumerating_pairs(rows: list[tuple[Any, ...]]) -> None:
    known = [row for row in rows if row[1] is not None]
    found = scored(labelled(rows))
    assert found["overall", "all"]["records"] == len(known)
    for (scope, name), row in found.items():
        counts, precision, recall = brute(known, scope, name)
        assert [row[f"{kind}_pairs"] for kind in ("real", "found", "correct")] == counts
        assert row["b_cubed_precision"] == pytest.approx(precision)
        assert row["b_cubed_recall"] == pytest.approx(recall)
        assert row["precision"] == (pytest.approx(counts[2] / counts[1]) if counts[1] else None)
        assert row["recall"] == (pytest.approx(counts[2] / counts[0]) if counts[0] else None)


def test_large_clusters_are_counted_without_overflow() -> None:
    crowd = pl.LazyFrame({"source": "x", "person_id": "A", "edge_case": None, "cluster_id": "1"})
    crowd = crowd.select(pl.all().repeat_by(200_000).explode())
    overall = scored(crowd.with_columns(pl.col("edge_case").cast(pl.String)))["overall", "all"]
    assert overall["correct_pairs"] == 200_000 * 199_999 // 2


@pytest.fixture(scope="module")
def small() -> Domain:
    """A small domain in three shards."""
    return identity(scale=20_000, shards=3)


def with_derived(domain: Domain) -> Memory:
    """The generated and the derived tables."""
    memory = stored(domain)
    for name in (RESOLVED, SCORES):
        table = domain.table(name)
        of_table = TableView(domain, table, table.partitioning.keys(), memory, domain.scenario)
        memory.slices[name] = {
            p.key: frame.collect() for p, frame in table.source.partitions(of_table)
        }
    return memory


@pytest.fixture(scope="module")
def derived(small: Domain) -> Memory:
    """All tables of the small domain."""
    return with_derived(small)


def test_shards_change_nothing(derived: Memory) -> None:
    other = with_derived(identity(scale=20_000, shards=1))
    for name in (RESOLVED, SCORES):
        assert_frame_equal(derived.slices[name]["all"], other.slices[name]["all"])


@pytest.mark.parametrize("name", [RESOLVED, SCORES])
def test_every_rule_passes(small: Domain, derived: Memory, name: str) -> None:
    for check in checks_of(small.table(name)):
        for result in judge(check, small, name, derived):
            assert result.passed, (check.name, result)


def test_a_perfect_resolver_scores_one(derived: Memory) -> None:
    truth = pl.concat(derived.slices["identity_truth"].values()).lazy()
    perfect = score(truth.with_columns(cluster_id="person_id"))
    for ratio in RATIOS:
        assert set(perfect[ratio].drop_nulls()) == {1.0}
    assert perfect["b_cubed_f1"].null_count() == 0


def test_singleton_clusters_find_nothing(derived: Memory) -> None:
    truth = pl.concat(derived.slices["identity_truth"].values()).lazy()
    overall = scored(truth.with_columns(cluster_id="record_id"))["overall", "all"]
    assert (overall["found_pairs"], overall["recall"], overall["precision"]) == (0, 0, None)
    assert overall["b_cubed_precision"] == 1


def test_the_baseline_finds_most_pairs_and_none_of_the_disjoint(derived: Memory) -> None:
    found = {
        (r["scope"], r["name"]): r for r in derived.slices[SCORES]["all"].iter_rows(named=True)
    }
    assert found["overall", "all"]["recall"] > 0.9
    assert found["edge_case", "disjoint"]["correct_pairs"] == 0
    assert found["edge_case", "disjoint"]["real_pairs"] > 0


def spoilt(memory: Memory, name: str, frame: pl.DataFrame) -> Memory:
    return Memory({**memory.slices, name: {"all": frame}})


@pytest.mark.parametrize(
    ("check", "name", "spoil"),
    [
        ("every_record_resolved", RESOLVED, lambda f: f.slice(1)),
        (
            "every_record_resolved",
            RESOLVED,
            lambda f: f.with_columns(record_id=pl.col("record_id") + "?"),
        ),
        ("primary_key", RESOLVED, lambda f: pl.concat([f, f.head(1)])),
        (
            "cluster_size_counts_records",
            RESOLVED,
            lambda f: f.with_columns(pl.col("cluster_size") + 1),
        ),
        (
            "cluster_size_counts_records",
            RESOLVED,
            lambda f: f.with_columns(cluster_id=pl.lit("CRM-0")),
        ),
        (
            "skipped_record_share",
            RESOLVED,
            lambda f: f.with_columns(skipped=pl.lit(1, dtype=pl.Int32)),
        ),
        ("schema", SCORES, lambda f: f.with_columns(precision=pl.lit(1.5))),
        (
            "correct_pairs_real_and_found",
            SCORES,
            lambda f: f.with_columns(pl.col("correct_pairs") * 100),
        ),
        ("every_person_scored", SCORES, lambda f: f.with_columns(pl.col("records") - 1)),
        ("baseline_f1_in_range", SCORES, lambda f: f.with_columns(b_cubed_f1=pl.lit(1.0))),
    ],
)
def test_a_check_fails_on_broken_data(
    small: Domain, derived: Memory, check: str, name: str, spoil: Any
) -> None:
    memory = spoilt(derived, name, spoil(derived.slices[name]["all"]))
    (found,) = (r for r in checks_of(small.table(name)) if r.name == check)
    assert not all(result.passed for result in judge(found, small, name, memory))


def test_records_that_come_after_the_clusters_make_them_wait_and_not_fail(
    small: Domain, derived: Memory
) -> None:
    """Another run stores the last shard between deriving the clusters and checking them."""
    last = list(small.tables[0].partitioning.keys())[-1]
    few = Memory({n: {k: f for k, f in s.items() if k != last} for n, s in derived.slices.items()})
    made = dict(few.slices)
    for name in (RESOLVED, SCORES):
        table = small.table(name)
        of_table = TableView(small, table, table.partitioning.keys(), Memory(made), small.scenario)
        made[name] = {p.key: frame.collect() for p, frame in table.source.partitions(of_table)}
    stale = Memory(derived.slices | {name: made[name] for name in (RESOLVED, SCORES)})
    for check, name in (("every_record_resolved", RESOLVED), ("every_person_scored", SCORES)):
        (found,) = (r for r in checks_of(small.table(name)) if r.name == check)
        (result,) = judge(found, small, name, stale)
        assert result.passed, result
        assert last in result.threshold or "slices" in result.threshold


def test_values_that_are_excluded_are_normalised() -> None:
    for kind in TYPES:
        values = pl.DataFrame({"v": excluded(kind)}, schema={"v": pl.String})
        again = values.select(normalised(kind, pl.col("v"))).to_series().to_list()
        assert again == excluded(kind)
