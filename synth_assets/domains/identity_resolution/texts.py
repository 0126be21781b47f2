"""Texts of surveys and reviews, in the language of the market.

A grammar composes them: an opening and a closing by rating, praise or blame of something that
products of the category have, and how the product is used. ``phrases`` has the words.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from synth_assets.domains.identity_resolution.locales import LANGUAGES, LOCALES
from synth_assets.domains.identity_resolution.phrases import BY_LANGUAGE
from synth_assets.randomness.lookup import gather
from synth_assets.randomness.splitmix64 import u64
from synth_assets.randomness.streams import RandomStream

# Moods of ratings 1 to 5: bad, mixed, good.
MOOD_OF = (0, 0, 1, 2, 2)
BAD, MIXED, GOOD = range(3)
# Days after which a text may say that something was used for two weeks, and for a month.
TWO_WEEKS, MONTH = 14, 30
# Classes of such ages.
AGES = 3
# Sentences of each kind, titles of a rating, categories of products, aspects of a category.
OPENINGS, CLOSINGS, USES, TITLES = 6, 6, 8, 5
CATEGORIES, ASPECTS, JUDGEMENTS = 5, 6, 4
ABOUT = ASPECTS * JUDGEMENTS
# Of eight texts, those that say a second thing.
SECOND, OF = 3, 8


def written(
    stream: RandomStream, row: pl.Expr, rating: pl.Expr, category: pl.Expr, days: pl.Expr
) -> pl.Expr:
    """A text of one to five sentences; reads ``locale``.

    Args:
        stream: The random stream of the texts' table.
        row: Row number.
        rating: Rating, 1 to 5.
        category: Category of the product, an index into ``assortment.CATEGORIES``.
        days: Days since the purchase; null if none is known.
    """
    stars = gather(_LANGUAGE, pl.col("locale")) * 5 + rating.cast(pl.Int64) - 1
    age = (days >= TWO_WEEKS).cast(pl.Int64) + (days >= MONTH).cast(pl.Int64)
    used = gather(_LANGUAGE, pl.col("locale")) * AGES + age.fill_null(AGES - 1)
    bits = stream.substream("text").bits(row)
    mood, language = gather(MOOD_OF, rating - 1).cast(pl.Int64), gather(_LANGUAGE, pl.col("locale"))
    of_mood, about = language * 3 + mood, (language * CATEGORIES + category) * 2
    good = (mood > BAD).cast(pl.Int64)
    aspect, judged = _drawn(bits, 0, ASPECTS), _drawn(bits, 8, JUDGEMENTS)
    first = (about + good) * ABOUT + aspect * JUDGEMENTS + judged
    # What is liked, or what is not: mixed texts say both.
    liked = (mood == GOOD).cast(pl.Int64)
    other = (aspect + 1 + _drawn(bits, 16, ASPECTS - 1)) % ASPECTS
    again = (judged + 1 + _drawn(bits, 24, JUDGEMENTS - 1)) % JUDGEMENTS
    second = (about + liked) * ABOUT + other * JUDGEMENTS + again
    more = (mood == MIXED) | (_drawn(bits, 32, OF) < SECOND)
    sentences = [
        gather(_table("openings"), of_mood * OPENINGS + _drawn(bits, 40, OPENINGS)),
        gather(_table("about"), first),
        pl.when(more).then(gather(_table("about"), second)).otherwise(pl.lit("")),
        gather(_table("uses"), used * USES + _drawn(bits, 48, USES)),
        gather(_table("closings"), stars * CLOSINGS + _drawn(bits, 56, CLOSINGS)),
    ]
    return pl.concat_str(sentences).str.strip_chars_end()


def title(stream: RandomStream, row: pl.Expr, rating: pl.Expr) -> pl.Expr:
    """A title; reads ``locale``.

    Args:
        stream: The random stream of the titles' table.
        row: Row number.
        rating: Rating, 1 to 5.
    """
    language = gather(_LANGUAGE, pl.col("locale"))
    drawn = stream.substream("title").integers(row, 0, TITLES)
    return gather(_table("titles"), (language * 5 + rating.cast(pl.Int64) - 1) * TITLES + drawn)


_LANGUAGE = pl.Series([LANGUAGES.index(locale.language) for locale in LOCALES])


@cache
def _table(kind: str) -> pl.Series:
    """All sentences of a kind, by language and what else it depends on."""
    found: list[str] = []
    for language in LANGUAGES:
        phrases = BY_LANGUAGE[language]
        if kind == "titles":
            found += [title for titles in phrases.titles for title in titles]
            continue
        sentences = {
            "openings": [s for mood in phrases.openings for s in mood],
            "closings": [
                "" if phrases.stars.get(sentence, number) != number else sentence
                for number, mood in enumerate(MOOD_OF, 1)
                for sentence in phrases.closings[mood]
            ],
            "uses": [
                "" if use in phrases.durations[age:] else use
                for age in range(AGES)
                for use in phrases.uses
            ],
            "about": [
                _started(judged.format(x=aspect))
                for aspects in phrases.aspects
                for judgements in (phrases.blame, phrases.praise)
                for aspect in aspects
                for judged in judgements
            ],
        }[kind]
        found += [sentence and sentence + phrases.space for sentence in sentences]
    return pl.Series(found)


def _started(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _drawn(bits: pl.Expr, bit: int, size: int) -> pl.Expr:
    """A number from 0 up to ``size``, excluded, by eight of the bits."""
    return (bits // u64(1 << bit) % u64(1 << 8) * u64(size) // u64(1 << 8)).cast(pl.Int64)
