"""The plots of the benchmarks' page: goals, and generators by their number of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from synth_assets_tests.bench.growth import by_generator
from synth_assets_tests.bench.peers.catalogue import OURS, PEERS
from synth_assets_tests.bench.rows import Goal

WIDTH = 9.0
MET, NOT_MET, OTHER = "#5aa469", "#e0876a", "#9aa5b1"
COLOURS = ["#1f6fb4", "#e0876a", "#5aa469", "#b08fd8", "#c9a227", "#4fb3bf", "#d67ab1", "#8c8c8c",
           "#7a5c3e"]  # fmt: skip
# Text stays text, and a file is the same whenever it is made from the same results.
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
Series = dict[str, list[tuple[int, Mapping[str, Any]]]]


def write(parts: Mapping[str, Any], folder: Path) -> list[Path]:
    """Writes the plots that results have data for.

    Args:
        parts: The results, by part.
        folder: The folder.

    Returns:
        The files.
    """
    figures = {}
    with mpl.rc_context(STYLE):
        if judged := _judged(parts):
            figures["goals"] = goals(judged)
        if series := _series(parts):
            figures["speed"] = by_rows(series, "cells_per_cpu_second", "cells a processor second")
            figures["time"] = by_rows(series, "cpu_seconds", "processor seconds")
            figures["memory"] = by_rows(series, "peak_mib", "MiB of the process tree")
        for name, figure in figures.items():
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    return [folder / f"{name}.svg" for name in figures]


def _judged(parts: Mapping[str, Any]) -> list[tuple[str, float, bool]]:
    """Rows with a goal: the name, and the measured number as a share of the goal."""
    found = []
    for part in parts.values():
        for row in part["rows"]:
            if "met" in row:
                goal = Goal(**row["goal"])
                share = row[goal.number] / goal.bound
                # Above 1 is too much for every goal.
                found.append((row["name"], 1 / share if goal.least else share, row["met"]))
    return found


def goals(judged: Sequence[tuple[str, float, bool]]) -> Figure:
    """A bar for each goal: what was measured against what is aimed at.

    Args:
        judged: Names, measured numbers as shares of their goals, and whether they are met.
    """
    figure = Figure(figsize=(WIDTH, 1 + 0.32 * len(judged)), layout="constrained")
    axes = figure.add_subplot()
    names, shares, met = zip(*reversed(judged), strict=True)
    axes.barh(range(len(names)), shares, color=[MET if ok else NOT_MET for ok in met])
    axes.set_yticks(range(len(names)), names)
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_xlabel("measured, as a multiple of the goal (to the left of 1 is better)")
    return figure


def _series(parts: Mapping[str, Any]) -> Series:
    """The measured rows of each generator, by the rows that it made."""
    measured = by_generator(parts.get("peers", {}).get("rows", ()))
    return {
        peer.name: [(row["details"]["rows"], row | row["details"]) for row in measured[peer.name]]
        for peer in (OURS, *PEERS)
        if peer.name in measured
    }


def by_rows(series: Series, number: str, label: str) -> Figure:
    """A line for each generator, both axes logarithmic.

    Args:
        series: The measured rows of each generator.
        number: The number's name.
        label: What the axis says.
    """
    figure = Figure(figsize=(WIDTH, 4.2), layout="constrained")
    axes: Axes = figure.add_subplot()
    for colour, (name, points) in zip(COLOURS, series.items(), strict=False):
        ours = name == OURS.name
        axes.plot(
            [rows for rows, _ in points], [row[number] for _, row in points], marker="o",
            color=colour, label=name, linewidth=3 if ours else 1.5, zorder=3 if ours else 2,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("rows")
    axes.set_ylabel(label)
    axes.grid(color="#e6e6e6")
    figure.legend(loc="outside right center", frameon=False)
    return figure
