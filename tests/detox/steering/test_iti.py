"""What the intervention promises, and the traps that published implementations fell into, on every family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, cast

import pytest
import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel, StaticCache

from hormesis.detox import InferenceTimeIntervention
from hormesis.errors import HormesisError
from hormesis.representation import Architecture, Directions, ModelLayout
from tests.detox.steered import SITES, an_intervention, cached_logits, logits, steered_logits
from tests.representation.tiny import FAMILIES, hook_count, tiny_model, tokens_and_masks

Side = Literal["left", "right"]
LENGTHS = [9, 6, 4, 7]
PROMPTS = torch.tensor([3, 1, 4, 2])  # one token, the whole text, and between
STRENGTHS = torch.tensor([2.0, 0.0, -1.5, 4.0])


def assert_close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def generate(model: PreTrainedModel, ids: Tensor, mask: Tensor, **keywords: int | bool) -> Tensor:
    run = cast("Callable[..., Tensor]", model.generate)
    return run(ids, attention_mask=mask, do_sample=False, pad_token_id=0, **keywords)


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return tiny_model(request.param)


def test_the_edit_is_strength_times_scale_times_direction_at_the_chosen_heads(model: PreTrainedModel) -> None:
    intervention, layout = an_intervention(model), ModelLayout.of(model)
    ids, _, _ = tokens_and_masks([5, 5], "right")
    seen: list[Tensor] = []

    def watch(_module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(arguments[0])

    before = layout.output_projections[0].register_forward_pre_hook(watch)
    with intervention.apply(model, 3.0):
        after = layout.output_projections[0].register_forward_pre_hook(watch)
        seen.clear()  # of the pass that validates the layout
        logits(model, ids)
    before.remove()
    after.remove()
    change = (seen[1] - seen[0]).view(2, 5, layout.heads, layout.head_width)
    found = intervention.directions
    assert_close(change[..., 1, :], (3.0 * 1.0 * found.vectors[0]).expand(2, 5, -1))
    assert_close(change[..., 3, :], (3.0 * 0.5 * found.vectors[1]).expand(2, 5, -1))
    assert torch.equal(change[..., [0, 2], :], torch.zeros_like(change[..., [0, 2], :]))


def test_strength_zero_is_bit_identical(model: PreTrainedModel) -> None:
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks(LENGTHS, "right")
    plain = logits(model, ids, mask)
    assert torch.equal(steered_logits(model, intervention, 0.0, ids, mask), plain)
    assert torch.equal(steered_logits(model, intervention, torch.zeros(4), ids, mask, PROMPTS), plain)
    mixed = steered_logits(model, intervention, STRENGTHS, ids, mask, PROMPTS)
    assert torch.equal(mixed[1], plain[1])


@pytest.mark.parametrize("prompts", [None, PROMPTS])
def test_a_batch_equals_a_loop_and_every_row_is_steered(model: PreTrainedModel, prompts: Tensor | None) -> None:
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks(LENGTHS, "right")
    batch = steered_logits(model, intervention, STRENGTHS, ids, mask, prompts)
    plain = logits(model, ids, mask)
    for row, length in enumerate(LENGTHS):
        alone = ids[row : row + 1, :length]
        prompt = None if prompts is None else prompts[row : row + 1]
        expected = steered_logits(model, intervention, float(STRENGTHS[row]), alone, None, prompt)
        assert_close(batch[row, :length], expected[0])
        if STRENGTHS[row] != 0:
            assert (batch[row, length - 1] - plain[row, length - 1]).abs().max() > 0.01


@pytest.mark.parametrize("prompts", [None, PROMPTS])
def test_left_padded_right_padded_and_unpadded_agree(model: PreTrainedModel, prompts: Tensor | None) -> None:
    intervention = an_intervention(model)
    found: dict[Side, list[Tensor]] = {}
    sides: tuple[Side, Side] = ("left", "right")
    for side in sides:
        ids, mask, _ = tokens_and_masks(LENGTHS, side)
        steered = steered_logits(model, intervention, STRENGTHS, ids, mask, prompts)
        found[side] = [row[kept.bool()] for row, kept in zip(steered, mask, strict=True)]
    for left, right in zip(found["left"], found["right"], strict=True):
        assert_close(left, right)


def test_the_last_prompt_token_is_the_first_that_is_steered(model: PreTrainedModel) -> None:
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks([8, 8, 8, 8], "right")
    plain = logits(model, ids)
    steered = steered_logits(model, intervention, 3.0, ids, mask, PROMPTS)
    for row, prompt in enumerate(PROMPTS.tolist()):
        assert torch.equal(steered[row, : prompt - 1], plain[row, : prompt - 1])
        changed = (steered[row, prompt - 1 :] - plain[row, prompt - 1 :]).abs().amax(1)
        assert bool((changed > 1e-3).all())  # the first generated token is chosen from the logits at P − 1


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("chunks", [[12], [1] * 12, [6] + [1] * 6, [2, 3, 7], [5, 1, 1, 5]])
def test_cached_logits_equal_teacher_forced_ones(model: PreTrainedModel, chunks: list[int], side: Side) -> None:
    """Whatever the chunks: a one-token prompt is no decode step, and a long chunk after the cache is no prompt."""
    intervention = an_intervention(model)
    prompt_ids, prompt_mask, _ = tokens_and_masks([6, 1, 4, 2], side)
    prompts = torch.tensor([6, 1, 4, 2])
    generated = tokens_and_masks([6] * 4, "left", seed=1)[0]
    ids = torch.cat([prompt_ids, generated], dim=1)
    mask = torch.cat([prompt_mask, torch.ones_like(generated)], dim=1)
    forced = steered_logits(model, intervention, STRENGTHS, ids, mask, prompts)
    # The mask at entry covers the prompt alone: what is generated later are tokens.
    with intervention.apply(model, STRENGTHS, prompt_lengths=prompts, attention_mask=prompt_mask):
        cached = cached_logits(model, ids, mask, chunks)
    kept = mask.bool()
    assert_close(cached[kept], forced[kept])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prefix_prefilled_unsteered_and_branched_equals_a_steered_whole(family: str) -> None:
    """What generation does: prefill prompt[:-1] once, copy the cache to every strength, go on within apply."""
    model = tiny_model(family)
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks([4, 2, 5], "left")
    prompts = mask.sum(1)
    strengths = torch.tensor([1.0, 3.0]).repeat(3)
    generated = tokens_and_masks([3] * 6, "left", seed=2)[0]
    whole = torch.cat([ids.repeat_interleave(2, 0), generated], dim=1)
    whole_mask = torch.cat([mask.repeat_interleave(2, 0), torch.ones_like(generated)], dim=1)
    many_prompts = prompts.repeat_interleave(2)
    cache = DynamicCache(config=model.config)
    cached_logits(model, ids, mask, [4], cache)
    cache.batch_repeat_interleave(2)
    with intervention.apply(model, strengths, prompt_lengths=many_prompts, attention_mask=whole_mask[:, :5]):
        cached = cached_logits(model, whole, whole_mask, [1, 1, 1, 1], cache)
    forced = steered_logits(model, intervention, strengths, whole, whole_mask, many_prompts)
    assert_close(cached, forced[:, 4:])


def test_a_static_cache_counts_columns_too() -> None:
    model = tiny_model("llama")
    intervention = an_intervention(model)
    ids, _, _ = tokens_and_masks([7, 7], "right")
    prompts = torch.tensor([3, 5])
    cache = StaticCache(config=model.config, max_cache_len=16)
    found = []
    with torch.no_grad(), intervention.apply(model, 2.0, prompt_lengths=prompts):
        for columns in (slice(0, 4), slice(4, 5), slice(5, 7)):
            found.append(model(ids[:, columns], past_key_values=cache, use_cache=True).logits)
    forced = steered_logits(model, intervention, 2.0, ids, None, prompts)
    assert_close(torch.cat(found, 1), forced)


def test_generate_under_apply_is_greedy_decoding_of_the_steered_model(model: PreTrainedModel) -> None:
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks([5, 1, 3], "left")
    prompts = mask.sum(1)
    strengths = torch.tensor([4.0, 2.0, 0.0])
    with intervention.apply(model, strengths, prompt_lengths=prompts, attention_mask=mask):
        found = generate(model, ids, mask, max_new_tokens=6)
    whole_mask = torch.cat([mask, torch.ones(3, 6, dtype=mask.dtype)], dim=1)
    forced = steered_logits(model, intervention, strengths, found, whole_mask, prompts)
    assert torch.equal(forced[:, 4:-1].argmax(-1), found[:, 5:])
    plain = generate(model, ids, mask, max_new_tokens=6)
    assert not torch.equal(found[0], plain[0])
    assert torch.equal(found[2], plain[2])


def test_beam_search_works_with_a_row_for_every_beam_and_says_so_otherwise() -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks([5, 3], "left")
    keywords = {"max_new_tokens": 5, "num_beams": 3}
    with (
        pytest.raises(HormesisError, match="6 rows within an intervention for 2 rows.*\n.*repeat_interleave"),
        intervention.apply(model, 3.0, prompt_lengths=mask.sum(1), attention_mask=mask),
    ):
        generate(model, ids, mask, **keywords)
    assert hook_count(model) == 0
    beams = mask.repeat_interleave(3, 0)
    with intervention.apply(model, 3.0, prompt_lengths=beams.sum(1), attention_mask=beams):
        cached = generate(model, ids, mask, **keywords)
        whole = generate(model, ids, mask, use_cache=False, **keywords)
    assert torch.equal(cached, whole)


@pytest.mark.parametrize("strength", [3.0, STRENGTHS])
def test_no_hook_remains_after_an_exception_and_only_chosen_layers_are_hooked(
    model: PreTrainedModel, strength: float | Tensor
) -> None:
    intervention, layout = an_intervention(model), ModelLayout.of(model)
    with pytest.raises(RuntimeError, match="halt"), intervention.apply(model, strength):
        hooked = [len(projection._forward_pre_hooks) for projection in layout.output_projections]
        assert hooked == [1, 0, 1]
        raise RuntimeError("halt")
    assert hook_count(model) == 0


def test_interventions_add_up_when_nested() -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    ids, _, _ = tokens_and_masks([5, 5], "right")
    with intervention.apply(model, 1.0), intervention.apply(model, 2.0):
        nested = logits(model, ids)
    assert_close(nested, steered_logits(model, intervention, 3.0, ids))


def test_the_edit_follows_the_precision_of_the_module() -> None:
    model = tiny_model().bfloat16()
    steered = steered_logits(model, an_intervention(model), STRENGTHS, *tokens_and_masks(LENGTHS, "left")[:2])
    assert steered.dtype == torch.bfloat16
    assert bool(steered.isfinite().all())


def test_embeddings_and_positional_arguments_work_as_input() -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    ids, mask, positions = tokens_and_masks([5, 5], "right")
    expected = steered_logits(model, intervention, 2.0, ids, None, torch.tensor([2, 3]))
    decoder, head = model.get_submodule("model"), model.get_submodule("lm_head")
    with torch.no_grad(), intervention.apply(model, 2.0, prompt_lengths=torch.tensor([2, 3])):
        embedded = model(inputs_embeds=model.get_input_embeddings()(ids)).logits
        cache = DynamicCache(config=model.config)
        first = decoder(ids[:, :3], mask[:, :3], positions[:, :3], cache).last_hidden_state
        second = decoder(ids[:, 3:], mask, positions[:, 3:], cache).last_hidden_state
        direct = head(torch.cat([first, second], 1))
    assert_close(embedded, expected)
    assert_close(direct, expected)


def test_bad_strengths_and_batches_are_refused() -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    ids, mask, _ = tokens_and_masks(LENGTHS, "left")
    for bad in (float("nan"), float("inf"), torch.ones(2, 2)):
        with pytest.raises(HormesisError, match="strength"), intervention.apply(model, bad):
            pass
    with pytest.raises(HormesisError, match="3 strengths for 4"):
        steered_logits(model, intervention, torch.ones(3), ids, mask)
    with (
        pytest.raises(HormesisError, match="1 rows within an intervention for 4"),
        intervention.apply(model, STRENGTHS),
    ):
        logits(model, ids[:1])  # it would broadcast in silence
    assert hook_count(model) == 0


def test_directions_of_another_model_are_refused() -> None:
    intervention = an_intervention(tiny_model("llama"))
    other = replace(intervention.directions, architecture=None)
    with pytest.raises(HormesisError, match=r"\(3, 4, 12\).*\(3, 4, 8\)"):
        steered_logits(tiny_model(), InferenceTimeIntervention(other), 1.0, torch.ones(1, 2, dtype=torch.long))


def test_a_familys_names_travel_with_the_directions() -> None:
    model = tiny_model("granite")
    names = Architecture("granite", "model", "model.layers.{layer}.self_attn.o_proj")
    vectors = torch.eye(8)[:3]
    intervention = InferenceTimeIntervention(Directions(SITES, vectors, torch.ones(3), "random", 3, 4, names))
    ids = torch.ones(1, 3, dtype=torch.long)
    assert not torch.equal(steered_logits(model, intervention, 2.0, ids), logits(model, ids))


def test_the_model_is_validated_once_per_intervention(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    intervention = an_intervention(model)
    passes: list[int] = []
    monkeypatch.setattr(ModelLayout, "_validate", lambda *_: passes.append(1))
    for _ in range(3):
        with intervention.apply(model, 1.0):
            pass
    assert passes == [1]
