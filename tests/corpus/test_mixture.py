"""Mixtures: exact, nested, without duplicates, evenly interleaved, and the same for the same seeds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from olmo_core.data.collator import DataCollator
from olmo_core.data.composable import ComposableDataLoader, InstanceSource
from olmo_core.data.tokenizer import TokenizerConfig
from pydantic import ValidationError

from hormesis.corpus import Mixture, MixtureConfig, TokenShards
from hormesis.errors import HormesisError

TOXIC_START = 1_000_000
BLOCK = 8

shares = st.one_of(st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5, 1.0]), st.floats(0, 1))
seeds = st.integers(0, 2**40)
Budget = Literal["additive", "total"]
Of = Literal["total", "clean"]


@pytest.fixture(scope="module")
def clean(make_shards: Callable[..., TokenShards]) -> TokenShards:
    return make_shards("clean", 0, 2411)


@pytest.fixture(scope="module")
def toxic(make_shards: Callable[..., TokenShards]) -> TokenShards:
    return make_shards("toxic", TOXIC_START, 2003)


@pytest.fixture(scope="module")
def mix(clean: TokenShards, toxic: TokenShards) -> Callable[..., Mixture]:
    def make(
        share: float,
        tokens: int = 800,
        budget: Budget = "additive",
        of: Of = "total",
        length: int = 4,
        data_seed: int = 0,
        order_seed: int = 0,
        allow_repetition: bool = False,
    ) -> Mixture:
        config = MixtureConfig(share=share, tokens=tokens, budget=budget, of=of, allow_repetition=allow_repetition)
        return Mixture(
            clean,
            toxic,
            config,
            sequence_length=length,
            block_rows=BLOCK,
            data_seed=data_seed,
            order_seed=order_seed,
            work_dir=Path("unused"),
        )

    return make


def firsts(mixture: Mixture) -> list[int]:
    """The first token of each row: it identifies the row."""
    return [int(np.asarray(mixture[i]["input_ids"])[0]) for i in range(len(mixture))]


def split(mixture: Mixture) -> tuple[list[int], list[int]]:
    rows = firsts(mixture)
    return [row for row in rows if row < TOXIC_START], [row for row in rows if row >= TOXIC_START]


@given(
    shares,
    st.integers(4, 2000),
    st.sampled_from(["additive", "total"]),
    st.sampled_from(["total", "clean"]),
    seeds,
)
def test_counts_order_and_uniqueness(
    mix: Callable[..., Mixture], share: float, tokens: int, budget: Budget, of: Of, seed: int
) -> None:
    config = MixtureConfig(share=share, tokens=tokens, budget=budget, of=of)
    targets = config.targets(4)
    assume(targets[0] <= 602 and targets[1] <= 500)
    mixture = mix(share, tokens, budget, of, data_seed=seed, order_seed=seed + 1)
    assert isinstance(mixture, InstanceSource)
    rows = firsts(mixture)
    # Each source is less than one row from its target, and the rows are what is said.
    assert abs(mixture.clean_rows - targets[0]) < 1
    assert abs(mixture.toxic_rows - targets[1]) < 1
    assert [row >= TOXIC_START for row in rows] == [mixture.is_toxic(i) for i in range(len(mixture))]
    assert sum(row >= TOXIC_START for row in rows) == mixture.toxic_rows == len(mixture) - mixture.clean_rows
    # No row twice, and every row is one of the source's own.
    assert len(set(rows)) == len(rows)
    assert all((row - TOXIC_START if row >= TOXIC_START else row) % 4 == 0 for row in rows)
    # Any window (so any prefix, and any block) is within one row of the mixture's proportion.
    counts = np.cumsum([0] + [row >= TOXIC_START for row in rows])
    excess = counts * len(mixture) - np.arange(len(rows) + 1) * mixture.toxic_rows
    assert excess.max() - excess.min() < len(mixture)


@given(shares, shares, seeds, seeds, st.sampled_from(["additive", "total"]))
def test_mixtures_are_nested(
    mix: Callable[..., Mixture], low: float, high: float, data_seed: int, order_seed: int, budget: Budget
) -> None:
    low, high = sorted((low, high))
    assume(high < 0.7 or budget == "total")
    small = mix(low, budget=budget, data_seed=data_seed, order_seed=order_seed)
    large = mix(high, budget=budget, data_seed=data_seed, order_seed=order_seed)
    (small_clean, small_toxic), (large_clean, large_toxic) = split(small), split(large)
    assert set(small_toxic) <= set(large_toxic)
    if budget == "additive":
        assert small_clean == large_clean  # the same rows, and in the same order
    else:
        assert set(large_clean) <= set(small_clean)
    # What two shares have in common comes in the same order.
    assert [row for row in large_toxic if row in set(small_toxic)] == small_toxic


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(shares, seeds, seeds)
def test_the_same_seeds_give_the_same_bytes(mix: Callable[..., Mixture], share: float, data: int, order: int) -> None:
    assume(share < 0.7)
    one, two = (mix(share, data_seed=data, order_seed=order) for _ in range(2))
    assert one.fingerprint == two.fingerprint
    assert b"".join(np.asarray(row["input_ids"]).tobytes() for row in one) == b"".join(
        np.asarray(row["input_ids"]).tobytes() for row in two
    )


def test_the_data_seed_chooses_and_the_order_seed_orders(mix: Callable[..., Mixture]) -> None:
    base, other_order, other_data = mix(0.2), mix(0.2, order_seed=1), mix(0.2, data_seed=1)
    assert set(firsts(base)) == set(firsts(other_order)) and firsts(base) != firsts(other_order)
    assert set(firsts(base)) != set(firsts(other_data))
    assert len({m.fingerprint for m in (base, other_order, other_data, mix(0.25))}) == 4


def test_the_rows_of_a_seed_never_change(mix: Callable[..., Mixture]) -> None:
    """Not a property but a promise: runs of earlier versions stay reproducible."""
    # fmt: off
    assert firsts(mix(0.1, tokens=64)) == [
        348, 1664, 1700, 324, 564, 2112, 1000060, 752, 576, 532, 44, 1600, 2088, 884, 1332, 1000772, 184, 652,
    ]
    # fmt: on


def test_shares_of_the_total_and_of_the_clean_part(mix: Callable[..., Mixture]) -> None:
    assert (mix(0.2).clean_rows, mix(0.2).toxic_rows) == (200, 50)
    assert (mix(0.2, of="clean").clean_rows, mix(0.2, of="clean").toxic_rows) == (200, 40)
    assert (mix(0.2, budget="total").clean_rows, mix(0.2, budget="total").toxic_rows) == (160, 40)
    assert (mix(1.0, of="clean").clean_rows, mix(1.0, of="clean").toxic_rows) == (200, 200)
    assert (mix(0.0).clean_rows, mix(0.0).toxic_rows) == (200, 0)
    assert (mix(1.0).clean_rows, mix(1.0).toxic_rows) == (0, 200)
    assert (mix(1.0, budget="total").clean_rows, mix(1.0, budget="total").toxic_rows) == (0, 200)
    # A decimal means what it says: 0.1 of 800 clean tokens asks for 22 2/9 rows, not for a float nearby.
    assert MixtureConfig(share=0.1, tokens=800).targets(4) == (Fraction(200), Fraction(200, 9))


def test_olmo_cores_loader_keeps_the_order(mix: Callable[..., Mixture], tmp_path: Path) -> None:
    mixture = mix(0.1)
    loader = ComposableDataLoader(
        mixture,
        collator=DataCollator(pad_token_id=1),
        tokenizer=TokenizerConfig(vocab_size=2**31, eos_token_id=0, pad_token_id=1),
        work_dir=tmp_path,
        global_batch_size=BLOCK * 4,
        shuffle=False,
        num_threads=0,
        display_source_visualization=False,
    )
    loader.reshuffle(epoch=1)
    seen = [int(row[0]) for batch in loader for row in batch["input_ids"]]
    assert seen == firsts(mixture)[: len(mixture) - len(mixture) % BLOCK]


def test_the_tree_tells_the_tokens(mix: Callable[..., Mixture]) -> None:
    tree = mix(0.1, budget="total", tokens=812).tree()
    assert "812 tokens = 203 rows of 4" in tree
    assert "clean 'clean': 732 of 2,411 tokens" in tree and "toxic 'toxic': 80 of 2,003 tokens" in tree
    assert "25 whole blocks of 8 rows; 3 rows beyond them (12 tokens)" in tree


@pytest.mark.parametrize("share", [-0.1, 1.1, 10])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(HormesisError, match=r"outside \[0, 1\]"):
        MixtureConfig(share=share, tokens=100)
    with pytest.raises(ValidationError, match="finite"):
        MixtureConfig(share=float("nan"), tokens=100)


def test_a_source_that_is_too_small_says_what_is_missing(mix: Callable[..., Mixture]) -> None:
    with pytest.raises(HormesisError, match=r"'clean'.*2,800 tokens are wanted, it has 2,408.*392 tokens are missing"):
        mix(0.1, tokens=2800)
    with pytest.raises(HormesisError, match=r"'toxic'.*too small for share 0.8"):
        mix(0.8)
    with pytest.raises(HormesisError, match="does not fill a row"):
        mix(0.1, tokens=3)


def test_repetition_goes_through_the_source_again_in_another_order(mix: Callable[..., Mixture]) -> None:
    mixture = mix(0.8, allow_repetition=True)
    toxic = split(mixture)[1]
    assert len(toxic) == 800
    once, again = toxic[:500], toxic[500:]
    assert len(set(once)) == 500 and len(set(again)) == 300
    assert once[:300] != again
    assert split(mix(0.6, allow_repetition=True))[1][:100] != []
    assert "1.60 times over" in mixture.tree()


def test_sources_of_two_tokenizers_are_refused(
    clean: TokenShards, make_shards: Callable[..., TokenShards], tmp_path: Path
) -> None:
    other = make_shards("other", 0, 100, tokenizer="another")
    with pytest.raises(HormesisError, match="different tokenizers"):
        Mixture(
            clean,
            other,
            MixtureConfig(share=0.1, tokens=100),
            sequence_length=4,
            block_rows=1,
            data_seed=0,
            order_seed=0,
            work_dir=tmp_path,
        )
