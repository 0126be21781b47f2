"""IPv4 addresses by country: networks that the registries have delegated to it.

A network is a block of at least 65,536 addresses, from the delegation statistics of ARIN, RIPE NCC,
APNIC and LACNIC. Few and large ones of each country are here, mostly those of companies that sell
access to households. To add a country, list its blocks in ``BLOCKS``; no block may be in two.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network

import numpy as np
import polars as pl

from synth_assets.randomness.lookup import gather, offsets
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream

BLOCKS = {
    "CN": """
        49.64.0.0/11 58.32.0.0/11 58.240.0.0/12 59.32.0.0/11 60.0.0.0/11 60.160.0.0/11
        60.208.0.0/12 61.128.0.0/10 101.16.0.0/12 101.80.0.0/12 112.0.0.0/10 180.96.0.0/11
        182.96.0.0/11 183.0.0.0/10 183.128.0.0/11 183.192.0.0/10""",
    "US": """
        65.24.0.0/13 66.24.0.0/13 67.80.0.0/12 67.160.0.0/11 67.240.0.0/12 68.0.0.0/10
        68.80.0.0/12 68.96.0.0/11 68.184.0.0/13 68.192.0.0/11 68.224.0.0/13 69.128.0.0/12""",
    "BR": """
        152.240.0.0/12 179.64.0.0/11 179.128.0.0/11 179.192.0.0/10 187.16.0.0/12 187.32.0.0/12
        187.104.0.0/13 189.64.0.0/12 189.96.0.0/12 191.160.0.0/11 191.192.0.0/11""",
    "KR": """
        1.208.0.0/12 1.224.0.0/11 14.32.0.0/11 39.112.0.0/12 58.224.0.0/12 59.0.0.0/11
        112.160.0.0/11 118.32.0.0/11 119.192.0.0/11 121.128.0.0/10 175.192.0.0/10
        211.192.0.0/10 220.64.0.0/11 222.96.0.0/12""",
    "FR": """
        2.0.0.0/12 77.128.0.0/11 78.192.0.0/10 81.48.0.0/13 82.224.0.0/11 83.192.0.0/12
        86.192.0.0/10 88.160.0.0/11 90.0.0.0/9 91.160.0.0/12 92.128.0.0/10""",
    "GB": """
        2.24.0.0/13 2.96.0.0/13 2.120.0.0/13 2.216.0.0/13 5.64.0.0/13 31.48.0.0/13 31.64.0.0/10
        77.96.0.0/13 78.144.0.0/13 80.0.0.0/13 80.40.0.0/13""",
    "DE": """
        2.160.0.0/12 2.200.0.0/13 2.240.0.0/13 5.146.0.0/15 31.16.0.0/14 31.224.0.0/11
        37.80.0.0/12 46.80.0.0/12 62.156.0.0/14 62.224.0.0/14""",
    "ES": """
        2.136.0.0/13 77.224.0.0/13 79.144.0.0/12 80.24.0.0/13 80.32.0.0/13 81.32.0.0/12
        83.32.0.0/11 84.120.0.0/13 85.48.0.0/12 87.216.0.0/13 88.0.0.0/11 90.160.0.0/12
        95.120.0.0/13""",
    "JP": """
        14.8.0.0/13 27.80.0.0/12 49.96.0.0/12 58.88.0.0/13 59.128.0.0/12 60.32.0.0/12
        60.64.0.0/10 60.128.0.0/11 61.112.0.0/12 61.192.0.0/12 106.128.0.0/10""",
    "AU": """
        1.120.0.0/13 1.128.0.0/11 49.176.0.0/12 49.192.0.0/13 58.104.0.0/13 58.160.0.0/12
        60.224.0.0/13 101.112.0.0/13 101.160.0.0/11""",
    "BE": """
        78.20.0.0/14 81.240.0.0/13 84.192.0.0/13 87.64.0.0/14 91.176.0.0/13 94.104.0.0/13
        94.224.0.0/14 109.128.0.0/12 178.116.0.0/14""",
    "PL": """
        31.60.0.0/14 77.112.0.0/14 77.252.0.0/14 78.8.0.0/14 79.184.0.0/13 80.48.0.0/13
        83.0.0.0/11 87.204.0.0/14 89.64.0.0/12 89.228.0.0/14""",
    "CO": """
        152.200.0.0/14 177.252.0.0/14 181.48.0.0/12 181.128.0.0/11 181.240.0.0/12 186.80.0.0/13
        186.112.0.0/13 190.24.0.0/14 190.144.0.0/14 190.248.0.0/13 191.64.0.0/12 191.144.0.0/12""",
    "AT": """
        77.116.0.0/14 80.120.0.0/14 84.112.0.0/14 85.124.0.0/14 91.112.0.0/14 178.112.0.0/14
        178.188.0.0/14""",
}  # fmt: skip
COUNTRY_CODES = tuple(BLOCKS)
# First octets with networks that are not on the public Internet (RFC 6890).
NOT_PUBLIC = (10, 100, 127, 169, 172, 192, 198, 203)
# Addresses of a prefix, which is the first two octets, and the last octets of hosts: those of the
# network itself and of all its hosts are left out.
PREFIX_BITS, HOSTS = 16, 254


@cache
def prefixes() -> tuple[tuple[int, ...], ...]:
    """The first 16 bits of every address of each of ``COUNTRY_CODES``."""
    found = []
    for blocks in BLOCKS.values():
        networks = [IPv4Network(block) for block in blocks.split()]
        firsts = (int(network.network_address) >> PREFIX_BITS for network in networks)
        sizes = (network.num_addresses >> PREFIX_BITS for network in networks)
        found.append(
            tuple(
                prefix
                for first, size in zip(firsts, sizes, strict=True)
                for prefix in range(first, first + size)
            )
        )
    return tuple(found)


def local_address(
    draw: RandomStream, country: pl.Expr, visitor: pl.Expr, session: pl.Expr
) -> pl.Expr:
    """An address of the country's networks; all sessions of a visitor have the same prefix.

    Args:
        draw: The random stream.
        country: A position in ``COUNTRY_CODES``.
        visitor: The visitor's number.
        session: The session's number.
    """
    sizes = [len(some) for some in prefixes()]
    size = gather(pl.Series(sizes, dtype=pl.UInt64), country)
    chosen = (draw.substream("prefix").bits(visitor) % size).cast(pl.Int64)
    written = [f"{prefix >> 8}.{prefix & 255}." for some in prefixes() for prefix in some]
    bits = draw.bits(session)
    third = (bits % u64(256)).cast(pl.Int64)
    last = (bits // u64(2**16) % u64(HOSTS)).cast(pl.Int64)
    return pl.concat_str(
        gather(written, gather(offsets(sizes), country) + chosen),
        gather([f"{octet}." for octet in range(256)], third),
        gather([str(octet) for octet in range(1, HOSTS + 1)], last),
    )


def any_address(draw: RandomStream, session: pl.Expr) -> pl.Expr:
    """Four octets, the first from 1 to 223 but for those with private and reserved networks.

    Args:
        draw: The random stream.
        session: The session's number.
    """
    octets = pl.Series([f"{n}." for n in range(256)] + [str(n) for n in range(256)])
    bits = draw.bits(session)
    drawn = [(bits // 2**shift % 256).cast(pl.Int64) for shift in (16, 32, 48)]
    public = [octet for octet in range(1, 224) if octet not in NOT_PUBLIC]
    first = gather(public, bits % 2**16 % len(public))
    places = (first, drawn[0], drawn[1], drawn[2] + 256)
    return pl.concat_str(*(gather(octets, place) for place in places))


def country_of(address: pl.Expr) -> pl.Expr:
    """The position in ``COUNTRY_CODES`` of an address, -1 if it is in none of ``BLOCKS``.

    Args:
        address: Addresses.
    """
    known = np.full(2**PREFIX_BITS, -1, dtype=np.int64)
    for number, some in enumerate(prefixes()):
        known[list(some)] = number
    octets = address.str.split_exact(".", 3).struct
    first, second = (
        octets.field(f"field_{place}").cast(pl.Int64, strict=False) for place in (0, 1)
    )
    return gather(pl.Series(known), (first * 256 + second).clip(0, 2**PREFIX_BITS - 1))
