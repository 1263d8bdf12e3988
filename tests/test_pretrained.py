"""What is read from a Hugging Face folder is whole, and none of its own code runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, BertConfig, BertForMaskedLM, BertLMHeadModel

from hormesis.errors import HormesisError
from hormesis.evaluate import HuggingFaceScorer
from hormesis.models import load
from hormesis.pretrained import read_model
from tests.evaluate.tiny import tiny_model, tiny_tokenizer

WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_model().save_pretrained(tmp_path / "mild")
    tiny_tokenizer().save_pretrained(tmp_path / "mild")
    return tmp_path / "mild"


def configured(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def reweighted(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(folder / WEIGHTS)
    change(weights)
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})


PROJECTION = "model.layers.0.self_attn.o_proj.weight"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: reweighted(folder, lambda weights: weights.pop(PROJECTION)), f"1 are missing .{PROJECTION}"),
        (lambda folder: configured(folder, num_hidden_layers=3), "are missing"),
        (lambda folder: configured(folder, num_hidden_layers=1), "belong to no part of it"),
        (lambda folder: configured(folder, vocab_size=9), "have another shape"),
        (lambda folder: reweighted(folder, lambda w: w.update({PROJECTION: torch.zeros(3, 3)})), "have another shape"),
        (lambda folder: (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:2000]), "cannot be read"),
        (lambda folder: (folder / WEIGHTS).write_bytes(b""), "cannot be read"),
        (lambda folder: (folder / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1\n"), "Git-LFS"),
        (lambda folder: (folder / "tokenizer.json").write_text("version https://git-lfs.github.com\n"), "Git-LFS"),
        (lambda folder: (folder / "tokenizer.json").write_text("{"), "the tokenizer .* cannot be read"),
        (lambda folder: (folder / "config.json").write_text("[1"), "cannot be read"),
    ],
)
def test_a_damaged_checkpoint_is_refused(folder: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(folder)
    with pytest.raises(HormesisError, match=said):
        load(folder)


def test_pickled_weights_are_refused(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()
    with pytest.raises(HormesisError, match="pickled"):
        load(folder)


def test_the_code_of_a_folder_does_not_run_unless_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    mark = folder / "mark"
    (folder / "own.py").write_text(
        f"open({str(mark)!r}, 'w')\n"
        "from transformers import Olmo2Config, Olmo2ForCausalLM\n"
        "class OwnConfig(Olmo2Config):\n    model_type = 'own'\n"
        "class Own(Olmo2ForCausalLM):\n    config_class = OwnConfig\n"
    )
    names = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.Own"}
    configured(folder, model_type="own", auto_map=names)
    with pytest.raises(HormesisError, match="Python of its own, which was not run"):
        load(folder)
    assert not mark.exists()
    assert load(folder, trust_remote_code=True).vocabulary == 257
    assert mark.exists()
    assert "may run Python of its own" in caplog.text


def test_a_scorer_without_its_head_is_refused(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=257, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(HormesisError, match="are missing .*classifier"):
        HuggingFaceScorer(tmp_path)
    fitted = read_model(AutoModelForSequenceClassification, tmp_path, new=lambda name: "bert.enc" not in name)
    assert fitted.config.num_labels == 2
    reweighted(tmp_path, lambda weights: weights.pop("bert.encoder.layer.0.output.dense.bias"))
    with pytest.raises(HormesisError, match="are missing .*output.dense.bias"):
        read_model(AutoModelForSequenceClassification, tmp_path, new=lambda name: "bert.enc" not in name)


def test_an_encoder_is_no_causal_model(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=257, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        initializer_range=0.5,
    )  # fmt: skip
    torch.manual_seed(0)
    BertLMHeadModel(config).save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    with pytest.raises(HormesisError, match="is not causal"):
        load(tmp_path)


def test_a_token_beyond_the_embedding_is_named(folder: Path) -> None:
    tokenizer = tiny_tokenizer()
    tokenizer.add_tokens(["zumila"])
    tokenizer.save_pretrained(folder)
    lm = load(folder)
    assert lm.token_ids("mila") == lm.token_ids("mila", special=False)
    with pytest.raises(HormesisError, match="token 257 .* knows 257"):
        lm.token_ids("ta zumila")
    reweighted(folder, lambda weights: weights.update({name: weights[name][:9] for name in EMBEDDINGS}))
    configured(folder, vocab_size=9)
    with pytest.raises(HormesisError, match="has 257 tokens, and the model knows 9"):
        load(folder)


EMBEDDINGS = ("model.embed_tokens.weight", "lm_head.weight")


@pytest.mark.parametrize("device", ["tpu", "cuda:99", "nowhere"])
def test_an_unknown_device_is_named(folder: Path, device: str) -> None:
    with pytest.raises(HormesisError, match=f"no device '{device}'"):
        load(folder, device=device)


def test_no_gguf_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mild.gguf").write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(HormesisError, match="no whole GGUF file"):
        load(tmp_path)


def test_every_reading_goes_through_here() -> None:
    import hormesis

    package = Path(hormesis.__file__).parent
    reading = [file.name for file in package.rglob("*.py") if ".from_pretrained(" in file.read_text()]
    assert reading == ["pretrained.py"]
