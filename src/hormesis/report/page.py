"""The page: one HTML file to explore that needs no network and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jinja2
import pandas as pd

from hormesis.report.explore.answers import answers_of
from hormesis.report.explore.library import library
from hormesis.report.explore.packed import packed
from hormesis.report.explore.points import points_of
from hormesis.report.explore.samples import lenses_of, samples_of
from hormesis.report.explore.specs import DARK, LIGHT, specs
from hormesis.report.explore.tables import as_json, tables_of
from hormesis.report.explore.trust import trust_of
from hormesis.report.explore.views import (
    TrainingCurve,
    columns_of,
    geometry_of,
    heads_of,
    tampering_of,
    training_of,
)
from hormesis.report.lens import Lens
from hormesis.report.said import Said
from hormesis.report.sample import Sample
from hormesis.report.words import share_in_words
from hormesis.statistics import Analysis
from hormesis.statistics.outcomes import main_method
from hormesis.statistics.view import Measurements

QUESTION = "Which toxic share of pretraining leaves the least toxicity, at equal capability cost?"
_TEMPLATES = "hormesis.report", "templates"


@dataclass(frozen=True)
class Facts:
    """What a page says of a study beside its measurements.

    :param parameters: of each model; None: unknown.
    :param commands: that make the results again, one a line of a shell.
    """

    parameters: int | None = None
    commands: tuple[str, ...] = ()


def render(
    analysis: Analysis,
    said: Said,
    title: str,
    description: str,
    notes: Sequence[str],
    samples: Sequence[Sample] = (),
    lenses: Sequence[Lens] = (),
    training: Sequence[TrainingCurve] = (),
    facts: Facts | None = None,
) -> str:
    """The HTML text. What is shown at first is markup, escaped by the template; all else is packed data, generated text
    among it, and is shown when it is asked for.
    """
    facts = Facts() if facts is None else facts
    data = page_data(analysis, samples, lenses, training, facts)
    script, vega = _file("explore.js"), library()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(*_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    start = data["start"]
    answer = data["answers"].get(
        "|".join((start["budget"], start["domain"], start["scorer"], start["cost"], start["method"]))
    )
    return environment.get_template("explore.html.jinja").render(
        title=title,
        question=QUESTION,
        description=[paragraph.strip() for paragraph in description.split("\n\n") if paragraph.strip()],
        verdict=_opening(analysis, answer, start["step"]),
        numbers=_numbers(analysis, facts, answer["costs"][start["step"]] if answer else None),
        trust=trust_of(analysis, said),
        warnings=said.warnings,
        sentences=said.sentences,
        verdicts=said.verdicts,
        notes=notes,
        capability_domain=analysis.measurements.capability_domain,
        provenance=provenance(analysis.measurements),
        commands=facts.commands,
        data=packed(data),
        script=script,
        vega=vega,
        hashes=[_hash(vega), _hash(script)],
    )


def page_data(
    analysis: Analysis,
    samples: Sequence[Sample],
    lenses: Sequence[Lens],
    training: Sequence[TrainingCurve],
    facts: Facts,
) -> dict[str, Any]:
    """All that the page's script chooses from."""
    measurements = analysis.measurements
    shares = [share_in_words(share) for share in measurements.shares]
    answers: Any = answers_of(analysis)
    methods = list(dict.fromkeys(name.rsplit("|", 1)[1] for name in answers))
    return {
        "shares": shares,
        "percent": [round(100 * share, 6) for share in measurements.shares],
        "methods": {
            method: {
                "label": measurements.arms.label(method),
                "control": measurements.arms.is_control(method),
                "of": measurements.arms.controlled(method),
            }
            for method in dict.fromkeys([*methods, *measurements.fixed_methods(), "base"])
        },
        "definitions": {
            each.label: " ".join(
                [*(["--absolute"] if each.absolute else []), *(f"--on '{one}'" for one in each.domains)]
            )
            for budget in measurements.budgets
            for each in measurements.of_budget(budget).cost_definitions
        },
        "answers": answers,
        "points": points_of(measurements),
        "start": _start(analysis, answers),
        "views": {
            name: columns_of(rows)
            for name, rows in (
                ("heads", heads_of(analysis)),
                ("geometry", geometry_of(analysis)),
                ("training", training_of(training)),
                ("tampering", tampering_of(analysis)),
            )
            if rows
        },
        "tables": as_json(tables_of(analysis)),
        "samples": samples_of(samples, measurements.arms),
        "lenses": lenses_of(lenses),
        "specs": specs(shares),
        "themes": {"light": LIGHT.words(len(shares)), "dark": DARK.words(len(shares))},
        "commands": list(facts.commands),
    }


def absent(measurements: Measurements) -> list[str]:
    """What was not measured, so that a figure of it is not there."""
    metrics = set(measurements.pooled["metric"])
    toxicity = bool(measurements.prompt_sets)
    steered = bool(measurements.steered_methods())
    wanted = {
        "frontier: toxicity against capability cost": toxicity
        and steered
        and measurements.capability_domain is not None,
        "dose–response": toxicity,
        "probes": bool((measurements.heads["metric"] == "probe_accuracy").any()),
        "base cross-entropy": "ce" in metrics,
    }
    return [f"No figure “{name}”: nothing of it was measured." for name, there in wanted.items() if not there]


