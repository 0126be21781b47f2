"""The use cases: the requested queries are run, and their answers equal those of plain queries."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import duckdb
import polars as pl
import pytest
import sqlglot
from polars.testing import assert_frame_equal
from sqlglot import exp

from synth_assets.core.model import Domain
from synth_assets.domains.clean_room.account_tier.bigquery import create_model, predict_query
from synth_assets.domains.clean_room.account_tier.bigquery_tables import names_of
from synth_assets.domains.clean_room.analysis_rules import (
    AggregationThresholdPolicy,
    CleanRoom,
    bigquery_script,
)
from synth_assets.domains.clean_room.analysis_rules.errors import (
    PrivacyClauseRequiredError,
    StrictModeError,
    UnknownRelationError,
)
from synth_assets.domains.clean_room.domain import SHARED, USE_CASES
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario
from synth_assets.domains.clean_room.tables import (
    customer_segmentation,
    trust_analysis,
    user_enrichment,
)
from synth_assets.domains.clean_room.use_cases.policies import THRESHOLD
from synth_assets.domains.clean_room.use_cases.sharing import (
    MERCHANT,
    OWNED,
    OWNER,
    PROVIDER,
    TABLES,
    UseCase,
    open_clean_room,
    parties,
)
from synth_assets_tests.domains.clean_room.brief import QUERIES
from synth_assets_tests.domains.clean_room.made import derived
from synth_assets_tests.quality.memory import Memory

ALL = [module.USE_CASE for module in USE_CASES]
WITH_THRESHOLD = [use_case for use_case in ALL if use_case.clause]
SUFFIXES = {"training": "", "inference": "_inference"}
AS_ASKED = CleanRoomScenario.of(
    {"merchant_project": "your-merchant-project", "provider_project": "your-provider-project"}
)
Answered = tuple[Domain, Memory]
every_split = pytest.mark.parametrize("split", SPLITS)
every_module = pytest.mark.parametrize("module", USE_CASES, ids=lambda m: m.USE_CASE.name)


def scenario_of(answered: Answered) -> CleanRoomScenario:
    scenario = answered[0].scenario
    assert isinstance(scenario, CleanRoomScenario)
    return scenario


def room_of(answered: Answered, use_cases: list[UseCase]) -> CleanRoom:
    slices = answered[1].slices
    return open_clean_room(
        use_cases, scenario_of(answered), lambda t, split: slices[t][split].lazy()
    )


@pytest.fixture(scope="module")
def shared(answered: Answered) -> CleanRoom:
    """A clean room with the views of all use cases on both splits."""
    return room_of(answered, ALL)


def plainly(answered: Answered, query: str, split: str) -> pl.DataFrame:
    """What DuckDB says of a query in BigQuery's SQL over the tables themselves."""
    tree = sqlglot.parse_one(query, read="bigquery")
    with duckdb.connect() as db:
        for name in TABLES:
            db.register(name, answered[1].slices[name][split].to_arrow())
        for table in list(tree.find_all(exp.Table)):
            name = table.parts[-1].name.removesuffix("_inference")
            table.replace(exp.alias_(exp.to_table(name), table.alias, table=True))
        return db.sql(tree.sql("duckdb")).pl()


