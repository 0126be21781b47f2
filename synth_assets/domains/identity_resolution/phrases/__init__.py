"""What reviews and answers of surveys are made of, one module a language.

``kinds`` has the type; ``BY_LANGUAGE`` all languages of the markets.
"""

from __future__ import annotations

from synth_assets.domains.identity_resolution.phrases import de, en, es, fr, it, ja, ko, pt, zh
from synth_assets.domains.identity_resolution.phrases.kinds import Phrases

BY_LANGUAGE: dict[str, Phrases] = {
    "en": en.PHRASES,
    "fr": fr.PHRASES,
    "de": de.PHRASES,
    "es": es.PHRASES,
    "it": it.PHRASES,
    "ja": ja.PHRASES,
    "zh": zh.PHRASES,
    "ko": ko.PHRASES,
    "pt": pt.PHRASES,
}
