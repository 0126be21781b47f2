"""The phrases of one language, of which texts are composed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Sentences and their parts.

    ``openings`` and ``closings`` are by mood: bad, mixed, good. ``aspects`` are what a product of a
    category is judged by: singular nouns, in the order of ``assortment.CATEGORIES``. ``praise`` and
    ``blame`` are sentences about an aspect ``{x}``. ``uses`` say for how long or what for; an empty
    text says nothing. ``durations`` are those of them that speak of two weeks and of a month, and
    ``stars`` the closings that name a rating, with it. ``titles`` are by rating, 1 to 5. ``space``
    is between sentences.
    """

    openings: tuple[tuple[str, ...], ...]
    aspects: tuple[tuple[str, ...], ...]
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    uses: tuple[str, ...]
    closings: tuple[tuple[str, ...], ...]
    durations: tuple[str, str]
    stars: Mapping[str, int]
    titles: tuple[tuple[str, ...], ...]
    space: str = " "
