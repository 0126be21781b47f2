"""Plots of an evaluation, as PNG in memory; ``as_markdown`` embeds one in text."""

from __future__ import annotations

from synth_assets.core.plots import as_markdown, figure, png
from synth_assets.domains.clean_room.account_tier.evaluation import Evaluation

__all__ = ["as_markdown", "calibration_plot", "confusion_matrix_plot"]

# The palette of Okabe and Ito, "Color Universal Design", 2008, for all kinds of colour vision.
COLOURS = ("#0072B2", "#E69F00", "#009E73")


def confusion_matrix_plot(evaluation: Evaluation) -> bytes:
    """Actual against predicted tiers: users, and their share of the actual tier.

    Args:
        evaluation: The scores.
    """
    drawn = figure(5.6, 4.8)
    axes = drawn.subplots()
    shares = [[n / max(sum(row), 1) for n in row] for row in evaluation.confusion]
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(evaluation.confusion):
        for x, users in enumerate(row):
            share = shares[y][x]
            colour = "white" if share > 0.5 else "black"
            text = f"{users:,}\n{share:.0%}"
            axes.text(x, y, text, ha="center", va="center", color=colour, fontsize=12)
    places = range(len(evaluation.tiers))
    axes.set_xticks(places, evaluation.tiers)
    axes.set_yticks(places, evaluation.tiers)
    axes.set_xlabel("Predicted tier")
    axes.set_ylabel("Actual tier")
    axes.set_title(
        f"Accuracy {evaluation.accuracy:.3f}, majority class {evaluation.baseline_accuracy:.3f}",
        fontsize=11,
    )
    bar = drawn.colorbar(image, ax=axes, fraction=0.046, label="Share of the actual tier")
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return png(drawn)


def calibration_plot(evaluation: Evaluation) -> bytes:
    """Predicted probability against observed share, a line for each tier, and users by bin.

    Args:
        evaluation: The scores.
    """
    drawn = figure(6.4, 6.4)
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    for axes in (above, below):
        axes.grid(color="0.9")
        axes.set_axisbelow(True)
    above.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfectly calibrated")
    for place, tier in enumerate(evaluation.tiers):
        bins = [one for one in evaluation.reliability if one.of == tier]
        said = [one.mean_probability for one in bins]
        colour = COLOURS[place]
        seen = [one.observed_share for one in bins]
        above.plot(said, seen, color=colour, marker="o", label=tier)
        edges = [one.low for one in bins] + [one.high for one in bins]
        steps = sorted({*edges, 0.0, 1.0})
        users = [sum(b.rows for b in bins if b.low == low) for low in steps[:-1]]
        below.stairs(users, steps, color=colour, linewidth=1.5)
    above.set_ylabel("Observed share of the tier")
    above.set_xlim(-0.02, 1.02)
    above.set_ylim(-0.02, 1.02)
    above.legend(loc="upper left")
    above.set_title(
        f"Expected calibration error {evaluation.expected_calibration_error:.3f}, "
        f"{evaluation.rows:,} users",
        fontsize=11,
    )
    below.set_xlabel("Predicted probability of the tier")
    below.set_ylabel("Users")
    below.set_ylim(bottom=0)
    below.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return png(drawn)
