"""A folder of measurements of one model that grows method by method, all of them measured alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.detox import intervention_hash
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig, Scorer, Task
from hormesis.files import Json, content_hash, read_object, write_json
from hormesis.marks import check_claimable, claim
from hormesis.measurements import read_measurements, write_measurements
from hormesis.measurements.names import FOUND
from hormesis.models import LanguageModel

_VALUES_A_WEIGHT = 256
_ROWS_FILE, _ALIKE_FILE = "measurements.parquet", "measured_alike.json"


def what_is_alike(
    lm: LanguageModel,
    prompts: Mapping[str, Sequence[Prompt]],
    texts: Mapping[str, Sequence[str]],
    scorers: Sequence[Scorer],
    generation: GenerationConfig,
    tasks: Sequence[Task] = (),
    detection: LabelledTexts | None = None,
) -> dict[str, Json]:
    """What has to be the same for two measurements to stand on one frontier, as JSON; texts by their hashes."""
    alike: dict[str, Json] = {
        "model": [lm.name, weights_hash(lm)],
        "prompts": {domain: content_hash([prompt.text for prompt in asked]) for domain, asked in prompts.items()},
        "texts": {domain: content_hash(list(documents)) for domain, documents in texts.items()},
        "scorers": [[scorer.name, scorer.revision] for scorer in scorers],
        "generation": generation.model_dump(mode="json", exclude={"batch_prompts"}),
    }
    if lm.chat:
        alike["chat"] = True
    if tasks:  # without the key, folders from before there were tasks stay what they are
        alike["tasks"] = {task.name: content_hash([repr(row) for row in task.rows]) for task in tasks}
    if detection is not None:
        alike["detection"] = content_hash([list(detection.texts), detection.labels.tolist()])
    return alike


def artefact_hashes(artefacts: Mapping[str, Path]) -> dict[str, Json]:
    """Method → hash of the artefact's files, but for its calibration."""
    return {method: intervention_hash(folder) for method, folder in artefacts.items()}


def weights_hash(lm: LanguageModel) -> str:
    """Of names, shapes and evenly spaced values of all weights: another checkpoint of one name is another model."""
    described: list[Json] = []
    for name, weight in lm.model.named_parameters():
        values = weight.detach().flatten()
        step = max(1, len(values) // _VALUES_A_WEIGHT)
        described.append([name, list(weight.shape), values[::step].float().cpu().numpy().tobytes().hex()])
    return content_hash(described)


class KeptResults:
    """The measurements in ``folder``.

    :param alike: see :func:`what_is_alike`.
    :param artefacts: see :func:`artefact_hashes`.
    :raises HormesisError: the folder holds something else, measurements that were made otherwise, or such of another
        artefact of a method.
    """

    def __init__(self, folder: Path, alike: Mapping[str, Json], artefacts: Mapping[str, Json]) -> None:
        check_claimable(folder, FOUND)
        self.folder, self._alike = folder, dict(alike)
        path = folder / _ALIKE_FILE
        before: dict[str, dict[str, Json]] = {"alike": self._alike, "artefacts": {}}
        if path.is_file():
            try:
                before = read_object(path)
            except ValueError as error:
                raise HormesisError(f"{path} is damaged: {error}", "give another --out, or remove it") from error
        old = before["alike"]
        other = sorted(key for key in {*old, *alike} if old.get(key) != alike.get(key))
        known = before["artefacts"]
        other += [f"artefact of {name}" for name, digest in artefacts.items() if known.get(name, digest) != digest]
        if other:
            raise HormesisError(
                f"{folder} holds measurements with another {', '.join(other)}: they do not belong on one frontier",
                "measure alike, or give another --out folder",
            )
        self._artefacts = known | dict(artefacts)

    def rows(self) -> pd.DataFrame | None:
        """What is there; None at first."""
        path = self.folder / _ROWS_FILE
        return read_measurements(path) if path.is_file() else None

    def has(self, method: str) -> bool:
        """Whether a method was measured."""
        rows = self.rows()
        return rows is not None and bool((rows["method"] == method).any())

    def add(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Write ``rows`` too, in the place of older ones of the same method and strength; everything is returned."""
        before = self.rows()
        if before is not None:
            new = set(zip(rows["method"], rows["strength"].fillna(-1), strict=True))
            keys = zip(before["method"], before["strength"].fillna(-1), strict=True)
            rows = pd.concat([before[[key not in new for key in keys]], rows], ignore_index=True)
        claim(self.folder, FOUND)
        write_json(self.folder / _ALIKE_FILE, {"alike": self._alike, "artefacts": self._artefacts})
        write_measurements(self.folder / _ROWS_FILE, rows)
        return rows
