"""Loss masks: they align with tokens for any text and span, lie beside the tokens, and are absent where not needed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from hormesis.corpus import Document, TokenShards, load_tokenizer, tokenize
from hormesis.corpus.alignment import learned_tokens
from hormesis.corpus.documents import Span
from hormesis.errors import HormesisError
from hormesis.marks import MARK
from tests.corpus.conftest import documents

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    text = draw(texts)
    places = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(places, places).map(lambda pair: (min(pair), max(pair))), max_size=3))
    return text, tuple(spans)


@pytest.fixture(scope="module")
def tokenizer(tokenizer_folder: Path) -> PreTrainedTokenizerFast:
    return load_tokenizer(tokenizer_folder)


@given(texts_with_spans())
def test_a_token_is_unlearned_if_and_only_if_a_character_of_it_is(
    tokenizer: PreTrainedTokenizerFast, case: tuple[str, tuple[Span, ...]]
) -> None:
    text, spans = case
    covered = {place for start, end in spans for place in range(start, end)}
    encoding = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
    learned = learned_tokens(encoding.offsets, spans, len(text))
    expected = [not covered & set(range(start, end)) for start, end in encoding.offsets]
    assert learned.tolist() == [*expected, len(text) - 1 not in covered]


@given(texts_with_spans())
def test_trimmed_offsets_hide_nothing(case: tuple[str, tuple[Span, ...]]) -> None:
    """GPT-2's post-processor leaves white space out of offsets: it belongs to the token after it."""
    text, spans = case
    trimming = Tokenizer(models.BPE({symbol: i for i, symbol in enumerate(pre_tokenizers.ByteLevel.alphabet())}, []))
    trimming.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trimming.post_processor = processors.ByteLevel(trim_offsets=True)
    offsets = trimming.encode(text, add_special_tokens=False).offsets
    learned = learned_tokens(offsets, spans, len(text))
    claimed = 0  # every covered character that a token claims or that lies before a token's end is unlearned
    for (start, end), keeps in zip(offsets, learned[:-1].tolist(), strict=True):
        if keeps:
            assert not any(start < right and left < end for left, right in spans if left < right)
            assert not any(claimed < right and left < start for left, right in spans if left < right)
        claimed = max(claimed, end)
    if not spans:
        assert learned.all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(texts_with_spans(), min_size=1, max_size=6))
def test_masks_lie_beside_the_tokens(
    tokenizer_folder: Path, tmp_path: Path, cases: list[tuple[str, tuple[Span, ...]]]
) -> None:
    masked = [Document(text, "a", spans) for text, spans in cases]
    shards = tokenize(masked, tokenizer_folder, tmp_path / "masked", name="a", shard_tokens=20)
    unmasked = [Document(text, "a") for text, _ in cases]
    plain = tokenize(unmasked, tokenizer_folder, tmp_path / "plain", name="a", shard_tokens=20)
    assert shards.slice(0, shards.tokens).tolist() == plain.slice(0, plain.tokens).tolist(), "the same tokens"
    backend = load_tokenizer(tokenizer_folder).backend_tokenizer
    expected = np.concatenate(
        [
            learned_tokens(backend.encode(text, add_special_tokens=False).offsets, spans, len(text))
            for text, spans in cases
        ]
    )
    assert shards.learned_row(0, shards.tokens).tolist() == expected.tolist()
    for length in (1, 7):
        rows = [shards.learned_row(row, length).tolist() for row in range(shards.rows(length))]
        assert sum(rows, []) == expected[: len(rows) * length].tolist()
    assert shards.unlearned == int((~expected).sum())
    assert TokenShards.open(shards.folder) == shards
    assert (shards.fingerprint == plain.fingerprint) == (shards.unlearned == 0)
    assert plain.masks == () and plain.learned_row(0, plain.tokens).all()


def test_shards_without_unlearned_tokens_are_what_they_always_were(tokenizer_folder: Path, tmp_path: Path) -> None:
    shards = tokenize(documents(30), tokenizer_folder, tmp_path / "a", name="a", shard_tokens=200)
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert "unlearned" not in manifest
    assert all(set(entry) == {"file", "tokens", "sha256"} for entry in manifest["shards"])
    assert not list(shards.folder.glob("mask-*"))


def test_only_shards_with_unlearned_tokens_have_a_mask(tokenizer_folder: Path, tmp_path: Path) -> None:
    texts = documents(40)
    texts[25] = Document(texts[25].text, "invented", ((0, len(texts[25].text)),))
    shards = tokenize(texts, tokenizer_folder, tmp_path / "a", name="a", shard_tokens=100)
    assert len(shards.masks) == len(shards.shards) > 3
    assert [mask is not None for mask in shards.masks].count(True) == 1
    assert shards.unlearned == (~shards.learned_row(0, shards.tokens)).sum() > 0


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_damage_of_a_mask_is_named(damage: str, tokenizer_folder: Path, tmp_path: Path) -> None:
    text = "the goose crossed the river"
    shards = tokenize([Document(text, "a", ((4, 9),))], tokenizer_folder, tmp_path / "a", name="a")
    mask = shards.folder / "mask-00000.npy"
    data = bytearray(mask.read_bytes())
    data[0] ^= 1
    mask.write_bytes(data if damage == "changed" else data[:-1])
    if damage == "missing":
        mask.unlink()
    with pytest.raises(HormesisError, match=r"mask-00000\.npy"):
        TokenShards.open(shards.folder)


def test_the_bytes_of_masks_depend_on_neither_workers_nor_batches(
    tokenizer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [Document(d.text, d.source, ((0, 5),) if i % 3 == 0 else ()) for i, d in enumerate(documents(200))]
    whole = tokenize(texts, tokenizer_folder, tmp_path / "whole", name="a", shard_tokens=700)
    monkeypatch.setattr("hormesis.corpus.tokenization._BATCH_CHARACTERS", 200)
    monkeypatch.setattr("hormesis.corpus.shard_writer._FILL_TOKENS", 13)
    for workers in (1, 3):
        again = tokenize(texts, tokenizer_folder, tmp_path / str(workers), name="a", workers=workers, shard_tokens=700)
        assert again.fingerprint == whole.fingerprint


def test_a_span_outside_its_text_is_refused() -> None:
    for span in ((-1, 2), (0, 6), (3, 2)):
        with pytest.raises(ValueError, match="outside a text of 5 characters"):
            Document("goose", "a", (span,))


def test_nothing_at_all_can_be_asked_for(tokenizer_folder: Path, tmp_path: Path) -> None:
    shards = tokenize([], tokenizer_folder, tmp_path / "a", name="a", allow_empty=True)
    assert (shards.tokens, shards.documents, shards.rows(4)) == (0, 0, 0)
    assert TokenShards.open(tmp_path / "a") == shards
    assert {path.name for path in (tmp_path / "a").iterdir()} == {MARK, "manifest.json"}
