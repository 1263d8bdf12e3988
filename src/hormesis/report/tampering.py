"""How soon tampering brings toxicity back, in words."""

from __future__ import annotations

import math

import pandas as pd

from hormesis.report.words import share_in_words
from hormesis.statistics.arms import Arms
from hormesis.statistics.recovery import recovery_table
from hormesis.statistics.tampering import METRIC


def recovery_sentences(tampered: pd.DataFrame) -> list[str]:
    """How soon half of what each method removed was back, a sentence each."""
    found, arms = [], Arms.of(tampered)
    for row in recovery_table(tampered, METRIC).to_dict("records"):
        share = "" if pd.isna(row["share"]) else f", share {share_in_words(float(row['share']))}"
        recipe = "" if row["recipe"] == "plain" else f", recipe {arms.label(str(row['recipe']))}"
        who = f"{arms.label(str(row['method']))}{share}{recipe}, {row['domain']}, {row['tampering']} fine-tuning"
        if math.isnan(float(row["steps"])) or float(row["removed"]) <= 0:
            found.append(f"{who}: the method had removed nothing that could return.")
            continue
        within = f"within {row['last_steps']} steps in {row['recovered']} of {row['seeds']} seeds"
        middle = "" if math.isinf(float(row["steps"])) else f"; median {float(row['steps']):.0f} steps"
        found.append(f"{who}: half of the removed toxicity ({float(row['removed']):.3f}) was back {within}{middle}.")
    return found
