"""The tables of a results folder, and of the folder of each cell, by file name."""

from __future__ import annotations

MEASUREMENTS_FILE = "measurements.parquet"
PROMPTS_FILE = "prompts.parquet"
"""By the main scorer."""
OTHERS_FILE = "prompts_other_scorers.parquet"
"""The same by the others, with the columns ``scorer`` and ``scorer_revision``; only where there are any."""
DOCUMENTS_FILE = "documents.parquet"
ANSWERS_FILE = "answers.parquet"
DETECTION_FILE = "detection.parquet"
