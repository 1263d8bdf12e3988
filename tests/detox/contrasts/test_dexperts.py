from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import torch

from hormesis.detox.contrasts.dexperts import DExperts
from hormesis.errors import HormesisError
from tests.detox.contrasting import a_delta
from tests.detox.steered import logits, steered_logits
from tests.detox.steering.test_iti import assert_close
from tests.representation.tiny import FAMILIES, tiny_model, tokens_and_masks


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_are_those_of_three_plain_models(family: str) -> None:
    model, expert, anti_expert = (tiny_model(family) for _ in range(3))
    good, bad = a_delta(model, 1), a_delta(model, 2)
    ids, mask, _ = tokens_and_masks([7, 5], "left")
    with good.apply(expert, 1.0), bad.apply(anti_expert, 1.0):
        plain = [logits(each, ids, mask) for each in (model, expert, anti_expert)]
    found = steered_logits(model, DExperts(good, bad), torch.tensor([2.0, -0.5]), ids, mask)
    expected = plain[0] + torch.tensor([2.0, -0.5])[:, None, None] * (plain[1] - plain[2])
    assert_close(found[mask.bool()], expected[mask.bool()])
    assert (found - plain[0])[mask.bool()].abs().max() > 0.01


def test_experts_share_what_did_not_change_and_live_as_long_as_the_model() -> None:
    model = tiny_model()
    experts = DExperts(a_delta(model, 1), a_delta(model, 2))
    good, bad = experts.companions(model)
    assert experts.companions(model)[0] is good
    shared = {
        name
        for (name, mine), its in zip(model.named_parameters(), good.model.parameters(), strict=True)
        if its.data_ptr() == mine.data_ptr()
    }
    assert shared == {name for name, _ in model.named_parameters()} - set(experts.expert.changes)
    model.bfloat16()
    moved = experts.companions(model)[0].model
    assert moved is not good.model
    assert {weight.dtype for weight in moved.parameters()} == {torch.bfloat16}
    moved(torch.ones(1, 3, dtype=torch.long))
    del moved
    remembered = weakref.ref(model)
    del model, good, bad
    gc.collect()
    assert remembered() is None


def test_hooks_of_the_model_are_not_copied() -> None:
    model = tiny_model()
    experts = DExperts(a_delta(model, 1), a_delta(model, 2))
    calls: list[int] = []
    handle = model.get_submodule("model").register_forward_hook(lambda *_: calls.append(1))
    steered_logits(model, experts, 1.0, torch.ones(1, 3, dtype=torch.long))
    handle.remove()
    assert calls == [1]


def test_saved_and_loaded_it_gives_the_same_logits(tmp_path: Path) -> None:
    model = tiny_model()
    experts = DExperts(a_delta(model, 1), a_delta(model, 2))
    experts.save(tmp_path / "saved")
    again = DExperts.load(tmp_path / "saved")
    ids, _, _ = tokens_and_masks([6, 6], "right")
    assert torch.equal(steered_logits(model, again, 2.0, ids), steered_logits(model, experts, 2.0, ids))
    assert (again.name, again.rowwise, again.prepare("a word")) == ("dexperts", True, "a word")


def test_fine_tunings_of_another_model_are_refused() -> None:
    model = tiny_model("llama")
    experts = DExperts(a_delta(model, 1), a_delta(model, 2))
    with pytest.raises(HormesisError, match="fine-tuned"), experts.apply(tiny_model("gpt2"), 1.0):
        pass
