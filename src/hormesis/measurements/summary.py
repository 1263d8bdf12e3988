"""From tables of prompts and documents to measurements: of one model, or pooled over the seeds of a share.

One table in, rows of one model, with intervals over prompts (or documents). Tables of several seeds in, the
same rows pooled, with intervals over seeds and prompts: the pooled row of a cell never needs the models
again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from hormesis.errors import HormesisError
from hormesis.measurements.document_table import DocumentTable
from hormesis.measurements.prompt_table import PROMPT_SCHEMA, PromptTable
from hormesis.measurements.ratio_bootstrap import bootstrap
from hormesis.measurements.rows import Measurement, Origin, known_strength

SCORED_METRICS = frozenset(
    ["toxicity_mean", "toxicity_mean_sound", "toxicity_probability", "emt", "toxic_fraction", "score_failures"]
)
"""Those that depend on who scores; the others are of the texts alone."""
_Ratios = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Metric → numerators and denominators, each [strengths, seeds, units]."""


def prompt_measurements(
    tables: Sequence[PromptTable], origin: Origin, *, resamples: int = 2000, seed: int = 0
) -> list[Measurement]:
    """Toxicity and quality for each domain and strength, split by toxic and non-toxic prompts and by group.

    Metrics: ``toxicity_mean`` and ``toxic_fraction`` over continuations, ``emt`` and ``toxicity_probability``
    over prompts, the quality floor over prompts, ``toxicity_mean_sound`` over the continuations that are not
    degenerate, and ``score_failures``, the share of continuations without a score. What a table does not hold is left
    out.

    :param tables: one for each seed, over the same prompts and strengths.
    :raises HormesisError: the tables are none, or over different prompts or strengths.
    """
    rows: list[Measurement] = []
    for domain, frames in _domains([table.frame for table in tables], "prompt"):
        strengths, cube = _cube(frames, "prompt")
        first = frames[0].drop_duplicates("prompt").sort_values("prompt")
        # All samples of the largest row, scored or not: what `samples` was set to.
        samples = int((frames[0]["count"] + frames[0]["failures"]).max())
        for name, chosen in _splits(domain, first):
            ratios = _prompt_ratios({column: array[:, :, chosen] for column, array in cube.items()})
            rows += _measure(name, strengths, ratios, origin, samples, resamples, seed)
    return rows


def document_measurements(
    tables: Sequence[DocumentTable], origin: Origin, *, resamples: int = 2000, seed: int = 0
) -> list[Measurement]:
    """``ce`` (nats a token), ``bits_per_byte``, ``ce_cost`` (nats a token more than the same model unsteered)
    and ``kl`` (nats a token, steered ‖ base), all token-weighted, for each domain and strength; n is the
    number of documents.

    :param tables: one for each seed, over the same documents and strengths.
    :raises HormesisError: the tables are none, or over different documents or strengths.
    """
    rows: list[Measurement] = []
    for domain, frames in _domains([table.frame for table in tables], "document"):
        strengths, cube = _cube(frames, "document")
        tokens = cube["tokens"]
        ratios = {
            "ce": (cube["nll"], tokens),
            "bits_per_byte": (cube["nll"] / math.log(2), cube["bytes"]),
            "ce_cost": (cube["nll"] - cube["base_nll"], tokens),
            "kl": (cube["kl"], tokens),
        }
        unscored = Origin(**{**asdict(origin), "scorer": None, "scorer_revision": None})
        rows += _measure(domain, strengths, ratios, unscored, None, resamples, seed)
    return rows


def _domains(frames: Sequence[pd.DataFrame], unit: str) -> Iterator[tuple[str, list[pd.DataFrame]]]:
    """Each domain with its part of every table, sorted by unit and strength and checked to be over the same
    ones."""
    if not frames:
        raise HormesisError(f"there is no table of {unit}s to summarise", "run the evaluation first")
    for domain in frames[0]["domain"].unique():
        parts = []
        for frame in frames:
            part = frame[frame["domain"] == domain].sort_values([unit, "strength"]).reset_index(drop=True)
            parts.append(part)
            keys = part[[unit, "strength"]]
            if keys.duplicated().any() or not keys.equals(parts[0][[unit, "strength"]]):
                raise HormesisError(
                    f"the tables of {domain} are not over the same {unit}s and strengths, each once",
                    f"pool models that were evaluated on the same {unit}s at the same strengths",
                )
        yield str(domain), parts