def same_rows(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    assert_frame_equal(
        found, expected.select(found.columns), check_row_order=False, rel_tol=1e-8, abs_tol=0
    )


def words(query: str) -> str:
    """A query without comments, its last semicolon and the way it is laid out."""
    return " ".join(re.sub("--.*", "", query).split()).removesuffix(";")


# --- what is asked ------------------------------------------------------------------------


@pytest.mark.parametrize("use_case", ALL, ids=lambda u: u.name)
def test_the_query_is_printed_as_it_was_asked_for(use_case: UseCase) -> None:
    asked = words(QUERIES[use_case.name])
    assert words(use_case.printed(AS_ASKED, "training")) == asked
    inference = re.sub(r"`([^`]+)`", r"`\1_inference`", asked)
    assert words(use_case.printed(AS_ASKED, "inference")) == inference


@pytest.mark.parametrize("use_case", ALL, ids=lambda u: u.name)
def test_under_the_rules_only_the_data_set_and_the_clause_differ(use_case: UseCase) -> None:
    theirs = AS_ASKED.data_set_of(PROVIDER if use_case.asker == MERCHANT else MERCHANT)
    plain = use_case.printed(AS_ASKED, "training")
    under_rules = use_case.protected(AS_ASKED, "training", with_clause=False)
    for table in use_case.policies:
        plain = plain.replace(f".{theirs}.{table}`", f".{use_case.name}.{table}`")
    assert under_rules == plain
    assert f".{theirs}." not in under_rules
    with_clause = use_case.protected(AS_ASKED, "training")
    assert with_clause == plain.replace("SELECT", f"SELECT {use_case.clause}".rstrip(), 1)


SET = {"merchant_schema": "shop_data", "provider_schema": "wallet_data"}


@pytest.mark.parametrize("use_case", SHARED, ids=lambda u: u.name)
def test_the_settings_name_the_data_sets_in_what_is_printed(use_case: UseCase) -> None:
    scenario = CleanRoomScenario.of({**SET, "merchant_project": "shop"})
    texts = [use_case.printed(scenario, "inference"), use_case.protected(scenario, "training")]
    made = parties([use_case], scenario, lambda table, split: pl.LazyFrame())
    texts.append(bigquery_script(made).replace("`.`", "."))
    for text in texts:
        assert "merchant_provider" not in text
        assert "ewallet_provider" not in text
    owners = {OWNER[table] for table in re.findall(r"\{(\w+)\}", use_case.query) if table in OWNER}
    named = {MERCHANT: "shop.shop_data.", PROVIDER: "provider.wallet_data."}
    for owner in owners:
        assert named[owner] in texts[0]


def test_the_model_is_where_the_settings_say() -> None:
    names = names_of(CleanRoomScenario.of({**SET, "merchant_project": "shop"}))
    text = create_model(names) + predict_query(names)
    assert {part.rsplit(".", 1)[0] for part in text.split("`")[1::2]} == {
        "shop.shop_data",
        "provider.wallet_data",
    }


def test_a_schema_that_only_stands_for_the_project_is_no_data_set() -> None:
    scenario = CleanRoomScenario.of({"merchant_project": "my-shop", "merchant_schema": "my-shop"})
    assert scenario.data_set_of(MERCHANT) == "merchant_provider"
    assert scenario.schema_of(MERCHANT) == "my-shop"


# --- what is answered ---------------------------------------------------------------------


@every_split
@every_module
def test_the_answer_is_that_of_a_plain_query(
    module: ModuleType, split: str, answered: Answered
) -> None:
    use_case: UseCase = module.USE_CASE
    found = answered[1].slices[use_case.name][split]
    assert len(found) > 1
    same_rows(found, plainly(answered, use_case.printed(scenario_of(answered), split), split))
    read = {name: answered[1].slices[name][split].lazy() for name in TABLES}
    same_rows(found, module.by_hand(read).collect())


def test_a_group_that_is_too_small_is_not_answered(answered: Answered) -> None:
    # In the other split every group is large enough.
    split = "training"
    use_case = customer_segmentation.USE_CASE
    query = use_case.printed(scenario_of(answered), split)
    groups = plainly(answered, query.replace("HAVING COUNT(DISTINCT u.id) >= 50", ""), split)
    small = set(groups.filter(pl.col("number_of_customers") < THRESHOLD)["account_tier"])
    found = answered[1].slices[use_case.name][split]
    assert small
    assert set(found["account_tier"]) == set(groups["account_tier"]) - small
    # It is the policy that keeps it back: the query does not have to.
    domain = room_of(answered, [use_case])
    without = use_case.protected(scenario_of(answered), split).replace(
        "HAVING COUNT(DISTINCT u.id) >= 50", ""
    )
    same_rows(domain.run(without, MERCHANT), found)


@every_split
@pytest.mark.parametrize("module", [customer_segmentation, trust_analysis])
def test_a_higher_threshold_leaves_fewer_groups(
    module: ModuleType, split: str, answered: Answered
) -> None:
    use_case: UseCase = module.USE_CASE
    found = answered[1].slices[use_case.name][split].sort("number_of_customers")
    assert len(found) >= 2
    threshold = found["number_of_customers"][0] + 1
    stricter = AggregationThresholdPolicy(threshold=threshold, privacy_unit_column="email")
    policies = {
        table: policy.model_copy(update={"aggregation_threshold_policy": stricter})
        if policy.aggregation_threshold_policy
        else policy
        for table, policy in use_case.policies.items()
    }
    strict = replace(use_case, policies=policies)
    said = room_of(answered, [strict]).run(strict.protected(scenario_of(answered), split), MERCHANT)
    same_rows(said, found[1:])


@every_split
@pytest.mark.parametrize("use_case", WITH_THRESHOLD, ids=lambda u: u.name)
def test_the_printed_form_is_refused_as_bigquery_refuses_it(
    use_case: UseCase, split: str, answered: Answered, shared: CleanRoom
) -> None:
    query = use_case.protected(scenario_of(answered), split, with_clause=False)
    with pytest.raises(PrivacyClauseRequiredError) as refused:
        shared.run(query, use_case.asker)
    assert str(refused.value) == (
        "You must use SELECT WITH AGGREGATION_THRESHOLD for this query because a privacy policy "
        "has been set by a data owner."
    )


def test_an_answer_is_the_same_to_the_last_digit_however_the_tables_lie(
    answered: Answered,
) -> None:
    domain, reader = answered
    mixed = {
        name: {split: f.sample(fraction=1, shuffle=True, seed=5) for split, f in slices.items()}
        for name, slices in reader.slices.items()
    }
    name = customer_segmentation.USE_CASE.name
    again = derived(domain, Memory(mixed), [name])
    for split in SPLITS:
        assert again.slices[name][split].equals(reader.slices[name][split])


# --- what is not --------------------------------------------------------------------------


@pytest.mark.parametrize("use_case", ALL, ids=lambda u: u.name)
def test_the_printed_form_does_not_reach_the_other_partys_tables(
    use_case: UseCase, answered: Answered, shared: CleanRoom
) -> None:
    for split in SPLITS:
        with pytest.raises(UnknownRelationError):
            shared.run(use_case.printed(scenario_of(answered), split), use_case.asker)


@pytest.mark.parametrize("asker", [MERCHANT, PROVIDER])
def test_a_party_reads_its_own_tables_and_none_of_the_others(
    asker: str, answered: Answered, shared: CleanRoom
) -> None:
    scenario = scenario_of(answered)
    for owner, tables in OWNED.items():
        for table in tables:
            for split, suffix in SUFFIXES.items():
                name = f"{scenario.project_of(owner)}.{scenario.data_set_of(owner)}.{table}{suffix}"
                query = f"SELECT COUNT(*) AS n FROM `{name}`"
                if owner == asker:
                    rows = len(answered[1].slices[table][split])
                    assert shared.run(query, asker)["n"].to_list() == [rows]
                else:
                    with pytest.raises(UnknownRelationError, match=f"{table}{suffix}"):
                        shared.run(query, asker)


def test_only_what_a_use_case_needs_is_shared_for_it(answered: Answered) -> None:
    found = {
        (view.name.rsplit(".", 2)[1], view.name.rsplit(".", 1)[1])
        for party in parties(ALL, scenario_of(answered), lambda t, s: pl.LazyFrame(), ["training"])
        for view in party.views
    }
    assert found == {
        ("transaction_verification", "transactions"),
        ("customer_segmentation", "provider_users"),
        ("customer_segmentation", "transactions"),
        ("trust_analysis", "provider_users"),
        ("user_enrichment", "users"),
    }
    assert user_enrichment.USE_CASE.asker == PROVIDER


def test_rows_that_leave_as_they_are_have_the_columns_of_their_use_case_alone(
    answered: Answered,
) -> None:
    """What a use case's query reads of a table under list overlap, and nothing beside it."""
    scenario = scenario_of(answered)
    shared = parties(ALL, scenario, lambda table, split: pl.LazyFrame(), ["training"])
    found = {}
    for view in (view for party in shared for view in party.views):
        if not view.policy.aggregation_threshold_policy:
            found[view.name] = set(view.definition.named_selects)
    expected = {}
    for use_case in ALL:
        query = use_case.protected(scenario, "training", with_clause=False)
        tree = sqlglot.parse_one(query, read="bigquery")
        for table in tree.find_all(exp.Table):
            name = ".".join(part.name for part in table.parts)
            columns = {c.name for c in tree.find_all(exp.Column) if c.table == table.alias}
            expected |= {name: columns} if name in found else {}
    assert found == expected
    assert len(found) == 3
    assert "*" not in set().union(*found.values())


# --- BigQuery -----------------------------------------------------------------------------


def test_the_script_for_bigquery_makes_every_view_once_over_its_owners_table() -> None:
    sharing = parties(ALL, AS_ASKED, lambda table, split: pl.LazyFrame())
    script = bigquery_script(sharing)
    statements = sqlglot.parse(script, read="bigquery")
    made = [one for one in statements if isinstance(one, exp.Create)]
    names = [".".join(part.name for part in one.this.parts) for one in made]
    views = {view.name: view for party in sharing for view in party.views}
    assert len(names) == len(views) == 10
    assert set(names) == set(views)
    for name, statement in zip(names, made, strict=True):
        (base,) = statement.expression.find_all(exp.Table)
        project, data_set, table = (part.name for part in base.parts)
        owner = MERCHANT if table.startswith("users") else PROVIDER
        assert name.split(".")[::2] == [AS_ASKED.project_of(owner), table]
        assert (project, data_set) == (AS_ASKED.project_of(owner), AS_ASKED.data_set_of(owner))
        options = {p.name: p.args["value"].name for p in statement.find_all(exp.Property)}
        assert options["privacy_policy"] == views[name].policy.to_json()


# --- the mode of the demo's policies ------------------------------------------------------


def test_one_customers_id_is_decoded_in_compat_mode_only(answered: Answered) -> None:
    """A condition on the asker's own id makes a sum about one person, as BigQuery's rule has it."""
    scenario = scenario_of(answered)
    views = parties([trust_analysis.USE_CASE], scenario, lambda t, s: pl.LazyFrame(), ["training"])
    (view,) = (one.name for party in views for one in party.views)
    read = answered[1].slices
    both = read["users"]["training"].join(read["provider_users"]["training"], on="email")
    one, theirs = both.select("id", "provider_user_id").row(0)
    query = f"""SELECT WITH AGGREGATION_THRESHOLD SUM(IF(u.id = {one}, p.{{}}, 0)) AS x FROM
        `{scenario.project_of(MERCHANT)}.{scenario.data_set_of(MERCHANT)}.users` AS u
        JOIN `{view}` AS p ON u.email = p.email"""
    compat = scenario.model_copy(update={"policy_mode": "compat"})
    reported = open_clean_room(
        [trust_analysis.USE_CASE], compat, lambda t, split: read[t][split].lazy()
    )
    assert reported.run(query.format("provider_user_id"), MERCHANT)["x"].item() == theirs
    domain = room_of(answered, [trust_analysis.USE_CASE])
    with pytest.raises(StrictModeError, match="is over a key, which can only be counted"):
        domain.run(query.format("provider_user_id"), MERCHANT)
    withheld = query.replace("p.{}", "EXTRACT(YEAR FROM p.date_of_birth)")
    assert domain.run(withheld, MERCHANT)["x"].item() is None
    assert reported.run(withheld, MERCHANT)["x"].item() > 1900


def test_the_mode_stays_out_of_what_bigquery_and_the_stores_see() -> None:
    compat = AS_ASKED.model_copy(update={"policy_mode": "compat"})
    scripts = {
        bigquery_script(parties(ALL, scenario, lambda t, s: pl.LazyFrame()))
        for scenario in (AS_ASKED, compat)
    }
    assert len(scripts) == 1
    assert compat.fingerprint() == AS_ASKED.fingerprint()
