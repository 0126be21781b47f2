"""``synth score-resolution``: the clusters of any resolver, scored against the stored truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table as Grid

from synth_assets.cli.console import err, out, path_markup
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import domain_named
from synth_assets.core.errors import UserError
from synth_assets.core.model import TableView
from synth_assets.domains.identity_resolution.resolution.clusters_file import (
    MIN_COVERAGE,
    TRUTH_COLUMNS,
    coverage,
    open_file,
    read_clusters,
    refuse_unknown,
    with_singletons,
)
from synth_assets.domains.identity_resolution.resolution.score import SCOPES, score
from synth_assets.domains.identity_resolution.scenario import DOMAIN
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.orchestration.settings import Settings
from synth_assets.stores.damage import VerifyingReader

TITLES = dict(zip(SCOPES, ("all records", "between two sources", "edge cases"), strict=True))
METRICS = ("precision", "recall", "f1", "b_cubed_precision", "b_cubed_recall", "b_cubed_f1")


def score_resolution(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: a row a record, with its cluster.", parser=LocalPath("FILE")
        ),
    ],
    record_column: Annotated[
        str, typer.Option(help="Column of record ids; `table_id:` before them is left out.")
    ] = "record_id",
    cluster_column: Annotated[str, typer.Option(help="Column of clusters.")] = "cluster_id",
    truth_file: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            help="The published identity_truth.parquet, not the stored one.",
            parser=LocalPath("--truth"),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Also write the scores as JSON.", parser=LocalPath("--output", written=True)
        ),
    ] = None,
) -> None:
    """Score a resolver's clusters against the stored truth, as resolution_scores has them."""
    given = read_clusters(file, record_column, cluster_column)
    truth = _published(truth_file) if truth_file else _stored()
    refuse_unknown(given, truth, file)
    covered = _coverage(truth, given, file)
    scores = score(_with_singletons(truth, given))
    _print(scores)
    if output is not None:
        _write(scores, covered, output)


def _published(file: Path) -> pl.DataFrame:
    """The truth in a file that ``synth identity-resolution`` has written."""
    frame, found = open_file(file)
    for name in TRUTH_COLUMNS:
        if name not in found:
            raise UserError(f"{file}: has no column {name!r}: known are {', '.join(found)}")
    return frame.select(TRUTH_COLUMNS).collect()


def _stored() -> pl.DataFrame:
    domain = domain_named(DOMAIN)
    stores = VerifyingReader(Settings.from_environment().open_stores())
    table = domain.table(TRUTH)
    stored = TableView(domain, table, table.partitioning.keys(), stores, domain.scenario)
    return stored.all().select(TRUTH_COLUMNS).collect()


def _coverage(truth: pl.DataFrame, given: pl.DataFrame, file: Path) -> dict[str, float]:
    """Prints and returns the shares of the truth's records that the file has; warns if low."""
    shares = coverage(truth, given)
    out.print(
        f"coverage: {file.name} has {shares['of_truth']:.1%} of the truth's {len(truth):,} records "
        f"({shares['of_known_persons']:.1%} of those whose person is known)",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )
    if shares["of_known_persons"] < MIN_COVERAGE:
        err.print(
            f"[yellow]warning:[/] the file has less than {MIN_COVERAGE:.0%} of the records whose "
            "person is known, so recall is low whatever the resolver does: are both of the same "
            "data and scale?",
            highlight=False,
            soft_wrap=True,
        )
    return shares


def _with_singletons(truth: pl.DataFrame, given: pl.DataFrame) -> pl.LazyFrame:
    """The truth with a cluster per record; warns of records that are not in the file."""
    records, missing = with_singletons(truth, given)
    if missing:
        err.print(
            f"[yellow]warning:[/] {missing:,} of {len(truth):,} records are not in the file; "
            "each counts as a cluster of its own",
            highlight=False,
            soft_wrap=True,
        )
    return records


def _print(scores: pl.DataFrame) -> None:
    for scope, title in TITLES.items():
        grid = Grid(title=title, title_justify="left")
        grid.add_column("", no_wrap=True)
        for name in ("records", *METRICS):
            grid.add_column(name.replace("b_cubed", "B³").replace("_", " "), justify="right")
        for row in scores.filter(pl.col("scope") == scope).iter_rows(named=True):
            metrics = ["" if row[n] is None else f"{row[n]:.4f}" for n in METRICS]
            grid.add_row(row["name"], f"{row['records']:,}", *metrics)
        out.print(grid)


def _write(scores: pl.DataFrame, covered: dict[str, float], output: Path) -> None:
    document: dict[str, object] = {"coverage": covered}
    document |= {
        scope: [
            {name: value for name, value in row.items() if name != "scope"}
            for row in scores.filter(pl.col("scope") == scope).iter_rows(named=True)
        ]
        for scope in SCOPES
    }
    try:
        output.write_text(json.dumps(document, indent=1) + "\n")
    except OSError as error:
        raise UserError(
            f"cannot write {output}: {(error.strerror or str(error)).lower()}"
        ) from None
    out.print(f"wrote {path_markup(output)}", highlight=False, soft_wrap=True)
