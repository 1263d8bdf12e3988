"""What a second stream promises, on every family, for each method that has one."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import LongTensor, Tensor
from transformers import DynamicCache, PreTrainedModel, StaticCache

from hormesis.detox.intervention import Intervention
from hormesis.errors import HormesisError
from hormesis.models.kv_cache import branch
from tests.detox.contrasting import KINDS, a_contrast
from tests.detox.steered import cached_logits, logits, steered_logits
from tests.detox.steering.test_iti import LENGTHS, PROMPTS, assert_close, generate
from tests.representation.tiny import FAMILIES, hook_count, tiny_model, tokens_and_masks

STRENGTHS = torch.tensor([6.0, 0.0, -3.0, 12.0])


@pytest.fixture(params=FAMILIES)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return tiny_model(request.param)


@pytest.fixture(params=KINDS)
def contrast(request: pytest.FixtureRequest, model: PreTrainedModel) -> Intervention:
    return a_contrast(model, request.param)


def tokens_only(found: Tensor, mask: Tensor) -> Tensor:
    return found[mask.bool()]


def test_strength_zero_is_bit_identical(model: PreTrainedModel, contrast: Intervention) -> None:
    ids, mask, _ = tokens_and_masks(LENGTHS, "left")
    plain = logits(model, ids, mask)
    assert torch.equal(steered_logits(model, contrast, 0.0, ids, mask), plain)
    assert torch.equal(steered_logits(model, contrast, torch.zeros(4), ids, mask, PROMPTS), plain)
    mixed = steered_logits(model, contrast, STRENGTHS, ids, mask, PROMPTS)
    assert torch.equal(mixed[1], plain[1])
    everywhere = steered_logits(model, contrast, STRENGTHS, ids, mask)
    assert ((everywhere - plain).abs() * mask[..., None]).amax((1, 2))[STRENGTHS != 0].min() > 0.01
    assert hook_count(model) == 0


@pytest.mark.parametrize(
    ("side", "chunks"),
    [("left", [9]), ("left", [5, 1, 1, 2]), ("left", [8, 1]), ("right", [1] * 9), ("right", [2, 1, 3, 3])],
)
def test_cached_logits_are_teacher_forced_logits(
    model: PreTrainedModel, contrast: Intervention, side: str, chunks: list[int]
) -> None:
    ids, mask, _ = tokens_and_masks(LENGTHS, side)
    for prompts in (None, PROMPTS):
        with contrast.apply(model, STRENGTHS, prompt_lengths=prompts, attention_mask=mask):
            cached = cached_logits(model, ids, mask, chunks)
        forced = steered_logits(model, contrast, STRENGTHS, ids, mask, prompts)
        assert_close(tokens_only(cached, mask), tokens_only(forced, mask))


def test_left_padded_right_padded_and_unpadded_rows_agree(model: PreTrainedModel, contrast: Intervention) -> None:
    left, left_mask, _ = tokens_and_masks(LENGTHS, "left")
    right, right_mask, _ = tokens_and_masks(LENGTHS, "right")
    from_left = steered_logits(model, contrast, STRENGTHS, left, left_mask, PROMPTS)
    from_right = steered_logits(model, contrast, STRENGTHS, right, right_mask, PROMPTS)
    assert_close(tokens_only(from_left, left_mask), tokens_only(from_right, right_mask))
    for row, length in enumerate(LENGTHS):
        alone = steered_logits(
            model, contrast, float(STRENGTHS[row]), right[row : row + 1, :length], None, PROMPTS[row : row + 1]
        )
        assert_close(from_right[row, :length], alone[0])


def test_the_last_prompt_token_is_the_first_that_is_changed(model: PreTrainedModel, contrast: Intervention) -> None:
    ids, mask, _ = tokens_and_masks([8, 8, 8, 8], "right")
    plain = logits(model, ids)
    steered = steered_logits(model, contrast, 6.0, ids, mask, PROMPTS)
    for row, prompt in enumerate(PROMPTS.tolist()):
        assert torch.equal(steered[row, : prompt - 1], plain[row, : prompt - 1])
        assert (steered[row, prompt - 1 :] - plain[row, prompt - 1 :]).abs().max() > 0.01


def test_streams_branch_and_drop_rows_together(model: PreTrainedModel, contrast: Intervention) -> None:
    """As generate does: prompts are read, then branched twice, rows dropped, the context entered anew each time."""
    lengths = torch.tensor([5, 1, 3])
    ids, mask, _ = tokens_and_masks(lengths.tolist(), "left")
    later = torch.randint(1, 48, (6, 4), generator=torch.Generator().manual_seed(9))
    rows, strengths = torch.tensor([0, 0, 1, 1, 2, 2]), torch.tensor([4.0, -2.0, 4.0, -2.0, 4.0, -2.0])
    whole, whole_mask = torch.cat([ids[rows], later], 1), torch.cat([mask[rows], torch.ones_like(later)], 1)
    expected = steered_logits(model, contrast, strengths, whole, whole_mask, lengths[rows])

    def read(width: int, chosen: Tensor) -> Tensor:
        with contrast.apply(
            model, strengths[chosen], prompt_lengths=lengths[rows[chosen]], attention_mask=mask[rows[chosen]]
        ):
            return cached_logits(model, whole[chosen], whole_mask[chosen], [width], cache)

    cache = DynamicCache(config=model.config)
    read(4, torch.tensor([0, 2, 4]))
    branch(cache, torch.tensor([0, 0, 1, 1, 2, 2]), 1)
    every = torch.arange(6)
    assert_close(read(1, every)[:, 0], expected[:, 4])
    branch(cache, every, 6)
    assert_close(read(1, every)[:, 0], expected[:, 5])
    kept = torch.tensor([4, 1, 3])
    cache.reorder_cache(cast(LongTensor, kept))
    assert_close(read(2, kept), expected[kept, 6:8])
    assert cache.get_seq_length() == 8


def test_a_beam_search_keeps_the_streams_in_step(model: PreTrainedModel, contrast: Intervention) -> None:
    ids, mask, _ = tokens_and_masks([5, 3], "left")
    beams = mask.repeat_interleave(3, 0)
    with contrast.apply(model, 6.0, prompt_lengths=beams.sum(1), attention_mask=beams):
        cached = generate(model, ids, mask, max_new_tokens=5, num_beams=3)
        whole = generate(model, ids, mask, max_new_tokens=5, num_beams=3, use_cache=False)
    assert torch.equal(cached, whole)
    with contrast.apply(model, 6.0), pytest.raises(HormesisError, match="2 rows"), contrast.apply(model, torch.ones(2)):
        generate(model, ids, mask, max_new_tokens=2, num_beams=3)


def test_only_the_kept_logits_are_computed_and_changed(model: PreTrainedModel, contrast: Intervention) -> None:
    ids, mask, positions = tokens_and_masks(LENGTHS, "left")
    whole = steered_logits(model, contrast, STRENGTHS, ids, mask, PROMPTS)
    for kept in (1, 3, torch.tensor([2, 8])):
        for cached in (True, False):
            with torch.no_grad(), contrast.apply(model, STRENGTHS, prompt_lengths=PROMPTS, attention_mask=mask):
                found = model(
                    ids, attention_mask=mask, position_ids=positions, logits_to_keep=kept, use_cache=cached
                ).logits
            expected = whole[:, -kept:] if isinstance(kept, int) else whole[:, kept]
            shown = mask[:, -kept:] if isinstance(kept, int) else mask[:, kept]
            assert_close(tokens_only(found, shown), tokens_only(expected, shown))


def test_a_prefix_waits_for_no_padding() -> None:
    model = tiny_model()
    ids, mask, _ = tokens_and_masks(LENGTHS, "left")
    with (
        pytest.raises(HormesisError, match="3 columns before a row's first token"),
        a_contrast(model, "self-debiasing").apply(model, 6.0, attention_mask=mask),
    ):
        cached_logits(model, ids, mask, [2, 7])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_remains_after_an_exception(kind: str) -> None:
    model = tiny_model()
    contrast = a_contrast(model, kind)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    with pytest.raises(RuntimeError, match="halt"), contrast.apply(model, 6.0):
        assert hook_count(model) == 1
        raise RuntimeError("halt")
    assert hook_count(model) == 0
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_that_left_the_context_serves_the_model_alone(kind: str) -> None:
    model = tiny_model()
    ids, mask, _ = tokens_and_masks([6, 6], "right")
    cache = DynamicCache(config=model.config)
    with a_contrast(model, kind).apply(model, 6.0):
        cached_logits(model, ids, mask, [4], cache)
    assert_close(cached_logits(model, ids, mask, [2], cache), logits(model, ids)[:, 4:])


@pytest.mark.parametrize("kind", KINDS)
def test_what_companions_cannot_follow_is_refused(kind: str) -> None:
    model = tiny_model()
    contrast = a_contrast(model, kind)
    ids, mask, _ = tokens_and_masks([6, 6], "right")
    outside = DynamicCache(config=model.config)
    cached_logits(model, ids, mask, [3], outside)
    with contrast.apply(model, 6.0), torch.no_grad():
        with pytest.raises(HormesisError, match="StaticCache"):
            model(ids, past_key_values=StaticCache(config=model.config, max_cache_len=16))
        with pytest.raises(HormesisError, match=r"3 columns, and the companion has read 0.*\n.*prompt inside"):
            cached_logits(model, ids, mask, [3], outside)
        with pytest.raises(HormesisError, match="embeddings"):
            model(inputs_embeds=model.get_input_embeddings()(ids))
        with pytest.raises(HormesisError, match="loss"):
            model(ids, labels=ids)
        with pytest.raises(HormesisError, match="two-dimensional"):
            model(ids, attention_mask=torch.zeros(2, 1, 6, 6))
    left, padded, _ = tokens_and_masks([3, 6], "left")
    told_nothing = contrast.apply(model, 6.0, prompt_lengths=torch.tensor([2, 2]))
    with told_nothing, torch.no_grad(), pytest.raises(HormesisError, match="padded on the left"):
        model(left, attention_mask=padded)
    wrapped = cast(PreTrainedModel, torch.compile(model, backend="eager"))
    with pytest.raises(HormesisError, match=r"torch\.compile|OptimizedModule"), contrast.apply(wrapped, 6.0):
        pass
    with (
        pytest.raises(HormesisError, match="3 strengths for 2"),
        contrast.apply(model, torch.ones(3), attention_mask=mask),
    ):
        pass
    with pytest.raises(HormesisError, match="neither one finite"), contrast.apply(model, float("nan")):
        pass
    assert hook_count(model) == 0
