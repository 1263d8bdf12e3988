from __future__ import annotations

import pytest
import torch
from olmo_core.nn.layer_norm import LayerNormConfig, LayerNormType
from olmo_core.nn.lm_head import LMHead, LMHeadConfig

from hormesis.pretrain import chunked_loss
from hormesis.pretrain.chunked_loss import ChunkedLMHead, chunked, chunked_cross_entropy


def _heads(vocabulary: int = 97, width: int = 24) -> tuple[LMHead, LMHead]:
    config = LMHeadConfig(layer_norm=LayerNormConfig(name=LayerNormType.rms, bias=False), bias=False)
    torch.manual_seed(0)
    plain = config.build(d_model=width, vocab_size=vocabulary)
    ours = chunked(config).build(d_model=width, vocab_size=vocabulary)
    ours.load_state_dict(plain.state_dict())
    return plain, ours


@pytest.mark.parametrize("z_loss", [None, 1e-2])
@pytest.mark.parametrize("chunk_floats", [97 * 16, 97 * 19, 1 << 20])
def test_loss_and_gradients_equal_olmo_cores(
    z_loss: float | None, chunk_floats: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunked_loss, "_CHUNK_FLOATS", chunk_floats)
    results = []
    labels = torch.randint(97, (3, 21), generator=torch.Generator().manual_seed(1))
    labels[:, -1] = -100
    for module in _heads():
        states = torch.randn(3, 21, 24, generator=torch.Generator().manual_seed(2)).mul_(3).requires_grad_()
        out = module(
            states,
            labels=labels,
            loss_reduction="sum",
            z_loss_multiplier=z_loss,
            loss_div_factor=torch.tensor(60.0),
            return_logits=False,
        )
        out.loss.backward()
        z = out.z_loss if z_loss else torch.zeros(())
        results.append([out.loss, out.ce_loss, z, states.grad, *(p.grad for p in module.parameters())])
    for theirs, ours in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=2e-5, atol=1e-6)


def test_gradients_are_those_of_finite_differences() -> None:
    labels = torch.tensor([3, 0, -100, 6])
    hidden = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(7, 5, dtype=torch.float64, requires_grad=True)

    def loss(hidden: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        cross_entropy, z_loss = chunked_cross_entropy(hidden, weight, labels, z_loss_multiplier=0.3)
        return cross_entropy + z_loss

    assert torch.autograd.gradcheck(loss, (hidden, weight))


def test_extreme_logits_stay_finite() -> None:
    hidden = torch.tensor([[400.0, -400.0]], requires_grad=True)
    weight = torch.eye(2).requires_grad_()
    loss, _ = chunked_cross_entropy(hidden, weight, torch.tensor([1]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == pytest.approx(800)
    assert hidden.grad is not None and torch.isfinite(hidden.grad).all()


def test_everything_but_training_on_a_cpu_is_olmo_cores_own() -> None:
    plain, ours = _heads()
    states = torch.randn(2, 5, 24)
    labels = torch.randint(97, (2, 5))
    assert isinstance(ours, ChunkedLMHead)
    assert torch.equal(plain(states), ours(states))
    one, other = (m(states, labels=labels, loss_reduction="none") for m in (plain, ours))
    assert torch.equal(one.loss, other.loss)
    assert other.logits is not None
    assert not isinstance(chunked(LMHeadConfig(bias=True)).build(d_model=4, vocab_size=8), ChunkedLMHead)
