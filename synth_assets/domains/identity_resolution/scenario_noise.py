"""Settings of noise: how records show names and addresses, and how often people change theirs."""

from __future__ import annotations

from synth_assets.core.scenario import Scenario, share
from synth_assets.domains.identity_resolution import address_noise, name_noise


class NoiseScenario(Scenario):
    """Rates of changes of names and addresses.

    First names of a person differ in about a fifth of all pairs of records and last names in an
    eighth: Winkler, "Overview of Record Linkage and Current Research Directions" (U.S. Census
    Bureau, 2006), has 18 to 25% and 12 to 15% of true matches in three cities.
    """

    nickname_rate: float = share(0.045, "First names shown as nicknames, or initials.", 0.2)
    initial_rate: float = share(0.012, "First names shown as initials.", 0.2)
    first_name_typo_rate: float = share(0.020, "First names with a typing error.", 0.2)
    first_name_sound_rate: float = share(0.012, "First names spelt as they sound.", 0.2)
    first_name_latin_rate: float = share(
        0.011, "First names without accents, or transliterated.", 0.2
    )
    last_name_typo_rate: float = share(0.016, "Last names with a typing error.", 0.2)
    last_name_sound_rate: float = share(0.012, "Last names spelt as they sound.", 0.2)
    last_name_latin_rate: float = share(
        0.010, "Last names without accents, or transliterated.", 0.2
    )
    swapped_rate: float = share(0.004, "Records with first and last name swapped.", 0.1)
    renames_per_year: float = share(
        0.006,
        "People who change their last name in a year; older records keep the former "
        "one. Marriages are 6 per 1,000 inhabitants (US, CDC, 2022).",
        0.1,
    )
    moves_per_year: float = share(
        0.08,
        "Households that move in a year; older records and orders keep the former "
        "address. 8.4% of people moved in 2021 (U.S. Census Bureau, CPS).",
        0.5,
    )
    no_flat_rate: float = share(0.04, "Addresses without the number of the flat.", 0.3)
    abbreviation_rate: float = share(
        0.12, "Addresses with a shortened street (St, Av., Str.).", 0.5
    )
    street_typo_rate: float = share(0.02, "Addresses with a typing error in the street.", 0.2)
    unnumbered_rate: float = share(
        0.85, "E-mail addresses without a number, of those that are then still unique."
    )

    @property
    def first_name_rates(self) -> tuple[float, ...]:
        """Share of each of ``name_noise.FIRST_KINDS``."""
        rates = {
            name_noise.NICKNAME: self.nickname_rate,
            name_noise.INITIAL: self.initial_rate,
            name_noise.TYPO: self.first_name_typo_rate,
            name_noise.PHONETIC: self.first_name_sound_rate,
            name_noise.TRANSLITERATED: self.first_name_latin_rate,
        }
        return _shares(rates, name_noise.FIRST_KINDS)

    @property
    def last_name_rates(self) -> tuple[float, ...]:
        """Share of each of ``name_noise.LAST_KINDS``."""
        rates = {
            name_noise.TYPO: self.last_name_typo_rate,
            name_noise.PHONETIC: self.last_name_sound_rate,
            name_noise.TRANSLITERATED: self.last_name_latin_rate,
        }
        return _shares(rates, name_noise.LAST_KINDS)

    @property
    def address_rates(self) -> tuple[float, ...]:
        """Share of each of ``address_noise.KINDS``."""
        rates = {
            "no_flat": self.no_flat_rate,
            "abbreviated": self.abbreviation_rate,
            "street_typo": self.street_typo_rate,
        }
        return _shares(rates, address_noise.KINDS)


def _shares(rates: dict[str, float], kinds: tuple[str, ...]) -> tuple[float, ...]:
    changed = [rates.get(kind, 0.0) for kind in kinds[1:]]
    return (1 - sum(changed), *changed)
