"""``synth score-resolution``: the clusters of any resolver, scored against the stored truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table as Grid

from synth_assets.cli.console import err, out, path_markup
from synth_assets.cli.paths import LocalPath
from synth_assets.cli.selection import domain_named
from synth_assets.core.errors import UnknownNameError, UserError
from synth_assets.core.model import TableView
from synth_assets.domains.identity_resolution.resolution.score import SCOPES, score
from synth_assets.domains.identity_resolution.scenario import DOMAIN
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.orchestration.settings import Settings

READERS: dict[str, Callable[..., pl.LazyFrame]] = {".csv": pl.scan_csv, ".parquet": pl.scan_parquet}
# The sql-identity-resolution tool names a record `<table_id>:<record_id>`.
TABLE_ID_SEPARATOR = ":"
# How many ids an error message shows.
MAX_SAMPLES = 3
# Below this share of the records of known persons, the file is probably of other data.
MIN_COVERAGE = 0.9
# The columns of the truth that are read.
COLUMNS = ("source", "record_id", "person_id", "edge_case")
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
    given = _read(file, record_column, cluster_column)
    truth = _published(truth_file) if truth_file else _stored()
    _refuse_unknown(given, truth, file)
    covered = _coverage(truth, given, file)
    scores = score(_with_singletons(truth, given))
    _print(scores)
    if output is not None:
        _write(scores, covered, output)


def _read(file: Path, record_column: str, cluster_column: str) -> pl.DataFrame:
    """Columns ``record_id`` (unique) and ``cluster_id``, and ``source`` if the file has it."""
    frame, found = _open(file)
    for name in (record_column, cluster_column):
        if name not in found:
            raise UnknownNameError(f"column of {file}", name, found)
    text = {
        "record_id": pl.col(record_column)
        .cast(pl.String)
        .str.split(TABLE_ID_SEPARATOR)
        .list.last(),
        "cluster_id": pl.col(cluster_column).cast(pl.String),
    }
    source = {"source": pl.col("source").cast(pl.String)} if "source" in found else {}
    try:
        given = frame.select(**text, **source).collect()
    except pl.exceptions.PolarsError as error:
        raise _unreadable(file, error) from None
    _refuse_bad_rows(given, file, record_column, cluster_column)
    return given


def _open(file: Path) -> tuple[pl.LazyFrame, list[str]]:
    if file.suffix.lower() not in READERS:
        raise UserError(f"{file}: must end in {' or '.join(READERS)}")
    if not file.is_file():
        raise UserError(f"{file}: there is no such file")
    try:
        # Ids that look like numbers stay strings, with their leading zeros.
        options: dict[str, Any] = {"infer_schema": False} if file.suffix.lower() == ".csv" else {}
        frame = READERS[file.suffix.lower()](file, **options)
        return frame, frame.collect_schema().names()
    except pl.exceptions.NoDataError:
        raise UserError(f"{file}: is empty, it must have a line for each record") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(file, error) from None


def _unreadable(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: cannot be read ({str(error).splitlines()[0]})")


def _refuse_bad_rows(given: pl.DataFrame, file: Path, *columns: str) -> None:
    if given.is_empty():
        raise UserError(f"{file}: has no rows, it must have one for each record")
    for name, column in zip(columns, ("record_id", "cluster_id"), strict=True):
        if nulls := given[column].null_count():
            raise UserError(f"{file}: {name} is empty in {nulls:,} rows, every row must have one")
    repeated = given.filter(pl.col("record_id").is_duplicated())["record_id"].unique().sort()
    if len(repeated):
        raise UserError(
            f"{file}: {len(repeated):,} records are there more than once ({_some(repeated)}), "
            "each must be in one cluster"
        )


def _some(values: pl.Series) -> str:
    return ", ".join(values.head(MAX_SAMPLES)) + (", …" if len(values) > MAX_SAMPLES else "")


def _published(file: Path) -> pl.DataFrame:
    """The truth in a file that ``synth identity-resolution`` has written."""
    frame, found = _open(file)
    for name in COLUMNS:
        if name not in found:
            raise UnknownNameError(f"column of {file}", name, found)
    return frame.select(COLUMNS).collect()


def _stored() -> pl.DataFrame:
    domain = domain_named(DOMAIN)
    stores = Settings.from_environment().open_stores()
    table = domain.table(TRUTH)
    stored = TableView(domain, table, table.partitioning.keys(), stores, domain.scenario)
    return stored.all().select(COLUMNS).collect()


def _refuse_unknown(given: pl.DataFrame, truth: pl.DataFrame, file: Path) -> None:
    keys = [column for column in ("source", "record_id") if column in given.columns]
    unknown = given.join(truth, on=keys, how="anti")["record_id"].sort()
    if len(unknown):
        raise UserError(
            f"{file}: {len(unknown):,} of {len(given):,} records are not in {DOMAIN}/{TRUTH} "
            f"({_some(unknown)}); ids there look like {_some(truth['record_id'])}"
        )


def _coverage(truth: pl.DataFrame, given: pl.DataFrame, file: Path) -> dict[str, float]:
    """Prints and returns the shares of the truth's records that the file has; warns if low.

    The second share leaves out records of unknown persons: a resolver may omit them, and as
    clusters of one record they are correct.
    """
    in_file = pl.col("record_id").is_in(given["record_id"].implode())
    known = truth.filter(pl.col("person_id").is_not_null())
    shares = {
        "of_truth": _share(truth, in_file),
        "of_known_persons": _share(known, in_file),
    }
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


def _share(truth: pl.DataFrame, in_file: pl.Expr) -> float:
    return float(truth.select(in_file.mean().fill_null(1.0)).item())


def _with_singletons(truth: pl.DataFrame, given: pl.DataFrame) -> pl.LazyFrame:
    """The truth with a cluster per record; a record that is not in the file is its own cluster."""
    joined = truth.join(given.select("record_id", "cluster_id"), on="record_id", how="left")
    missing = joined["cluster_id"].null_count()
    if missing:
        err.print(
            f"[yellow]warning:[/] {missing:,} of {len(truth):,} records are not in the file; "
            "each counts as a cluster of its own",
            highlight=False,
            soft_wrap=True,
        )
    # No cluster id in a file begins with a null character.
    own = pl.concat_str(pl.lit("\0"), "record_id")
    return joined.with_columns(cluster_id=pl.col("cluster_id").fill_null(own)).lazy()


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
