"""Checks of the ground truth: overlaps, strata, noise rates, edge cases.

Targets are from ``source_membership`` and ``contact_noise``. They hold within one percentage point
from a million records on; with fewer persons the tolerance is larger (``quality.tolerance``).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement

import polars as pl

from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Check, Mergeable, TableView
from synth_assets.domains.identity_resolution.contact_noise import MAIL_NOISE, PHONE_NOISE
from synth_assets.domains.identity_resolution.name_noise import FORMER
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.scenario_noise import NoiseScenario
from synth_assets.domains.identity_resolution.source_membership import CRM, IN_CRM, STRATA
from synth_assets.quality.building import when_complete
from synth_assets.quality.mergeable import Judge, counts, mergeable_check, sums_by_entity
from synth_assets.quality.proportions import Proportion, shares_result

# Tables with names, CRM first; and kinds of noise that show what was true before.
NAMED = ("crm_customers", "loyalty_members")
FORMERLY = (FORMER, "moved")
# Deviation from a share that is tolerated however small its standard error is.
LEAST_TOLERANCE = 0.01
# The address of the corporate account is on more records than this, from a million records on.
GIANT_RECORDS, FULL_SCALE = 5_000, 1_000_000
# By shard, one in so many persons is judged: 60 million of 50 billion records' persons.
SAMPLE = 64
# More than the records of a person in a source; records with persons that are in memory at once.
RECORDS_BASE, RECORDS_AT_ONCE = 512, 30_000_000


def persons(truth: pl.LazyFrame) -> pl.LazyFrame:
    """Number of records in each source, one row per person.

    Args:
        truth: Rows of ``identity_truth``; records without a person are left out.
    """
    number = pl.col("person_id").str.slice(1).cast(pl.Int64).alias("person")
    counts = [
        (pl.col("source") == source.table).sum().cast(pl.UInt32).alias(name)
        for name, source in SOURCES.items()
    ]
    known = truth.filter(pl.col("person_id").is_not_null())
    return known.select("source", number).group_by("person").agg(counts)


def _of_persons(judge: Judge, sample: int) -> Mergeable:
    """A check's form by shard: one in ``sample`` persons, with their records in each source."""
    records = {
        name: (pl.col("source") == source.table).cast(pl.Int64) for name, source in SOURCES.items()
    }

    def of_sums(stored: TableView, sums: pl.DataFrame) -> list[CheckResult]:
        counted = sums.group_by(list(SOURCES)).agg(persons=pl.len())
        return judge(stored, counted.select("persons", *SOURCES))

    return sums_by_entity(of_sums, pl.col("person_id"), records, sample=sample)


