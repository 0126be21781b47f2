"""A query of the merchant: the noisy number of users of each tier, which spends a privacy budget.

There is no table of its answers, since their noise is not reproducible.
"""

from __future__ import annotations

from synth_assets.domains.clean_room.tables import provider_users
from synth_assets.domains.clean_room.use_cases.policies import private
from synth_assets.domains.clean_room.use_cases.sharing import MERCHANT, UseCase

USE_CASE = UseCase(
    name="private_counts",
    asker=MERCHANT,
    policies={provider_users.NAME: private()},
    clause="WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=1.0, delta=1e-6)",
    query="""\
SELECT{clause}
    p.account_tier,
    COUNT(*, contribution_bounds_per_group => (0, 1)) AS number_of_users
FROM
    {provider_users} AS p
GROUP BY 1
ORDER BY 1""",
)
