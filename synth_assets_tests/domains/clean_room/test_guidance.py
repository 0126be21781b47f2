"""The requested statements, run in the clean room: an answer, or the name of the alternative."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.clean_room.analysis_rules.errors import RefusedError, UnknownRelationError
from synth_assets.domains.clean_room.domain import SHARED, USE_CASES
from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.use_cases.guidance import guide
from synth_assets.domains.clean_room.use_cases.sharing import (
    MERCHANT,
    OWNER_OF_BOTH,
    UseCase,
    open_unprotected,
)
from synth_assets_tests.domains.clean_room.brief import MODEL, QUERIES
from synth_assets_tests.domains.clean_room.made import parties
from synth_assets_tests.quality.memory import Memory

SHOP, WALLET = "your-merchant-project", "your-provider-project"
# As `synth clean-room --merchant-project-id … --provider-project-id …` names places in a lake.
NAMED = CleanRoomScenario.of(
    {
        "merchant_project": SHOP,
        "merchant_schema": SHOP,
        "provider_project": WALLET,
        "provider_schema": WALLET,
    }
)
# Of each query: whose view is to be read, and which.
VIEW = {
    "transaction_verification": f"{WALLET}.transaction_verification.transactions",
    "customer_segmentation": f"{WALLET}.customer_segmentation.provider_users",
    "trust_analysis": f"{WALLET}.trust_analysis.provider_users",
    "user_enrichment": f"{SHOP}.user_enrichment.users",
}
every_query = pytest.mark.parametrize(
    "use_case", [module.USE_CASE for module in USE_CASES], ids=lambda one: one.name
)


@pytest.fixture(scope="module")
def stored() -> tuple[Domain, Memory]:
    return parties()


@every_query
@pytest.mark.parametrize("clause", ["", " WITH AGGREGATION_THRESHOLD"])
def test_a_query_over_the_tables_is_sent_to_the_views(use_case: UseCase, clause: str) -> None:
    asked = QUERIES[use_case.name].replace("SELECT", f"SELECT{clause}", 1)
    with pytest.raises(UnknownRelationError) as refused:
        guide(asked, use_case.asker, SHARED, NAMED)
    said = str(refused.value)
    first = said.partition("through a protected view: ")[2]
    assert first.startswith(
        f"`{VIEW[use_case.name]}` (`synth clean-room example {use_case.name}` prints the query)"
    )
    assert "`synth clean-room query --unprotected`" in said
    inference = use_case.printed(NAMED, "inference")
    with pytest.raises(UnknownRelationError, match=f"{use_case.name} --split inference`"):
        guide(inference, use_case.asker, SHARED, NAMED)


@every_query
def test_what_is_printed_instead_passes(use_case: UseCase) -> None:
    guide(use_case.protected(NAMED, "training"), use_case.asker, SHARED, NAMED)


@every_query
def test_the_owner_of_both_runs_it_as_it_is(
    use_case: UseCase, stored: tuple[Domain, Memory]
) -> None:
    guide(QUERIES[use_case.name], None, SHARED, NAMED)
    slices = stored[1].slices
    domain = open_unprotected(NAMED, lambda table, split: slices[table][split].lazy())
    answer = domain.run(QUERIES[use_case.name], OWNER_OF_BOTH)
    read = {name: slices[name]["training"].lazy() for name in slices if "training" in slices[name]}
    module = next(one for one in USE_CASES if one.USE_CASE is use_case)
    assert answer.height == module.by_hand(read).collect().height > 1


@pytest.mark.parametrize("asker", [MERCHANT, None])
@pytest.mark.parametrize("statement", list(MODEL))
def test_a_statement_of_the_model_is_sent_to_the_local_one(
    statement: str, asker: str | None
) -> None:
    with pytest.raises(RefusedError) as refused:
        guide(MODEL[statement], asker, SHARED, NAMED)
    said = str(refused.value)
    assert "`synth materialize clean_room/account_tier_predictor" in said
    assert "`synth clean-room model`" in said
    assert ("clean_room/account_tier_predictions" in said) == (statement == "predict")


def test_ids_that_were_not_replaced_are_named() -> None:
    with pytest.raises(UnknownRelationError, match=r"it is called `merchant\.merchant_prov"):
        guide(QUERIES["trust_analysis"], MERCHANT, SHARED, CleanRoomScenario())


def test_what_cannot_be_read_is_left_to_the_room() -> None:
    for text in ("", "SELECT 'a", "DROP TABLE `x.merchant_provider.users`", "SELECT (", "SELECT 1"):
        guide(text, MERCHANT, SHARED, NAMED)


def test_small_groups_are_answered_to_the_owner_of_both(stored: tuple[Domain, Memory]) -> None:
    slices = stored[1].slices
    domain = open_unprotected(NAMED, lambda table, split: slices[table][split].lazy())
    query = f"SELECT email FROM `{WALLET}.ewallet_provider.provider_users` ORDER BY email LIMIT 1"
    first = slices["provider_users"]["training"].select(pl.col("email").sort().first())
    assert domain.run(query, OWNER_OF_BOTH).equals(first)
