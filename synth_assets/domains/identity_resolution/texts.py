"""Texts of surveys and reviews, composed of short phrases by rating."""

from __future__ import annotations

import polars as pl

from synth_assets.randomness.lookup import gather
from synth_assets.randomness.streams import RandomStream

# By rating, 1 to 5.
TITLES = (
    ("Disappointed", "Do not buy", "Broke at once", "Not as described", "Waste of money"),
    ("Below expectations", "Could be better", "Not great", "Had issues", "Meh"),
    ("It is okay", "Average", "Does the job", "Fair for the price", "Mixed feelings"),
    ("Good buy", "Happy with it", "Solid quality", "Would recommend", "Nice"),
    ("Love it", "Excellent", "Perfect", "Exceeded expectations", "Best purchase this year"),
)
OPENINGS = (
    ("Arrived damaged.", "Stopped working after a week.", "The quality is poor.",
     "Nothing like the pictures."),
    ("The material feels cheap.", "Delivery took far too long.", "It runs small.",
     "Setting it up was a chore."),
    ("It works as it should.", "Nothing special.", "Some good points, some bad.",
     "About what I expected."),
    ("Good quality overall.", "Works well so far.", "Looks nice and feels sturdy.",
     "Fast delivery."),
    ("Absolutely wonderful.", "I use it every day.", "The quality is outstanding.",
     "Everyone asks where I got it."),
)  # fmt: skip
CLOSINGS = (
    ("I want my money back.", "Support never answered.", "Avoid.", ""),
    ("I would not buy it again.", "I may return it.", "Expected more.", ""),
    ("Fine for the price.", "You could do worse.", "We will see how it lasts.", ""),
    ("I would buy it again.", "Good value.", "A few details could be better.", ""),
    ("Highly recommended.", "Already ordered a second one.", "Thank you!", ""),
)


def written(stream: RandomStream, row: pl.Expr, rating: pl.Expr) -> pl.Expr:
    """A text of one or two sentences.

    Args:
        stream: The random stream of the texts' table.
        row: Row number.
        rating: Rating, 1 to 5.
    """
    opening, closing = (
        _one_of(OPENINGS, stream, row, rating),
        _one_of(CLOSINGS, stream, row, rating),
    )
    return pl.concat_str(opening, closing, separator=" ").str.strip_chars_end()


def title(stream: RandomStream, row: pl.Expr, rating: pl.Expr) -> pl.Expr:
    """A title.

    Args:
        stream: The random stream of the titles' table.
        row: Row number.
        rating: Rating, 1 to 5.
    """
    return _one_of(TITLES, stream, row, rating)


def _one_of(
    words: tuple[tuple[str, ...], ...], stream: RandomStream, row: pl.Expr, rating: pl.Expr
) -> pl.Expr:
    size, flat = len(words[0]), [word for rated in words for word in rated]
    drawn = stream.substream("text", words[0][0]).integers(row, 0, size)
    return gather(flat, (rating - 1) * size + drawn)
