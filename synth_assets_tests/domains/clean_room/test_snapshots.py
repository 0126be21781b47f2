"""A snapshot: the orders of its days, by one user for each e-mail address, and all their items."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl
import pytest

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains.clean_room.scenario import SPLITS, CleanRoomScenario
from synth_assets_tests.domains.clean_room.made import (
    FEW,
    PARTIES,
    Frames,
    clean_room,
    derived,
    parties,
    source,
    stored,
)
from synth_assets_tests.quality.memory import Memory

SNAPSHOT = PARTIES[:3]
# The whole source, so that many users share an e-mail address.
EVER = 3_650
AS_OF = date(2025, 9, 25)
every_split = pytest.mark.parametrize("split", SPLITS)


class Ids(NamedTuple):
    """The ids in a snapshot's tables."""

    users: set[int]
    orders: set[int]
    items: set[int]


def by_hand(frames: Frames, split: str, days: dict[str, tuple[date, date]]) -> Ids:
    """The ids that a snapshot should have by its first and last day, computed row by row."""
    ordered = [
        (order, user, at.date())
        for order, user, at in frames["thelook_orders"]
        .select("order_id", "user_id", "created_at")
        .iter_rows()
    ]
    made = {o: u for o, u, day in ordered if days[split][0] <= day <= days[split][1]}
    ordering = {u for _, u, day in ordered if any(a <= day <= b for a, b in days.values())}
    kept: dict[str, tuple[object, int]] = {}
    for user, email, at in frames["thelook_users"].select("id", "email", "created_at").iter_rows():
        if user in ordering:
            kept[email] = max(kept.get(email, (at, user)), (at, user))  # type: ignore[type-var]
    users = {user for _, user in kept.values()} & set(made.values())
    orders = {order for order, user in made.items() if user in users}
    items = frames["thelook_order_items"].select("id", "order_id").iter_rows()
    return Ids(users, orders, {item for item, order in items if order in orders})


def found(reader: Memory, split: str) -> Ids:
    users, orders, items = (reader.slices[name][split] for name in SNAPSHOT)
    return Ids(set(users["id"]), set(orders["order_id"]), set(items["id"]))


def scenario_of(domain: Domain) -> CleanRoomScenario:
    assert isinstance(domain.scenario, CleanRoomScenario)
    return domain.scenario


@every_split
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"snapshot_window_days": 1},
        {"snapshot_window_days": EVER},
        {"training_date": "2025-03-31", "inference_date": "2025-06-30"},
    ],
    ids=["default", "one day", "ever", "other days"],
)
def test_a_snapshot_is_what_a_loop_over_the_source_finds(
    fields: dict[str, object], split: str
) -> None:
    domain, reader = parties(**fields)
    scenario, frames = scenario_of(domain), source(users=FEW)
    before = timedelta(days=scenario.snapshot_window_days - 1)
    days = {s: (scenario.day_of(s) - before, scenario.day_of(s)) for s in SPLITS}
    expected = by_hand(frames, split, days)
    assert found(reader, split) == expected
    assert all(expected)
    for name, key in zip(SNAPSHOT, ("id", "order_id", "id"), strict=True):
        here = reader.slices[name][split]
        there = frames[f"thelook_{name}"].select(here.columns)
        assert here.equals(there.join(here, on=key, how="semi").sort(key)), name


@every_split
def test_orders_are_from_the_first_to_the_last_of_its_days(split: str) -> None:
    days = {"training": AS_OF - timedelta(days=2), "inference": AS_OF - timedelta(days=1)}
    for window in (1, 30):
        _, reader = parties(snapshot_window_days=window)
        seen = reader.slices["orders"][split]["created_at"].dt.date().unique().sort().to_list()
        assert seen == [days[split] - timedelta(days=n) for n in reversed(range(window))]


@every_split
def test_joining_on_the_email_meets_everyone_once_though_the_source_has_namesakes(
    split: str,
) -> None:
    _, reader = parties(snapshot_window_days=EVER)
    users, orders = (reader.slices[name][split] for name in SNAPSHOT[:2])
    frames = source(users=FEW)
    ordering = frames["thelook_users"].join(
        frames["thelook_orders"], left_on="id", right_on="user_id", how="semi"
    )
    assert ordering["email"].n_unique() < len(ordering) - 20
    assert len(users.join(users, on="email")) == len(users)
    assert len(users.join(orders, left_on="id", right_on="user_id")) == len(orders)
    assert set(orders["user_id"]) == set(users["id"])


def test_of_namesakes_who_registered_at_once_the_highest_id_is_kept() -> None:
    frames = source(users=FEW)
    users = frames["thelook_users"]
    at_once = users.with_columns(created_at=users["created_at"].min()).reverse()
    domain = clean_room(users=FEW, snapshot_window_days=EVER)
    reader = derived(domain, stored(frames | {"thelook_users": at_once}), ["users"])
    kept = reader.slices["users"]["inference"]
    last = scenario_of(domain).day_of("inference")
    ordering = frames["thelook_orders"].filter(pl.col("created_at").dt.date() <= last)["user_id"]
    expected = (
        users.filter(pl.col("id").is_in(ordering.implode()))
        .group_by("email")
        .agg(pl.col("id").max())
    )
    assert kept["id"].to_list() == sorted(expected["id"])


