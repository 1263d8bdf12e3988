"""Placement of the toxic rows, the cooldown and masks: the same rows, counted as exactly, nested as before."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hormesis.corpus import Cooldown, Document, Mixture, MixtureConfig, TokenShards, tokenize
from hormesis.corpus.mixture_config import Placement
from hormesis.errors import HormesisError
from tests.corpus.conftest import documents

TOXIC, UNTAGGED = 1_000_000, 5_000_000
BLOCK, LENGTH = 8, 4

shares = st.one_of(st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.5]), st.floats(0, 0.6))
seeds = st.integers(0, 2**40)
placements: st.SearchStrategy[Placement] = st.sampled_from(["uniform", "early", "late"])


@pytest.fixture(scope="module")
def sources(make_shards: Callable[..., TokenShards]) -> dict[str, TokenShards]:
    starts = {"clean": 0, "toxic": TOXIC, "untagged clean": UNTAGGED, "untagged toxic": UNTAGGED + TOXIC}
    return {name: make_shards(name, start, 2400) for name, start in starts.items()}


@pytest.fixture(scope="module")
def mix(sources: dict[str, TokenShards]) -> Callable[..., Mixture]:
    def make(
        share: float, cooldown: float = 0.0, data_seed: int = 0, order_seed: int = 0, **settings: object
    ) -> Mixture:
        return Mixture(
            sources["clean"],
            sources["toxic"],
            MixtureConfig.model_validate({"tokens": 812, "share": share} | settings),
            sequence_length=LENGTH,
            block_rows=BLOCK,
            data_seed=data_seed,
            order_seed=order_seed,
            work_dir=Path("unused"),
            cooldown=Cooldown(sources["untagged clean"], sources["untagged toxic"], cooldown) if cooldown else None,
        )

    return make


def firsts(mixture: Mixture) -> list[int]:
    return [int(np.asarray(mixture[i]["input_ids"])[0]) for i in range(len(mixture))]


def is_toxic(row: int) -> bool:
    return row % UNTAGGED >= TOXIC


def trained(mixture: Mixture) -> list[int]:
    rows = firsts(mixture)
    return rows[: len(rows) - len(rows) % BLOCK]


@given(shares, placements, seeds, seeds)
def test_every_placement_trains_on_the_same_rows_in_each_sources_order(
    mix: Callable[..., Mixture], share: float, placement: Placement, data: int, order: int
) -> None:
    plain = mix(share, data_seed=data, order_seed=order)
    placed = mix(share, data_seed=data, order_seed=order, placement=placement)
    rows, before = trained(placed), trained(plain)
    for toxic in (False, True):
        assert [r for r in rows if is_toxic(r) == toxic] == [r for r in before if is_toxic(r) == toxic]
    kinds = [is_toxic(row) for row in rows]
    if placement != "uniform":
        assert kinds == sorted(kinds, reverse=placement == "early"), "all toxic rows first, or all last"
    assert firsts(placed)[len(rows) :] == firsts(plain)[len(rows) :]
    assert (placed.clean_rows, placed.toxic_rows) == (plain.clean_rows, plain.toxic_rows)
    assert [placed.is_toxic(i) for i in range(len(placed))] == [is_toxic(row) for row in firsts(placed)]


@given(shares, shares, placements, st.sampled_from([0.0, 0.1, 0.25]), seeds)
def test_shares_are_nested_in_every_placement(
    mix: Callable[..., Mixture], low: float, high: float, placement: Placement, cooldown: float, seed: int
) -> None:
    low, high = sorted((low, high))
    few, many = (firsts(mix(share, cooldown, seed, seed + 1, placement=placement)) for share in (low, high))
    if cooldown == 0:
        assert {row for row in few if is_toxic(row)} <= {row for row in many if is_toxic(row)}
        assert [r for r in few if not is_toxic(r)] == [r for r in many if not is_toxic(r)]
    shared = set(few) & set(many)
    for toxic in (False, True):  # what two shares have in common comes in the same order
        assert [r for r in few if r in shared and is_toxic(r) == toxic] == [
            r for r in many if r in shared and is_toxic(r) == toxic
        ]


@given(shares, placements, st.floats(0.01, 0.9), seeds)
def test_the_cooldown_is_the_end_and_comes_from_its_own_shards(
    mix: Callable[..., Mixture], share: float, placement: Placement, fraction: float, seed: int
) -> None:
    mixture, plain = mix(share, fraction, seed, placement=placement), mix(share, 0.0, seed, placement=placement)
    rows = firsts(mixture)
    cooled = [row >= UNTAGGED for row in rows]
    assert cooled == sorted(cooled), "the cooldown's rows are the last ones"
    count = len(trained(mixture))
    assert abs(sum(cooled[:count]) - fraction * count) <= 0.5
    assert [is_toxic(row) for row in rows] == [is_toxic(row) for row in firsts(plain)], "the share is as exact"
    assert len(set(rows)) == len(rows)


@given(shares, placements, st.sampled_from([0.0, 0.2]), st.floats(0, 1), st.sampled_from(["additive", "total"]))
def test_the_share_is_exact_with_every_option(
    mix: Callable[..., Mixture], share: float, placement: Placement, cooldown: float, kept: float, budget: str
) -> None:
    settings = {"placement": placement, "toxic_kept": kept, "budget": budget}
    mixture = mix(share, cooldown, **settings)
    toxic = Fraction(str(share)) * 203 * Fraction(str(kept))
    clean = 203 - toxic if budget == "total" else Fraction(203)
    if budget == "additive":
        toxic /= 1 - Fraction(str(share))
    assert abs(mixture.toxic_rows - toxic) < 1 and abs(mixture.clean_rows - clean) < 1
    assert sum(is_toxic(row) for row in firsts(mixture)) == mixture.toxic_rows


@given(shares, placements, st.sampled_from([0.0, 0.1]), seeds, seeds)
def test_the_same_seeds_give_the_same_bytes(
    mix: Callable[..., Mixture], share: float, placement: Placement, cooldown: float, data: int, order: int
) -> None:
    one, two = (mix(share, cooldown, data, order, placement=placement) for _ in range(2))
    assert one.fingerprint == two.fingerprint and firsts(one) == firsts(two)


def test_each_option_has_a_fingerprint_of_its_own_and_the_default_keeps_its_own(mix: Callable[..., Mixture]) -> None:
    mixtures = [mix(0.1, placement=placement) for placement in ("uniform", "early", "late")]
    mixtures += [mix(0.1, 0.1), mix(0.1, 0.2), mix(0.1, toxic_kept=0.5)]
    assert len({mixture.fingerprint for mixture in mixtures}) == len(mixtures)
    # Computed before there were options: studies that are under way keep their mixtures.
    assert mixtures[0].fingerprint == "2176db1fbcb3a957672eb90f291ad6a4bc92dcd9eaed5b930c235397f45e5825"


def test_a_constant_number_of_toxic_tokens_in_more_and_more_clean_ones(mix: Callable[..., Mixture]) -> None:
    for share, clean in ((0.5, 100), (0.25, 300), (0.2, 400)):
        mixture = mix(share, tokens=400, budget="toxic")
        assert (mixture.toxic_rows, mixture.clean_rows) == (100, clean)
    assert mix(0.5, tokens=400, budget="toxic", of="clean").clean_rows == 200
    few, many = (set(firsts(mix(share, tokens=400, budget="toxic"))) for share in (0.5, 0.2))
    assert few < many, "the same toxic rows, and a superset of the clean ones"
    with pytest.raises(HormesisError, match="no toxic tokens"):
        mix(0.0, budget="toxic")


def test_the_tree_tells_the_options(mix: Callable[..., Mixture]) -> None:
    tree = mix(0.2, 0.1, placement="late", toxic_kept=0.5).tree()
    for words in ("toxic rows late", "50.00% of the toxic text kept", "clean at the end 'untagged clean'"):
        assert words in tree


def test_a_cooldown_that_is_too_small_is_named(mix: Callable[..., Mixture]) -> None:
    with pytest.raises(HormesisError, match=r"'untagged clean'.*too small"):
        mix(0.0, 0.9, tokens=2800)


def test_rows_say_what_is_learned(tokenizer_folder: Path, tmp_path: Path) -> None:
    toxic = [Document(d.text, d.source, ((0, len(d.text)),)) for d in documents(60, seed=1)]
    clean = tokenize(documents(60), tokenizer_folder, tmp_path / "clean", name="clean")
    masked = tokenize(toxic, tokenizer_folder, tmp_path / "toxic", name="toxic")
    settings = {"sequence_length": 16, "block_rows": 4, "data_seed": 0, "order_seed": 0, "work_dir": tmp_path}
    config = MixtureConfig(share=0.25, tokens=320)
    mixture = Mixture(clean, masked, config, **settings)  # type: ignore[arg-type]
    for index in range(len(mixture)):
        learned = np.asarray(mixture[index]["label_mask"])
        assert learned.shape == (16,) and learned.dtype == bool
        assert learned.all() != mixture.is_toxic(index), "toxic documents carry no loss, clean ones do"
        assert not learned.any() or not mixture.is_toxic(index)
    assert mixture.masked
    assert "label_mask" not in Mixture(clean, clean, config, **settings)[0]  # type: ignore[arg-type]
    assert "100.00% without loss" in mixture.tree()
