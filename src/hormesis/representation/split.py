"""A split into fit, validation and test by group, so that no group is on two sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

Part = Literal["fit", "validation", "test"]
PARTS: tuple[Part, ...] = ("fit", "validation", "test")


@short_repr
@dataclass(frozen=True, eq=False)
class GroupSplit:
    """Row numbers, ascending and disjoint, of the three parts of a labelled set."""

    fit: NDArray[np.int64]
    """Rows that probes, directions and scales are estimated on: these and no others."""
    validation: NDArray[np.int64]
    """Rows that heads are ranked on."""
    test: NDArray[np.int64]
    """Rows that choose nothing; may be empty."""

    def part(self, name: Part) -> NDArray[np.int64]:
        """The rows of one part by its name."""
        return {"fit": self.fit, "validation": self.validation, "test": self.test}[name]

    def tensors(self) -> dict[str, Tensor]:
        """``split.fit``, ``split.validation`` and ``split.test``, as they are saved."""
        return {f"split.{name}": torch.from_numpy(self.part(name)) for name in PARTS}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> GroupSplit:
        """The split that :meth:`tensors` describes."""
        return cls(*(tensors[f"split.{name}"].numpy() for name in PARTS))

    def check(self, rows: int) -> None:
        """See that the parts are disjoint and within ``rows`` rows.

        :raises HormesisError: they are not.
        """
        everything = np.concatenate([self.part(name) for name in PARTS])
        if len(np.unique(everything)) != len(everything):
            raise HormesisError("the split has rows in two parts", "make it with split_by_group")
        if len(everything) and not (everything.min() >= 0 and everything.max() < rows):
            raise HormesisError(
                f"the split names row {int(everything.max())}, and there are {rows} rows",
                "split the same texts whose activations were captured",
            )


def split_by_group(
    groups: Sequence[str], seed: int, fractions: tuple[float, float, float] = (0.6, 0.2, 0.2)
) -> GroupSplit:
    """Put whole groups (target group, prompt, author) into fit, validation and test.

    Groups are taken in an order drawn from ``seed``; each goes to the part that is furthest below its share of rows. A
    part with a positive fraction is never empty.

    :param groups: the group of each row.
    :param fractions: shares of rows for fit, validation and test; they sum to 1, and only test may be 0.
    :raises HormesisError: impossible fractions, or fewer groups than parts.
    """
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6 or fractions[0] == 0 or fractions[1] == 0:
        raise HormesisError(
            f"split fractions {fractions} (fit, validation, test) are not a split",
            "give three shares that sum to 1, those of fit and validation above 0",
        )
    names, codes, counts = np.unique(np.asarray(groups, dtype=str), return_inverse=True, return_counts=True)
    wanted = [part for part in range(3) if fractions[part] > 0]
    if len(names) < len(wanted):
        raise HormesisError(
            f"{len(groups)} rows in {len(names)} group(s) cannot be split by group into {len(wanted)} parts",
            "give a finer group column (target group, prompt, author; the row itself if rows are alike)",
        )
    target = np.asarray(fractions) * len(groups)
    filled = np.zeros(3)
    part_of = np.empty(len(names), dtype=np.int64)
    order = np.random.default_rng(seed).permutation(len(names))
    for position, group in enumerate(order):
        # With as few groups left as parts are empty, only the empty ones are served.
        empty = [part for part in wanted if filled[part] == 0]
        candidates = empty if len(names) - position <= len(empty) else wanted
        part_of[group] = max(candidates, key=lambda part: target[part] - filled[part])
        filled[part_of[group]] += counts[group]
    row_parts = part_of[codes]
    return GroupSplit(*(np.flatnonzero(row_parts == part).astype(np.int64) for part in range(3)))
