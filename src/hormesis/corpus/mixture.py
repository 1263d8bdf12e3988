"""Mixtures of clean and toxic rows: exact, nested across shares, evenly interleaved unless placed otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from olmo_core.data.composable import Instance, InstanceSource
from olmo_core.data.composable.source_abc import SourceABC

from hormesis.corpus.mixture_config import MixtureConfig, apportion
from hormesis.corpus.row_order import Indices, Interleaving, row_order
from hormesis.corpus.seeds import generator
from hormesis.corpus.shards import TokenShards
from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash


@dataclass(frozen=True)
class Cooldown:
    """Other shards for the end of training, such as untagged ones after tagged ones (arXiv 2501.01956)."""

    clean: TokenShards
    toxic: TokenShards
    fraction: float
    """Of the rows that are trained on: the last ones, clean and toxic in the mixture's proportion."""


@dataclass(frozen=True)
class _Part:
    """The rows that a mixture takes from one source."""

    role: str
    shards: TokenShards
    rows: int


class Mixture(InstanceSource):
    """Rows of clean and toxic tokens as an OLMo-core instance source (design decision 2).

    - **Rows**: each source is packed into rows before mixing (:meth:`TokenShards.row`), so a share counts
      tokens and no row holds two sources. A row says which of its tokens carry loss (``label_mask``) if any
      source has tokens that carry none.
    - **Selection**: each source's rows are permuted once, by a generator keyed by (``data_seed``, source
      name) and not by the share; a mixture takes a prefix. So mixtures of different shares are nested.
    - **Counts**: by largest remainder (:func:`apportion`), each less than one row from its target.
    - **Order**: of the rows selected from a source, by random keys from (``order_seed``, source name): rows
      that two shares have in common come in the same order in both. The two sources are interleaved evenly
      from a random phase: every window of rows, so every prefix and every block, is within one row of the
      mixture's proportion. With another ``placement`` the same rows are trained on, each source's in the same
      order, and the toxic ones come first or last.

    The order is the mixture's own: let OLMo-core's loader run unshuffled. Rows beyond the last whole block
    are not trained on by a loader that makes whole batches.

    :param clean: the clean source.
    :param toxic: the toxic source, or what takes its place.
    :param sequence_length: tokens a row.
    :param block_rows: rows a block (a training batch).
    :param data_seed: which rows.
    :param order_seed: in which order.
    :param work_dir: where OLMo-core may keep its own files; this class writes none.
    :param cooldown: what the last rows are taken from instead; counts and order stay as they are.
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
        cooldown: Cooldown | None = None,
    ) -> None:
        super().__init__(work_dir=work_dir, sequence_length=sequence_length, label=f"share {config.share:g}")
        for other in (toxic, *((cooldown.clean, cooldown.toxic) if cooldown else ())):
            if clean.tokenizer_hash != other.tokenizer_hash:
                raise HormesisError(
                    f"{clean.folder} and {other.folder} were made by different tokenizers"
                    f" ({clean.tokenizer_hash[:12]} and {other.tokenizer_hash[:12]})",
                    "tokenise both sources with the same tokenizer",
                )
        self.clean = clean
        self.toxic = toxic
        self.config = config
        self.block_rows = block_rows
        self.data_seed = data_seed
        self.order_seed = order_seed
        self.cooldown = cooldown
        self.clean_rows, self.toxic_rows = apportion(*config.targets(sequence_length))
        total = self.clean_rows + self.toxic_rows
        if total == 0:
            raise HormesisError(
                f"a budget of {config.tokens} tokens does not fill a row of {sequence_length}",
                "give more tokens",
            )
        trained = total - total % block_rows or total
        phase = int(generator("phase", order_seed).integers(2**32)) * total >> 32
        self._interleaving = Interleaving(total, self.toxic_rows, phase, config.placement, trained)
        # Rows before the cooldown, all of them without one.
        self._main_rows = trained - round(trained * cooldown.fraction) if cooldown else total
        self._main_toxic = self._interleaving.toxic_before(self._main_rows)
        for part in self._parts():
            self._check_supply(part)

    def _parts(self) -> Iterator[_Part]:
        main_clean = self._main_rows - self._main_toxic
        yield _Part("clean", self.clean, main_clean)
        yield _Part("toxic", self.toxic, self._main_toxic)
        if self.cooldown is not None:
            yield _Part("clean at the end", self.cooldown.clean, self.clean_rows - main_clean)
            yield _Part("toxic at the end", self.cooldown.toxic, self.toxic_rows - self._main_toxic)

    def _check_supply(self, part: _Part) -> None:
        shards, rows = part.shards, part.rows
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
    def _orders(self) -> tuple[Indices, ...]:
        return tuple(
            row_order(
                part.shards.name,
                part.rows,
                part.shards.rows(self.sequence_length),
                data_seed=self.data_seed,
                order_seed=self.order_seed,
            )
            for part in self._parts()
        )

    @cached_property
    def masked(self) -> bool:
        """Whether some tokens of a source carry no loss, so that rows have a ``label_mask``."""
        return any(part.shards.unlearned for part in self._parts())

    def is_toxic(self, index: int) -> bool:
        """Whether row ``index`` comes from the toxic source."""
        index = self.validate_index(index)
        before = self._interleaving.toxic_before
        return before(index + 1) > before(index)

    def __len__(self) -> int:
        return self.clean_rows + self.toxic_rows

    def origin(self, index: int) -> tuple[TokenShards, int]:
        """The source of row ``index`` and the number of the row in it."""
        index = self.validate_index(index)
        before = self._interleaving.toxic_before(index)
        toxic = self.is_toxic(index)
        place = before if toxic else index - before
        if index < self._main_rows:
            return (self.toxic if toxic else self.clean), int(self._orders[toxic][place])
        assert self.cooldown is not None
        place -= self._main_toxic if toxic else self._main_rows - self._main_toxic
        return (self.cooldown.toxic if toxic else self.cooldown.clean), int(self._orders[2 + toxic][place])

    def __getitem__(self, idx: int) -> Instance:
        shards, row = self.origin(idx)
        instance: Instance = {"input_ids": cast("Sequence[int]", shards.row(row, self.sequence_length))}
        if self.masked:  # of every row, as OLMo-core's collator stacks them
            instance["label_mask"] = cast("Sequence[bool]", shards.learned_row(row, self.sequence_length))
        return instance

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 over everything that decides the rows and their order."""
        described: dict[str, Json] = {
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
        # What is not the default is added, so that the mixtures of earlier versions keep their fingerprints.
        if self.config.placement != "uniform":
            described |= {"placement": self.config.placement, "block_rows": self.block_rows}
        if self.cooldown is not None:
            described["cooldown"] = {
                "main_rows": self._main_rows,
                "clean": {"name": self.cooldown.clean.name, "fingerprint": self.cooldown.clean.fingerprint},
                "toxic": {"name": self.cooldown.toxic.name, "fingerprint": self.cooldown.toxic.fingerprint},
            }
        return content_hash(described)

    def children(self) -> Iterable[SourceABC]:
        return ()

    def tree(self) -> str:
        """The mixture as text: each source's tokens used and there, and what is left over by whole blocks."""
        length = self.sequence_length
        total = len(self)
        config = self.config
        trained = total - total % self.block_rows
        placed = "" if config.placement == "uniform" else f", toxic rows {config.placement}"
        filtered = "" if config.toxic_kept == 1 else f", {config.toxic_kept:.2%} of the toxic text kept"
        lines = [
            f"mixture {self.fingerprint[:12]}: {total * length:,} tokens = {total:,} rows of {length}"
            f" (share {config.share:g} of {config.of}, {config.budget} budget of {config.tokens:,} tokens{placed}"
            f"{filtered})"
        ]
        for part in self._parts():
            shards, rows = part.shards, part.rows
            available = shards.rows(length)
            repeated = f", {rows / available:.2f} times over" if rows > available else ""
            unlearned = f", {shards.unlearned / shards.tokens:.2%} without loss" if shards.unlearned else ""
            lines.append(
                f"├─ {part.role} {shards.name!r}: {rows * length:,} of {shards.tokens:,} tokens"
                f" ({rows / total:.2%} of the mixture, {rows:,} of {available:,} rows, {shards.documents:,}"
                f" documents{repeated}{unlearned})"
            )
        lines.append(
            f"└─ {trained // self.block_rows:,} whole blocks of {self.block_rows} rows;"
            f" {total - trained} rows beyond them ({(total - trained) * length:,} tokens)"
        )
        return "\n".join(lines)
