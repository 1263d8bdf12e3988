"""The figures, each in a file of its own; :func:`draw_all` decides which of them the measurements allow.

A figure function takes :class:`~hormesis.statistics.Measurements` and gives a :class:`Drawing`, or
None when nothing of it was measured: the report then leaves it out and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hormesis.report.figures.arms import arms
from hormesis.report.figures.capability import capability
from hormesis.report.figures.dose_response import dose_response
from hormesis.report.figures.equal_cost import equal_cost
from hormesis.report.figures.frontier import frontier
from hormesis.report.figures.geometry import entanglement_by_share, geometry_along_training
from hormesis.report.figures.probes import probe_figure
from hormesis.report.figures.quality import quality
from hormesis.report.figures.scorers import reliability_diagram, scorer_agreement
from hormesis.report.figures.style import Drawing, house_style
from hormesis.report.figures.tampering import tampering_figures
from hormesis.report.figures.tasks import tasks
from hormesis.statistics import Analysis
from hormesis.statistics.view import Measurements

__all__ = ["Drawing", "draw_all", "house_style", "reliability_diagram"]


def draw_all(analysis: Analysis) -> tuple[list[Drawing], list[str]]:
    """(figures, notes on those that were left out), inside :func:`house_style`. Names are unique and safe in
    a path.
    """
    measurements = analysis.measurements
    drawings: list[Drawing] = []
    notes: list[str] = []
    for budget in measurements.budgets:
        view = measurements.of_budget(budget)
        many = len(measurements.budgets) > 1
        for title, drawing in _of_budget(view, analysis.costs, budget if many else ""):
            if drawing is None:
                notes.append(f"No figure “{title}”{f' (budget {budget})' if many else ''}: nothing of it was measured.")
                continue
            if many:
                drawing.figure.suptitle(
                    f"{drawing.title} · budget {budget}", x=0.008, ha="left", fontsize=10.5, fontweight="bold"
                )
            drawings.append(drawing)
    if (diagram := reliability_diagram(analysis.about, "reliability")) is not None:
        drawings.append(diagram)
    drawings += geometry_along_training(analysis.rows, "geometry-along-training")
    drawings += tampering_figures(analysis.tampered) if len(analysis.tampered) else []
    return drawings, notes


def _of_budget(
    view: Measurements, capability_budgets: Sequence[float], prefix: str
) -> list[tuple[str, Drawing | None]]:
    several_scorers = len({(each.scorer, each.scorer_revision) for each in view.prompt_sets}) > 1

    def name(*parts: str) -> str:
        words = [re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in (prefix, *parts)]
        return "_".join(word for word in words if word).lower()

    found: list[tuple[str, Drawing | None]] = []
    later: list[tuple[str, Drawing | None]] = []
    domains = list(dict.fromkeys(each.domain for each in view.prompt_sets))
    same = {domain: [each for each in view.prompt_sets if each.domain == domain] for domain in domains}
    for prompts in view.prompt_sets:
        of = [prompts.domain, *([prompts.scorer, prompts.scorer_revision] if several_scorers else [])]
        extremes = ["emt", "toxicity_probability"]
        found += [
            (
                f"dose–response, {prompts.domain}",
                dose_response(view, prompts, ["toxicity_mean"], name("dose-response", *of)),
            ),
            (
                f"frontier, {prompts.domain}",
                frontier(view, prompts, capability_budgets, name("frontier", *of)),
            ),
        ]
        if (shares := equal_cost(view, prompts, capability_budgets, name("equal-cost", *of))) is not None:
            found.append((f"shares at equal cost, {prompts.domain}", shares))
        if (every_arm := arms(view, prompts, name("arms", *of))) is not None:
            found.append((f"every arm, {prompts.domain}", every_arm))
        if prompts != same[prompts.domain][0]:
            continue  # by another scorer than the main one: the figures above, and how far they agree
        if len(same[prompts.domain]) > 1:
            agreement = scorer_agreement(view, same[prompts.domain], name("scorers", prompts.domain))
            later.append((f"agreement of scorers, {prompts.domain}", agreement))
        later += [
            (
                f"maximum and probability of toxicity, {prompts.domain}",
                dose_response(view, prompts, extremes, name("dose-response-extremes", *of)),
            ),
            (f"quality floor, {prompts.domain}", quality(view, prompts, name("quality", *of))),
        ]
    if not view.prompt_sets:
        found += [("dose–response", None), ("frontier", None), ("quality floor", None)]
    probed = set(view.heads.loc[view.heads["metric"] == "probe_accuracy", "domain"])
    concepts = sorted(concept for concept in probed if not concept.endswith("/test"))  # drawn with its whole
    found += [(f"probes, {concept}", probe_figure(view, concept, name("probes", concept))) for concept in concepts]
    if not concepts:
        found.append(("probes", None))
    if len(view.layers):
        found.append(("entanglement", entanglement_by_share(view, name("entanglement"))))
    if (asked := tasks(view, name("tasks"))) is not None:
        later.insert(0, ("capability tasks", asked))
    return [*found, ("base cross-entropy", capability(view, name("capability"))), *later]
