"""Checks that are evaluated a part at a time find what they find in the whole table."""

from __future__ import annotations

import polars as pl
import pytest

from synth_assets.core import model
from synth_assets.core.check_result import CheckResult
from synth_assets.core.model import Domain
from synth_assets.domains.identity_graph import session_checks
from synth_assets.domains.identity_graph.layout import ENGAGEMENTS
from synth_assets.quality.structural import checks_of
from synth_assets_tests.quality.memory import Memory, judge

# Rows at once: less than a shard of any of the tables has.
FEW = 500
CHECKS = {
    "views_do_not_overlap": ENGAGEMENTS,
    "identifier_coverage": "identity_mappings",
    "spend_within_pacing": "campaign_exposures",
}


@pytest.mark.parametrize("name", CHECKS)
def test_parts_give_the_result_of_the_whole(
    name: str, domain: Domain, sound: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = CHECKS[name]
    (check,) = (check for check in checks_of(domain.table(table)) if check.name == name)
    reader = Memory(sound.slices | {ENGAGEMENTS: _with_long_views(sound)})
    whole = judge(check, domain, table, reader)
    monkeypatch.setattr(model, "ROWS_AT_ONCE", FEW)
    monkeypatch.setattr(session_checks, "ROWS_AT_ONCE", FEW)
    parts = judge(check, domain, table, reader)
    assert any(not result.passed for result in whole) == (name == "views_do_not_overlap")
    assert _figures(parts) == pytest.approx(_figures(whole))


def _with_long_views(sound: Memory) -> dict[str, pl.DataFrame]:
    """Engagements of which some begin before the view before them has ended."""
    longer = pl.col("duration_seconds") * 40
    return {key: frame.with_columns(longer) for key, frame in sound.slices[ENGAGEMENTS].items()}


def _figures(results: list[CheckResult]) -> dict[str, float]:
    """All numbers of results by partition and name."""
    found = {f"{result.key}.measured": result.measured for result in results}
    return found | {f"{r.key}.{n}": value for r in results for n, value in r.numbers.items()}
