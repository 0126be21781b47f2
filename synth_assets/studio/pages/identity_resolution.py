"""Identity resolution: clusters as graphs, scores of the baseline, and scores of an upload."""

from __future__ import annotations

import re
import tempfile
from functools import partial
from pathlib import Path

import polars as pl
import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.model import Domain
from synth_assets.domains.identity_resolution.resolution.clusters_file import (
    MIN_COVERAGE,
    TRUTH_COLUMNS,
    coverage,
    read_clusters,
    refuse_unknown,
    with_singletons,
)
from synth_assets.domains.identity_resolution.resolution.score import OVERALL, SCOPES, score
from synth_assets.domains.identity_resolution.scenario import DOMAIN
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.domains.identity_resolution.tables.resolution_scores import NAME as SCORES
from synth_assets.studio import look, safe
from synth_assets.studio.context import Studio, current
from synth_assets.studio.dashboards import clusters, records
from synth_assets.studio.dashboards.dashboard import dashboard
from synth_assets.studio.dashboards.period import Period, choose_period
from synth_assets.studio.warehouse import NotBuiltError

METRICS = {
    "Precision": "precision",
    "Recall": "recall",
    "F1": "f1",
    "B-cubed precision": "b_cubed_precision",
    "B-cubed recall": "b_cubed_recall",
    "B-cubed F1": "b_cubed_f1",
}
DAY = pl.col("day")
TITLES = dict(zip(SCOPES, ("All records", "Between two sources", "Edge cases"), strict=True))


def page() -> None:
    """Draws the page."""
    with dashboard("Identity resolution", DOMAIN) as shown:
        studio, domain, stores = shown.studio, shown.domain, shown.studio.open_stores()
        if not stores.describe(domain.table(SCORES)):
            raise NotBuiltError("nothing has been resolved")
        daily = _per_day(str(studio.home))
        days = choose_period("resolution dates", *daily.select(a=DAY.min(), b=DAY.max()).row(0))
        sections = {
            "Scores": partial(_baseline, studio, domain, days, daily),
            "Clusters": partial(_clusters, studio, domain, days),
            "Score your resolver": partial(_upload, studio, domain),
        }
        look.tabs("resolution tabs", sections)


@st.cache_data(ttl=60, max_entries=4, show_spinner="Records are being counted …")
def _per_day(home: str) -> pl.DataFrame:
    studio = current()
    return records.per_day(studio.domain(DOMAIN), studio.open_stores())


@st.cache_data(ttl=60, max_entries=16, show_spinner="The records of these days are being scored …")
def _scores_of_days(home: str, days: Period) -> pl.DataFrame | None:
    studio = current()
    return records.scores_of_days(studio.domain(DOMAIN), studio.open_stores(), days)


def _baseline(studio: Studio, domain: Domain, days: Period, daily: pl.DataFrame) -> None:
    """The scores of the baseline: those that are stored, or on the records of some days."""
    if days.whole:
        _scores(studio.open_stores().scan(domain.table(SCORES)).collect(), "baseline")
    elif (scores := _scores_of_days(str(studio.home), days)) is not None:
        st.caption("Scored are the records that began in these days, by the clusters of all days.")
        _scores(scores, "baseline")
    else:
        st.caption("Nobody is known to be behind the records of these days.")
    st.subheader("Records per week, by the day on which they began", anchor=False)
    inside = daily.filter(DAY.is_between(days.first, days.last))
    weekly = inside.group_by("source", week=DAY.dt.truncate("1w")).agg(pl.col("records").sum())
    look.lines(weekly.sort("week", "source"), "week", "records", "source")
    look.export(inside, "resolution records")


