"""Noise is a function of the truth: replaying the edits in order gives the observed rows."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_assets.randomness.noise import EDITS, Corruption, Noise, at_rate
from synth_assets.randomness.streams import RandomStream
from synth_assets_tests.randomness.chance import binomial

STREAM = RandomStream(5, "test", "noise")
SCHEMA = {"id": pl.Int64, "word": pl.String, "number": pl.Int64}
WORD, NUMBER = pl.col("word"), pl.col("number")

# Corruptions that depend on the column, on another column or on nothing, that set null or undo one
# another. The rows that they change may depend on an earlier corruption.
VALUES: dict[str, list[pl.Expr]] = {
    "word": [
        pl.lit("gone"),
        pl.lit(None, pl.String),
        WORD.str.to_uppercase(),
        WORD.str.reverse(),
        pl.concat_str(WORD, NUMBER.cast(pl.String)),
    ],
    "number": [pl.lit(0), pl.lit(None, pl.Int64), NUMBER + 1, NUMBER * 2, WORD.str.len_bytes()],
}
HITS = [
    pl.lit(True),
    pl.lit(False),
    at_rate(STREAM.substream("half"), pl.col("id"), 0.5),
    at_rate(STREAM.substream("words"), pl.col("id"), 0.8, among="word"),
    NUMBER > 2,  # null where the number is null: these rows are not changed
    WORD.is_null(),
]
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text("abA", max_size=3)), st.one_of(st.none(), st.integers(0, 5))
    )
)
CORRUPTIONS = st.lists(
    st.tuples(st.sampled_from(list(VALUES)), st.integers(0, 4), st.integers(0, len(HITS) - 1)),
    max_size=6,
)


def corrupt(recipe: list[tuple[str, int, int]]) -> Noise:
    return Noise(
        [
            Corruption(f"kind{value}", column, HITS[hit], VALUES[column][value])
            for column, value, hit in recipe
        ]
    )


def replay(truth: pl.DataFrame, edits: pl.DataFrame) -> pl.DataFrame:
    rows = {row["id"]: dict(row) for row in truth.iter_rows(named=True)}
    for edit in edits.sort("step", maintain_order=True).iter_rows(named=True):
        row, column = rows[edit["record"]], edit["column"]
        shown = None if row[column] is None else str(row[column])
        assert edit["before"] == shown, "an edit starts from a value other than the current one"
        assert edit["before"] != edit["after"], "an edit that changes nothing"
        after = edit["after"]
        row[column] = int(after) if column == "number" and after is not None else after
    return pl.DataFrame(list(rows.values()), schema=SCHEMA)


@settings(max_examples=150, deadline=None)
@given(ROWS, CORRUPTIONS)
def test_replaying_the_edits_gives_the_observed_rows(
    values: list[tuple[str | None, int | None]], recipe: list[tuple[str, int, int]]
) -> None:
    truth = pl.DataFrame(
        [(10 + i, word, number) for i, (word, number) in enumerate(values)],
        schema=SCHEMA,
        orient="row",
    )
    noise = corrupt(recipe)
    observed = noise.observe(truth.lazy()).collect().cast(SCHEMA)  # type: ignore[arg-type]
    edits = noise.edits(truth.lazy(), "id").collect()
    assert edits.schema == pl.Schema(EDITS)
    assert replay(truth, edits).equals(observed)


def test_only_the_named_column_changes_and_other_columns_can_be_kept() -> None:
    truth = pl.LazyFrame({"id": [1, 2], "word": ["a", "b"], "number": [1, 2], "day": [0, 4]})
    noise = Noise([Corruption("shout", "word", pl.col("id") == 2, WORD.str.to_uppercase())])
    seen = noise.observe(truth).collect()
    assert seen.drop("word").equals(truth.collect().drop("word"))
    assert seen["word"].to_list() == ["a", "B"]
    assert noise.edits(truth, "id", "day").collect().to_dicts() == [
        {"day": 4, "record": 2, "step": 0, "column": "word", "kind": "shout"}
        | {"before": "b", "after": "B"}
    ]


def test_a_corruption_is_applied_to_the_result_of_the_earlier_ones() -> None:
    truth = pl.LazyFrame({"id": [1], "word": ["ab"]})
    shout = Corruption("shout", "word", pl.lit(True), WORD.str.to_uppercase())
    only_loud = Corruption("turn", "word", WORD == "AB", WORD.str.reverse())
    assert Noise([shout, only_loud]).observe(truth).collect()["word"].to_list() == ["BA"]
    assert Noise([only_loud, shout]).observe(truth).collect()["word"].to_list() == ["AB"]


def test_rates_are_kept_among_the_rows_that_have_a_value() -> None:
    # Binomial bounds, error probability below 1e-9 each.
    rows = 50_000
    truth = pl.LazyFrame({"id": range(rows)}).with_columns(
        word=pl.when(pl.col("id") % 4 > 0).then(pl.lit("w"))
    )
    for rate in (0.0, 0.01, 0.4, 1.0):
        hits = (
            at_rate(STREAM, pl.col("id"), rate),
            at_rate(STREAM, pl.col("id"), rate, among="word"),
        )
        every, present = truth.select(h.alias(str(i)) for i, h in enumerate(hits)).collect()
        assert binomial(int(every.sum()), rows, rate) < 1
        assert binomial(int(present.sum()), rows * 3 // 4, rate) < 1
        assert not (present & truth.collect()["word"].is_null()).any()


def test_without_noise_there_are_no_edits() -> None:
    truth = pl.LazyFrame({"id": [1], "word": ["a"]})
    assert Noise([]).observe(truth).collect().equals(truth.collect())
    assert Noise([]).edits(truth, "id").collect().schema == pl.Schema(EDITS)
