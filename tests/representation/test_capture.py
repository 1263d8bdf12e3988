from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import ModelLayout, capture, capture_heads
from tests.representation.tiny import (
    FAMILIES,
    HEADS,
    LAYERS,
    hook_count,
    random_texts,
    tiny_model,
    tiny_tokenizer,
)


def one_by_one(family: str, texts: list[str]) -> Tensor:
    """The reference: one text a pass, no padding, all positions, the last one taken afterwards."""
    model, tokenizer = tiny_model(family), tiny_tokenizer()
    layout = ModelLayout.of(model)
    rows: list[Tensor] = []
    for text in texts:
        seen: list[Tensor] = []

        def keep(_module: nn.Module, arguments: tuple[Tensor, ...], seen: list[Tensor] = seen) -> None:
            seen.append(arguments[0][0])

        handles = [projection.register_forward_pre_hook(keep) for projection in layout.output_projections]
        with torch.no_grad():
            model(torch.tensor([tokenizer(text)["input_ids"]]))
        for handle in handles:
            handle.remove()
        rows.append(torch.stack([hidden[-1] for hidden in seen]))
    return torch.stack(rows).view(len(texts), LAYERS, HEADS, -1)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("family", FAMILIES)
def test_batches_padded_on_either_side_read_the_last_token(family: str, side: Literal["left", "right"]) -> None:
    texts = random_texts(20)
    model = tiny_model(family)
    found = capture_heads(LanguageModel.of(model, tiny_tokenizer()), texts, batch_size=6, padding_side=side)
    assert found.values.dtype == torch.float32
    torch.testing.assert_close(found.values, one_by_one(family, texts), rtol=1e-4, atol=1e-5)
    assert hook_count(model) == 0


def test_rows_keep_the_order_of_the_texts_over_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = random_texts(30)
    monkeypatch.setattr(capture, "WINDOW_BATCHES", 2)
    done: list[tuple[int, int]] = []
    found = capture_heads(
        LanguageModel.of(tiny_model(), tiny_tokenizer()),
        texts,
        batch_size=4,
        progress=lambda *state: done.append(state),
    )
    torch.testing.assert_close(found.values, one_by_one("olmo2", texts), rtol=1e-4, atol=1e-5)
    assert done[-1] == (30, 30)
    assert [count for count, _ in done] == sorted(count for count, _ in done)


def test_long_texts_are_cut(tmp_path: Path) -> None:
    texts = ["w1 w2 w3 w4 w5", "w1 w2 w3"]
    cut = capture_heads(
        LanguageModel.of(tiny_model(), tiny_tokenizer()), texts, max_length=3, file=tmp_path / "z" / "heads.npy"
    )
    torch.testing.assert_close(cut.values[0], cut.values[1])
    kept = np.load(tmp_path / "z" / "heads.npy", mmap_mode="r")
    np.testing.assert_array_equal(kept.reshape(cut.values.shape), cut.values.numpy())


def test_dropout_is_off_meanwhile_and_the_modes_come_back() -> None:
    model = tiny_model("gpt2").train()
    frozen = model.get_submodule("transformer.h.0")
    frozen.training = False
    texts = random_texts(5)
    found = capture_heads(LanguageModel.of(model, tiny_tokenizer()), texts)
    torch.testing.assert_close(found.values, one_by_one("gpt2", texts), rtol=1e-4, atol=1e-5)
    assert model.training
    assert not frozen.training


def test_low_precision_models_give_float32() -> None:
    found = capture_heads(LanguageModel.of(tiny_model().bfloat16(), tiny_tokenizer()), random_texts(5))
    assert found.values.dtype == torch.float32
    torch.testing.assert_close(found.values, one_by_one("olmo2", random_texts(5)), rtol=0.2, atol=0.1)


def test_a_pass_cut_short_leaves_the_model_whole() -> None:
    model = tiny_model()
    ids = torch.tensor([[1, 2, 3]])
    with torch.no_grad():
        before = model(ids, output_hidden_states=True)
        capture_heads(LanguageModel.of(model, tiny_tokenizer()), random_texts(3))
        after = model(ids, output_hidden_states=True)
    assert torch.equal(before.logits, after.logits)
    assert len(before.hidden_states) == len(after.hidden_states) == LAYERS + 1


def test_no_texts_and_empty_texts_are_refused() -> None:
    with pytest.raises(HormesisError, match="no texts"):
        capture_heads(LanguageModel.of(tiny_model(), tiny_tokenizer()), [])
    model = tiny_model()
    with pytest.raises(HormesisError, match="text 2 has no token"):
        capture_heads(LanguageModel.of(model, tiny_tokenizer()), ["w1", "w2 w3", " ", "w4"])
    assert hook_count(model) == 0


def test_broken_weights_are_refused_with_the_module() -> None:
    model = tiny_model()
    weight = model.get_submodule("model.layers.1.self_attn.v_proj").weight
    assert isinstance(weight, Tensor)
    with torch.no_grad():
        weight.fill_(torch.nan)
    with pytest.raises(HormesisError, match=r"model\.layers\.1\.self_attn\.o_proj"):
        capture_heads(LanguageModel.of(model, tiny_tokenizer()), ["w1 w2"])
    assert hook_count(model) == 0
