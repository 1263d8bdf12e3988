"""What rows of older versions say by their names alone, put into columns: the old rules live here and nowhere else."""

from __future__ import annotations

import pandas as pd

_LABELS = {
    "base": "no intervention",
    "prompting": "prompting",
    "few-shot": "few-shot prompting",
    "iti": "ITI",
    "gated": "gated ITI",
    "caa": "CAA",
    "pca": "principal direction",
    "ablation": "directional ablation",
    "leace": "LEACE",
    "self-debiasing": "self-debiasing",
    "dexperts": "DExperts",
    "sft": "SFT",
    "dpo": "DPO",
    "dpo-ranked": "DPO on ranked own samples",
    "iti-random-direction": "ITI, random direction (control)",
    "iti-random-heads": "ITI, random heads (control)",
    "iti-shuffled-labels": "ITI, shuffled labels (control)",
    "meda": "MEDA",
    "inst": "INST",
    "tags": "control tags",
    "filter": "filtered",
    "mask": "masked loss",
    "early": "toxic rows early",
    "late": "toxic rows late",
    "control": "non-toxic source in its place (control)",
    "count": "constant toxic count",
    "caa-random-direction": "CAA, random direction (control)",
    "ablation-random-direction": "ablation, random direction (control)",
}
_BETWEEN_SCORERS, _BETWEEN_TEXTS = " | ", " → "


def with_arm_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with ``label``, ``control_of``, ``recipe_label`` and ``recipe_control``, read from names where no row
    has them."""
    recipe = frame["recipe"] if "recipe" in frame else pd.Series("plain", frame.index)
    method, recipe = frame["method"].astype("string"), recipe.astype("string").fillna("plain")
    read: dict[str, pd.Series] = {
        "label": method.map(_LABELS).astype("string"),
        "control_of": method.map(_controlled).astype("string"),
        "recipe_label": recipe.map(_LABELS).astype("string"),
        "recipe_control": recipe.str.startswith("control").astype("boolean"),
    }
    stamped = frame["label"].notna() if "label" in frame else pd.Series(False, frame.index)
    frame = frame.copy(deep=False)
    for name, values in read.items():
        frame[name] = frame[name].where(stamped, values) if name in frame else values
    return frame


def _controlled(method: object) -> object:
    """The method that a control of that name is there for: ``iti-random-heads`` → ``iti``."""
    named = next((part for part in ("-random", "-shuffled") if part in str(method)), None)
    return str(method).split(named)[0] if named else pd.NA


def with_pair_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with ``among``, ``other_scorer`` and ``other_scorer_revision``, where it lacks them.

    ``domain`` said both the texts and the rows that they were looked for in, and ``scorer`` both that were compared.
    """
    frame = frame.copy(deep=False)
    for name in {"among", "other_scorer", "other_scorer_revision"}.difference(frame.columns):
        frame[name] = pd.Series(pd.NA, frame.index, dtype="string")
    overlap = frame["metric"].isin(["overlap_whole", "overlap_ngram"])
    overlap &= frame["domain"].astype("string").str.contains(_BETWEEN_TEXTS, regex=False).fillna(False).astype(bool)
    if overlap.any():
        parts = frame.loc[overlap, "domain"].str.split(_BETWEEN_TEXTS, n=1, expand=True)
        frame.loc[overlap, ["among", "domain"]] = parts.to_numpy()
    pair = frame["scorer"].astype("string").str.contains(_BETWEEN_SCORERS, regex=False).fillna(False).astype(bool)
    for column in ("scorer", "scorer_revision") if pair.any() else ():
        parts = frame.loc[pair, column].str.split(_BETWEEN_SCORERS, n=1, expand=True, regex=False)
        frame.loc[pair, [column, f"other_{column}"]] = parts.to_numpy()
    return frame