def _memberships(stored: TableView) -> pl.DataFrame:
    """Number of ``persons`` by their numbers of records in each source, computed once."""

    def counted() -> pl.DataFrame:
        # One hash and one sum take less than the id and seven sums; of ten million persons, two
        # have the same hash with a probability of 3 in a million.
        digit = pl.lit(0, dtype=pl.UInt64)
        for place, source in enumerate(SOURCES.values()):
            one = pl.lit(RECORDS_BASE**place, dtype=pl.UInt64)
            digit = pl.when(pl.col("source") == source.table).then(one).otherwise(digit)
        person, records = pl.col("person_id").hash(), pl.col("records")
        rows = sum(stats.rows for stats in stored.partition_stats.values())
        passes, found = rows // RECORDS_AT_ONCE + 1, []
        for number in range(passes):
            of_pass = stored.all().drop_nulls("person_id").filter(person % passes == number)
            by_person = of_pass.group_by(person).agg(records=digit.sum())
            counted = by_person.group_by("records").agg(persons=pl.len())
            found.append(counted.collect(engine="streaming"))
        return pl.concat(found).select(
            "persons",
            **{
                name: (records // RECORDS_BASE**place % RECORDS_BASE).cast(pl.Int64)
                for place, name in enumerate(SOURCES)
            },
        )

    return stored.cached("memberships", counted)


def overlaps(sample: int = SAMPLE) -> Check:
    """A check of the share of each source's records with a person who is in CRM.

    Args:
        sample: Its form by shard takes one in so many persons.
    """

    def judge(stored: TableView, found: pl.DataFrame) -> list[CheckResult]:
        records = [(pl.col(source) * pl.col("persons")).sum() for source in IN_CRM]
        totals, in_crm = (
            f.select(records).row(0, named=True) for f in (found, found.filter(pl.col(CRM) > 0))
        )
        shares = {
            source: Proportion(in_crm[source], totals[source], share)
            for source, share in IN_CRM.items()
        }
        result = shares_result(shares, least=LEAST_TOLERANCE)
        return [replace(result, numbers=result.numbers | common_persons(found))]

    doc = "Of each source's records, the share whose person is in CRM is the declared one."
    return _judging_memberships("source_overlap_shares", doc, judge, sample)


def _judging_memberships(name: str, doc: str, judge: Judge, sample: int) -> Check:
    """A check of the memberships of all persons, which by shard are those of a sample of them."""

    def measure(stored: TableView) -> list[CheckResult]:
        return judge(stored, _memberships(stored))

    by_shard = _of_persons(judge, sample)
    return when_complete(Check(name, doc, measure, per_partition=False, mergeable=by_shard))


def common_persons(found: pl.DataFrame) -> dict[str, float]:
    """The number of persons that each two sources have in common, and that each source has.

    Args:
        found: Number of ``persons`` by their numbers of records in each source.
    """
    return {
        f"overlap.{one}.{other}": float(
            found.filter((pl.col(one) > 0) & (pl.col(other) > 0))["persons"].sum()
        )
        for one, other in combinations_with_replacement(SOURCES, 2)
    }


def strata(sample: int = SAMPLE) -> Check:
    """A check of the shares of persons in one source, in two or three, and in five or more.

    Args:
        sample: Its form by shard takes one in so many persons.
    """

    def judge(stored: TableView, found: pl.DataFrame) -> list[CheckResult]:
        known = pl.sum_horizontal([(pl.col(source) > 0).cast(pl.UInt8) for source in SOURCES])
        counted = found.group_by(known).agg(pl.col("persons").sum())
        counts = dict(counted.iter_rows())
        total = sum(counts.values())
        shares = {
            name: Proportion(sum(counts.get(n, 0) for n in range(low, high + 1)), total, share)
            for name, (low, high, share) in STRATA.items()
        }
        return [shares_result(shares, least=LEAST_TOLERANCE)]

    doc = "Persons in one source, in two or three and in five or more have the declared shares."
    return _judging_memberships("sources_per_person_distribution", doc, judge, sample)


def edge_cases(names: list[str]) -> Check:
    """A check that every edge case occurs, and one address on thousands of records.

    Args:
        names: The edge cases.
    """

    def judge(stored: TableView, counted: pl.DataFrame) -> list[CheckResult]:
        found = {name: int(n) for name, n in counted.iter_rows() if name is not None}
        missing = [{"edge_case": name} for name in names if not found.get(name)]
        giant = found.get("giant_email", 0)
        if giant <= GIANT_RECORDS:
            missing.append({"edge_case": f"giant_email on {giant} records only"})
        numbers = {f"records.{name}": float(found.get(name, 0)) for name in names}
        if sum(stats.rows for stats in stored.partition_stats.values()) < FULL_SCALE:
            bound = f"judged from {FULL_SCALE:,} records on"
            return [CheckResult(None, True, float(len(missing)), bound, numbers)]
        return [
            CheckResult(None, not missing, float(len(missing)), "= 0 missing", numbers, missing)
        ]

    doc = f"All of {', '.join(names)}; one address on more than {GIANT_RECORDS:,} records."
    counted = counts(judge, edge_case=pl.col("edge_case"))
    return when_complete(mergeable_check("edge_cases_present", doc, counted))


def noise_rates() -> Check:
    """A check of the rates of changed identifiers, names and addresses over all sources."""
    mails = {s.table: s.mail for s in SOURCES.values() if s.mail}
    phones = {s.table: s.phone for s in SOURCES.values() if s.phone}

    def measure(stored: TableView) -> list[CheckResult]:
        counted = stored.all().group_by("column_name", "noise_kind").agg(pl.len())
        found = counted.collect(engine="streaming").rows()
        rates = {}
        for name, columns, noise in (("email", mails, MAIL_NOISE), ("phone", phones, PHONE_NOISE)):
            values = sum(_present(stored, *place) for place in columns.items())
            changed = [
                n for column, kind, n in found if column in columns.values() and kind in noise
            ]
            rates[name] = Proportion(sum(changed), values, sum(noise.values()))
        rates |= _names_and_addresses(stored, found)
        return [shares_result(rates, least=LEAST_TOLERANCE, number="rate")]

    doc = (
        "Of e-mail addresses 5% and of telephones 25% are shown otherwise than they are, and of "
        "names and addresses the shares of the scenario."
    )
    reads = tuple(dict.fromkeys([*mails, *phones]))
    return when_complete(
        Check("noise_rates", doc, measure, per_partition=False, reads=reads), *reads
    )


def _names_and_addresses(
    stored: TableView, found: list[tuple[str, str, int]]
) -> dict[str, Proportion]:
    """Rates of names and addresses with noise, among those that are not former ones."""
    scenario = stored.scenario
    assert isinstance(scenario, NoiseScenario)
    swapped = scenario.swapped_rate
    columns = {
        "first_name": (swapped + (1 - swapped) * sum(scenario.first_name_rates[1:]), NAMED),
        "last_name": (swapped + (1 - swapped) * sum(scenario.last_name_rates[1:]), NAMED),
        "address_line1": (sum(scenario.address_rates[1:]), NAMED[:1]),
    }
    rates = {}
    for column, (expected, tables) in columns.items():
        values = sum(_present(stored, table, column) for table in tables)
        counts = {kind: n for name, kind, n in found if name == column}
        former = sum(n for kind, n in counts.items() if kind in FORMERLY)
        changed = sum(counts.values()) - former
        rates[column] = Proportion(changed, values - former, expected)
    return rates


def _present(stored: TableView, table: str, column: str) -> int:
    counted = stored.other(table).all().select(pl.col(column).count())
    return int(counted.collect(engine="streaming").item())
