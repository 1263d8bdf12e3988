"""What probes say of a model, as a table with intervals and as a heat map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from hormesis.detox import Evidence
from hormesis.files import write_file
from hormesis.marks import claim
from hormesis.measurements.names import FOUND
from hormesis.notebook_figure import NotebookFigure
from hormesis.representation import HeadProbes, probe_layers
from hormesis.representation.auroc import auroc_interval

_LEVEL = 0.95


def probe_table(evidence: Evidence) -> pd.DataFrame:
    """One row a site and part of the split: heads, and the residual stream of each layer.

    Columns: ``site`` (``head`` or ``residual``), ``layer``, ``head`` (missing for the residual stream), ``part``
    (``validation`` ranks, ``test`` chooses nothing), ``n``, ``accuracy`` with the Wilson interval ``accuracy_low``,
    ``accuracy_high``, and ``auroc`` with that of Hanley and McNeil (1982), ``auroc_low``, ``auroc_high``; all 95 %.
    """
    tables = [_rows(evidence.probes, evidence.labels, "head")]
    if evidence.residual is not None:
        probes = probe_layers(evidence.residual, evidence.labels, evidence.probes.split)
        tables.append(_rows(probes, evidence.labels, "residual"))
    return pd.concat(tables, ignore_index=True)


def _rows(probes: HeadProbes, labels: np.ndarray, site: str) -> pd.DataFrame:
    rows = []
    parts = (
        ("validation", probes.accuracy, probes.auroc),
        ("test", probes.test_accuracy, probes.test_auroc),
    )
    for part, accuracy, auroc in parts:
        truth = labels[probes.split.part(part)]  # type: ignore[arg-type]
        if not len(truth):
            continue
        for layer, head in np.ndindex(*accuracy.shape):
            right, area = float(accuracy[layer, head]), float(auroc[layer, head])
            low, high = binomtest(round(right * len(truth)), len(truth)).proportion_ci(_LEVEL, method="wilson")
            area_low, area_high = auroc_interval(area, truth, _LEVEL)
            rows.append(
                {
                    "site": site,
                    "layer": layer,
                    "head": head if site == "head" else pd.NA,
                    "part": part,
                    "n": len(truth),
                    "accuracy": right,
                    "accuracy_low": low,
                    "accuracy_high": high,
                    "auroc": area,
                    "auroc_low": area_low,
                    "auroc_high": area_high,
                }
            )
    return pd.DataFrame(rows).astype({"head": "Int64"})


def heat_map(table: pd.DataFrame, title: str) -> NotebookFigure:
    """Validation accuracy of every head by layer, best heads marked, with the residual stream beside it."""
    rows = table[table["part"] == "validation"]
    heads = rows[rows["site"] == "head"].pivot(index="layer", columns="head", values="accuracy")
    stream = rows[rows["site"] == "residual"].set_index("layer")["accuracy"]
    layers, width = heads.shape
    figure = NotebookFigure(figsize=(max(5.0, 0.28 * width + 3.2), max(2.6, 0.22 * layers + 1.4)), layout="constrained")
    axes = figure.subplots(1, 2, width_ratios=[width, 1.6], sharey=True)
    low, high = float(rows["accuracy"].min()), float(rows["accuracy"].max())
    image = axes[0].imshow(heads.to_numpy(), cmap="viridis", vmin=low, vmax=high, aspect="auto", origin="lower")
    axes[1].imshow(stream.to_numpy()[:, None], cmap="viridis", vmin=low, vmax=high, aspect="auto", origin="lower")
    best = np.argsort(heads.to_numpy(), axis=None)[::-1][: max(1, round(30 / 256 * heads.size))]
    axes[0].plot(best % width, best // width, linestyle="none", marker="x", color="black", markersize=4)
    axes[0].set_xlabel("head (× : the best)")
    axes[0].set_ylabel("layer")
    axes[1].set_xlabel("stream")
    axes[1].set_xticks([])
    figure.colorbar(image, ax=axes, label=f"accuracy on {int(rows['n'].iloc[0]):,} validation texts")
    figure.suptitle(title, fontsize=9)
    return figure


def write_probes(out: Path, evidence: Evidence, table: pd.DataFrame, title: str) -> None:
    """The probes as an artefact, their table as Parquet, and the heat map as PNG, into the folder ``out``.

    :raises HormesisError: ``out`` holds something else.
    """
    claim(out, FOUND)
    evidence.probes.save(out / "probes")
    with write_file(out / "probes.parquet") as file:
        table.to_parquet(file)
    with write_file(out / "heads.png") as file:
        heat_map(table, title).savefig(file, format="png", dpi=160)
