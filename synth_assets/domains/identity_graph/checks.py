"""What must hold of the identity graph: the tables' own checks, by table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from synth_assets.core.model import Check, CheckResult, Table, TableView
from synth_assets.core.sources import derived
from synth_assets.domains.identity_graph import (
    content_engagements,
    demography,
    identity_mappings,
    reach,
    terms,
    timing,
    world,
)
from synth_assets.domains.identity_graph.audience import config_of, counted, of_shard
from synth_assets.domains.identity_graph.config import GenerationConfig
from synth_assets.domains.identity_graph.gazetteer import zip_codes
from synth_assets.domains.identity_graph.shards import (
    at_home,
    household_count,
    own,
)
from synth_assets.domains.identity_graph.statistics import chi_square, kolmogorov_smirnov, strays
from synth_assets.quality.building import partition_check, row_check, when_complete
from synth_assets.quality.structural import unique_in_partition
from synth_assets.randomness.values import since_epoch

# How much alike members of a household are: schooling follows its income, and ages one another.
HOUSEHOLD_DESIGN, AGES_DESIGN = 2.0, 2.0
# Individuals from whom on every segment is sure to be there.
ENOUGH = 1_000
HOUSEHOLDS, INDIVIDUALS = "households", "individuals"
ENGAGEMENTS, CAMPAIGNS = "content_engagements", "campaigns"
EXPOSURES, RESPONSES = "campaign_exposures", "response_events"

Counts = dict[str, float]


def _counts(column: pl.Expr, where: pl.Expr | None = None) -> Callable[[TableView], Counts]:
    """How many rows have each value, as text."""

    def found(stored: TableView) -> Counts:
        frame = stored.whole if where is None else stored.whole.filter(where)
        counted_ = frame.group_by(column.cast(pl.String).alias("value")).agg(pl.len())
        return {str(v): n for v, n in counted_.collect(engine="streaming").iter_rows()}

    return found


def _declared(
    of: Callable[[GenerationConfig], Mapping[str, float]],
) -> Callable[[TableView], Counts]:
    return lambda stored: dict(of(config_of(stored)))


def _fits(
    name: str,
    column: str,
    of: Callable[[GenerationConfig], Mapping[str, float]],
    design: float = 1.0,
    where: pl.Expr | None = None,
) -> Check:
    doc = f"Values of `{column}` have the declared shares."
    return chi_square(name, doc, _counts(pl.col(column), where), _declared(of), design=design)


# Households.


def _places(stored: TableView) -> pl.LazyFrame:
    known = zip_codes().select(
        location_zip="zip_code", location_city="city", location_state="state"
    )
    return stored.frame.join(known.lazy(), on=list(known.columns), how="anti")


def _states(config: GenerationConfig) -> Counts:
    places = world.open_world(config).places
    return {state: places.share_of(state) for state in terms.STATES}


def _sizes(config: GenerationConfig) -> Counts:
    return {str(n): share for n, share in enumerate(demography.size_shares(config), start=1)}


def _households() -> list[Check]:
    return [
        household_count(),
        at_home("household_id", 1),
        row_check(
            "real_places", "The ZIP code belongs to the city, and the city to the state.", _places
        ),
        _fits("income_brackets", "income_bracket", lambda c: c.household_config.income_brackets),
        _fits("household_sizes", "household_size", _sizes),
        _fits("states", "location_state", _states),
    ]


# Individuals.

ADULT = pl.col("age") >= demography.ADULT


def _ages_agree(stored: TableView) -> pl.LazyFrame:
    """Rows whose age is too low, or too high, for what they tell."""
    education, work = (pl.col(c).cast(pl.String) for c in ("education_level", "employment_status"))
    youngest = education.replace_strict(demography.YOUNGEST, return_dtype=pl.Int64)
    age = pl.col("age")
    minor = (age < youngest) & ADULT | ~ADULT & ~education.is_in(terms.EDUCATION[:2])
    wrong = (
        (work == "Retired") & (age < 55)
        | (work == "Student") & (age > 40)
        | ~work.is_in(["Retired", "Student"]) & (age > 80)
        | work.is_null() & (age >= world.WORKING_AGE)
        | work.is_not_null() & (age < world.WORKING_AGE)
    )
    return stored.frame.filter(minor | wrong.fill_null(value=False))


def _incomes_agree(stored: TableView, key: str) -> pl.LazyFrame:
    """Rows that earn more than employment or age lets, or whose household more than it has."""
    most = dict(zip(terms.EMPLOYMENT, world.EARNS_AT_MOST, strict=True))
    bracket = {n: high for n, (_, high) in zip(terms.INCOME_BRACKETS, world.INCOMES, strict=True)}
    earned = pl.col("income_individual").cast(pl.Float64)
    homes = of_shard(stored, HOUSEHOLDS, key).select(
        "household_id",
        most=pl.col("income_bracket")
        .cast(pl.String)
        .replace_strict(bracket, return_dtype=pl.Int64),
    )
    here = own(stored, key).join(homes, on="household_id")
    allowed = (
        pl.col("employment_status")
        .cast(pl.String)
        .replace_strict(most, default=0, return_dtype=pl.Int64)
    )
    young = (pl.col("age") < world.YOUNG) & (earned > world.YOUNG_AT_MOST)
    rich = earned.sum().over("household_id") > pl.col("most")
    return here.filter((earned > allowed) | young | rich).drop("most")


def _members_fit(stored: TableView, key: str) -> pl.LazyFrame:
    homes = of_shard(stored, HOUSEHOLDS, key).select("household_id", "household_size")
    here = own(stored, key).join(homes, on="household_id")
    members = pl.len().over("household_id")
    return here.filter(members > pl.col("household_size")).drop("household_size")


def _ages(config: GenerationConfig) -> Counts:
    shares = demography.age_shares(config)
    span = config.demographics_config.age_range
    return {str(age): float(shares[age]) for age in range(span.min, span.max + 1)}


def _members(stored: TableView) -> dict[str, tuple[float, float, float]]:
    homes = config_of(stored).household_config.num_households
    rows = sum(stats.rows for stats in stored.partition_stats.values())
    wanted = demography.tables(config_of(stored)).people
    # Households have one to ten members, so their numbers vary by less than two.
    return {"individuals a household": (rows / homes, wanted, 2 / math.sqrt(homes))}


def _individuals() -> list[Check]:
    return [
        at_home("individual_id"),
        row_check("ages_agree", "Ages agree with education and employment.", _ages_agree),
        partition_check(
            "incomes_agree",
            "Incomes agree with employment and age, and sum to no more than the household's.",
            _incomes_agree,
            [HOUSEHOLDS],
        ),
        partition_check(
            "members_fit", "A household has no more rows than members.", _members_fit, [HOUSEHOLDS]
        ),
        strays("household_members", "Households have so many rows on average.", _members),
        _fits("ages", "age", _ages, AGES_DESIGN),
        _fits("genders", "gender", lambda c: c.demographics_config.gender_distribution),
        _fits(
            "education",
            "education_level",
            lambda c: c.demographics_config.education_distribution,
            HOUSEHOLD_DESIGN,
            ADULT,
        ),
        _fits(
            "employment",
            "employment_status",
            lambda c: c.demographics_config.employment_distribution,
            HOUSEHOLD_DESIGN,
            ADULT,
        ),
    ]


# Identifiers.


def _coverage(stored: TableView) -> dict[str, tuple[float, float, float]]:
    config = config_of(stored)
    rows = stored.whole.group_by(pl.col("identifier_type").cast(pl.String).alias("kind")).agg(
        people=pl.col("individual_id").n_unique(), rows=pl.len()
    )
    found = {kind: (have, n) for kind, have, n in rows.collect(engine="streaming").iter_rows()}
    people = sum(r.rows for r in stored.other(INDIVIDUALS).partition_stats.values())
    figures = {}
    for kind, p in zip(terms.IDENTIFIERS, identity_mappings.coverage(config), strict=True):
        have, n = found.get(kind, (0, 0))
        figures[kind] = have / people, p, math.sqrt(p * (1 - p) / people)
        # Copies are a whole number, or one more.
        copies = identity_mappings.copies(config)
        part = copies % 1
        error = math.sqrt(part * (1 - part) / max(have, 1))
        figures[f"copies.{kind}"] = (n / have if have else copies), copies, error + 1e-4 * part
    return figures


def _seen(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    end = pl.lit(since_epoch(config.base_end) * 1_000_000).cast(pl.Datetime("us"))
    fresh = pl.col("last_seen") >= end - pl.duration(days=identity_mappings.ACTIVE_DAYS)
    sound = (pl.col("first_seen") < pl.col("last_seen")) & (pl.col("last_seen") < end)
    return stored.frame.filter(~sound | (fresh != pl.col("active")))


def _identifiers() -> list[Check]:
    return [
        unique_in_partition(["identifier_type", "identifier_value"], name="unique_identifier"),
        at_home("individual_id"),
        row_check("seen_in_order", "First seen, then last seen; active where lately.", _seen),
        strays(
            "coverage",
            "Of each type, the declared share of individuals has one.",
            _coverage,
            reads=[INDIVIDUALS],
        ),
    ]


# Engagements.


def _period(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    first, end = (
        pl.lit(since_epoch(day) * 1_000_000).cast(pl.Datetime("us"))
        for day in (config.start_date, config.end)
    )
    at = pl.col("timestamp")
    return stored.frame.filter((at < first) | (at >= end))


def _durations(stored: TableView) -> pl.LazyFrame:
    of = config_of(stored).engagement_config.duration_range
    lasted, view = pl.col("duration_seconds"), pl.col("engagement_type").cast(pl.String) == "view"
    outside = (lasted < of.min) | (lasted > of.max)
    return stored.frame.filter((lasted.is_null() == view) | outside.fill_null(value=False))


def _categories(stored: TableView) -> dict[str, tuple[float, float, float]]:
    """Share of each category, with the error that people's liking for one category makes."""
    share = np.array(world.open_world(config_of(stored)).categories)
    share = share / share.sum()
    total, gap, square = 0, np.zeros(len(share)), np.zeros(len(share))
    for key in stored.partition_stats:
        counts = counted(stored, key)["by_category"].to_numpy()
        events = counts.sum(axis=1)
        stray = counts - events[:, None] * share
        total += int(events.sum())
        gap, square = gap + stray.sum(axis=0), square + (stray**2).sum(axis=0)
    rows = max(total, 1)
    return {
        name: (share[n] + gap[n] / rows, float(share[n]), math.sqrt(square[n]) / rows)
        for n, name in enumerate(terms.CATEGORIES)
    }


