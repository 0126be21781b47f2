"""Noise of the right size that is not reproducible, and bounded contributions."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import chisquare
from sqlglot import exp

from synth_assets.domains.clean_room.analysis_rules.differential_privacy import (
    BoundedAggregate,
    PrivateRelease,
)
from synth_assets.domains.clean_room.analysis_rules.noise import discrete_laplace
from synth_assets_tests.domains.clean_room.analysis_rules import made
from synth_assets_tests.domains.clean_room.analysis_rules.made import P

PEOPLE = made.provider_users().height


def release(
    aggregates: dict[str, BoundedAggregate], keys: tuple[str, ...] = (), **more: float
) -> PrivateRelease:
    values = {"epsilon": 1.0, "delta": 1e-6, "groups": 1, **more}
    return PrivateRelease(
        exp.Select(),
        exp.Select(),
        (),
        keys,
        aggregates,
        values["epsilon"],
        values["delta"],
        int(values["groups"]),
    )


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1), Fraction(7, 2), Fraction(40)])
def test_noise_has_the_discrete_laplace_distribution(scale: Fraction) -> None:
    drawn = [discrete_laplace(scale) for _ in range(6000)]
    alpha = math.exp(-1 / scale)
    reach = max(1, int(scale * 2))
    chances = [(1 - alpha) / (1 + alpha) * alpha ** abs(k) for k in range(-reach, reach + 1)]
    counts = [drawn.count(k) for k in range(-reach, reach + 1)]
    expected = [6000 * chance for chance in [*chances, 1 - sum(chances)]]
    assert chisquare([*counts, 6000 - sum(counts)], expected).pvalue > 1e-6


def test_noise_is_of_the_scale_that_epsilon_asks_for() -> None:
    people = pl.DataFrame(
        {"unit": range(1000), "n": [1] * 1000, "s": [5.0] * 1000, "a": [2.0] * 1000}
    )
    aggregates = {
        "n": BoundedAggregate("COUNT", None, 0, 1),
        "s": BoundedAggregate("SUM", exp.Null(), 0, 10),
        "a": BoundedAggregate("AVG", exp.Null(), 0, 10),
    }
    runs = [release(aggregates).add_noise(people).row(0) for _ in range(400)]
    # a third of epsilon each; the standard deviation of Laplace noise is the root of 2 times scale
    for column, true, reach in ((0, 1000, 1), (1, 5000, 10)):
        values = [run[column] for run in runs]
        scale = 3 * reach
        assert abs(statistics.mean(values) - true) < 6 * math.sqrt(2) * scale / math.sqrt(400)
        assert 0.7 < statistics.stdev(values) / (math.sqrt(2) * scale) < 1.4
    averages = [run[2] for run in runs]
    assert abs(statistics.mean(averages) - 2) < 0.05
    assert 0.005 < statistics.stdev(averages) < 0.2


def test_no_answer_can_be_repeated() -> None:
    people = pl.DataFrame({"unit": range(100), "s": [0.5] * 100})
    one = release({"s": BoundedAggregate("SUM", exp.Null(), 0, 1)})
    assert len({one.add_noise(people).row(0) for _ in range(20)}) == 20


def test_one_unit_cannot_add_more_than_its_bounds() -> None:
    greedy = pl.DataFrame({"unit": [1], "n": [10**9], "s": [-1e300], "a": [float("nan")]})
    aggregates = {
        "n": BoundedAggregate("COUNT", None, 0, 2),
        "s": BoundedAggregate("SUM", exp.Null(), -3, 3),
        "a": BoundedAggregate("AVG", exp.Null(), -1, 1),
    }
    n, s, a = release(aggregates, epsilon=1e6).add_noise(greedy).row(0)
    assert (n, round(s, 3)) == (2, -3.0)
    assert -1 <= a <= 1


def test_bounds_that_are_not_named_are_found_where_most_values_are() -> None:
    values = pl.Series([3.0] * 500 + [-0.5] * 500 + [1e9, float("nan"), float("inf"), None])
    found = BoundedAggregate("SUM", exp.Null(), unknown=True).with_noisy_bounds(values, Fraction(1))
    assert (found.low, found.high) == (-1.0, 4.0)


def test_one_unit_does_not_widen_the_bounds_that_are_found() -> None:
    greedy = pl.DataFrame({"unit": range(501), "s": [1.5] * 500 + [1e11]})
    total = release({"s": BoundedAggregate("SUM", exp.Null(), unknown=True)}).add_noise(greedy)[
        "s"
    ][0]
    assert abs(total - 750) < 100


def test_noise_is_twice_as_wide_where_bounds_are_to_be_found() -> None:
    people = pl.DataFrame({"unit": range(1000), "s": [1.5] * 1000})
    one = release({"s": BoundedAggregate("SUM", exp.Null(), unknown=True)})
    away = [abs(one.add_noise(people)["s"][0] - 1500) for _ in range(300)]
    # Bounds (1, 2) and half of epsilon 1 make a scale of 4. The median is not moved by the one
    # answer in a thousand whose bounds noise has widened.
    assert 0.7 < statistics.median(away) / (math.log(2) * 4) < 1.4


def test_a_unit_keeps_as_many_groups_as_it_may() -> None:
    rows = [(unit, f"g{group}", 1) for unit in range(300) for group in range(10)]
    people = pl.DataFrame(rows, schema=["unit", "key_0", "n"], orient="row")
    one = release({"n": BoundedAggregate("COUNT", None, 0, 1)}, ("key_0",), epsilon=1e6, groups=3)
    got = one.add_noise(people)
    assert got["n"].sum() == 900
    assert got.height == 10
    assert len(set(got["n"])) > 1, "the groups are chosen by chance"


def test_small_groups_are_not_released() -> None:
    rows = [(unit, "large", 1) for unit in range(500)] + [
        (1000 + i, f"s{i}", 1) for i in range(200)
    ]
    people = pl.DataFrame(rows, schema=["unit", "key_0", "n"], orient="row")
    got = release({"n": BoundedAggregate("COUNT", None, 0, 1)}, ("key_0",)).add_noise(people)
    assert got["key_0"].to_list() == ["large"]


@pytest.mark.parametrize("groups", [1, 2])
def test_the_whole_way_through_the_room(tmp_path: Path, groups: int) -> None:
    clean_room = made.clean_room(tmp_path)
    sql = f"""SELECT WITH DIFFERENTIAL_PRIVACY
          OPTIONS(epsilon=2, delta=1e-5, max_groups_contributed={groups}, privacy_unit_column=email)
          city, COUNT(*, contribution_bounds_per_group => (0, 1)) AS people,
          AVG(score, contribution_bounds_per_group => (0, 100)) AS score
        FROM `{P}.private_users` WHERE account_tier <> 'Canary' GROUP BY city
        HAVING people > 0 ORDER BY city"""
    got, again = (clean_room.run(sql, "merchant") for _ in range(2))
    assert got["city"].to_list() == ["city 0", "city 1", "city 2"]
    assert abs(got["people"].sum() - PEOPLE) < 60
    assert not got.equals(again)


def test_a_unit_counts_once_however_often_it_is_joined(tmp_path: Path) -> None:
    clean_room = made.clean_room(tmp_path)
    sql = f"""SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS(epsilon=2)
          COUNT(*, contribution_bounds_per_group => (0, 1)) AS people
        FROM `{P}.private_joined` AS p JOIN `{made.M}.users` AS u ON u.email = p.email
        JOIN `{made.M}.orders` AS o ON o.user_id = u.id"""
    both = made.users().join(made.provider_users(), on="email").height
    assert abs(clean_room.run(sql, "merchant")["people"][0] - both) < 20
