"""The words in which the page speaks of measurements."""

from __future__ import annotations

from hormesis.statistics.recipes import AND

_METHOD_NAMES = {
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


def method_name(method: str) -> str:
    """The name in words of a method, or of a recipe and a method; the name itself if it is not one of ours."""
    return AND.join(_METHOD_NAMES.get(part, part) for part in method.split(AND))


def share_in_words(share: float) -> str:
    """A share as text: 0.05 → ``5 %``."""
    return f"{100 * share:.4g} %"


def in_digits(value: float) -> str:
    """Three decimals; two digits where these would hide a small value: 0.00042, not 0.000."""
    return f"{value:.2g}" if 0 < abs(value) < 0.0095 else f"{value:.3f}"