def _hours(config: GenerationConfig) -> Counts:
    shares = timing.hour_shares(config.engagement_config.temporal_pattern)
    return {str(hour): share for hour, share in enumerate(shares)}


def _days(config: GenerationConfig) -> Counts:
    days = config.engagement_config.time_period_days
    whole = (config.end - config.start_date).days // days
    return {
        str(period * days + day): float(share)
        for period in range(whole)
        for day, share in enumerate(timing.day_shares(config, period))
    }


def _counted_days(stored: TableView) -> Counts:
    first = since_epoch(config_of(stored).start_date) // 86_400
    day = pl.col("timestamp").cast(pl.Date).cast(pl.Int32) - first
    days = _days(config_of(stored))
    return {d: n for d, n in _counts(day)(stored).items() if d in days}


def _engagements() -> list[Check]:
    session = float(content_engagements.LONGEST)
    return [
        at_home("individual_id"),
        row_check("within_period", "Events lie between the first day and the end.", _period),
        row_check("durations", "Views last as long as declared; nothing else lasts.", _durations),
        _fits("event_types", "engagement_type", lambda c: c.engagement_config.event_types),
        strays(
            "categories", "Categories have the declared shares.", _categories, reads=[INDIVIDUALS]
        ),
        chi_square(
            "hours",
            "Hours of the day are busy as the temporal pattern says.",
            _counts(pl.col("timestamp").dt.hour()),
            _declared(_hours),
            design=session,
        ),
        chi_square(
            "days",
            "Days are busy as the temporal pattern says.",
            _counted_days,
            _declared(_days),
            design=session,
        ),
    ]