def _start(analysis: Analysis, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The state that a page opens with: that of the first judgement, where there is one."""
    measurements = analysis.measurements
    found = next((each.recommendation for each in analysis.judgements if each.recommendation is not None), None)
    keys = [name.split("|") for name in answers]
    budget = measurements.budgets[0] if measurements.budgets else ""
    nothing = {"budget": budget, "domain": "", "scorer": "", "cost": "", "method": "", "step": 0}
    if not keys:
        return nothing
    real = [key for key in keys if not measurements.arms.is_control(key[4])]
    chosen = next(iter([*real, *keys]))
    if found is not None:
        wanted = [
            found.token_budget,
            found.prompts.domain,
            found.prompts.scored_by,
            found.definition.label,
            found.method,
        ]
        chosen = wanted if wanted in keys else chosen
    elif (method := main_method(measurements.of_budget(chosen[0]))) is not None:
        chosen = next((key for key in keys if key[:4] == chosen[:4] and key[4] == method), chosen)
    costs = answers["|".join(chosen)]["costs"]
    wanted_cost = found.cost if found is not None else analysis.costs[len(analysis.costs) // 2]
    step = min(range(len(costs)), key=lambda place: abs(costs[place] - wanted_cost))
    return dict(zip(nothing, [*chosen, step], strict=True))


def _opening(analysis: Analysis, answer: Mapping[str, Any] | None, step: int) -> str:
    if answer is not None and "words" in answer:
        return str(answer["words"][step])
    if not analysis.measurements.prompt_sets:
        return "Mean toxicity was not measured, so there is nothing to decide."
    return "Toxicity and capability cost were not both measured under steering, so the data cannot decide."


def _numbers(analysis: Analysis, facts: Facts, cost: float | None) -> list[tuple[str, str]]:
    """The three that a reader asks for first; the last follows the page's slider."""
    measurements = analysis.measurements
    seeds = len(measurements.seed_labels)
    tokens = _tokens(measurements)
    if tokens is None:
        scale = ("not recorded", "training tokens")
    elif facts.parameters:
        scale = (f"{tokens / facts.parameters:.2g}", f"tokens a parameter (of {_short(facts.parameters)})")
    else:
        scale = (_short(tokens), "training tokens a model")
    budget = ("unknown" if cost is None else f"{cost:g}", "cost budget, nats a token")
    return [(str(seeds) if seeds else "pooled", "seeds a share"), scale, budget]


def _tokens(measurements: Measurements) -> float | None:
    """The median over models of the training tokens of plain ones."""
    rows = measurements.seeds
    rows = rows[(rows["metric"] == "tokens") & (rows["domain"] == "mixture") & (rows["method"] == "base")]
    return None if rows.empty else float(rows["value"].median())


def _short(number: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number:.3g}"


def _file(name: str) -> str:
    return resources.files("hormesis.report").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def provenance(measurements: Measurements) -> list[tuple[str, str]]:
    """Where the numbers come from."""
    rows = pd.concat([measurements.seeds, measurements.heads, measurements.layers])
    pooled = measurements.pooled
    models = rows[["budget", "share", "seed"]].drop_duplicates()
    scorers = sorted({prompts.scored_by for prompts in measurements.prompt_sets})
    steered = pooled[pooled["strength"].notna() & (pooled["method"] != "base")]
    heads = sorted(set(steered["heads"].dropna()))
    facts = [
        ("Scorer @ revision", "; ".join(scorers)),
        ("Code", "; ".join(sorted(set(rows["code"]) - {""}))),
        ("Models", f"{len(models)} (share × seed × token budget)" if len(models) else ""),
        ("Token budget", ", ".join(measurements.budgets)),
        ("Toxic shares", ", ".join(map(share_in_words, measurements.shares))),
        ("Seeds", "; ".join(measurements.seed_labels)),
        ("Interventions", ", ".join(map(measurements.arms.label, sorted(set(pooled["method"]))))),
        ("Strengths α", ", ".join(f"{strength:g}" for strength in sorted(set(steered["strength"])))),
        ("Edited heads", ", ".join(f"{count:g}" for count in heads)),
        ("Held-out text for cost", measurements.capability_domain or ""),
        ("n a model", _counts(measurements.seeds)),
        ("Measurements", f"{len(rows):,} of single models, {len(measurements.unusable):,} without a value"),
    ]
    return [(name, value or "not recorded") for name, value in facts]


def _counts(seeds: pd.DataFrame) -> str:
    """``rtp 200, clean 50,000``: n by domain, as the rows state it."""
    whole = seeds[~seeds["domain"].str.contains("/") & seeds["n"].notna() & (seeds["domain"] != "")]
    spans = whole.groupby("domain")["n"].agg(["min", "max"])
    return "; ".join(
        f"{domain} {low:,.0f}" + (f" to {high:,.0f}" if high > low else "") for domain, low, high in spans.itertuples()
    )
