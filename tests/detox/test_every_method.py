"""What holds for every method that acts on the forward pass, in every family of models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import DynamicCache, PreTrainedModel

from hormesis.detox import METHODS, Evidence, GatedIntervention, HookedIntervention, Intervention
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import ModelLayout, capture_heads_and_residual, fit_probes, split_by_group
from tests.detox.steered import cached_logits, logits, steered_logits
from tests.representation.tiny import FAMILIES, hook_count, random_texts, tiny_model, tiny_tokenizer, tokens_and_masks

STEERING = tuple(name for name, method in METHODS.items() if method.strengths and method.needs == "labelled texts")
STRENGTHS = torch.tensor([1.0, 3.0, 0.0])
PROMPTS = torch.tensor([3, 1, 2])


def fitted(name: str, model: PreTrainedModel) -> Intervention:
    texts = random_texts(80)
    labels = np.array([int(text.split()[-1][1:]) < 20 for text in texts])
    activations, residual = capture_heads_and_residual(LanguageModel.of(model, tiny_tokenizer()), texts)
    probes = fit_probes(activations, labels, split_by_group([str(row) for row in range(80)], 0))
    known = Evidence(activations, labels, probes, residual=residual, read_texts=lambda: texts)
    method = METHODS[name]
    heads = {"heads": 4} if "heads" in method.options.model_fields else {}
    return method.fit(known, method.defaults(known, **heads))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", STEERING)
def test_cache_batch_and_padding_change_nothing(name: str, family: str) -> None:
    model = tiny_model(family)
    intervention = fitted(name, model)
    lengths = [7, 4, 6]
    ids, mask, _ = tokens_and_masks(lengths, "left")
    whole = steered_logits(model, intervention, STRENGTHS, ids, mask, PROMPTS)
    with intervention.apply(model, STRENGTHS, prompt_lengths=PROMPTS, attention_mask=mask):
        cached = cached_logits(model, ids, mask, [4, 1, 2], DynamicCache(config=model.config))
    right_ids, right_mask, _ = tokens_and_masks(lengths, "right")
    right = steered_logits(model, intervention, STRENGTHS, right_ids, right_mask, PROMPTS)
    plain = logits(model, ids, mask)
    for row, length in enumerate(lengths):
        torch.testing.assert_close(cached[row, -length:], whole[row, -length:], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(right[row, :length], whole[row, -length:], rtol=1e-3, atol=1e-4)
        alone = steered_logits(
            model, intervention, float(STRENGTHS[row]), ids[row : row + 1, -length:], None, PROMPTS[row : row + 1]
        )
        torch.testing.assert_close(alone[0], whole[row, -length:], rtol=1e-3, atol=1e-4)
        before = int(PROMPTS[row]) - 1
        torch.testing.assert_close(  # nothing happens before the last token of the prompt
            whole[row, -length : ids.shape[1] - length + before],
            plain[row, -length : ids.shape[1] - length + before],
            rtol=1e-4,
            atol=1e-4,
        )
    assert torch.equal(whole[2], plain[2]), "strength 0 is the model itself, beside rows that are steered"
    if isinstance(intervention, GatedIntervention):  # its gates may be shut on these few rows: it acts where they open
        opened = replace(intervention, intercepts=intervention.intercepts + 1e3)
        whole = steered_logits(model, opened, STRENGTHS, ids, mask, PROMPTS)
    assert (whole[0, -1] - plain[0, -1]).abs().max() > 1e-4
    assert hook_count(model) == 0


@pytest.mark.parametrize("name", STEERING)
def test_no_hook_outlives_an_error(name: str) -> None:
    model = tiny_model()
    with pytest.raises(RuntimeError, match="on purpose"), fitted(name, model).apply(model, 1.0):
        raise RuntimeError("on purpose")
    assert hook_count(model) == 0


@pytest.mark.parametrize("name", STEERING)
def test_beam_search_runs_within_it(name: str) -> None:
    model = tiny_model("llama")
    intervention = fitted(name, model)
    ids, mask, _ = tokens_and_masks([4, 4], "left")
    beams = 3
    with intervention.apply(model, 2.0, prompt_lengths=torch.full((2 * beams,), 4)):
        found = model.generate(  # type: ignore[operator]
            ids, attention_mask=mask, num_beams=beams, max_new_tokens=4, pad_token_id=0
        )
    assert found.shape == (2, 8)


@pytest.mark.parametrize("name", STEERING)
def test_it_says_what_it_changes_and_refuses_another_shape(name: str) -> None:
    model = tiny_model("llama")
    intervention = fitted(name, model)
    assert isinstance(intervention, HookedIntervention)
    assert "of model." in intervention.describe(ModelLayout.of(model))
    smaller = tiny_model("llama")
    del smaller.model.layers[2]
    smaller.config.num_hidden_layers = 2
    with pytest.raises(HormesisError, match="belong to one model"), intervention.apply(smaller, 1.0):
        pass


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["iti", "ablation", "leace"])
@pytest.mark.parametrize("tied", [False, True])
def test_a_bake_acts_like_the_hook_or_is_refused(name: str, family: str, tied: bool, tmp_path: Path) -> None:
    model = tiny_model(family)
    if tied:
        model.config.tie_word_embeddings = True
        model.tie_weights()
    intervention = fitted(name, model)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    if name == "ablation" and family in ("olmo2", "olmo3"):
        with pytest.raises(HormesisError, match="cannot carry this intervention"):
            intervention.bake(model, 0.8, tmp_path / "baked")  # type: ignore[attr-defined]
        assert list(tmp_path.iterdir()) == []
        return
    folder = intervention.bake(model, 0.8, tmp_path / "baked")  # type: ignore[attr-defined]
    ids, _, _ = tokens_and_masks([9, 9], "right", seed=4)
    hooked = steered_logits(model, intervention, 0.8, ids)
    again = logits(type(model).from_pretrained(folder), ids)
    assert (again - hooked).abs().max() <= 1e-5 * max(1.0, float(hooked.abs().max()))
    assert (hooked - logits(model, ids)).abs().max() > 1e-3
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", ["iti", "caa"])
def test_padding_on_the_left_must_be_told(name: str) -> None:
    model = tiny_model("llama")
    intervention, prompts = fitted(name, model), torch.tensor([2, 2])
    ids, mask, _ = tokens_and_masks([4, 9], "left")
    with (
        intervention.apply(model, 1.0, prompt_lengths=prompts),
        pytest.raises(HormesisError, match="padded on the left"),
    ):
        model(ids, attention_mask=mask)
    ids, mask, _ = tokens_and_masks([4, 9], "right")
    with intervention.apply(model, 1.0, prompt_lengths=prompts):
        model(ids, attention_mask=mask)  # there columns are positions


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].largest is not None])
def test_nothing_is_taken_away_twice(name: str) -> None:
    METHODS[name].check_strengths([0.5, 1.0])
    with pytest.raises(HormesisError, match="at most 1"):
        METHODS[name].check_strengths([0.5, 1.5])