# What is computed of engagements.


def recomputed(*lists: str) -> Check:
    """Every row is what the stored engagements give when counted again."""

    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        table: Table = stored.table
        names = list(table.schema.columns())
        here = own(stored, key).with_columns(
            pl.col(n).cast(table.schema.columns()[n].dtype) for n in names
        )
        again = (
            derived(table)
            .derive(stored, key)
            .select(pl.col(n).cast(table.schema.columns()[n].dtype) for n in names)
        )
        one = here.sort("individual_id").collect()
        two = again.sort("individual_id").collect()
        if one.select(names).equals(two):
            return own(stored, key).head(0)
        told = [n for n in names if n not in lists]
        marks = [pl.col(n).hash().alias(n) for n in names]
        known = two.select("individual_id", *(m.name.suffix("_mark") for m in marks[2:]))
        joined = one.join(known, on="individual_id", how="full", coalesce=True)
        same = [pl.col(n).hash().eq_missing(pl.col(f"{n}_mark")) for n in names[2:]]
        bad = joined.filter(~pl.all_horizontal(same)).with_columns(
            pl.col(stored.table.partitioning.partition_column).fill_null(key)
        )
        return bad.select(*told, stored.table.partitioning.partition_column).lazy()

    return partition_check(
        "recomputed",
        "Every row is what the stored engagements give when they are counted again.",
        failing_rows,
        [INDIVIDUALS, ENGAGEMENTS],
    )


