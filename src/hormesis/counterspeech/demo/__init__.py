"""A small store that ships with the package: twelve documents in the public domain, passages of OpenStax textbooks
(CC BY 4.0) and a list of disputed quotations. Each row of its files names its source, url and licence.
"""

from __future__ import annotations

from importlib.resources import as_file, files

from hormesis.counterspeech.documents import read_evidence
from hormesis.counterspeech.store import EvidenceStore


def demo_store() -> EvidenceStore:
    """The store, made anew in memory."""
    with as_file(files(__name__)) as folder:
        return EvidenceStore.of(
            each for name in ("documents", "disputes") for each in read_evidence(folder / f"{name}.parquet")
        )
