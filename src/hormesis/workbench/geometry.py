"""The geometry of concepts at every layer of one model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from hormesis.corpus import ConceptTexts, LabelledTexts
from hormesis.files import write_file
from hormesis.marks import claim
from hormesis.measurements import Measurement, Origin, to_frame, write_measurements
from hormesis.measurements.names import FOUND
from hormesis.models import LanguageModel
from hormesis.report import Lens, lens_page
from hormesis.report.figures import house_style
from hormesis.report.figures.geometry import layer_profile
from hormesis.representation import ConceptBank
from hormesis.representation.geometry import SurveyConfig, survey_model


@dataclass(frozen=True, eq=False, repr=False)
class Surveyed:
    """What a survey found in one model."""

    model: str
    rows: pd.DataFrame
    """Measurement rows."""
    banks: tuple[ConceptBank, ...]
    """One a site."""
    lenses: tuple[Lens, ...]
    """The tokens that each site's toxicity direction promotes and suppresses: toxic words, perhaps."""

    def __repr__(self) -> str:
        return f"Surveyed({self.model!r}, {len(self.rows):,} rows, {len(self.banks)} sites)"

    def _repr_html_(self) -> str:
        """The table of measurements, its ends where it is long."""
        return self.rows[["site", "metric", "domain", "value", "low", "high", "n"]].to_html(max_rows=20)

    def save(self, out: Path) -> tuple[str, ...]:
        """Write rows, figure, lens and banks.

        :returns: what was written, for people.
        :raises HormesisError: ``out`` holds something else.
        """
        claim(out, FOUND)
        write_measurements(out / "measurements.parquet", self.rows)
        for one in self.banks:
            one.save(out / "bank" / one.site)
        with house_style():
            layer_profile(self.rows, self.model).write(out, "geometry")
        written = ("measurements.parquet", "geometry.png", "geometry.svg", "bank")
        if not self.lenses:
            return written
        with write_file(out / "lens.html") as file:
            page = lens_page(self.lenses, f"{self.model}: tokens along the toxicity direction")
            file.write_text(page, encoding="utf-8")
        return (*written, "lens.html (tokens are hidden until clicked)")


def survey(
    lm: LanguageModel,
    concept: LabelledTexts,
    bank: ConceptTexts,
    config: SurveyConfig | None = None,
    *,
    other: LabelledTexts | None = None,
    batch_size: int = 32,
    progress: Callable[[str, int, int], None] | None = None,
) -> Surveyed:
    """How entangled a concept is with the others of a bank, site by site, beside chance.

    :param other: a second data set, for transfer.
    :param batch_size: texts read at once.
    :param progress: called with (what is done, how many, of how many).
    """
    chosen = config or SurveyConfig()
    found = survey_model(lm, concept, bank, chosen, other=other, batch_size=batch_size, progress=progress)
    origin = Origin(cell=lm.name, method="base")
    rows = to_frame(Measurement(**asdict(origin), **asdict(finding)) for finding in found.findings)
    lenses = tuple(Lens.of(f"site {one.site}", one.promoted, one.suppressed) for one in found.lenses)
    return Surveyed(lm.name, rows, tuple(found.banks), lenses)
