"""Who signs up, and when, from any export."""

from __future__ import annotations

import math
from datetime import timedelta

import polars as pl

from synth_assets_tests.domains.journey.derived import in_memory, journey, whole
from synth_assets_tests.domains.journey.exports import at, event, export, purchase


def near(hits: int, of: int, share: float) -> None:
    """The number of hits agrees with the share within five standard errors."""
    assert abs(hits - of * share) <= 5 * math.sqrt(of * share * (1 - share)) + 5


def test_members_sign_up_before_their_first_visit_and_others_after_it() -> None:
    touched = [
        purchase(at(1, 2 + n / 50), f"{n}.1", str(700 + n), first_touch=at(0, n / 50))
        for n in range(600)
    ]
    checkouts = [event(at(0, 1 + n / 50), f"{n}.2", "begin_checkout") for n in range(600)]
    views = [event(at(0, 1 + n / 50), f"{n}.3", "view_item") for n in range(600)]
    of = journey(export(*touched, *checkouts, *views), 3, backend_only_rate=0, test_order_rate=0)
    users = whole(in_memory(of), "users").with_columns(
        group=pl.col("user_pseudo_id").str.tail(1),
        first=pl.lit(at(0))
        - timedelta(hours=12)
        + pl.duration(
            minutes=pl.col("user_pseudo_id").str.split(".").list.first().cast(pl.Int64) * 1.2
        ),
    )
    buyers = users.filter(group="1")
    near((buyers["created_at"] < buyers["first"]).sum(), len(buyers), 0.2)
    near(len(users.filter(group="2")), 600, 0.8 * 0.45)
    near(len(users.filter(group="3")), 600, 0.8 * 0.01)
    others = users.filter(pl.col("group") != "1")
    assert (others["created_at"] >= others["first"]).all()


def test_an_export_that_tells_of_sign_ups_decides() -> None:
    exported = export(
        event(at(0), "1.1", "sign_up"),
        event(at(0, 13), "2.2") | {"user_id": "17"},
        purchase(at(1), "1.1", "7"),
    )
    nobody = {"member_share": 0, "checkout_signup_share": 0, "backend_only_rate": 0}
    users = whole(in_memory(journey(exported, 2, **nobody, test_order_rate=0)), "users")
    signed_up, member = users.sort("user_pseudo_id").to_dicts()
    assert (signed_up["user_pseudo_id"], signed_up["created_at"]) == ("1.1", at(0))
    # A login without a sign-up is that of a member.
    assert (member["user_pseudo_id"], member["login_id"]) == ("2.2", "17")
    assert member["created_at"] < at(0, 13) - timedelta(hours=23)


def test_events_of_unknown_visitors_have_no_customer_and_no_order() -> None:
    unknown = purchase(at(0), "1.1", "7") | {"user_pseudo_id": None}
    app = event(at(0), "2.2", "in_app_purchase", session=None) | {"platform": "IOS"}
    memory = in_memory(journey(export(unknown, app, purchase(at(0), "3.3", "8")), 1, gap_rate=0,
                               backend_only_rate=0, test_order_rate=0))  # fmt: skip
    assert whole(memory, "purchases")["user_pseudo_id"].to_list() == ["3.3"]
    assert whole(memory, "users")["user_pseudo_id"].to_list() == ["3.3"]
    assert whole(memory, "reconciliation_scores")["recall"].drop_nulls().eq(1).all()
