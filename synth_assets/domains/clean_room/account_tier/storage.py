"""The predictor as text: JSON of names and numbers, so that reading it runs no code.

A digest detects a text that was damaged or edited by hand. It is no signature: a user who can write
the text can also renew the digest, which gives a predictor with other numbers, never other code.
"""

from __future__ import annotations

import hashlib
import json

from pydantic import ValidationError

from synth_assets.core.errors import UserError
from synth_assets.domains.clean_room.account_tier.predictor import Predictor

# A hundred times the size of a predictor with thousands of categories.
MOST_BYTES = 50_000_000


def to_json(predictor: Predictor) -> str:
    """The predictor and its digest as text; equal predictors give equal texts.

    Args:
        predictor: The predictor.
    """
    return f'{{"sha256": "{_digest(predictor)}", "predictor": {predictor.model_dump_json()}}}\n'


def from_json(text: str | bytes, where: str) -> Predictor:
    """Read a predictor that ``to_json`` wrote.

    Args:
        text: The text.
        where: The place of the text, for messages.

    Raises:
        UserError: The text is not a predictor, or was changed.
    """
    try:
        if len(text) > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES:,} bytes")
        read = json.loads(text)
        if not isinstance(read, dict) or set(read) != {"sha256", "predictor"}:
            raise ValueError('it must be an object with "sha256" and "predictor"')
        # Strict pydantic takes tuples from JSON alone, not from Python's lists.
        predictor = Predictor.model_validate_json(json.dumps(read["predictor"]))
        if read["sha256"] != _digest(predictor):
            raise ValueError("its digest does not belong to its contents: it was changed")
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "predictor"
        raise _refused(where, f"{place}: {fault['msg'].removeprefix('Value error, ')}") from None
    except RecursionError:
        raise _refused(where, "it is nested too deeply") from None
    except ValueError as error:
        raise _refused(where, str(error)) from None
    return predictor


def _digest(predictor: Predictor) -> str:
    return hashlib.sha256(predictor.model_dump_json().encode()).hexdigest()


def _refused(where: str, why: str) -> UserError:
    return UserError(f"{where} is no account tier predictor: {why[:300]}; train it again")
