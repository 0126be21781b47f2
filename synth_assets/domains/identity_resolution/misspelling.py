"""How people and clerks change words: typing errors, and spellings that sound alike."""

from __future__ import annotations

from itertools import chain, count
from zlib import crc32

# Keys beside each other on the keyboard, one for each letter.
NEIGHBOUR = dict(zip("abcdefghijklmnopqrstuvwxyz", "svxfrghjoklknmpowtdyibecux", strict=True))
# Typing errors of a word: two letters swapped, one left out, one doubled, one replaced.
TYPOS = 4
# Spellings that sound alike, the more telling first.
ALIKE = (
    ("ph", "f"), ("ck", "k"), ("sch", "sh"), ("tch", "ch"), ("ei", "ie"), ("ie", "y"), ("ey", "y"),
    ("ai", "ay"), ("ou", "u"), ("th", "t"), ("ll", "l"), ("nn", "n"), ("ss", "s"), ("tt", "t"),
    ("mm", "m"), ("rr", "r"), ("ff", "f"), ("c", "k"), ("k", "c"), ("z", "s"), ("y", "i"),
    ("v", "w"), ("s", "z"), ("q", "k"), ("x", "ks"), ("i", "y"), ("l", "ll"), ("n", "nn"),
    ("t", "tt"), ("r", "rr"), ("m", "mm"), ("d", "dd"), ("b", "p"), ("o", "u"), ("e", "i"),
    ("a", "e"), ("u", "oo"), ("g", "k"), ("h", ""),
)  # fmt: skip


def typos(word: str) -> list[str]:
    """A word with each of ``TYPOS`` typing errors after its first letter.

    Args:
        word: The word; one of a single letter is not mistyped.
    """
    if len(word) < 2:
        return [word] * TYPOS
    places = [n for n in range(1, len(word)) if word[n].isalnum()] or [1]
    drawn = (crc32(f"{error}{word}".encode()) for error in range(TYPOS))
    return [_typo(word, error, places[n % len(places)]) for error, n in enumerate(drawn)]


def _typo(word: str, error: int, place: int) -> str:
    """A word with a typing error at a place; a letter is doubled where the error is impossible."""
    if error == 0 and place + 1 < len(word) and word[place] != word[place + 1]:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if error == 1 and len(word) > 2:
        return word[:place] + word[place + 1 :]
    if error == 2 and word[place] in NEIGHBOUR:
        return word[:place] + NEIGHBOUR[word[place]] + word[place + 1 :]
    return word[: place + 1] + word[place:]


def sounds_alike(word: str) -> str:
    """A word as someone spells it who has only heard it; the word itself if nothing sounds alike.

    Args:
        word: The word.
    """
    lower = word.lower()
    for sound, other in ALIKE:
        place = lower.find(sound, 1)
        if place > 0:
            return word[:place] + other + word[place + len(sound) :]
    return word


def mistyped(word: str, known: set[str]) -> str:
    """A mistyped word: two neighbouring letters are swapped, or one is doubled.

    Where all of these are known words, one letter is another one, beside it on the keyboard if
    possible; where these are known too, the last letter is repeated.

    Args:
        word: The word, of one letter or more.
        known: Words that the result must not be.
    """
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)]
    doubled = [word[: i + 1] + word[i:] for i in range(len(word) - 1, -1, -1)]
    replaced = (
        word[:i] + key + word[i + 1 :]
        for i in range(len(word) - 1, -1, -1)
        for key in (NEIGHBOUR.get(word[i], word[i]), *NEIGHBOUR)
    )
    repeated = (word + word[-1] * times for times in count(2))
    errors = chain(swapped, doubled, replaced, repeated)
    return next(wrong for wrong in errors if wrong != word and wrong not in known)
