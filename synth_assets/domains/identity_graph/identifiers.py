"""How identifiers are written: digits of hashes and cookies, and UUIDs of advertising ids."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
import polars as pl

from synth_assets.core.model import Check, TableView
from synth_assets.domains.identity_graph import terms
from synth_assets.domains.identity_graph.model import Model
from synth_assets.domains.identity_graph.scenario import IdentityGraphScenario
from synth_assets.quality.building import row_check
from synth_assets.randomness.random_arrays import Ints, high32, random_bits
from synth_assets.randomness.splitmix64 import Words
from synth_assets.randomness.streams import RandomStream

Flags = npt.NDArray[np.bool_]

# Random hexadecimal digits of each type, in the order of ``terms.IDENTIFIERS``; a UUID has two
# more, which say its version and variant.
DIGITS = (64, 32, 30, 16, 30, 64)
# A mapping's number is the individual's, the type's and the copy's: most types, and most copies.
TYPES, COPIES = 8, 16
# Start and length of the random digits in the five parts of a UUID (RFC 4122, version 4), and the
# first digits of its fourth part.
UUID_PARTS = ((0, 8), (8, 4), (12, 3), (15, 3), (18, 12))
VARIANTS = ("8", "9", "a", "b")
# Types that are written as UUIDs: advertising ids of phones and television sets. A device is known
# by its vendor's UUID on iOS, by 16 digits on Android.
UUIDS = ("mobile_ad_id", "ctv_id")
OF_PHONES = ("mobile_ad_id", "device_id")
# Patterns of each type.
UUID_FORM = r"^(?i)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
FORMS = {
    "email_hash": r"^[0-9a-f]{64}$",
    "hashed_phone": r"^[0-9a-f]{64}$",
    "cookie_id": r"^[0-9a-f]{32}$",
    "device_id": rf"^[0-9a-f]{{16}}$|{UUID_FORM}",
    "mobile_ad_id": UUID_FORM,
    "ctv_id": UUID_FORM,
}


def coverage(config: IdentityGraphScenario) -> tuple[float, ...]:
    """Probability that an individual has an identifier of each type.

    Args:
        config: Seed and volumes.
    """
    given = config.demographics_config.identity_mappings.identifier_type_distribution
    return tuple(given[name] for name in terms.IDENTIFIERS)


def known_by(model: Model, person: Ints, kind: Ints) -> tuple[Ints, Words, Flags]:
    """Whether people have an identifier of a type.

    Args:
        model: The domain's model.
        person: Numbers of the people.
        kind: The type of each, an index into ``terms.IDENTIFIERS``.

    Returns:
        The number of the first mapping, its random bits, and whether there is one.
    """
    first = (person * TYPES + kind) * COPIES
    bits = random_bits(model.stream("identity_mappings", "has"), first)
    least = np.rint(np.array(coverage(model.config)) * 2.0**32).astype(np.int64)
    return first, bits, high32(bits) < least[kind]


def identifier_values(stream: RandomStream) -> pl.Expr:
    """The identifiers of mappings.

    Rows have ``mapping``, ``kind``, ``identifier_type``, ``variant`` and ``apple``.

    Args:
        stream: The stream that decides.
    """
    # The first sixteen digits are a bijection of the mapping's number, so values are unique.
    longest = stream.hexadecimal(pl.col("mapping"), max(DIGITS))
    digits = pl.lit(pl.Series(DIGITS)).gather(pl.col("kind"))
    plain = longest.str.slice(0, digits)
    variant = pl.lit(pl.Series(VARIANTS)).gather(pl.col("variant"))
    parts = [longest.str.slice(start, length) for start, length in UUID_PARTS]
    first, second, third, fourth, fifth = parts
    uuid = pl.concat_str(
        first, pl.lit("-"), second, pl.lit("-4"), third, pl.lit("-"), variant, fourth,
        pl.lit("-"), fifth,
    )  # fmt: skip
    kind = pl.col("identifier_type").cast(pl.String)
    capitals = pl.col("apple") & kind.is_in(OF_PHONES)
    return (
        pl.when(capitals)
        .then(uuid.str.to_uppercase())
        .when(kind.is_in(UUIDS))
        .then(uuid)
        .otherwise(plain)
    )


def one_platform() -> Check:
    """A check that the phone identifiers of a person are all of iOS or all of Android."""

    def failing_rows(stored: TableView) -> pl.LazyFrame:
        value = pl.col("identifier_value")
        apple = value.str.contains("-", literal=True) & (value == value.str.to_uppercase())
        of_phones = pl.col("identifier_type").cast(pl.String).is_in(OF_PHONES)
        phones = stored.current().filter(of_phones).with_columns(apple=apple)
        mixed = pl.col("apple").n_unique().over("individual_id") > 1
        return phones.filter(mixed).drop("apple")

    doc = "Advertising and device ids of a person are all of iOS or all of Android."
    return row_check("device_ids_of_one_platform", doc, failing_rows)


def forms() -> Check:
    """A check that identifiers are written as those of their type are."""
    return row_check(
        "identifier_format_valid", "Identifiers are written as those of their type are.", _forms
    )


def _forms(stored: TableView) -> pl.LazyFrame:
    kind = pl.col("identifier_type").cast(pl.String)
    wrong = pl.lit(value=False)
    for name, form in FORMS.items():
        wrong = wrong | (kind == name) & ~pl.col("identifier_value").str.contains(form)
    return stored.current().filter(wrong)


def common_individuals(stored: TableView) -> dict[str, float]:
    """The number of individuals who have both of two types, and who have each type.

    Args:
        stored: The table of identity mappings.
    """
    bit = (
        pl.col("identifier_type")
        .cast(pl.String)
        .replace_strict(
            {kind: 1 << n for n, kind in enumerate(terms.IDENTIFIERS)}, return_dtype=pl.Int64
        )
    )

    def counted(rows: pl.LazyFrame) -> pl.LazyFrame:
        types = rows.group_by("individual_id").agg(types=bit.bitwise_or())
        return types.group_by("types").agg(pl.len())

    # All rows of an individual are in one shard, so that the counts of shards add up.
    whole = replace(stored, keys=list(stored.partition_stats))
    parts = [counted(rows).collect(engine="streaming") for rows in whole.batches()]
    found = [row for part in parts for row in part.iter_rows()]
    pairs = combinations_with_replacement(enumerate(terms.IDENTIFIERS), 2)
    return {
        f"overlap.{one}.{other}": float(sum(n for have, n in found if have >> i & have >> j & 1))
        for (i, one), (j, other) in pairs
    }
