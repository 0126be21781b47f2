"""A resolver's clusters from a file: reading, refusing what cannot be scored, and its coverage.

The scores are in ``score``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from synth_assets.core.errors import UserError

READERS: dict[str, Callable[..., pl.LazyFrame]] = {".csv": pl.scan_csv, ".parquet": pl.scan_parquet}
# The sql-identity-resolution tool names a record `<table_id>:<record_id>`.
TABLE_ID_SEPARATOR = ":"
# How many ids an error message shows.
MAX_SAMPLES = 3
# Below this share of the records of known persons, the file is probably of other data.
MIN_COVERAGE = 0.9
# The columns of the truth that are read.
TRUTH_COLUMNS = ("source", "record_id", "person_id", "edge_case")


def read_clusters(
    file: Path, record_column: str = "record_id", cluster_column: str = "cluster_id"
) -> pl.DataFrame:
    """The clusters of a file: ``record_id`` (unique), ``cluster_id``, ``source`` if it has one.

    Args:
        file: CSV or Parquet, a row for each record.
        record_column: Column of record ids; ``table_id:`` before them is left out.
        cluster_column: Column of clusters.

    Raises:
        UserError: The file cannot be read, or its rows cannot be scored.
    """
    frame, found = open_file(file)
    for name in (record_column, cluster_column):
        if name not in found:
            raise UserError(f"{file}: has no column {name!r}: known are {', '.join(found)}")
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


def open_file(file: Path) -> tuple[pl.LazyFrame, list[str]]:
    """The rows of a file, and its columns; of CSV all are texts.

    Args:
        file: CSV or Parquet.

    Raises:
        UserError: It cannot be read.
    """
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


def refuse_unknown(given: pl.DataFrame, truth: pl.DataFrame, file: Path) -> None:
    """Refuses clusters of records that do not exist.

    Args:
        given: The clusters of the file.
        truth: The records that exist.
        file: The file, for the error.

    Raises:
        UserError: A record does not exist.
    """
    keys = [column for column in ("source", "record_id") if column in given.columns]
    unknown = given.join(truth, on=keys, how="anti")["record_id"].sort()
    if len(unknown):
        raise UserError(
            f"{file}: {len(unknown):,} of {len(given):,} records are not in "
            f"identity_resolution/identity_truth ({_some(unknown)}); "
            f"ids there look like {_some(truth['record_id'])}"
        )


def coverage(truth: pl.DataFrame, given: pl.DataFrame) -> dict[str, float]:
    """The shares of the truth's records that a file has.

    The second share leaves out records of unknown persons: a resolver may omit them, and as
    clusters of one record they are correct.

    Args:
        truth: The records that exist.
        given: The clusters of the file.

    Returns:
        ``of_truth`` and ``of_known_persons``.
    """
    in_file = pl.col("record_id").is_in(given["record_id"].implode())
    known = truth.filter(pl.col("person_id").is_not_null())
    return {"of_truth": _share(truth, in_file), "of_known_persons": _share(known, in_file)}


def _share(truth: pl.DataFrame, in_file: pl.Expr) -> float:
    return float(truth.select(in_file.mean().fill_null(1.0)).item())


def with_singletons(truth: pl.DataFrame, given: pl.DataFrame) -> tuple[pl.LazyFrame, int]:
    """The truth with a cluster per record; a record that is not in the file is its own cluster.

    Args:
        truth: The records that exist.
        given: The clusters of the file.

    Returns:
        The records, and how many of them are not in the file.
    """
    joined = truth.join(given.select("record_id", "cluster_id"), on="record_id", how="left")
    # No cluster id in a file begins with a null character.
    own = pl.concat_str(pl.lit("\0"), "record_id")
    filled = joined.with_columns(cluster_id=pl.col("cluster_id").fill_null(own))
    return filled.lazy(), joined["cluster_id"].null_count()
