"""GCG on tiny models: the gradient is right, hooks and second streams are followed, and a suffix is found."""

from __future__ import annotations

import pytest
import torch
from transformers import PreTrainedModel

from hormesis.attacks.gcg import GcgConfig, find_suffix
from hormesis.attacks.gradient import relaxed, token_gradient
from hormesis.attacks.objective import TargetBatch, fit_of, steered_fit
from hormesis.attacks.vocabulary import allowed_tokens, open_prompt, own_ids, survive, target_ids
from hormesis.detox import DExperts, Intervention, Prompting, SelfDebiasing, Unsteered, WeightDelta
from hormesis.detox.weights.change import DenseChange
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig, generate
from hormesis.models import LanguageModel
from tests.evaluate.tiny import tiny_iti, tiny_model, tiny_tokenizer
from tests.models.tokenizing import llama_like
from tests.representation import tiny as families

QUICK = GcgConfig(length=6, steps=20, width=32, top_k=24, batch=32)


def weight_delta(model: PreTrainedModel) -> WeightDelta:
    name, weight = next((n, w) for n, w in model.named_parameters() if "o_proj" in n)
    change = torch.randn(weight.shape, generator=torch.Generator().manual_seed(1)) * 0.1
    return WeightDelta({name: DenseChange(change)}, "sft")


def steerings(model: PreTrainedModel) -> list[tuple[Intervention, float]]:
    debiasing = SelfDebiasing.of(tiny_tokenizer(), "zuzu ")
    return [(Unsteered(), 0.0), (tiny_iti(), 2.0), (weight_delta(model), 1.0), (debiasing, 5.0)]


def a_batch() -> TargetBatch:
    tokenizer = tiny_tokenizer()
    targets = [own_ids(tokenizer, text) for text in (" ko", " resu")]
    return TargetBatch.of([own_ids(tokenizer, "mila tano")] * 2, targets)


@pytest.mark.parametrize("family", ["olmo2", "gpt2", "gemma"])
def test_the_gradient_agrees_with_finite_differences(family: str) -> None:
    model = families.tiny_model(family).double()
    random = torch.Generator().manual_seed(0)
    batch = TargetBatch.of([[5, 9, 7, 3]] * 2, [[4, 6], [8, 2, 1]])
    columns = torch.tensor([1, 3])
    gradient = token_gradient(model, batch, columns, Unsteered(), 0.0)
    here = torch.nn.functional.one_hot(batch.ids[0, columns], families.VOCABULARY).double()
    for _ in range(4):
        towards = torch.randn(here.shape, generator=random, dtype=torch.float64)
        losses = []
        for step in (1e-4, -1e-4):
            with torch.no_grad(), relaxed(model, batch, columns, here + step * towards):
                losses.append(float(fit_of(model, batch).losses.double().mean()))
        assert (losses[0] - losses[1]) / 2e-4 == pytest.approx(float((gradient * towards).sum()), rel=2e-2, abs=2e-3)


def test_the_loss_under_hooks_is_that_of_logits_by_hand() -> None:
    model, batch = tiny_model(), a_batch()
    for intervention, strength in steerings(model):
        fit = steered_fit(model, batch, intervention, strength, rows_a_pass=8)
        for row in range(2):
            ids = batch.ids[row : row + 1, : batch.lengths[row]]
            start = int(batch.prompt_lengths[row])
            with torch.no_grad(), intervention.apply(model, strength, prompt_lengths=torch.tensor([start])):
                log_p = model(ids).logits.log_softmax(-1)[0]
            by_hand = -sum(float(log_p[place - 1, ids[0, place]]) for place in range(start, ids.shape[1]))
            assert float(fit.losses[row]) == pytest.approx(by_hand / (ids.shape[1] - start), rel=1e-4)


def test_batches_change_nothing_and_targets_of_unlike_length_are_averages() -> None:
    model, batch = tiny_model(), a_batch()
    whole, single = (steered_fit(model, batch, tiny_iti(), 6.0, rows_a_pass=rows) for rows in (8, 1))
    torch.testing.assert_close(whole.losses, single.losses, rtol=1e-4, atol=1e-5)
    assert whole.matched.tolist() == single.matched.tolist()


