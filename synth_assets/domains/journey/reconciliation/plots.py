"""Plots of the overview's statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from synth_assets.core.plots import figure, png
from synth_assets.randomness.values import EPOCH

# Palette of Okabe and Ito, "Color Universal Design" (2008), for all kinds of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000")
Rows = Sequence[Mapping[str, Any]]


def funnel(steps: Rows) -> bytes:
    """Bars of the visitors at each step.

    Args:
        steps: Rows of ``funnel``.

    Returns:
        A PNG image.
    """
    drawn = figure(7.2, 3.6)
    axes = drawn.subplots()
    names = [step["step"] for step in steps]
    counts = [step["visitors"] for step in steps]
    bars = axes.barh(names, counts, color=COLOURS[0])
    axes.bar_label(bars, [f"{n:,} ({n / max(counts[0], 1):.1%})" for n in counts], padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.32)
    axes.set_xlabel("Visitors")
    axes.set_title("Visitors who took each step", fontsize=11)
    return png(drawn)


def match_rate(days: Rows) -> bytes:
    """Lines of the match rate and of both sources' revenue by day.

    Args:
        days: Rows of ``days``.

    Returns:
        A PNG image.
    """
    drawn = figure(8.4, 5.0)
    above, below = drawn.subplots(2, 1, sharex=True)
    known = [day for day in days if day["transactions"]]
    shares = [day["matched"] / day["transactions"] for day in known]
    above.plot([day["date"] for day in known], shares, color=COLOURS[0], marker=".")
    above.set_ylim(0, 1.02)
    above.set_ylabel("Match rate")
    above.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    for name, colour in (("ga4_cents", COLOURS[1]), ("backend_cents", COLOURS[2])):
        label = {"ga4_cents": "events", "backend_cents": "backend"}[name]
        revenue = [day[name] / 100 for day in days]
        below.plot([day["date"] for day in days], revenue, color=colour, label=label)
    below.set_ylabel("Revenue, USD")
    below.legend()
    for axes in (above, below):
        axes.grid(color="0.9")
    drawn.autofmt_xdate()
    above.set_title("Transactions that match, and revenue on both sides", fontsize=11)
    return png(drawn)


def discrepancy(causes: Rows) -> bytes:
    """Bars of the revenue difference between backend and events by day and cause.

    Args:
        causes: Rows of ``causes``.

    Returns:
        A PNG image.
    """
    drawn = figure(8.4, 4.4)
    axes = drawn.subplots()
    totals: dict[str, int] = {}
    for row in causes:
        totals[row["cause"]] = totals.get(row["cause"], 0) + abs(row["delta_cents"])
    names = sorted((name for name in totals if totals[name]), key=lambda name: -totals[name])
    ends: dict[tuple[date, bool], float] = {}
    for place, name in enumerate(names):
        colour, hatch = COLOURS[place % len(COLOURS)], "//" if place >= len(COLOURS) else None
        mine = [row for row in causes if row["cause"] == name and row["delta_cents"]]
        heights = [row["delta_cents"] / 100 for row in mine]
        at = [(row["date"], row["delta_cents"] > 0) for row in mine]
        bottoms = [ends.get(place, 0.0) for place in at]
        dates = [row["date"] for row in mine]
        axes.bar(dates, heights, bottom=bottoms, color=colour, hatch=hatch, label=name)
        ends |= {a: b + h for a, b, h in zip(at, bottoms, heights, strict=True)}
    axes.axhline(0, color="0.3", linewidth=0.8)
    axes.set_ylabel("Backend less events, USD")
    axes.set_title("Revenue discrepancy by day and cause", fontsize=11)
    if names:
        axes.legend(fontsize=7, ncols=3)
    drawn.autofmt_xdate()
    return png(drawn)


def user_events(user: str | None, events: Rows) -> bytes:
    """A user's events over time, one line for each name.

    Args:
        user: Id of the user, or None without any.
        events: Rows of ``way``.

    Returns:
        A PNG image.
    """
    drawn = figure(8.4, 4.0)
    axes = drawn.subplots()
    names = list(dict.fromkeys(event["event_name"] for event in events))
    moments = [EPOCH + timedelta(microseconds=event["event_timestamp"]) for event in events]
    rows = [names.index(event["event_name"]) for event in events]
    colours = [COLOURS[3] if e["event_name"] == "purchase" else COLOURS[0] for e in events]
    axes.scatter(moments, rows, c=colours)  # type: ignore[arg-type]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_title(f"Events of {user}" if user else "No purchases", fontsize=11)
    drawn.autofmt_xdate()
    return png(drawn)
