"""Shares at equal capability cost: steered toxicity with two curves through it, and paired differences below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from hormesis.report.figures.style import (
    ACCENT,
    GREY,
    INK,
    Drawing,
    draw_bars,
    legend,
    panels,
    seeds_in_words,
    share_axis,
)
from hormesis.statistics import (
    Panel,
    dip_test,
    fit_hormetic,
    natural_spline,
    paired_differences,
    toxicity_at,
)
from hormesis.statistics.outcomes import main_method
from hormesis.statistics.tradeoff import single_points
from hormesis.statistics.view import Measurements, PromptSet


def equal_cost(
    measurements: Measurements, prompts: PromptSet, capability_budgets: Sequence[float], name: str
) -> Drawing | None:
    """Columns: capability budgets that three shares or more reached. None without one."""
    method = main_method(measurements)
    if method is None:
        return None
    points = single_points(measurements, prompts)
    found = {cost: toxicity_at(points, method, cost) for cost in capability_budgets}
    found = {cost: panel for cost, panel in found.items() if len(panel.shares) > 2}
    if not found:
        return None
    title = f"Shares at equal capability cost · {measurements.arms.label(method)} · {prompts.domain}"
    seeds = sorted({seed for panel in found.values() for seed in panel.seeds})
    caption = (
        f"{seeds_in_words(seeds)} · small marks: single seeds · below: minus the lowest share, seed by seed; bars: 95 %"
        " t interval over seeds, cut where it leaves the picture · p: no dip (paired t, adjusted)"
        f" · scorer {prompts.scored_by}"
    )
    figure, grid = panels(2, len(found), title, caption, height=2.3, share_x=True, share_y="row")
    for column, (cost, panel) in enumerate(found.items()):
        _toxicity(grid[0][column], panel)
        chance = dip_test(panel)
        grid[0][column].set_title(f"ΔCE ≤ {cost:g}" + ("" if np.isnan(chance) else f" (p = {chance:.2g})"))
        _differences(grid[1][column], panel)
        share_axis(grid[1][column], measurements.shares)
    most = max(float(np.abs(panel.differences()).max()) for panel in found.values())
    grid[1][0].set_ylim(-2.2 * most - 1e-6, 2.2 * most + 1e-6)
    grid[0][0].set_ylim(bottom=0)
    grid[0][0].set_ylabel("mean toxicity")
    grid[1][0].set_ylabel("minus lowest share")
    legend(figure, grid[0][0], "through the means")
    alternative = f"Steered toxicity on {prompts.domain} by share at equal cost with fitted curves, and differences."
    return Drawing(name, title, alternative, figure)


def _toxicity(axes: Axes, panel: Panel) -> None:
    fine = np.linspace(panel.shares[0], panel.shares[-1], 101)
    axes.plot(100 * panel.shares, panel.values, "o", color=GREY, markersize=3, markerfacecolor="none", zorder=2)
    axes.plot(100 * panel.shares, panel.means, "o", color=INK, zorder=3, label="mean over seeds")
    axes.plot(100 * fine, fit_hormetic(panel.shares, panel.means)(fine), "-", color=ACCENT, label="hormetic")
    spline = natural_spline(panel.shares, panel.means, fine)
    axes.plot(100 * fine, spline, linestyle=(0, (4, 2)), color=INK, linewidth=1.0, label="natural spline")


def _differences(axes: Axes, panel: Panel) -> None:
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.plot(100 * panel.shares, panel.differences(), "o", color=GREY, markersize=3, markerfacecolor="none", zorder=2)
    found = paired_differences(panel)
    shares = [100 * each.share for each in found]
    values = np.array([each.student.value for each in found])
    half = np.nan_to_num([each.student.high - each.student.value for each in found])
    draw_bars(axes, shares, values, half, color=INK, marker="o", linestyle="none", elinewidth=0.9, zorder=3)