def _scores(scores: pl.DataFrame, name: str) -> None:
    overall = scores.filter(pl.col("scope") == OVERALL).row(0, named=True)
    look.numbers({title: _shown(overall[column]) for title, column in METRICS.items()})
    for scope, title in TITLES.items():
        if scope == OVERALL:
            continue
        st.subheader(title, anchor=False)
        found = scores.filter(pl.col("scope") == scope)
        long = found.select("name", "precision", "recall").unpivot(
            index="name", variable_name="score", value_name="value"
        )
        left, right = st.columns(2, gap="medium")
        with left:
            look.bars(long.drop_nulls(), "value", "name", "score", title="Precision and recall")
        with right:
            look.table(found.drop("scope"), f"{name} {title}", min(720, 36 * len(found) + 40))


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@st.cache_data(ttl=60, max_entries=16, show_spinner="Clusters are being counted …")
def _offered(home: str, days: Period) -> pl.DataFrame:
    studio = current()
    domain, stores = studio.domain(DOMAIN), studio.open_stores()
    inside = None if days.whole else records.of_days(domain, stores, days)
    return clusters.offered(domain, stores, inside)


def _clusters(studio: Studio, domain: Domain, days: Period) -> None:
    offered = _offered(str(studio.home), days)
    if offered.is_empty():
        st.caption("No record of these days is in a cluster of several.")
        return
    names = {
        row["cluster_id"]: f"{row['cluster_id']}: {row['records']} records, "
        f"{row['persons']} person{'s' if row['persons'] != 1 else ''}"
        for row in offered.iter_rows(named=True)
    }
    chosen = st.selectbox("Cluster", list(names), format_func=names.__getitem__, key="cluster")
    truth = st.toggle(
        "Show who the records are", key="cluster truth",
        help="The ground truth: records of one person have one colour.",
    )  # fmt: skip
    cluster = clusters.read(domain, studio.open_stores(), chosen)
    st.graphviz_chart(clusters.dot(cluster, truth=truth), width="stretch")
    st.caption("Boxes are records, with an orange border where a value was edited; ellipses are "
               "identifiers that records share.")  # fmt: skip
    shown = cluster.records if truth else cluster.records.drop("person_id")
    look.export(shown, f"cluster {chosen}")
    if not cluster.edits.is_empty():
        columns = ["source", "record_id", "column_name", "noise_kind", "observed_value"]
        edits = cluster.edits.select(*columns, *(["true_value"] if truth else []))
        look.table(edits, f"edits of {chosen}")


def _upload(studio: Studio, domain: Domain) -> None:
    st.markdown(
        "A CSV or Parquet file with a row for each record: `record_id` and `cluster_id`. "
        "All records are scored, whatever the dates, as `synth score-resolution` scores them. The "
        "file is kept nowhere."
    )
    file = st.file_uploader("Clusters", type=["csv", "parquet"], key="clusters file")
    if file is None:
        return
    try:
        scores = _scored(studio, domain, file.name, file.getvalue())
    except UserError as error:
        st.error(safe.message(error))
        return
    _scores(scores, "upload")


def _scored(studio: Studio, domain: Domain, name: str, content: bytes) -> pl.DataFrame:
    """The scores of an uploaded file, with what is to be said of it."""
    truth = studio.open_stores().scan(domain.table(TRUTH)).select(TRUTH_COLUMNS).collect()
    with tempfile.TemporaryDirectory(prefix="synth-upload-") as folder:
        file = Path(folder) / (re.sub(r"[^A-Za-z0-9._-]", "_", Path(name).name) or "clusters.csv")
        file.write_bytes(content)
        try:
            given = read_clusters(file)
            refuse_unknown(given, truth, file)
        except UserError as error:
            raise UserError(str(error).replace(str(file), file.name)) from None
    shares = coverage(truth, given)
    st.caption(
        f"The file has {shares['of_truth']:.1%} of {len(truth):,} records, and "
        f"{shares['of_known_persons']:.1%} of those whose person is known."
    )
    if shares["of_known_persons"] < MIN_COVERAGE:
        st.warning("Many records are missing, so recall is low whatever the resolver does.")
    scored, missing = with_singletons(truth, given)
    if missing:
        st.caption(f"{missing:,} records that are not in the file count as clusters of their own.")
    return score(scored.filter(pl.col("person_id").is_not_null()))
