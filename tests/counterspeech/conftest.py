"""A store of the invented library."""

from __future__ import annotations

import pytest

from hormesis.counterspeech import EvidenceStore
from tests.counterspeech.world import DISPUTES, DOCUMENTS


@pytest.fixture(scope="session")
def store() -> EvidenceStore:
    return EvidenceStore.of([*DOCUMENTS, *DISPUTES])
