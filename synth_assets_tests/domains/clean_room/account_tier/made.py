"""Users whose account tier follows a latent model of known strength.

The score of a user is highest at 45 years, for users who came by e-mail and in every third
country; ``strength`` times it (once for Premium, one and a half times for Business) is added to
the log odds against Free. At strength zero the tier is independent of everything.
"""

from __future__ import annotations

import numpy as np
import polars as pl

TIERS = ("Free", "Premium", "Business")
TRAFFIC = {"Search": 0.70, "Organic": 0.15, "Facebook": 0.06, "Email": 0.05, "Display": 0.04}
STATES = 120


def users(count: int, strength: float, seed: int = 1) -> pl.DataFrame:
    """Joined users of both parties, as the model takes them."""
    chance = np.random.default_rng(seed)
    age = chance.integers(12, 71, count)
    state = chance.zipf(1.3, count) % STATES
    traffic = chance.choice(list(TRAFFIC), count, p=list(TRAFFIC.values()))
    country = state % 13
    score = 1 - np.abs(age - 45) / 15 + 1.5 * (traffic == "Email") + 0.7 * (country % 3 - 1)
    odds = np.exp(np.outer(score, [0, strength, 1.5 * strength]) + np.array([0.9, 0, -0.6]))
    running = (odds / odds.sum(axis=1, keepdims=True)).cumsum(axis=1)
    tier = (chance.random((count, 1)) > running[:, :2]).sum(axis=1)
    return pl.DataFrame(
        {
            "provider_user_id": np.arange(1, count + 1),
            "email": [f"user{n}@example.com" for n in range(count)],
            "age": age,
            "gender": chance.choice(["M", "F"], count),
            "state": [f"State {n}" for n in state],
            "country": [f"Country {n}" for n in country],
            "traffic_source": traffic,
            "account_tier": np.array(TIERS)[tier],
        }
    )
