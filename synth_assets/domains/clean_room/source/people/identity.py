"""Names and e-mail addresses of people, for both parties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.domains.clean_room.scenario import CleanRoomScenario
from synth_assets.domains.clean_room.source.distributions import GENDERS
from synth_assets.domains.clean_room.source.people.names import (
    first_names,
    first_weights,
    last_names,
    last_weights,
    letters,
)
from synth_assets.randomness.streams import RandomStream

Floats = npt.NDArray[np.float64]
HOSTS = ("example.com", "example.org", "example.net")


def hosts(scenario: CleanRoomScenario) -> dict[str, float]:
    """The mail hosts with their shares, which are alike in the public data set.

    Args:
        scenario: The scenario.
    """
    if not scenario.native_names:
        return dict.fromkeys(HOSTS, 1 / len(HOSTS))
    org, net = scenario.mail_org, scenario.mail_net
    return dict(zip(HOSTS, (1 - org - net, org, net), strict=True))


def with_names(
    scenario: CleanRoomScenario,
    people: pl.LazyFrame,
    draw: RandomStream,
    row: pl.Expr,
    number: pl.Expr,
) -> pl.LazyFrame:
    """Add ``first_name``, ``last_name`` and ``email``, for either party.

    Args:
        scenario: The scenario, which says whether people of the same name can share an address.
        people: People with ``gender`` and ``culture``.
        draw: The random stream.
        row: The person's number.
        number: A unique number, which is part of the address if addresses are not shared.
    """
    block = 2 * pl.col("culture") + (pl.col("gender") == "F").cast(pl.Int64)
    first, last = first_names(), last_names()
    digits = [] if scenario.duplicate_emails else [number.cast(pl.String)]
    return people.with_columns(
        _first=first.position(draw.substream("first_name"), row, block),
        _last=last.position(draw.substream("last_name"), row, block),
    ).with_columns(
        first_name=first.show(pl.col("_first")),
        last_name=last.show(pl.col("_last")),
        email=pl.concat_str(
            first.spell(pl.col("_first")),
            last.spell(pl.col("_last")),
            *digits,
            pl.lit("@"),
            draw.substream("mail").choice_u16(row, hosts(scenario)),
        ),
    )


def expected_emails(users: int, cultures: dict[str, float], shares: dict[str, float]) -> float:
    """The expected number of distinct addresses if people of the same name can share one.

    Args:
        users: The number of users.
        cultures: The share of users of each culture.
        shares: Mail hosts with their shares.
    """
    found = 0.0
    for names in _joint(cultures):
        for share in shares.values():
            found += float(-np.expm1(users * np.log1p(-share * names)).sum())
    return found


def _joint(cultures: dict[str, float]) -> list[Floats]:
    """Shares of first and last names together, in letters, for each language."""
    languages: dict[str, list[tuple[float, dict[str, float], dict[str, float]]]] = {}
    for culture, weight in cultures.items():
        firsts: dict[str, float] = {}
        for gender, share in GENDERS.items():
            for name, known in _shares(first_weights(culture, gender)).items():
                firsts[name] = firsts.get(name, 0.0) + share * known
        part = (weight, firsts, _shares(last_weights(culture, "M")))
        languages.setdefault(culture[:2], []).append(part)
    found = []
    for parts in languages.values():
        first = list(dict.fromkeys(name for _, firsts, _ in parts for name in firsts))
        last = list(dict.fromkeys(name for _, _, lasts in parts for name in lasts))
        joint = np.zeros((len(first), len(last)))
        for weight, firsts, lasts in parts:
            some = [firsts.get(name, 0.0) for name in first]
            joint += weight * np.outer(some, [lasts.get(name, 0.0) for name in last])
        found.append(joint)
    return found


def _shares(weights: dict[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, weight in weights.items():
        found[letters(name)] = found.get(letters(name), 0.0) + weight / sum(weights.values())
    return found
