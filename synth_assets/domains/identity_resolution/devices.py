"""Ids of mobile devices and tokens for notifications, as iOS and Android make them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.random_arrays import random_bits
from synth_assets.randomness.streams import LANE_VALUES, RandomStream, u64

# An iOS device has a UUID for the apps of a vendor (identifierForVendor), an Android device 16
# hexadecimal digits for an app (ANDROID_ID). Tokens of Apple's notification service are 64
# hexadecimal digits; Firebase's have an id of 22 signs and about 140 more.
UUID = r"^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$"
ANDROID_ID = r"^[0-9a-f]{16}$"
APPLE_TOKEN = r"^[0-9a-f]{64}$"
FIREBASE_TOKEN = r"^[A-Za-z0-9_-]{22}:APA91b[A-Za-z0-9_-]{134}$"
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# Signs of a part of a Firebase token: its id has two parts, the rest has two of 67.
ID_PART, PART = 11, 67


def uuid(stream: RandomStream, number: pl.Expr) -> pl.Expr:
    """A random UUID of version 4 in capital letters; null where the number is null.

    Args:
        stream: The random stream.
        number: Number of the device.
    """
    digits = stream.hexadecimal(number, 32)

    def spelt(columns: Sequence[pl.Series]) -> pl.Series:
        column = columns[0].fill_null("0" * 32)
        text = np.frombuffer("".join(column.to_list()).upper().encode(), "S1").reshape(-1, 32)
        out = np.full((len(text), 36), b"-", "S1")
        out[:, 0:8], out[:, 9:13], out[:, 14:18] = text[:, :8], text[:, 8:12], text[:, 12:16]
        out[:, 19:23], out[:, 24:36] = text[:, 16:20], text[:, 20:32]
        out[:, 14] = b"4"
        variant = text[:, 16].view(np.uint8) % 4
        out[:, 19] = np.array([b"8", b"9", b"A", b"B"])[variant]
        found = pl.Series(out.view("S36").ravel().astype("U36"), dtype=pl.String)
        return found if not columns[0].null_count() else found.set(columns[0].is_null(), None)

    return pl.map_batches([digits], spelt, return_dtype=pl.String, is_elementwise=True)


def firebase_token(stream: RandomStream, number: pl.Expr) -> pl.Expr:
    """A token of Firebase Cloud Messaging.

    Args:
        stream: The random stream.
        number: Number of the registration.
    """
    bits = stream.bits(number)
    lanes = [(bits // u64(1 << 16 * n) % u64(LANE_VALUES)).cast(pl.Int64) for n in range(4)]
    return pl.concat_str(
        gather(_parts(ID_PART), lanes[0]),
        gather(_parts(ID_PART), lanes[1]),
        pl.lit(":APA91b"),
        gather(_parts(PART), lanes[2]),
        gather(_parts(PART), lanes[3]),
    )


@cache
def _parts(size: int) -> pl.Series:
    """Random texts, one for each value of a lane."""
    stream = RandomStream(0, "firebase", str(size))
    signs = np.frombuffer(SIGNS.encode(), "S1")
    drawn = random_bits(stream, np.arange(LANE_VALUES * size).reshape(-1, size)) % np.uint64(64)
    return pl.Series(signs[drawn.astype(np.int64)].view(f"S{size}").ravel().astype(f"U{size}"))
