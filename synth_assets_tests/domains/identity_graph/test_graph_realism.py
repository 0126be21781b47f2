"""What an expert would look for: places, families, habits, money and identifiers as they are."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from synth_assets.domains.identity_graph import kinship, members, terms, timing
from synth_assets.domains.identity_graph.activity import activity_quantiles, total_quantiles
from synth_assets.domains.identity_graph.ages import ages, population
from synth_assets.domains.identity_graph.audience_scores import behaviors
from synth_assets.domains.identity_graph.campaign_budgets import frequency_shares, mean_frequency
from synth_assets.domains.identity_graph.content import popular_contents, view_seconds
from synth_assets.domains.identity_graph.gazetteer import places, zip_codes
from synth_assets.domains.identity_graph.scenario_population import (
    DemographicsConfig,
    HouseholdConfig,
)
from synth_assets.domains.identity_graph.session_checks import expected_weekdays
from synth_assets.domains.identity_graph.validation import configuration
from synth_assets.randomness.random_arrays import Ints
from synth_assets.randomness.streams import LANE_VALUES
from synth_assets_tests.domains.identity_graph.made import Frames, graph, stored, whole

CONFIG = configuration()
BRIEF = configuration(preset="brief")


@pytest.fixture(scope="module")
def people() -> Frames:
    """Households with members of all ages."""
    everyone = {"demographics_config": {"age_range": {"min": 0}}}
    return whole(stored(graph(6_000, **everyone), ["households", "individuals"]))


@pytest.fixture(scope="module")
def money() -> Frames:
    """Campaigns and what comes of them."""
    names = ["campaigns", "campaign_exposures", "response_events"]
    return whole(stored(graph(10_000), names))


def test_a_city_is_spread_over_its_zip_codes() -> None:
    assert zip_codes().filter(city="Boston", state="MA").height > 25
    of = places(None, 0.6)
    frame = pl.DataFrame({
        "city": of.city, "state": of.state, "weight": np.diff(of.thresholds, prepend=0)
    })  # fmt: skip
    cities = frame.group_by("city", "state").agg(
        pl.len(), top=pl.col("weight").max() / pl.col("weight").sum()
    )
    assert cities.filter(pl.col("len") >= 10)["top"].max() < 0.45  # type: ignore[operator]
    # States have the share of their population: California has 11.9% of the United States.
    assert abs(of.share_of("CA") - 39_538 / 331_449) < 0.001


def test_adults_follow_the_population() -> None:
    found = np.array(ages(HouseholdConfig(), DemographicsConfig()).members)
    groups = DemographicsConfig().age_groups
    assert groups is not None
    target = population(groups)
    for part, most in ((slice(18, None), 0.03), (slice(0, 18), 0.08)):
        one, two = (shares[part] / shares[part].sum() for shares in (found, target))
        assert np.abs(one - two).sum() / 2 < most
    # Without a population, fewer are old: the brief's ages are merely plausible.
    plain = np.array(ages(BRIEF.household_config, BRIEF.demographics_config).members)
    one, two = (shares[18:] / shares[18:].sum() for shares in (plain, target))
    assert np.abs(one - two).sum() / 2 > 0.05


def test_families_go_together(people: Frames) -> None:
    rows = people["individuals"]
    heads = rows.filter(household_role="householder").select(
        "household_id", head="age", theirs="gender"
    )
    assert heads.height == people["households"].height
    joined = rows.join(heads, on="household_id")
    partners = joined.filter(household_role="partner")
    binary = partners.filter(
        pl.col("gender").is_in(["Male", "Female"]) & pl.col("theirs").is_in(["Male", "Female"])
    )
    same = (binary["gender"].cast(pl.String) == binary["theirs"].cast(pl.String)).mean()
    assert 0.008 < same < 0.03  # type: ignore[operator]
    older = pl.when(pl.col("theirs") == "Male").then(1).otherwise(-1)
    gap = binary.select((pl.col("head") - pl.col("age")) * older).to_series()
    assert 1.5 < gap.mean() < 3.0  # type: ignore[operator]
    assert (
        joined.filter(household_role="child")["head"] - joined.filter(household_role="child")["age"]
    ).min() >= 18  # type: ignore[operator]
    children = rows.filter(pl.col("age") < 18)
    assert (children["household_role"] == "child").all()
    two = rows.group_by("household_id").agg(
        couple=(pl.col("household_role") == "partner").any(), minors=(pl.col("age") < 18).sum()
    )
    parents = two.filter(pl.col("minors") > 0)
    living = (parents["couple"] * parents["minors"]).sum() / parents["minors"].sum()
    # 71% of children live with two parents.
    assert 0.66 < living < 0.76


def test_partners_have_the_declared_genders() -> None:
    uneven = {"Male": 0.7, "Female": 0.2, "Non-Binary": 0.1}
    for config in (CONFIG, configuration({"demographics_config": {"gender_distribution": uneven}})):
        given = config.demographics_config.gender_distribution
        shares = np.array([given.get(name, 0.0) for name in terms.GENDERS])
        joint = members.partners_genders(config)[shares > 0]
        assert np.allclose(joint.sum(axis=0), shares)
        assert np.allclose(joint.sum(axis=1), shares[shares > 0])


def test_incomes_of_two_members_are_seldom_equal(people: Frames) -> None:
    earning = people["individuals"].drop_nulls("income_individual")
    homes = earning.group_by("household_id").agg(pl.len(), pl.col("income_individual").n_unique())
    several = homes.filter(pl.col("len") > 1)
    assert several.height > 1_000
    assert (several["income_individual"] < several["len"]).mean() < 0.01  # type: ignore[operator]


def test_incomes_have_cents_and_follow_employment(people: Frames) -> None:
    earned = people["individuals"]["income_individual"].drop_nulls().cast(float)
    assert (earned == earned.floor()).mean() < 0.03  # type: ignore[operator]
    works = pl.col("employment_status").cast(pl.String).is_in(["Employed Full-Time"])
    homes = people["individuals"].join(people["households"], on="household_id")
    shares = dict(
        homes.filter(pl.col("age").is_between(25, 60))
        .group_by(pl.col("income_bracket").cast(pl.String))
        .agg(works.mean())
        .iter_rows()
    )
    assert shares["<30K"] + 0.1 < shares["150K+"]


def test_engagements_reach_from_none_to_thousands() -> None:
    totals = total_quantiles(CONFIG)
    assert 0.02 < (totals == 0).mean() < 0.08
    assert abs(totals.mean() - 50) < 1
    assert activity_quantiles(CONFIG)[-1] / 1_000 >= 5_000


@pytest.mark.parametrize("pattern", terms.PATTERNS)
def test_weekdays_differ_in_every_pattern_but_uniform(pattern: str) -> None:
    config = configuration({"engagement_config": {"temporal_pattern": pattern}})
    shares = expected_weekdays(config)
    # A period is not whole weeks: some days of the week come once more.
    days = np.array([13, 13, 13, 13, 13, 13, 12])[(np.arange(7) - 2) % 7]
    each = shares / days
    assert (each[5:].min() / each[:5].max() > 1.05) == (pattern != "uniform")


def test_breaks_leave_the_profile_of_days_nearly_flat() -> None:
    flat = configuration({"engagement_config": {"temporal_pattern": "uniform"}})
    shares = timing.present_day_shares(flat, 0)
    assert shares.max() / shares.min() < 1.01


def test_whoever_was_active_lately_is_not_churned() -> None:
    end = int(np.datetime64(CONFIG.end, "s").astype(int))
    last: Ints = np.array([end - 1, end - 29 * 86_400, end - 31 * 86_400, -1])
    few = np.array([1, 1, 500, 0])
    assert behaviors(CONFIG, few, few, last).tolist() == [2, 2, 3, 3]
    # The brief's classes go by engagements a day alone.
    assert behaviors(BRIEF, few, few, last).tolist() == [3, 3, 1, 3]


def test_few_views_are_long_and_few_pieces_popular() -> None:
    seconds = view_seconds(CONFIG).reshape(len(terms.DEVICES), LANE_VALUES)
    medians = dict(zip(terms.DEVICES, np.median(seconds, axis=1).tolist(), strict=True))
    assert medians["mobile"] < medians["desktop"] < medians["tablet"] < medians["ctv"]
    assert seconds.min() >= 10
    assert seconds.max() <= 3_600
    counts = np.sort(np.bincount(popular_contents(0.8)))[::-1]
    assert 0.2 < counts[:20].sum() / LANE_VALUES < 0.4
    # Ids do not tell popularity: those of the most popular pieces are not the lowest.
    assert np.argsort(-np.bincount(popular_contents(0.8)))[:20].max() > 1_000


def test_frequencies_have_the_declared_mean() -> None:
    assert abs(mean_frequency(CONFIG) - 6) < 1e-6
    assert frequency_shares(BRIEF)[:3] == (0.5, 0.4, 0.095)


def test_budgets_are_spent_and_bring_believable_returns(money: Frames) -> None:
    spent = money["campaign_exposures"].group_by("campaign_id").agg(pl.col("cost").sum())
    joined = money["campaigns"].join(spent, on="campaign_id")
    part = joined.select(pl.col("cost").cast(float) / pl.col("budget").cast(float)).to_series()
    assert len(part) == 10
    assert part.is_between(0.8, 1.06).all()
    revenue = float(money["response_events"]["value"].sum())
    assert 1.5 < revenue / float(spent["cost"].sum()) < 6
    rate = money["response_events"].height / money["campaign_exposures"].height
    assert 0.005 < rate < 0.02


def test_the_briefs_preset_keeps_its_figures() -> None:
    brief = graph(10_000, **BRIEF.model_dump(include={"campaign_config"}))
    made = whole(stored(brief, ["campaigns", "campaign_exposures", "response_events"]))
    budget = made["campaigns"]["budget"].cast(float)
    assert 50_000 < budget.mean() < 150_000  # type: ignore[operator]
    often = made["campaign_exposures"].group_by("individual_id", "campaign_id").len()["len"]
    assert abs((often == 1).mean() - 0.5) < 0.02  # type: ignore[operator]
    assert often.max() <= 10  # type: ignore[operator]
    value = made["response_events"]["value"].drop_nulls().cast(float)
    assert 150 < value.mean() < 350  # type: ignore[operator]


def test_most_clicks_come_within_minutes(money: Frames) -> None:
    hours = (pl.col("response_timestamp") - pl.col("exposure_timestamp")).dt.total_seconds() / 3_600
    clicks = money["response_events"].with_columns(hours=hours).filter(response_type="click")
    assert clicks["hours"].max() <= 1.001  # type: ignore[operator]
    assert clicks["hours"].median() < 0.1  # type: ignore[operator]


def test_relatives_are_of_possible_ages() -> None:
    adults = np.arange(18, 101)
    for table in (kinship.OTHER_OF, kinship.RELATIVE_OF, *kinship.PARTNER_OF, kinship.CHILD_OF):
        assert np.allclose(table[adults].sum(axis=1), 1)
    for name, sign in (("grown", 1), ("elder", -1)):
        by_lot = kinship.ages_by_lot(name).astype(int)
        has = kinship.HAS_GROWN_CHILD if name == "grown" else kinship.HAS_ELDER
        for age in adults[has[18:]]:
            assert (sign * (age - by_lot[age])).min() >= 18
