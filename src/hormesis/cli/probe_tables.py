"""The best probes of a model, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Table

from hormesis.representation import ModelLayout

if TYPE_CHECKING:
    from hormesis.corpus import LabelledTexts
    from hormesis.detox import Evidence
    from hormesis.models import LanguageModel

_SHOWN = 10  # rows of a site; the whole is in the files


def probe_lines(
    lm: LanguageModel, concept: LabelledTexts, evidence: Evidence, table: pd.DataFrame
) -> Iterator[RenderableType]:
    """The shape of the model, what was read, and the best heads and layers on validation.

    :param table: :func:`hormesis.workbench.probe_table`.
    """
    split = evidence.probes.split
    yield ModelLayout.of(lm.model, architecture=lm.architecture, validate=False).shape
    yield (
        f"{len(concept):,} texts, {len(split.fit):,} to fit, {len(split.validation):,} to rank, {len(split.test):,}"
        f" to test; {concept.labels.mean():.1%} toxic; 95 % intervals (those of AUROC are in probes.parquet)"
    )
    shown = Table("site", "layer", "head", box=SIMPLE)
    for part in ("validation", "test"):
        shown.add_column(f"accuracy, {part}", no_wrap=True)
        shown.add_column("AUROC", no_wrap=True)
    keys = ["site", "layer", "head"]
    wide = table[table["part"] == "validation"].merge(
        table[table["part"] == "test"], on=keys, suffixes=("", "_test"), how="left"
    )
    for site in ("head", "residual"):
        best = wide[wide["site"] == site].sort_values(["accuracy", "layer"], ascending=[False, True]).head(_SHOWN)
        for row in best.to_dict("records"):
            shown.add_row(
                site,
                str(row["layer"]),
                "" if site == "residual" else str(row["head"]),
                *(
                    text
                    for part in ("", "_test")
                    for text in (
                        f"{row[f'accuracy{part}']:.3f} ({row[f'accuracy_low{part}']:.2f}–"
                        f"{row[f'accuracy_high{part}']:.2f})",
                        f"{row[f'auroc{part}']:.3f}",
                    )
                ),
            )
        shown.add_section()
    yield shown
