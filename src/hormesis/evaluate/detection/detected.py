"""From scores of texts to the table of detections."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hormesis.corpus import LabelledTexts
from hormesis.measurements.detection_table import DetectionTable


def detection_table(
    domain: str, detector: str, texts: LabelledTexts, strengths: list[float], scores: np.ndarray
) -> DetectionTable:
    """The table of one detector; ``scores`` are [strengths, texts]."""
    count = len(texts)
    frame = pd.DataFrame({"score": np.asarray(scores, dtype=np.float64).reshape(-1)})
    frame["domain"], frame["detector"] = domain, detector
    frame["text"] = np.tile(np.arange(count), len(strengths))
    frame["group"] = list(texts.groups) * len(strengths)
    frame["toxic"] = np.tile(texts.labels, len(strengths))
    frame["strength"] = np.repeat(strengths, count)
    return DetectionTable(frame)
