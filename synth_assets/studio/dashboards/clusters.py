"""A cluster of a resolver as a graph: its records, the identifiers that link them, what was edited.

The baseline resolver's own normalisation decides which records share an identifier.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from synth_assets.core.model import Domain
from synth_assets.domains.identity_resolution.identifiers import IDENTIFIERS
from synth_assets.domains.identity_resolution.records import SOURCES
from synth_assets.domains.identity_resolution.resolution.normalise import identifying
from synth_assets.domains.identity_resolution.tables.identity_edits import NAME as EDITS
from synth_assets.domains.identity_resolution.tables.identity_truth import NAME as TRUTH
from synth_assets.domains.identity_resolution.tables.resolved_identities import NAME as RESOLVED
from synth_assets.stores.routing import Stores
from synth_assets.studio.theme import COLOURS

# Records of a cluster that can be drawn, and with which it is read without a lens; clusters that
# are offered.
MOST_RECORDS, READABLE, OFFERED = 40, 12, 300
# Characters of a label.
WIDTH = 34


@dataclass(frozen=True)
class Cluster:
    """A cluster.

    Attributes:
        records: ``source``, ``record_id``, ``person_id`` and ``edits`` of its records.
        identifiers: ``record_id``, ``identifier_type``, ``written`` and ``value`` of each.
        edits: The ground truth's edits of its records.
    """

    records: pl.DataFrame
    identifiers: pl.DataFrame
    edits: pl.DataFrame


def offered(domain: Domain, stores: Stores, having: pl.LazyFrame | None = None) -> pl.DataFrame:
    """Clusters that are worth a look: readable ones of several persons first, then large ones.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
        having: Keys of records of which a cluster has one at least; any without.

    Returns:
        ``cluster_id``, ``records`` and ``persons``.
    """
    clusters = stores.scan(domain.table(RESOLVED)).filter(
        pl.col("cluster_size").is_between(2, MOST_RECORDS)
    )
    if having is not None:
        matching = clusters.join(having, on=["source", "record_id"], how="semi").select(
            "cluster_id"
        )
        clusters = clusters.join(matching.unique(), on="cluster_id", how="semi")
    truth = stores.scan(domain.table(TRUTH)).select("source", "record_id", "person_id")
    counted = (
        clusters.join(truth, on=["source", "record_id"])
        .group_by("cluster_id")
        .agg(records=pl.len(), persons=pl.col("person_id").n_unique())
    )
    readable = pl.col("records") <= READABLE
    return counted.sort(
        readable, "persons", "records", "cluster_id", descending=[True, True, True, False]
    ).head(OFFERED).collect(engine="streaming")  # fmt: skip


def read(domain: Domain, stores: Stores, cluster_id: str) -> Cluster:
    """One cluster with everything that is drawn of it.

    Args:
        domain: Identity resolution.
        stores: Where its tables are stored.
        cluster_id: The cluster.
    """
    members = (
        stores.scan(domain.table(RESOLVED))
        .filter(pl.col("cluster_id") == cluster_id)
        .select("source", "record_id")
        .head(MOST_RECORDS)
        .collect()
    )
    keys = ["source", "record_id"]
    inside = pl.col("record_id").is_in(members["record_id"].implode())
    truth = stores.scan(domain.table(TRUTH)).filter(inside).select(*keys, "person_id").collect()
    edits = stores.scan(domain.table(EDITS)).filter(inside).collect()
    changed = edits.group_by(keys).agg(edits=pl.len())
    records = members.join(truth, on=keys, how="left").join(changed, on=keys, how="left")
    columns = {source.table: source.key for source in SOURCES.values()}
    found = [
        stores.scan(domain.table(source))
        .filter(pl.col(columns[source]).is_in(members["record_id"].implode()))
        .select(
            record_id=columns[source],
            identifier_type=pl.lit(kind),
            written=pl.col(column).cast(pl.String),
            value=identifying(kind, pl.col(column)),
        )
        .drop_nulls("value")
        for source in members["source"].unique().to_list()
        for kind, column in IDENTIFIERS[source].items()
    ]
    identifiers = pl.concat(found).collect()
    return Cluster(records.sort(keys), identifiers, edits)


def dot(cluster: Cluster, *, truth: bool) -> str:
    """The graph in Graphviz's language: boxes are records, ellipses what they share.

    Args:
        cluster: The cluster.
        truth: Whether records have the colour of their person, as the ground truth has it.
    """
    persons = cluster.records["person_id"].unique().sort(nulls_last=True).to_list()
    colours = {p: COLOURS[i % len(COLOURS)] for i, p in enumerate(persons)}
    lines = [
        "graph cluster {",
        'graph [bgcolor="transparent", layout=neato, overlap=false, splines=true];',
        'node [fontname="sans-serif", fontsize=10]; edge [color="#888888"];',
    ]
    nodes = {record: f"r{i}" for i, record in enumerate(cluster.records["record_id"])}
    for row in cluster.records.iter_rows(named=True):
        person = row["person_id"]
        fill = colours[person] + "55" if truth else "#F2F2F2"
        mark = f"\n{row['edits']} edited" if row["edits"] else ""
        who = f"\n{person or 'nobody knows who'}" if truth else ""
        border = 'color="#D55E00", penwidth=2.5' if row["edits"] else 'color="#555555"'
        label = quoted(f"{row['source']}\n{row['record_id']}{who}{mark}")
        look = f'shape=box, style="filled,rounded", fillcolor="{fill}", {border}'
        lines.append(f"{nodes[row['record_id']]} [label={label}, {look}];")
    shared = _shared(cluster.identifiers)
    for index, (kind, value) in enumerate(shared):
        look = 'style=filled, fillcolor="#DCEBF5", color="#0072B2"'
        label = quoted("\n".join((kind, value)))
        lines.append(f"i{index} [label={label}, {look}];")
        lines += [f"{nodes[record]} -- i{index};" for record in shared[kind, value]]
    return "\n".join([*lines, "}"])


def _shared(identifiers: pl.DataFrame) -> dict[tuple[str, str], list[str]]:
    """The records of each identifier, by type and value, that several records share."""
    by_value = identifiers.group_by("identifier_type", "value", maintain_order=True).agg(
        records=pl.col("record_id").unique().sort()
    )
    found = by_value.filter(pl.col("records").list.len() > 1).sort("identifier_type", "value")
    return {(kind, value): records for kind, value, records in found.iter_rows()}


def quoted(text: str) -> str:
    """A text as a quoted string of Graphviz, in which nothing has a meaning.

    Args:
        text: The text; of each line the first characters are kept.
    """
    lines = [line[:WIDTH] + ("…" if len(line) > WIDTH else "") for line in text.split("\n")]
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
