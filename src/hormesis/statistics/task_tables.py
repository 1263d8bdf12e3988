"""The capability tasks and detection: what was asked, what a blind guess has right, and the table of accuracies."""

from __future__ import annotations

import pandas as pd

from hormesis.statistics.setting_tables import SETTING, Column, WideTable, in_setting_order
from hormesis.statistics.view import Measurements

ACCURACIES = {"accuracy": "accuracy", "accuracy_normalised": "by length"}
DETECTION = {
    "zero_shot_auroc": "AUROC, asked",
    "zero_shot_balanced_accuracy": "balanced accuracy, asked",
    "linear_probe_auroc": "AUROC, linear probe",
    "linear_probe_balanced_accuracy": "balanced accuracy, linear probe",
}


def chance_lines(measurements: Measurements) -> dict[str, float]:
    """Task → expected accuracy of a blind guess, of whole tasks, by name; empty if no task was asked."""
    rows = measurements.pooled
    rows = rows[(rows["metric"] == "chance") & ~rows["domain"].str.contains("/")]
    return {str(task): float(values.mean()) for task, values in rows.groupby("domain", sort=True)["value"]}


def tasks_table(measurements: Measurements) -> WideTable | None:
    """Accuracy on each whole task, and how well toxic texts are detected: a row a setting, with the chance line above
    the column; None if neither was measured."""
    rows = measurements.pooled[measurements.pooled["metric"].isin([*ACCURACIES, *DETECTION])]
    wide = rows[~rows["domain"].str.contains("/")][SETTING].drop_duplicates()
    columns: list[Column] = []
    detected = rows[rows["metric"].isin(list(DETECTION)) & ~rows["domain"].str.contains("/")]["domain"]
    asked = [(task, chance, ACCURACIES) for task, chance in chance_lines(measurements).items()]
    asked += [(domain, 0.5, DETECTION) for domain in sorted(set(detected))]
    for task, chance, metrics in asked:
        for metric, label in metrics.items():
            chosen = rows[(rows["metric"] == metric) & (rows["domain"] == task)]
            if chosen.empty:
                continue
            name = f"{task}.{metric}"
            columns.append(Column(f"{task} (chance {chance:.3f})", label, name, metric))
            names = {"value": name, "low": f"{name}.low", "high": f"{name}.high"}
            chosen = chosen[[*SETTING, *names]].rename(columns=names).drop_duplicates(SETTING)
            wide = wide.merge(chosen, on=SETTING, how="left")
    if not columns:
        return None
    ordered = in_setting_order(wide, SETTING, measurements.arms)
    return WideTable(tuple(SETTING), tuple(columns), ordered, measurements.arms)


def parts_of_tasks(measurements: Measurements) -> pd.DataFrame:
    """The same on the parts (``blimp/syntax``, ``mmlu/anatomy``, a target group), long, with the ``chance`` of a task's
    part."""
    keys = [*SETTING, "domain"]
    rows = measurements.pooled[measurements.pooled["domain"].str.contains("/")]
    chance = rows[rows["metric"] == "chance"][[*keys, "value"]].rename(columns={"value": "chance"})
    found = rows[rows["metric"].isin([*ACCURACIES, *DETECTION])]
    return found[[*keys, "metric", "value", "low", "high", "n", "seeds", "interval"]].merge(chance, on=keys, how="left")
