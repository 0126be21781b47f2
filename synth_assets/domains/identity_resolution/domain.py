"""The tables and scenario of identity resolution."""

from __future__ import annotations

from synth_assets.core.model import Domain
from synth_assets.domains.identity_resolution.scenario import DOMAIN, IdentityScenario
from synth_assets.domains.identity_resolution.tables import crm_customers as crm
from synth_assets.domains.identity_resolution.tables import ecom_transactions as ecommerce
from synth_assets.domains.identity_resolution.tables import identity_edits as edits
from synth_assets.domains.identity_resolution.tables import identity_truth as truth
from synth_assets.domains.identity_resolution.tables import loyalty_members as loyalty
from synth_assets.domains.identity_resolution.tables import mobile_app_users as mobile
from synth_assets.domains.identity_resolution.tables import pos_transactions as pos
from synth_assets.domains.identity_resolution.tables import product_reviews as reviews
from synth_assets.domains.identity_resolution.tables import products
from synth_assets.domains.identity_resolution.tables import resolution_scores as scores
from synth_assets.domains.identity_resolution.tables import resolved_identities as resolved
from synth_assets.domains.identity_resolution.tables import survey_responses as surveys

MODULES = (products, loyalty, crm, ecommerce, mobile, pos, surveys, reviews, truth, edits)
DERIVED = (resolved, scores)


def domain() -> Domain:
    """The domain with the scenario that the environment sets."""
    scenario = IdentityScenario.from_environment(DOMAIN)
    return Domain(
        name=DOMAIN,
        doc="A global retailer's customers in seven sources, for identity resolution.",
        owners=["team:identity"],
        scenario=scenario,
        sample={"scale": 20_000},
        tables=[module.table(scenario) for module in (*MODULES, *DERIVED)],
    )