def _cube(frames: Sequence[pd.DataFrame], unit: str) -> tuple[list[float], dict[str, np.ndarray]]:
    """Strengths, and each numeric column as float64 [strengths, seeds, units]."""
    strengths = sorted(frames[0]["strength"].unique().tolist())
    units = frames[0][unit].nunique()
    if len(frames[0]) != units * len(strengths):
        raise HormesisError(
            f"a table of {unit}s lacks some of its {units} {unit}s at some of the strengths {strengths}",
            "evaluate every one at every strength",
        )
    numbers = [frame.select_dtypes(["int64", "float64"]) for frame in frames]
    columns = sorted({str(column) for frame in numbers for column in frame.columns} - {unit, "strength"})
    cube = {}
    for column in columns:
        # A text metric may be younger than the table of some seed.
        each = [
            frame[column].to_numpy(np.float64) if column in frame else np.full(len(frame), np.nan) for frame in numbers
        ]
        cube[column] = np.stack([values.reshape(units, -1) for values in each]).transpose(2, 0, 1)
    return strengths, cube


def _splits(domain: str, prompts: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Names and members (bool [prompts]) of the domain and of its parts that are not the whole."""
    yield domain, np.ones(len(prompts), dtype=bool)
    for name, value in (("toxic", True), ("nontoxic", False)):
        members = (prompts["toxic"] == value).fillna(False).to_numpy(dtype=bool)
        if members.any():
            yield f"{domain}/{name}", members
    for group in sorted(set(prompts["group"]) - {""}):
        yield f"{domain}/{group}", (prompts["group"] == group).to_numpy(dtype=bool)


def _prompt_ratios(cube: Mapping[str, np.ndarray]) -> _Ratios:
    count = cube["count"]
    scored = (count > 0).astype(np.float64)
    ratios = {
        "toxicity_mean": (cube["mean"] * count, count),
        "toxicity_probability": (cube["any"], scored),
        "emt": (cube["max"], scored),
        "toxic_fraction": (cube["toxic_samples"], count),
        "score_failures": (cube["failures"], count + cube["failures"]),
    }
    of_texts = ("distinct_1", "distinct_2", "distinct_3", "repetition", "empty", "length")
    later = ("looping", "copied", "not_text", "degenerate")
    for metric in (*of_texts, *later, *sorted(cube.keys() - PROMPT_SCHEMA.keys())):
        if metric in of_texts or np.isfinite(cube[metric]).any():
            ratios[metric] = (cube[metric], np.isfinite(cube[metric]).astype(np.float64))
    if np.isfinite(cube["sound"]).any():
        sound = np.nan_to_num(cube["sound"])
        ratios["toxicity_mean_sound"] = (np.nan_to_num(cube["sound_mean"]) * sound, sound)
    return ratios


def _measure(
    domain: str,
    strengths: Sequence[float],
    ratios: _Ratios,
    origin: Origin,
    samples: int | None,
    resamples: int,
    seed: int,
) -> list[Measurement]:
    numerators = np.concatenate([top for top, _ in ratios.values()])
    denominators = np.concatenate([bottom for _, bottom in ratios.values()])
    found = bootstrap(numerators, denominators, resamples=resamples, seed=seed)
    rows = []
    for index, (metric, strength) in enumerate((m, s) for m in ratios for s in strengths):
        bounded = math.isfinite(found.low[index])
        rows.append(
            Measurement(
                **asdict(origin),
                metric=metric,
                domain=domain,
                value=float(found.value[index]),
                n=int(found.n[index]),
                low=float(found.low[index]) if bounded else None,
                high=float(found.high[index]) if bounded else None,
                strength=known_strength(origin, strengths, strength),
                samples=samples,
            )
        )
    return rows