@pytest.mark.parametrize("place", range(4))
def test_a_suffix_is_found_and_generation_gives_the_target(place: int, writer: PreTrainedModel) -> None:
    tokenizer = tiny_tokenizer()
    lm = LanguageModel.of(writer, tokenizer)
    intervention, strength = steerings(writer)[place]
    config = QUICK.model_copy(update={"begin": "mi", "match_tokens": 2})
    found = find_suffix(lm, "mila", "z", intervention, strength, config)
    assert found.loss < found.first_loss
    assert found.matched >= 2, "an exact match within the steps"
    assert strength or found.text.endswith("i"), "what the writer's texts have before a word in z"
    greedy = GenerationConfig(samples=1, max_new_tokens=2, top_p=1e-6)
    decoded = generate(lm, ["mila" + found.text], intervention, (strength,), greedy).texts
    assert decoded[0][0][0] == " z", "what the search saw is what cached decoding does"
    assert find_suffix(lm, "mila", "z", intervention, strength, config) == found
    assert not writer.training and not writer.get_input_embeddings()._forward_hooks


def test_a_prefix_stands_before_the_goal() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    few = QUICK.model_copy(update={"steps": 2})
    plain = find_suffix(lm, "zuzu mila", "ta", Unsteered(), 0.0, few)
    prompted = find_suffix(lm, "mila", "ta", Prompting("zuzu "), 0.0, few)
    assert plain.first_loss == pytest.approx(prompted.first_loss)


def test_the_gradient_goes_through_the_stream_that_reads_along() -> None:
    model = tiny_model(sharpness=1.0).double()
    debiasing = SelfDebiasing.of(tiny_tokenizer(), "zuzu ")
    batch = TargetBatch.of([own_ids(tiny_tokenizer(), "mila tano")], [own_ids(tiny_tokenizer(), " ko")])
    columns = torch.tensor([2, 7])
    gradient = token_gradient(model, batch, columns, debiasing, 50.0)
    here = torch.nn.functional.one_hot(batch.ids[0, columns], 257).double()
    towards = -gradient.double() / gradient.norm()
    losses = []
    for step in (1e-3, -1e-3):
        steered = debiasing.apply(model, 50.0, prompt_lengths=batch.prompt_lengths)
        with torch.no_grad(), steered, relaxed(model, batch, columns, here + step * towards):
            losses.append(float(fit_of(model, batch).losses[0]))
    assert (losses[0] - losses[1]) / 2e-3 == pytest.approx(-float(gradient.norm()), rel=0.02)


def test_experts_with_embeddings_of_their_own_are_judged_exactly() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    changes = weight_delta(model).changes
    experts = DExperts(WeightDelta(changes, "sft"), WeightDelta({}, "sft"))
    found = find_suffix(lm, "mila", "ta", experts, 1.0, QUICK.model_copy(update={"steps": 4}))
    assert found.loss < found.first_loss


def test_only_what_can_be_written_is_tried() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    allowed = allowed_tokens(lm, ascii_only=True)
    assert 0 < int(allowed.sum()) < 128 and not allowed[0]
    prompt = own_ids(tokenizer, "mila")
    lm = LanguageModel.of(tiny_model(), tokenizer)
    assert survive(lm, "mila", prompt, [own_ids(tokenizer, " abc"), (0, 5), own_ids(tokenizer, "é")[:1]]) == [
        True,
        False,
        False,
    ]
    with pytest.raises(HormesisError, match="context"):
        find_suffix(lm, "mila" * 20, "ta", Unsteered(), 0.0, QUICK)


def test_in_a_chat_the_suffix_is_within_the_turn() -> None:
    model = tiny_model()
    model.resize_token_embeddings(400)
    lm = LanguageModel.of(model, llama_like(ends=False, chat=True), chat=True)
    found = find_suffix(lm, "mild", "sure here", Unsteered(), 0.0, QUICK.model_copy(update={"length": 3, "steps": 2}))
    opened = open_prompt(lm, "mild")
    assert lm.prompt_ids("mild" + found.text) == (*opened, *found.ids, *lm.frame[1])
    assert str(lm.tokenizer.decode(list(target_ids(lm, "sure")))).strip() == "sure"
    batch = TargetBatch.of([lm.prompt_ids("mild" + found.text)], [target_ids(lm, "sure here")])
    assert float(fit_of(model, batch).losses[0].detach()) == pytest.approx(found.loss, abs=1e-4)
