"""Quality gates: the published reports of each domain, the checks in them, and their history."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from synth_assets.studio import formats, look, safe
from synth_assets.studio.context import Studio, current
from synth_assets.studio.frame import frame
from synth_assets.studio.inventory import Gate, gate
from synth_assets.studio.pages import gate_history

# Bytes of a report that is shown in the page; a larger one is downloaded.
MOST_SHOWN = 8_000_000


def page() -> None:
    """Draws the page."""
    studio = current()
    st.title("Quality gates")
    found = {domain.name: gate(studio.gate_folder, domain.name) for domain in studio.domains()}
    _overview(found)
    known = [name for name, one in found.items() if one]
    if not known:
        st.info("No gate has published a report yet: make a small sample on the page Home.")
        return
    asked = st.query_params.get("domain", "")
    name = st.selectbox(
        "Domain", known, known.index(asked) if asked in known else 0,
        format_func=lambda n: n.replace("_", " ").capitalize(), key="domain of the gate",
    )  # fmt: skip
    st.query_params["domain"] = name
    report = found[name]
    assert report is not None
    sections = {
        "Checks": partial(_checks, name, report),
        "The report": partial(_report, studio, name),
        "History": partial(gate_history.draw, studio.gate_folder, name),
    }
    look.tabs("gate tabs", sections)


def _overview(found: dict[str, Gate | None]) -> None:
    rows = [_counts(name, one) for name, one in found.items()]
    st.dataframe(rows, hide_index=True, width="stretch")


def _counts(name: str, published: Gate | None) -> dict[str, Any]:
    """A domain's gate, and how many checks have each status."""
    if published is None:
        return {"Domain": formats.label(name), "Gate": "no report"}
    counts = {formats.label(word): published.checks.get(word, 0) for word in look.STATUSES}
    return {
        "Domain": formats.label(name),
        "Gate": look.STATUSES[published.verdict],
        **counts,
        "Published": formats.moment(published.at),
    }


def _checks(name: str, report: Gate) -> None:
    rows = [
        {"Table": table["table"], "Check": check["name"], "Status": look.STATUSES[check["status"]],
         "Partitions": len(check["results"]),
         "Not passed": sum(not result["passed"] for result in check["results"]),
         "What holds": check["doc"]}
        for table in report.document["tables"] for check in table["checks"]
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    present = frame["Status"].unique().to_list()
    statuses = st.pills(
        "Status", [icon for icon in look.STATUSES.values() if icon in present],
        selection_mode="multi", key=f"gate status {name}",
    )  # fmt: skip
    shown = frame.filter(pl.col("Status").is_in(statuses)) if statuses else frame
    ids = [f"{table} {check}" for table, check in shown.select("Table", "Check").iter_rows()]
    chosen = look.select(shown, ids, f"gate checks {name}", height=420)
    look.export(shown, f"gate {name}")
    if chosen is None:
        st.caption("Select a check to see its measured values and the rows that failed.")
        return
    table, check = next(
        (table["table"], check)
        for table in report.document["tables"] for check in table["checks"]
        if f"{table['table']} {check['name']}" == chosen
    )  # fmt: skip
    _verdicts(table, check)


def _verdicts(table: str, check: dict[str, Any]) -> None:
    st.markdown(f"**{safe.markdown(table)}: {safe.markdown(check['name'])}**")
    st.markdown(safe.markdown(check["doc"]))
    verdicts = pl.DataFrame(
        [
            {"partition": v["partition"] or "all", "passed": v["passed"],
             "measured": v["measured"], "threshold": v["threshold"]}
            for v in check["results"]
        ],
        infer_schema_length=None,
    )  # fmt: skip
    if verdicts.is_empty():
        st.caption("It has not been evaluated.")
        return
    look.table(verdicts.sort("passed"), f"verdicts {table} {check['name']}", 240)
    failing = [row for v in check["results"] for row in v["failing_rows"]]
    if failing:
        st.markdown("Rows that failed (some of them):")
        texts = [{name: str(value) for name, value in row.items()} for row in failing[:200]]
        look.table(pl.DataFrame(texts), f"failing rows {table} {check['name']}", 240)


def _report(studio: Studio, name: str) -> None:
    file = studio.gate_folder / name / "report.html"
    try:
        content = file.read_text(encoding="utf-8")
    except OSError as error:
        st.caption(f"The report cannot be read: {error.strerror}.")
        return
    st.download_button(
        "Download the report", content, f"{name}_gate.html", "text/html", icon=":material/download:"
    )
    if len(content) > MOST_SHOWN:
        st.caption("The report is too large to be shown in this page.")
        return
    frame(content, f"Gate report of {formats.label(name)}", f"report {name}")
