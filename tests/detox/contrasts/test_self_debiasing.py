from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel

from hormesis.detox.contrasts.self_debiasing import UNWANTED, SelfDebiasing
from hormesis.errors import HormesisError
from tests.detox.contrasting import PREFIX
from tests.detox.steered import logits, steered_logits
from tests.detox.steering.test_iti import assert_close
from tests.evaluate import tiny as byte_level
from tests.representation.tiny import FAMILIES, tiny_model, tiny_tokenizer, tokens_and_masks

DECAY = 10.0


def by_the_paper(model: PreTrainedModel, plain: Tensor, described: Tensor) -> Tensor:
    """Equations 2 to 4 on two plain passes over one text: p̃ at each of its positions."""
    p = torch.softmax(logits(model, plain[None])[0], -1)
    unwanted = torch.softmax(logits(model, described[None])[0, len(described) - len(plain) :], -1)
    difference = p - unwanted
    scaled = p * torch.where(difference >= 0, 1.0, torch.exp(DECAY * difference))
    return scaled / scaled.sum(-1, keepdim=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_probabilities_are_those_of_the_papers_formula(family: str) -> None:
    model = tiny_model(family)
    ids, _, _ = tokens_and_masks([8], "right")
    expected = by_the_paper(model, ids[0], torch.cat([torch.tensor(PREFIX), ids[0]]))
    found = torch.softmax(steered_logits(model, SelfDebiasing("words", PREFIX), DECAY, ids), -1)[0]
    assert_close(found, expected)
    assert (found - torch.softmax(logits(model, ids)[0], -1)).abs().max() > 0.01


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_start_token_stays_before_the_description(side: str) -> None:
    model, start = tiny_model(), 5
    ids, mask, _ = tokens_and_masks([8, 5, 6], side)
    first = mask.argmax(1)
    ids[[0, 1], first[:2]] = start
    found = torch.softmax(steered_logits(model, SelfDebiasing("words", PREFIX, start), DECAY, ids, mask), -1)
    for row in range(3):
        text = ids[row][mask[row].bool()]
        kept = 1 if row < 2 else 0
        described = torch.cat([text[:kept], torch.tensor(PREFIX), text[kept:]])
        assert_close(found[row][mask[row].bool()], by_the_paper(model, text, described))


def test_a_description_is_tokenised_once_and_kept(tmp_path: Path) -> None:
    model, tokenizer = byte_level.tiny_model(), byte_level.tiny_tokenizer()
    debiasing = SelfDebiasing.of(tokenizer)
    assert tokenizer.decode(list(debiasing.prefix_tokens)) == UNWANTED
    assert debiasing.start_token == tokenizer.bos_token_id
    assert (debiasing.name, debiasing.rowwise, debiasing.prepare("a word")) == ("self-debiasing", True, "a word")
    debiasing.save(tmp_path / "saved")
    again = SelfDebiasing.load(tmp_path / "saved")
    assert again == debiasing
    ids = torch.tensor([tokenizer("mila koza")["input_ids"]])
    assert torch.equal(steered_logits(model, again, 50.0, ids), steered_logits(model, debiasing, 50.0, ids))


def test_descriptions_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="no tokens"):
        SelfDebiasing.of(tiny_tokenizer(), "")
    with pytest.raises(HormesisError, match="no token 99"), SelfDebiasing("words", (99,)).apply(tiny_model(), 1.0):
        pass
    learned = tiny_model("gpt2")  # 64 learned positions
    ids = torch.ones(1, 62, dtype=torch.long)
    with pytest.raises(HormesisError, match="need 66 positions, of 64"):
        steered_logits(learned, SelfDebiasing("words", PREFIX), 1.0, ids)
    SelfDebiasing("words", PREFIX).save(tmp_path / "saved")
    file = tmp_path / "saved" / "intervention.json"
    file.write_text(file.read_text().replace("11", '"eleven"'))
    with pytest.raises(HormesisError, match="damaged"):
        SelfDebiasing.load(tmp_path / "saved")
