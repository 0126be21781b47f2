"""Vocabularies are the same words in the same order in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from synth_assets.randomness.vocabulary import names, vocabulary, weighted_names

PRINT = (
    "from synth_assets.randomness.vocabulary import vocabulary as v;"
    "print(*v('city', 'de_DE', 40).categories, *v('first_name', size=60).categories, "
    "*v('city', 'it_IT', 20).categories, sep='|')"
)


def test_words_are_distinct_sorted_and_as_many_as_asked_for() -> None:
    words = vocabulary("first_name").categories.to_list()
    assert words == sorted(set(words))
    assert len(words) == 500
    assert all(word.strip() for word in words)
    assert isinstance(vocabulary("first_name"), pl.Enum)


def test_words_have_no_stray_blanks_and_keep_their_places() -> None:
    cities = vocabulary("city", "en_IN", 200).categories.to_list()
    assert cities.index("Khora") == 108
    assert names("first_name", "es_MX", 400)[21] == ("Alta Gracia", "altagracia")
    for word in (*cities, *(native for native, _ in names("first_name", "es_MX", 400))):
        assert word == " ".join(word.split())


def test_a_fresh_process_has_the_same_words() -> None:
    environment = os.environ | {"PYTHONHASHSEED": "77", "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", PRINT], env=environment, capture_output=True, check=True
    )
    here = [
        *vocabulary("city", "de_DE", 40).categories,
        *vocabulary("first_name", size=60).categories,
        *vocabulary("city", "it_IT", 20).categories,
    ]
    assert ran.stdout.decode().strip().split("|") == here


def test_what_was_asked_before_does_not_matter() -> None:
    vocabulary.cache_clear()
    one = vocabulary("last_name", size=30)
    vocabulary.cache_clear()
    vocabulary("first_name", size=31)
    assert vocabulary("last_name", size=30) == one


def test_it_is_smaller_where_faker_has_fewer() -> None:
    # Faker knows seven days of the week.
    assert len(vocabulary("day_of_week", size=100).categories) == 7


def test_locales_have_words_of_their_own() -> None:
    english, german = vocabulary("city", "en_US", 40), vocabulary("city", "de_DE", 40)
    assert set(english.categories).isdisjoint(german.categories)


def test_an_unknown_provider_raises() -> None:
    with pytest.raises(AttributeError):
        vocabulary("shoe_size_of_a_jaffle")


@pytest.mark.parametrize("locale", ["en_US", "ja_JP", "zh_CN", "ko_KR", "fr_FR", "pt_BR"])
@pytest.mark.parametrize("part", ["first_name", "last_name"])
def test_names_have_latin_letters_of_their_own(part: str, locale: str) -> None:
    found = names(part, locale, 200)
    latin = [letters for _, letters in found]
    assert len(set(latin)) == len(latin) > 20
    assert all(letters.isascii() and letters.isalpha() and letters.islower() for letters in latin)
    assert found == sorted(found)
    assert names(part, locale, 10) != names(part, "it_IT", 10)


def test_japanese_names_have_their_readings() -> None:
    assert ("高橋", "takahashi") in names("last_name", "ja_JP", 200)


def test_weighted_names_are_sorted_frequencies() -> None:
    found = weighted_names("last_names")
    assert list(found) == sorted(found)
    assert abs(sum(found.values()) - 1) < 1e-12
    assert max(found, key=found.__getitem__) == "Smith"
    men, women = weighted_names("first_names_male"), weighted_names("first_names_female")
    assert men["James"] > 0.01 > women.get("James", 0)


def test_weighted_names_need_a_locale_with_frequencies() -> None:
    with pytest.raises(TypeError, match="no shares of last_names in en_IN"):
        weighted_names("last_names", "en_IN")


def test_threads_that_draw_at_once_find_the_same_words() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            providers = ["first_name", "city", "name", "job"]
            size = 301  # of no other test, so that nothing is drawn before
            found = list(
                pool.map(lambda p: list(vocabulary(p, size=size).categories), providers * 4)
            )
    finally:
        sys.setswitchinterval(interval)
    vocabulary.cache_clear()
    assert found == [list(vocabulary(p, size=size).categories) for p in providers * 4]
