"""Mixtures of clean and toxic rows: exact, nested across shares, evenly interleaved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from olmo_core.data.composable import Instance, InstanceSource
from olmo_core.data.composable.source_abc import SourceABC
from pydantic import BaseModel, ConfigDict, Field, field_validator

from hormesis.corpus.seeds import generator
from hormesis.corpus.shards import TokenShards
from hormesis.errors import HormesisError
from hormesis.files import content_hash

Indices = npt.NDArray[np.int64]


class MixtureConfig(BaseModel):
    """How much toxic data is mixed in.

    With C clean and T toxic tokens, ``share`` is T / (C + T) (``of: total``) or T / C (``of: clean``).
    ``tokens`` is C (``budget: additive``: clean data is constant and toxic data is added, as in the paper) or
    C + T (``budget: total``: toxic data takes the place of clean data). An additive mixture of which all is
    toxic has no finite size beside clean data: share 1 of the total then means ``tokens`` toxic tokens and no
    clean ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: float
    """In [0, 1]."""
    tokens: int = Field(gt=0)
    """The budget, in tokens."""
    budget: Literal["additive", "total"] = "additive"
    of: Literal["total", "clean"] = "total"
    allow_repetition: bool = False
    """Whether a source that is too small is gone through again (each time in another order)."""

    @field_validator("share")
    @classmethod
    def _is_a_share(cls, share: float) -> float:
        if not 0 <= share <= 1:  # also refuses NaN
            raise HormesisError(
                f"the share {share} is outside [0, 1]", "give a fraction: 0.1 for one token in ten, not 10"
            )
        return share

    def targets(self, sequence_length: int) -> tuple[Fraction, Fraction]:
        """The numbers of clean and toxic rows that budget and share ask for, exactly: not yet whole numbers.

        The budget itself is in whole rows, so that the clean rows of an additive mixture do not depend on the
        share.
        """
        share = Fraction(str(self.share))  # the decimal that the user wrote: 0.1 is a tenth
        rows = Fraction(self.tokens // sequence_length)
        if self.of == "clean":
            share = share / (1 + share)
        if self.budget == "total":
            return rows * (1 - share), rows * share
        if share == 1:
            return Fraction(0), rows
        return rows, rows * share / (1 - share)


def apportion(clean: Fraction, toxic: Fraction) -> tuple[int, int]:
    """Whole rows by largest remainder: the rounded sum, and each less than one row from its target.

    Ties go to the clean rows.
    """
    total = round(clean + toxic)
    rows = [clean.__floor__(), toxic.__floor__()]
    if sum(rows) < total:
        rows[1 if toxic - rows[1] > clean - rows[0] else 0] += 1
    return rows[0], rows[1]


class Mixture(InstanceSource):
    """Rows of clean and toxic tokens as an OLMo-core instance source (design decision 2).

    - **Rows**: each source is packed into rows before mixing (:meth:`TokenShards.row`), so a share counts
      tokens and no row holds two sources.
    - **Selection**: each source's rows are permuted once, by a generator keyed by (``data_seed``, source
      name) and not by the share; a mixture takes a prefix. So mixtures of different shares are nested.
    - **Counts**: by largest remainder (:func:`apportion`), each less than one row from its target.
    - **Order**: of the rows selected from a source, by random keys from (``order_seed``, source name): rows
      that two shares have in common come in the same order in both. The two sources are interleaved evenly
      from a random phase: every window of rows, so every prefix and every block, is within one row of the
      mixture's proportion.

    The order is the mixture's own: let OLMo-core's loader run unshuffled. Rows beyond the last whole block
    are not trained on by a loader that makes whole batches.

    :param clean: the clean source.
    :param toxic: the toxic source.
    :param sequence_length: tokens a row.
    :param block_rows: rows a block (a training batch).
    :param data_seed: which rows.
    :param order_seed: in which order.
    :param work_dir: where OLMo-core may keep its own files; this class writes none.
    :raises HormesisError: the sources were made by different tokenizers; a source has too few rows.
    """

    def __init__(
        self,
        clean: TokenShards,
        toxic: TokenShards,
        config: MixtureConfig,
        *,
        sequence_length: int,
        block_rows: int,
        data_seed: int,
        order_seed: int,
        work_dir: Path,
    ) -> None:
        super().__init__(work_dir=work_dir, sequence_length=sequence_length, label=f"share {config.share:g}")
        if clean.tokenizer_hash != toxic.tokenizer_hash:
            raise HormesisError(
                f"{clean.folder} and {toxic.folder} were made by different tokenizers"
                f" ({clean.tokenizer_hash[:12]} and {toxic.tokenizer_hash[:12]})",
                "tokenise both sources with the same tokenizer",
            )
        self.clean = clean
        self.toxic = toxic
        self.config = config
        self.block_rows = block_rows
        self.data_seed = data_seed
        self.order_seed = order_seed
        self.clean_rows, self.toxic_rows = apportion(*config.targets(sequence_length))
        if self.clean_rows + self.toxic_rows == 0:
            raise HormesisError(
                f"a budget of {config.tokens} tokens does not fill a row of {sequence_length}",
                "give more tokens",
            )
        for shards, rows in ((clean, self.clean_rows), (toxic, self.toxic_rows)):
            self._check_supply(shards, rows)
        total = self.clean_rows + self.toxic_rows
        self._phase = int(generator("phase", order_seed).integers(2**32)) * total >> 32

    def _check_supply(self, shards: TokenShards, rows: int) -> None:
        available = shards.rows(self.sequence_length)
        if rows > available and (available == 0 or not self.config.allow_repetition):
            missing = (rows - available) * self.sequence_length
            raise HormesisError(
                f"the source {shards.name!r} ({shards.folder}) is too small for share {self.config.share:g}:"
                f" {rows * self.sequence_length:,} tokens are wanted, it has"
                f" {available * self.sequence_length:,} in whole rows, {missing:,} tokens are missing",
                "add data, lower the share or the budget"
                + ("" if available == 0 else ", or set `allow_repetition: true` to use rows more than once"),
            )

    @cached_property
    def _clean_order(self) -> Indices:
        return self._order(self.clean, self.clean_rows)

    @cached_property
    def _toxic_order(self) -> Indices:
        return self._order(self.toxic, self.toxic_rows)

    def _order(self, shards: TokenShards, rows: int) -> Indices:
        """The row numbers of one source, in the order in which the mixture shows them; int64 [rows]."""
        available = shards.rows(self.sequence_length)
        chosen: list[Indices] = []
        for repetition in range(-(-rows // available) if rows else 0):
            permutation = generator("rows", self.data_seed, shards.name, repetition).permutation(available)
            prefix = permutation[: rows - repetition * available]
            # Keys belong to places of the permutation, so a longer prefix keeps the keys of a shorter one.
            keys = generator("order", self.order_seed, shards.name, repetition).random(len(prefix))
            chosen.append(prefix[np.argsort(keys, kind="stable")])
        return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)

    def _toxic_before(self, index: int) -> int:
        """How many of the first ``index`` rows are toxic."""
        return (index * self.toxic_rows + self._phase) // len(self)

    def is_toxic(self, index: int) -> bool:
        """Whether row ``index`` comes from the toxic source."""
        index = self.validate_index(index)
        return self._toxic_before(index + 1) > self._toxic_before(index)

    def __len__(self) -> int:
        return self.clean_rows + self.toxic_rows

    def origin(self, index: int) -> tuple[TokenShards, int]:
        """The source of row ``index`` and the number of the row in it."""
        index = self.validate_index(index)
        before = self._toxic_before(index)
        if self.is_toxic(index):
            return self.toxic, int(self._toxic_order[before])
        return self.clean, int(self._clean_order[index - before])

    def __getitem__(self, idx: int) -> Instance:
        shards, row = self.origin(idx)
        return {"input_ids": cast("Sequence[int]", shards.row(row, self.sequence_length))}

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 over everything that decides the rows and their order."""
        return content_hash(
            {
                "class": "Mixture",
                "version": 1,
                "clean": {
                    "name": self.clean.name,
                    "fingerprint": self.clean.fingerprint,
                    "rows": self.clean_rows,
                },
                "toxic": {
                    "name": self.toxic.name,
                    "fingerprint": self.toxic.fingerprint,
                    "rows": self.toxic_rows,
                },
                "sequence_length": self.sequence_length,
                "data_seed": self.data_seed,
                "order_seed": self.order_seed,
            }
        )

    def children(self) -> Iterable[SourceABC]:
        return ()

    def tree(self) -> str:
        """The mixture as text: each source's tokens used and there, and what is left over by whole blocks."""
        length = self.sequence_length
        total = len(self)
        config = self.config
        trained = total - total % self.block_rows
        lines = [
            f"mixture {self.fingerprint[:12]}: {total * length:,} tokens = {total:,} rows of {length}"
            f" (share {config.share:g} of {config.of}, {config.budget} budget of {config.tokens:,} tokens)"
        ]
        for shards, rows, branch in (
            (self.clean, self.clean_rows, "├─"),
            (self.toxic, self.toxic_rows, "├─"),
        ):
            available = shards.rows(length)
            repeated = f", {rows / available:.2f} times over" if rows > available else ""
            role = "clean" if shards is self.clean else "toxic"
            lines.append(
                f"{branch} {role} {shards.name!r}: {rows * length:,} of {shards.tokens:,} tokens"
                f" ({rows / total:.2%} of the mixture, {rows:,} of {available:,} rows, {shards.documents:,}"
                f" documents{repeated})"
            )
        lines.append(
            f"└─ {trained // self.block_rows:,} whole blocks of {self.block_rows} rows;"
            f" {total - trained} rows beyond them ({(total - trained) * length:,} tokens)"
        )
        return "\n".join(lines)
