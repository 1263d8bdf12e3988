"""The logit lens of a direction, against the model's own logits."""

from __future__ import annotations

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import ModelLayout
from hormesis.representation.geometry import logit_lens
from tests.representation.tiny import FAMILIES, MORE_FAMILIES, VOCABULARY, tiny_model, tiny_tokenizer


@pytest.mark.parametrize("family", [*FAMILIES, *MORE_FAMILIES])
def test_tokens_are_in_the_order_in_which_a_long_step_changes_the_logits(family: str) -> None:
    model = tiny_model(family)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():  # scales of the final norm that differ, as trained ones do
        for name, parameter in model.named_parameters():
            if name.split(".")[-2] in ("norm", "ln_f", "final_layer_norm") and name.endswith("weight"):
                parameter.copy_(0.5 + torch.rand(parameter.shape, generator=generator))
    vector = torch.nn.functional.normalize(torch.randn(32, generator=generator), dim=0)
    lens = logit_lens(
        LanguageModel.of(model, tiny_tokenizer()), vector, site="2", concept="toxicity", tokens=VOCABULARY
    )
    decoder = ModelLayout.of(model).decoder
    norm = next(module for name, module in decoder.named_children() if name in ("norm", "ln_f", "final_layer_norm"))
    with torch.no_grad():  # so long a step that logits are W (γ ⊙ v) up to a factor
        unembed = model.get_output_embeddings()  # type: ignore[no-untyped-call]
        logits = unembed(norm(1e4 * vector)) - unembed(norm(-1e4 * vector))
    expected = [f"w{token}" for token in torch.argsort(logits, descending=True).tolist()]
    assert [token for token, _ in lens.promoted] == expected
    assert [token for token, _ in lens.suppressed] == expected[::-1]
    assert sum(change for _, change in lens.promoted) == pytest.approx(0, abs=1e-3)


def test_a_head_has_no_lens() -> None:
    with pytest.raises(HormesisError, match="width 8"):
        logit_lens(LanguageModel.of(tiny_model(), tiny_tokenizer()), torch.ones(8), site="0.1", concept="toxicity")
