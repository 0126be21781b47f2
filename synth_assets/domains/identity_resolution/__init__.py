"""A global retailer's customers in seven sources, for testing identity resolution at scale.

``patterns`` says which sources know whom, ``people`` and ``contacts`` who a person is, ``visits``
and ``baskets`` how records and orders are shared out, ``world`` ties them together; each further
module is one table. ``resolution`` is the baseline resolver and its scores.
"""

from __future__ import annotations

from synth_assets.core.model import Domain
from synth_assets.core.partitioning import Sharded
from synth_assets.domains.identity_resolution import (
    crm,
    ecommerce,
    edits,
    loyalty,
    mobile,
    pos,
    products,
    resolved,
    reviews,
    scores,
    surveys,
    truth,
)
from synth_assets.domains.identity_resolution.scenario import IdentityScenario
from synth_assets.domains.identity_resolution.world import DOMAIN

MODULES = (products, loyalty, crm, ecommerce, mobile, pos, surveys, reviews, truth, edits)
DERIVED = (resolved, scores)


def domain() -> Domain:
    """The identity domain, its scale and number of shards as the environment has them."""
    scenario = IdentityScenario.from_environment(DOMAIN)
    partitioning = Sharded(scenario.shards)
    return Domain(
        name=DOMAIN,
        doc="A global retailer's customers in seven sources, for identity resolution.",
        owners=["team:identity"],
        scenario=scenario,
        tables=[*(m.table(partitioning) for m in MODULES), *(m.table() for m in DERIVED)],
    )
