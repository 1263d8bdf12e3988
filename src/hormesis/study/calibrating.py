"""The strengths at which a study's method costs what its YAML asks for, found for each model by itself.

The text is clean text of the corpus that ``held_out.calibration`` sets aside: no model was trained on it, no scorer saw
it, and nothing is evaluated on it, so that what is measured of the method afterwards was not chosen by it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.corpus import role_of
from hormesis.detox import METHODS
from hormesis.errors import HormesisError
from hormesis.files import write_json
from hormesis.measurements import Measurement, Origin
from hormesis.study.texts import read_texts

if TYPE_CHECKING:
    from hormesis.detox import Intervention
    from hormesis.evaluate import Reached
    from hormesis.models import LanguageModel
    from hormesis.study.cells.evaluate import EvaluateInputs
    from hormesis.study.engine.kind import Job
    from hormesis.study.methods import MethodArms

STRENGTHS_FILE = "strengths.json"
TRIED_STRENGTHS = 24
"""About so many are measured to find a few."""


def strengths_at_costs(
    job: Job[EvaluateInputs], method: MethodArms, lm: LanguageModel, intervention: Intervention
) -> dict[float, Reached]:
    """By target cost in nats a token; empty where the method's strengths are given. Written to ``strengths.json``.

    :raises HormesisError: no text is set aside, or the method cannot cost so much, or so little.
    """
    if method.at_costs is None:
        return {}
    from hormesis.evaluate import strengths_at

    held_out = job.inputs.held_out
    clean = read_texts(job.folder("corpus") / "scorer_rows" / "clean.parquet")
    texts = [text for text in clean if held_out is not None and role_of(text, held_out) == "calibration"]
    if not texts:
        raise HormesisError("no clean row is set aside for calibration", "raise `held_out.calibration`, e.g. to 0.02")
    own = METHODS[method.method]
    found = strengths_at(
        lm, texts[: method.at_costs.documents], intervention, method.measured_strengths,
        start=own.strengths[0], largest=own.largest,
        progress=lambda strength, cost: job.progress(0.0, f"{method.arm} costs {cost:.3f} at strength {strength:.3g}"),
    )  # fmt: skip
    write_json(job.work / STRENGTHS_FILE, {f"{cost:g}": asdict(each) for cost, each in found.items()})
    return found


def read_strengths(folder: Path) -> dict[float, float]:
    """Target cost → strength, of a finished evaluate cell."""
    read = json.loads((folder / STRENGTHS_FILE).read_text(encoding="utf-8"))
    return {float(cost): float(each["strength"]) for cost, each in read.items()}


def strength_rows(found: dict[float, Reached], origin: Origin) -> list[Measurement]:
    """What was found: rows whose ``strength`` is the target cost, as in all rows of such a method."""
    shared = asdict(replace(origin, scorer=None, scorer_revision=None))
    return [
        Measurement(**shared, metric=metric, domain="calibration", strength=cost, value=value, n=1)
        for cost, each in found.items()
        for metric, value in (("strength_found", each.strength), ("cost_found", each.cost))
    ]
