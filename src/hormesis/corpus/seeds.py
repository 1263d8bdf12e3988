"""Random generators keyed by words and numbers: the same on every machine and in every process."""

from __future__ import annotations

from hashlib import sha256

import numpy as np


def generator(*key: str | int) -> np.random.Generator:
    """The generator of a key such as ``("rows", data_seed, "c4")``.

    Generators of different keys are independent. (Python's ``hash`` differs from process to process; SHA-256
    does not.)
    """
    digest = sha256("\0".join(f"{type(part).__name__}:{part}" for part in key).encode()).digest()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(int.from_bytes(digest))))
