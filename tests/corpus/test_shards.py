"""Token shards: OLMo-core reads them, they do not depend on how they were made, and damage is noticed."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from olmo_core.data.composable import ConcatAndChunkInstanceSource, NumpyDocumentSource
from olmo_core.data.tokenizer import TokenizerConfig
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from hormesis.corpus import Document, TokenShards, load_tokenizer, tokenize, train_tokenizer
from hormesis.corpus.tokenizer import END_OF_TEXT
from hormesis.errors import HormesisError
from tests.corpus.conftest import documents, invented


@pytest.fixture(scope="module")
def shards(tokenizer_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> TokenShards:
    folder = tmp_path_factory.mktemp("shards") / "invented"
    return tokenize(documents(200), tokenizer_folder, folder, name="invented", shard_tokens=700)


def test_the_tokens_are_the_documents_each_ended(shards: TokenShards, tokenizer_folder: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_folder)
    expected = [token for text in invented(200) for token in [*tokenizer(text).input_ids, tokenizer.eos_token_id]]
    assert shards.slice(0, shards.tokens).tolist() == expected
    assert (shards.tokens, shards.documents) == (len(expected), 200)
    assert shards.text_bytes == sum(len(text.encode()) for text in invented(200))
    assert len(shards.shards) > 2
    ends = np.cumsum([tokens for _, tokens in shards.shards]) - 1
    assert all(shards.slice(end, end + 1)[0] == shards.end_of_text for end in ends.tolist())


@pytest.mark.parametrize("sequence_length", [1, 16, 701])
def test_olmo_core_reads_the_same_rows_and_documents(shards: TokenShards, sequence_length: int, tmp_path: Path) -> None:
    source = NumpyDocumentSource(
        source_paths=[str(path) for path in shards.paths],
        dtype=np.uint16,
        tokenizer=TokenizerConfig(vocab_size=shards.vocabulary, eos_token_id=shards.end_of_text, pad_token_id=1),
        work_dir=tmp_path,
    )
    rows = ConcatAndChunkInstanceSource(source, sequence_length=sequence_length, work_dir=tmp_path)
    assert len(rows) == shards.rows(sequence_length)
    for index in range(len(rows)):
        assert np.array_equal(np.asarray(rows[index]["input_ids"]), shards.row(index, sequence_length))
    assert len(list(source.get_document_offsets())) == shards.documents
    with pytest.raises(IndexError):
        shards.row(len(rows), sequence_length)


def test_the_bytes_depend_on_neither_workers_nor_time(
    shards: TokenShards, tokenizer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hormesis.corpus.tokenization._BATCH_CHARACTERS", 200)
    for workers in (1, 3):
        again = tokenize(
            iter(documents(200)),
            tokenizer_folder,
            tmp_path / str(workers),
            name="other",
            workers=workers,
            shard_tokens=700,
        )
        assert again.fingerprint == shards.fingerprint


def test_progress_is_told(tokenizer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hormesis.corpus.tokenization._BATCH_CHARACTERS", 500)
    told: list[tuple[int, int]] = []
    shards = tokenize(
        documents(50), tokenizer_folder, tmp_path / "a", name="a", progress=lambda d, t: told.append((d, t))
    )
    assert told == sorted(told) and len(told) > 2
    assert told[-1] == (shards.documents, shards.tokens)


def test_text_that_spells_the_end_of_text_ends_nothing(tokenizer_folder: Path, tmp_path: Path) -> None:
    text = "goose <|endoftext|> drum <|padding|>"
    shards = tokenize([Document(text, "a")], tokenizer_folder, tmp_path / "a", name="a")
    tokens = shards.slice(0, shards.tokens).tolist()
    assert tokens.count(shards.end_of_text) == 1 and 1 not in tokens
    assert load_tokenizer(tokenizer_folder).decode(tokens[:-1]) == text


def test_memory_does_not_grow_with_the_corpus(
    tokenizer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hormesis.corpus.tokenization._BATCH_CHARACTERS", 20_000)

    def stream(number: int) -> Iterator[Document]:
        return (Document(f"the goose {i} crossed the river " * 5, "a") for i in range(number))

    def peak(number: int) -> int:
        tracemalloc.start()
        tokenize(stream(number), tokenizer_folder, tmp_path / str(number), name="a", workers=2)
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    peak(100)
    assert peak(6_000) < 1.3 * peak(1_000) + 2**18


def test_no_documents_leave_nothing_behind(tokenizer_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="'nothing' has no documents"):
        tokenize([], tokenizer_folder, tmp_path / "a", name="nothing")
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_reader_leaves_what_was_there(tokenizer_folder: Path, tmp_path: Path) -> None:
    before = tokenize(documents(3), tokenizer_folder, tmp_path / "a", name="a")

    def broken() -> Iterator[Document]:
        yield Document("goose", "a")
        raise HormesisError("the river is dry", "wait for rain")

    with pytest.raises(HormesisError, match="the river is dry"):
        tokenize(broken(), tokenizer_folder, tmp_path / "a", name="a")
    assert TokenShards.open(tmp_path / "a") == before
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("damage", ["changed", "truncated", "missing", "manifest", "no manifest"])
def test_damage_is_named(damage: str, tokenizer_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    shard = tokenize(documents(9), tokenizer_folder, folder, name="a").paths[0]
    data = bytearray(shard.read_bytes())
    if damage == "changed":
        data[7] ^= 1
        shard.write_bytes(data)
        assert TokenShards.open(folder, verify=False).documents == 9
    elif damage == "truncated":
        shard.write_bytes(data[:-2])
    elif damage == "missing":
        shard.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text(json.dumps({"name": "a"}))
    else:
        (folder / "manifest.json").unlink()
    problem = {
        "changed": "is corrupted",
        "truncated": "bytes, not",
        "missing": "is missing",
        "manifest": "is not a manifest",
        "no manifest": "holds no token shards",
    }[damage]
    with pytest.raises(HormesisError, match=problem) as caught:
        TokenShards.open(folder)
    assert str(folder) in str(caught.value)


def test_another_tokenizer_is_refused(shards: TokenShards, tokenizer_folder: Path, tmp_path: Path) -> None:
    shards.check_tokenizer(tokenizer_folder)
    other = train_tokenizer(invented(50, seed=3), 280, tmp_path / "other")
    with pytest.raises(HormesisError, match="did not make the shards"):
        shards.check_tokenizer(other)


def test_a_large_vocabulary_takes_four_bytes_a_token(tmp_path: Path) -> None:
    words = {END_OF_TEXT: 0} | {f"goose{i}": i for i in range(1, 2**16 + 2)}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token=END_OF_TEXT))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token=END_OF_TEXT
    )
    wrapped.save_pretrained(str(tmp_path / "large"))
    shards = tokenize([Document("goose7 goose65537", "a")], tmp_path / "large", tmp_path / "a", name="a")
    assert shards.dtype == "uint32" and shards.paths[0].stat().st_size == 4 * shards.tokens
    assert shards.slice(0, shards.tokens).tolist() == [7, 65537, 0]