def _totals(stored: TableView) -> demography.Floats:
    totals = stored.whole.select("total_engagements").collect().to_series().to_numpy()
    people = sum(stats.rows for stats in stored.other(INDIVIDUALS).partition_stats.values())
    return np.concatenate([totals, np.zeros(people - len(totals))]).astype(np.float64)


def _expected_totals(stored: TableView) -> demography.Floats:
    """Whole numbers that the levels make over the period, of many people."""
    config = config_of(stored)
    whole = (config.end - config.start_date).days / config.engagement_config.time_period_days
    level = world.quantiles(config) * max(int(whole), 1)
    part = (np.arange(8)[:, None] * 2 + 1) * world.THOUSAND // 16
    return ((level + part) // world.THOUSAND).ravel().astype(np.float64)


def _viewership() -> list[Check]:
    return [
        unique_in_partition(["individual_id"], name="unique_individual_id"),
        at_home("individual_id"),
        recomputed("preferred_categories"),
        _one_period(
            kolmogorov_smirnov(
                "events_per_person",
                "Individuals have as many engagements as the declared distribution says.",
                _totals,
                _expected_totals,
                reads=[INDIVIDUALS],
            )
        ),
    ]


def _one_period(check: Check) -> Check:
    """Of a whole period: in parts of one, and in several, numbers are distributed otherwise."""

    def measure(stored: TableView) -> list[CheckResult]:
        config = config_of(stored)
        if config.end == config.base_end:
            return check.measure(stored)
        return [CheckResult(None, True, 0.0, "judged of the first period alone")]

    return Check(check.name, check.doc, measure, per_partition=False, reads=check.reads)


def _affinities(stored: TableView) -> pl.LazyFrame:
    total = pl.col("affinity_scores").list.eval(pl.element().struct.field("score")).list.sum()
    some = pl.col("affinity_scores").list.len() > 0
    return stored.frame.filter(some & ((total - 1).abs() > 1e-9))


def _classes(stored: TableView) -> pl.LazyFrame:
    wrong = pl.lit(value=False)
    for name, (low, high) in zip(terms.BEHAVIORS, audience_propensity(), strict=True):
        is_ = pl.col("behavioral_classification").cast(pl.String) == name
        wrong = wrong | is_ & ~pl.col("propensity_to_convert").is_between(low, high)
    return stored.frame.filter(wrong)


def audience_propensity() -> list[tuple[float, float]]:
    """Least and greatest propensity of each class."""
    from synth_assets.domains.identity_graph.audience_attributes import MILLION, PROPENSITY

    return [(low / MILLION, high / MILLION) for low, high in PROPENSITY]


def _segments_reached() -> Check:
    def measure(stored: TableView) -> list[CheckResult]:
        found = _counts(pl.col("segment_primary"))(stored)
        here = world.open_world(config_of(stored))
        wanted = {
            terms.SEGMENTS[here.segment_of_taste[n]]
            for n, share in enumerate(here.taste_shares)
            if share
        }
        missing = [{"segment": s} for s in terms.SEGMENTS if s in wanted and not found.get(s)]
        rows = sum(found.values())
        if rows < ENOUGH:
            return [CheckResult(None, True, float(len(missing)), f"judged from {ENOUGH:,} rows on")]
        numbers = {f"share.{s}": n / rows for s, n in found.items()}
        return [
            CheckResult(None, not missing, float(len(missing)), "= 0 missing", numbers, missing)
        ]

    doc = "Every segment that people's tastes make has individuals, casual users among them."
    return when_complete(Check("segments_reached", doc, measure, per_partition=False))


def _audience() -> list[Check]:
    return [
        unique_in_partition(["individual_id"], name="unique_individual_id"),
        at_home("individual_id"),
        recomputed("segment_secondary", "affinity_scores"),
        row_check("affinities", "Affinity scores sum to one.", _affinities),
        row_check("propensities", "Propensity lies in the range of the class.", _classes),
        _segments_reached(),
    ]


# Campaigns and what comes of them.


def _flights(stored: TableView) -> pl.LazyFrame:
    config = config_of(stored)
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    of = config.campaign_config.campaign_duration_days
    most = config.engagement_config.time_period_days
    sound = days.is_between(min(of.min, most), of.max) & (pl.col("start_date") >= config.start_date)
    sound &= pl.col("end_date") < config.base_end
    sound &= pl.col("budget").cast(pl.Float64).is_between(reach.BUDGET_LEAST, reach.BUDGET_MOST)
    return stored.frame.filter(~sound)


def _campaign_count() -> Check:
    def measure(stored: TableView) -> list[CheckResult]:
        wanted = config_of(stored).campaign_config.num_campaigns
        rows = sum(stats.rows for stats in stored.partition_stats.values())
        return [
            CheckResult(key, rows == wanted, float(rows), f"= {wanted:,}") for key in stored.keys
        ]

    return Check("row_count", "There are as many campaigns as declared.", measure)


def _campaigns() -> list[Check]:
    return [
        _campaign_count(),
        row_check("flights", "Flights lie in the period, and budgets in their range.", _flights),
    ]


def _with_campaign(frame: pl.LazyFrame, stored: TableView, *columns: str) -> pl.LazyFrame:
    return frame.join(
        stored.other(CAMPAIGNS).whole.select("campaign_id", *columns), on="campaign_id"
    )


def _in_flight(at: str) -> Check:
    def failing_rows(stored: TableView, key: str) -> pl.LazyFrame:
        joined = _with_campaign(own(stored, key), stored, "start_date", "end_date")
        inside = pl.col(at).cast(pl.Date).is_between(pl.col("start_date"), pl.col("end_date"))
        end = pl.lit(since_epoch(config_of(stored).end) * 1_000_000).cast(pl.Datetime("us"))
        return joined.filter(~inside | (pl.col(at) >= end)).drop("start_date", "end_date")

    return partition_check(
        "in_flight", f"`{at}` lies in the campaign's flight.", failing_rows, [CAMPAIGNS]
    )


def _on_channel(stored: TableView, key: str) -> pl.LazyFrame:
    """Exposures elsewhere than the campaign is, or at another placement or price."""
    channel = pl.col("channel").cast(pl.String)
    cost = {c: cents / 100_000 for c, cents in terms.COST_PER_MILLE.items()}
    of_placement = {p: c for c, names in terms.PLACEMENTS.items() for p in names}
    joined = _with_campaign(own(stored, key), stored, "channels")
    sound = (
        pl.col("channels").list.contains(channel)
        & (pl.col("placement").cast(pl.String).replace_strict(of_placement) == channel)
        & ((pl.col("cost").cast(pl.Float64) - channel.replace_strict(cost)).abs() < 1e-9)
    )
    return joined.filter(~sound).drop("channels")


def _in_turn(stored: TableView, key: str) -> pl.LazyFrame:
    """Exposures of somebody to a campaign that are not numbered in the order of time."""
    pair = ["individual_id", "campaign_id"]
    here = own(stored, key).with_columns(
        place=pl.col("exposure_timestamp").rank("ordinal").over(pair)
    )
    return here.filter(pl.col("place") != pl.col("frequency")).drop("place")


def _on_target() -> Check:
    """Targeting works: those who see a campaign are of its segments more often than others."""

    def measure(stored: TableView) -> list[CheckResult]:
        hits, seen, base = 0.0, 0.0, 0.0
        people: Counts = {}
        for key in stored.partition_stats:
            segment = of_shard(stored, "audience_attributes", key).select(
                "individual_id", segment=pl.col("segment_primary").cast(pl.String)
            )
            joined = _with_campaign(own(stored, key), stored, "target_segment").join(
                segment, on="individual_id"
            )
            hit = pl.col("target_segment").list.contains(pl.col("segment"))
            row = joined.select(pl.len(), hit.sum()).collect().row(0)
            seen, hits = seen + row[0], hits + row[1]
            for name, n in segment.group_by("segment").agg(pl.len()).collect().iter_rows():
                people[name] = people.get(name, 0) + n
        whole = max(sum(people.values()), 1)
        share = {name: n / whole for name, n in people.items()}
        shown = stored.whole.group_by("campaign_id").agg(pl.len())
        for targets, n in (
            _with_campaign(shown, stored, "target_segment")
            .select("target_segment", "len")
            .collect()
            .iter_rows()
        ):
            base += n * sum(share.get(name, 0.0) for name in targets)
        numbers = {"on_target": hits / max(seen, 1), "by_chance": base / max(seen, 1)}
        better = seen < ENOUGH or hits > base
        return [CheckResult(None, better, numbers["on_target"], "> by chance", numbers)]

    doc = "Exposures hit a campaign's segments, as computed of engagements, more than by chance."
    reads = ("audience_attributes", CAMPAIGNS)
    return when_complete(Check("on_target", doc, measure, per_partition=False, reads=reads), *reads)


def _exposures() -> list[Check]:
    return [
        at_home("individual_id"),
        _in_flight("exposure_timestamp"),
        partition_check(
            "on_channel",
            "Channel, placement and cost are the campaign's.",
            _on_channel,
            [CAMPAIGNS],
        ),
        partition_check("in_turn", "`frequency` counts exposures in the order of time.", _in_turn),
        _on_target(),
    ]


def _after_exposure(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses that are not of their exposure's person and campaign, or not later than it."""
    same = ["individual_id", "campaign_id", "exposure_timestamp"]
    seen = of_shard(stored, EXPOSURES, key).select(
        "exposure_id", *(pl.col(n).alias(f"{n}_seen") for n in same)
    )
    joined = own(stored, key).join(seen, on="exposure_id")
    agrees = pl.all_horizontal(pl.col(n) == pl.col(f"{n}_seen") for n in same)
    later = pl.col("response_timestamp") > pl.col("exposure_timestamp")
    return joined.filter(~(agrees & later)).drop([f"{n}_seen" for n in same])


def _response_types(config: GenerationConfig) -> Counts:
    rate = config.campaign_config.conversion_rate
    shares = (*(share * (1 - rate) for share in reach.OTHERS), rate)
    return dict(zip(terms.RESPONSES, shares, strict=True))


def _valued(stored: TableView) -> pl.LazyFrame:
    """Responses with a value that are no conversion, or conversions without hours or value."""
    converted = pl.col("response_type").cast(pl.String) == "conversion"
    hours = (pl.col("response_timestamp") - pl.col("exposure_timestamp")).dt.total_seconds() / 3_600
    told = pl.col("time_to_conversion_hours")
    wrong = (told - hours).abs() > 1e-3
    return stored.frame.filter(
        (pl.col("value").is_not_null() != converted)
        | (told.is_not_null() != converted)
        | wrong.fill_null(value=False)
    )


def _responses() -> list[Check]:
    return [
        at_home("individual_id"),
        _in_flight("response_timestamp"),
        partition_check(
            "after_exposure",
            "Responses come after their exposure, and are of it.",
            _after_exposure,
            [EXPOSURES],
        ),
        row_check("valued", "Conversions, and they alone, have a value and hours.", _valued),
        _fits("response_types", "response_type", _response_types),
    ]


def _weights(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes of responses whose weights do not sum to one, or revenue to their value."""
    group = ["response_id", "attribution_model"]
    sums = (
        own(stored, key)
        .group_by(group)
        .agg(pl.col("attribution_weight").sum(), pl.col("revenue").sum())
    )
    value = of_shard(stored, RESPONSES, key).select("response_id", pl.col("value").fill_null(0))
    joined = sums.join(value, on="response_id")
    bad = joined.filter(
        (pl.col("attribution_weight") != 1) | (pl.col("revenue") != pl.col("value"))
    )
    return own(stored, key).join(bad.select(group), on=group, how="semi")


def _every_model(stored: TableView, key: str) -> pl.LazyFrame:
    """Responses without some model, or put down to the same exposures by not all of them."""
    models = own(stored, key).group_by("response_id", "exposure_id").agg(pl.len())
    bad = models.filter(pl.col("len") != len(terms.MODELS)).select("response_id", "exposure_id")
    here = own(stored, key)
    some = here.join(bad, on=["response_id", "exposure_id"], how="semi")
    told = of_shard(stored, RESPONSES, key).select("response_id")
    lost = told.join(here, on="response_id", how="anti").collect()
    if lost.is_empty():
        return some
    empty = {
        n: pl.lit(None, dtype=t) for n, t in here.collect_schema().items() if n != "response_id"
    }
    rows = (
        lost.lazy()
        .with_columns(**empty)
        .with_columns(pl.lit(key).alias(stored.table.partitioning.partition_column))
    )
    return pl.concat([some, rows.select(here.collect_schema().names())])


def _touched_before(stored: TableView, key: str) -> pl.LazyFrame:
    """Outcomes of exposures that were another's, another campaign's, or after the response."""
    who = ["individual_id", "campaign_id"]
    seen = of_shard(stored, EXPOSURES, key).select("exposure_id", *who, seen="exposure_timestamp")
    answered = of_shard(stored, RESPONSES, key).select("response_id", *who, at="response_timestamp")
    here = own(stored, key)
    sound = (
        here.select("response_id", "exposure_id", *who)
        .join(seen, on=["exposure_id", *who])
        .join(answered, on=["response_id", *who])
        .filter(pl.col("seen") < pl.col("at"))
    )
    return here.join(sound, on=["response_id", "exposure_id", *who], how="anti")


def _outcomes() -> list[Check]:
    return [
        unique_in_partition(["outcome_id"], name="unique_outcome_id"),
        at_home("individual_id"),
        partition_check(
            "weights",
            "Weights sum to 1, and revenue to the value, a response and model.",
            _weights,
            [RESPONSES],
        ),
        partition_check(
            "every_model",
            "Every response is put down to exposures by all four models.",
            _every_model,
            [RESPONSES],
        ),
        partition_check(
            "touched_before",
            "Exposures that count came before the response.",
            _touched_before,
            [EXPOSURES, RESPONSES],
        ),
    ]


RULES: dict[str, Callable[[], list[Check]]] = {
    HOUSEHOLDS: _households,
    INDIVIDUALS: _individuals,
    "identity_mappings": _identifiers,
    ENGAGEMENTS: _engagements,
    "viewership_patterns": _viewership,
    "audience_attributes": _audience,
    CAMPAIGNS: _campaigns,
    EXPOSURES: _exposures,
    RESPONSES: _responses,
    "outcome_metrics": _outcomes,
}
