"""Ids of mobile devices and tokens for notifications, as iOS and Android make them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from synth_assets.randomness.fixed_width import (
    Array,
    Octets,
    fixed_width,
    place,
    write_hexadecimal,
)
from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.random_arrays import random_bits
from synth_assets.randomness.splitmix64 import MASK, Words, u64
from synth_assets.randomness.streams import LANE_VALUES, RandomStream

# An iOS device has a UUID for the apps of a vendor (identifierForVendor), an Android device 16
# hexadecimal digits for an app (ANDROID_ID). Tokens of Apple's notification service are 64
# hexadecimal digits; Firebase's have an id of 22 signs and about 140 more.
UUID = r"^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$"
ANDROID_ID = r"^[0-9a-f]{16}$"
APPLE_TOKEN = r"^[0-9a-f]{64}$"
FIREBASE_TOKEN = r"^[A-Za-z0-9_-]{22}:APA91b[A-Za-z0-9_-]{134}$"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# Signs of a part of a Firebase token: its id has two parts, the rest is one.
ID_PART, PART = 11, 134
# Digits of the groups of a UUID, and its signs with the hyphens between them.
UUID_GROUPS = (8, 4, 4, 4, 12)
UUID_SIGNS = sum(UUID_GROUPS) + len(UUID_GROUPS) - 1


def uuid(stream: RandomStream, number: pl.Expr) -> pl.Expr:
    """A random UUID of version 4 in capital letters; null where the number is null.

    Args:
        stream: The random stream.
        number: Number of the device.
    """
    words = [stream.substream(f"word{n}").bits(number) for n in range(2)]

    def write(words: list[Words], text: Octets) -> None:
        digits = np.empty((len(text), sum(UUID_GROUPS)), dtype=np.uint8)
        version = words[0] & np.uint64(~(0xF << 12) & MASK) | np.uint64(0x4 << 12)
        variant = words[1] & np.uint64(~(0x3 << 62) & MASK) | np.uint64(0x2 << 62)
        write_hexadecimal([version, variant], digits, capital=True)
        text[:] = ord("-")
        for number, (start, size) in enumerate(zip(offsets(UUID_GROUPS), UUID_GROUPS, strict=True)):
            place(text, start + number, size)[:] = place(digits, start, size)

    def spelt(columns: Sequence[pl.Series]) -> pl.Series:
        return fixed_width(columns, UUID_SIGNS, write)

    return pl.map_batches(words, spelt, return_dtype=pl.String, is_elementwise=True)


def firebase_token(stream: RandomStream, number: pl.Expr) -> pl.Expr:
    """A token of Firebase Cloud Messaging.

    Args:
        stream: The random stream.
        number: Number of the registration.
    """
    bits = stream.bits(number)
    lanes = [(bits // u64(1 << 16 * n) % u64(LANE_VALUES)).cast(pl.Int64) for n in range(3)]
    return pl.concat_str(
        gather(_parts(ID_PART), lanes[0]),
        gather(_parts(ID_PART), lanes[1]),
        pl.lit(":APA91b"),
        gather(_parts(PART), lanes[2]),
    )


@cache
def _parts(size: int) -> pl.Series:
    """Random texts, one for each value of a lane."""
    stream = RandomStream(0, "firebase", str(size))
    signs = np.frombuffer(SIGNS.encode(), np.uint8)

    def write(columns: list[Array], text: Octets) -> None:
        cells = columns[0][:, None] * size + np.arange(size)
        text[:] = signs[(random_bits(stream, cells) % np.uint64(len(signs))).astype(np.intp)]

    return fixed_width([pl.Series(range(LANE_VALUES))], size, write)
