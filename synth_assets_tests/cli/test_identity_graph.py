"""``synth identity-graph``: options, a file and a preset, an append, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from synth_assets.core.model import Domain
from synth_assets.domains.identity_graph.domain import domain_of
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.pipelines import identity_graph as pipeline
from synth_assets.quality.structural import holds
from synth_assets_tests.cli.conftest import Done, Synth

FILE = """
shards: 2
household_config: {num_households: 2000}
engagement_config: {events_per_person: {mean: 3}}
"""
SMALL = ("--preset", "census", "--campaigns", "3", "--no-gates")


@pytest.fixture
def synth(home: Path, in_process: Synth) -> Synth:
    """``synth identity-graph`` in this process, with an empty home."""
    return partial(in_process, "identity-graph")


def written(folder: Path, text: str = FILE) -> str:
    """The path of a YAML file with that text."""
    file = folder / "graph.yaml"
    file.write_text(text)
    return str(file)


def rows(home: Path, table: str) -> pl.DataFrame:
    """The stored rows of a table."""
    return pl.read_parquet(home / f"lake/identity_graph/{table}/**/data.parquet")


def stored_files(home: Path) -> dict[str, bytes]:
    """All stored files."""
    return {str(path): path.read_bytes() for path in sorted(home.rglob("data.parquet"))}


def test_options_override_the_file_and_an_append_keeps_stored_rows(
    home: Path, tmp_path: Path, synth: Synth
) -> None:
    common = ("--config", written(tmp_path), *SMALL)
    first = synth(*common, "--households", "1000", "--seed", "7")
    assert first.code == 0, first.err
    assert "succeeded in" in first.out
    # Number of households from the option, shards from the file, household sizes from the preset.
    homes, seen = rows(home, "households"), rows(home, "campaign_exposures")
    assert homes.height == 1_000
    assert len([path for path in stored_files(home) if "/households/" in path]) == 2
    assert (homes["household_size"] == 1).mean() > 0.23  # type: ignore[operator]
    assert rows(home, "campaigns").height == 3

    grown = synth(*common, "--households", "1100", "--seed", "7", "--append")
    assert grown.code == 0, grown.err
    lines = {line.split()[1]: line for line in grown.out.splitlines() if line.startswith("│")}
    assert "as it was" in lines["campaigns"]
    assert "made" in lines["households"]
    assert rows(home, "households").height == 1_100
    for before, table in ((homes, "households"), (seen, "campaign_exposures")):
        now = rows(home, table)
        assert now.height > before.height
        assert now.join(before, on=now.columns, how="semi").height == before.height

    kept = stored_files(home)
    refused = synth(*common, "--households", "1100", "--append")
    assert refused.code == 2
    assert "another seed or other settings" in refused.err
    assert "Traceback" not in refused.err
    assert stored_files(home) == kept


def test_a_failed_gate_is_reported_as_by_every_command(
    home: Path, tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = holds("planted", "No row has an id.", pl.col("campaign_id").is_null())

    def spoilt(config: GenerationConfig) -> Domain:
        domain = domain_of(config)
        campaigns = replace(domain.table("campaigns"), checks=[planted])
        return replace(domain, tables=[campaigns])

    monkeypatch.setattr(pipeline, "domain_of", spoilt)
    done = synth("--config", written(tmp_path), "--campaigns", "3")
    assert done.code == 1
    assert "failed: identity_graph/campaigns planted" in done.err
    assert "measured 3, threshold = 0" in done.err
    assert "gates FAILED" in done.out


def assert_refused(done: Done, home: Path, *said: str) -> None:
    """Asserts one error line with these words, no traceback, and no stored files."""
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1, done.err
    for words in said:
        assert words in done.err
    assert not home.exists()


# A range, an option's range, a sum over names, a name, two fields together, part of a file.
@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        (("--households", "999"), FILE, ("household_config.num_households = 999", "1000")),
        (("--campaigns", "1001"), FILE, ("campaign_config.num_campaigns = 1001", "1000")),
        (("--end-date", "2025-01-02"), FILE, ("end_date 2025-01-02", "2025-04-01")),
        ((), "seed: [1]", ("seed = [1]", "integer")),
        (
            (),
            "household_config: {income_brackets: {<30K: 0.5, 150K+: 0.4}}",
            ("household_config.income_brackets", "sum to 0.9", "0.99 to 1.01"),
        ),
        (
            (),
            "campaign_config: {channels: [radio]}",
            ("campaign_config.channels", "'radio'", "email, social, display, video, ctv"),
        ),
        (
            (),
            "campaign_config: {conversion_value_range: {min: 20, max: 10}}",
            ("campaign_config.conversion_value_range", "min 20 must not be above max 10"),
        ),
        (
            (),
            "engagement_config: {temporal_pattern: hourly}",
            ("engagement_config.temporal_pattern", "'seasonal'"),
        ),
        ((), "homes: 5", ("unknown scenario field 'homes'", "household_config")),
        (
            (),
            "household_config: {homes: 5}",
            ("unknown scenario field 'household_config.homes'", "num_households"),
        ),
        # Text that looks like terminal markup is printed literally.
        ((), "catalog_name: '[/bold]'", ("catalog_name = '[/bold]'",)),
        ((), "seed: [", ("cannot read", "graph.yaml", "line 1")),
        ((), "- seed", ("cannot read", "graph.yaml", "must hold fields and their values")),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    home: Path, tmp_path: Path, synth: Synth, words: tuple[str, ...], text: str, said: tuple[str]
) -> None:
    assert_refused(synth("--config", written(tmp_path, text), *words), home, *said)


def test_a_file_that_cannot_be_read_is_named(home: Path, tmp_path: Path, synth: Synth) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("seed: é".encode("latin-1"))
    for file, why in (
        (tmp_path / "missing.yaml", "there is no such file"),
        (tmp_path, "must be a file, and is a folder"),
        (latin, "no text in UTF-8"),
    ):
        assert_refused(synth("--config", str(file)), home, str(file), why)


def test_an_unknown_preset_is_reported_with_the_known_ones(home: Path, synth: Synth) -> None:
    done = synth("--preset", "france")
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "brief" in done.err
    assert "census" in done.err
    assert not home.exists()