def test_a_snapshot_does_not_depend_on_how_the_source_lies() -> None:
    domain, reader = parties()
    mixed = {
        name: frame.sample(fraction=1, shuffle=True, seed=7)
        for name, frame in source(users=FEW).items()
    }
    again = derived(domain, stored(mixed), PARTIES)
    for name in PARTIES:
        for split in SPLITS:
            assert again.slices[name][split].equals(reader.slices[name][split]), (name, split)


@pytest.mark.parametrize("window", [1, 30])
def test_whom_both_snapshots_share_follows_from_their_days(window: int) -> None:
    _, reader = parties(snapshot_window_days=window)
    frames, day = source(users=FEW), timedelta(days=1)
    moments = frames["thelook_orders"]["created_at"].dt.date()
    days = dict.fromkeys(SPLITS, AS_OF - day) | {"training": AS_OF - 2 * day}
    mails = (
        frames["thelook_orders"]
        .select("user_id")
        .join(
            frames["thelook_users"].select("id", "email"),
            left_on="user_id",
            right_on="id",
            maintain_order="left",
        )["email"]
    )
    expected = [
        set(mails.filter(moments.is_between(days[s] - (window - 1) * day, days[s]))) for s in SPLITS
    ]
    got = [set(reader.slices["users"][split]["email"]) for split in SPLITS]
    # An address of which another person ordered in the other's days is missing, and no other.
    for here, there, all_ in zip(got, reversed(got), expected, strict=True):
        assert all_ - here <= there
        assert here <= all_
        assert len(all_ - here) < 0.02 * len(all_)
    share = len(got[0] & got[1]) / len(got[1])
    # Months one day apart are nearly equal; two days have almost no users in common.
    assert share > 0.8 if window == 30 else share < 0.2


def test_with_an_address_of_their_own_nobody_is_left_out() -> None:
    _, reader = parties(duplicate_emails="false", snapshot_window_days=EVER)
    orders = source(users=FEW, duplicate_emails="false")["thelook_orders"]
    last = AS_OF - timedelta(days=1)
    expected = orders.filter(pl.col("created_at").dt.date() <= last)
    assert set(reader.slices["users"]["inference"]["id"]) == set(expected["user_id"])
    assert set(reader.slices["orders"]["inference"]["order_id"]) == set(expected["order_id"])


@pytest.mark.parametrize("name", SNAPSHOT)
def test_days_without_orders_are_told_with_the_way_out(name: str) -> None:
    fields = {"training_date": "2019-01-01", "inference_date": "2019-12-30"}
    domain = clean_room(users=1_000, snapshot_window_days=1, **fields)
    frames = source(users=1_000)
    early = frames["thelook_orders"].filter(pl.col("created_at").dt.date() > date(2019, 1, 1))
    reader = stored(frames | {"thelook_orders": early})
    said = (
        "the training snapshot has no orders from 2019-01-01 to 2019-01-01: choose another "
        "training_date or a larger snapshot_window_days"
    )
    with pytest.raises(UserError, match=said):
        derived(domain, reader, [name])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"training_date": "2025-09-25"}, "training_date 2025-09-25 must be from 2019-01-01 on"),
        ({"inference_date": "2031-01-01"}, "inference_date 2031-01-01 .* before as_of 2025-09-25"),
        ({"inference_date": "2018-12-31"}, "inference_date 2018-12-31 must be from 2019-01-01 on"),
        ({"training_date": "2025-02-30"}, "valid date"),
        ({"training_date": "tomorrow"}, "valid date"),
        ({"training_date": "2024-09-24"}, "must be less than a year apart"),
        ({"snapshot_window_days": 0}, "greater than or equal to 1"),
        ({"snapshot_window_days": 3_651}, "less than or equal to 3650"),
        ({"merchant_only": 0.6}, "market_share 0.5 must be at most 1 - merchant_only"),
        ({"market_share": 0.8}, "market_share 0.8 must be at most 1 - merchant_only"),
        ({"provider_only": 0.96}, "less than or equal to 0.95"),
        ({"tier_strength": 1.1}, "less than or equal to 1"),
        ({"provider_project": "merchant"}, "merchant_project and provider_project must differ"),
        ({"provider_schema": "merchant_provider"}, "provider_schema must differ"),
        ({"merchant_project": "a`.b"}, "merchant_project"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        CleanRoomScenario.of(fields)


def test_dates_that_are_not_given_follow_the_source() -> None:
    scenario = CleanRoomScenario.of({"as_of": "2024-03-01", "snapshot_window_days": 2})
    assert [scenario.day_of(s) for s in SPLITS] == [date(2024, 2, 28), date(2024, 2, 29)]
    assert [scenario.first_day_of(s) for s in SPLITS] == [date(2024, 2, 27), date(2024, 2, 28)]
