"""The toy's model: a small decoder as pure functions of its parameters, so that many members run as one.

Every function here is written for one member; :func:`lifted` turns it into a function of parameters stacked along a
leading member axis (``torch.func.vmap``), and optionally compiles it. The block is the unit that is lifted: all
layers share one compiled block, which keeps the wait for the compiler short.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from hormesis.toy.setting import ModelConfig, WorldConfig

Parameters = Mapping[str, Tensor]
BLOCK_NAMES = (
    "attention_gain", "attention_bias", "attention_in", "attention_out",
    "feed_gain", "feed_bias", "feed_in", "feed_in_bias", "feed_out", "feed_out_bias",
)  # fmt: skip


def initial_parameters(config: ModelConfig, world: WorldConfig, seed: int) -> dict[str, Tensor]:
    """One member's parameters: embeddings N(0, 1), linear maps uniform in ±1/√(inputs), gains 1, biases 0.

    Block parameters carry a leading layer axis. Equal seeds give equal parameters, whatever the share.
    """
    generator = torch.Generator().manual_seed(seed)
    width, layers, hidden = config.width, config.layers, config.feed_forward

    def linear(inputs: int, outputs: int) -> Tensor:
        uniform = torch.rand(layers, inputs, outputs, generator=generator)
        return (2 * uniform - 1) / math.sqrt(inputs)

    parameters = {"embedding": torch.randn(world.states, width, generator=generator)}
    if config.position == "learned":
        parameters["position"] = torch.randn(world.sequence_length, width, generator=generator)
    parameters |= {"attention_in": linear(width, 3 * width), "attention_out": linear(width, width)}
    norms = ["attention"]
    if hidden:
        parameters |= {
            "feed_in": linear(width, hidden),
            "feed_in_bias": torch.zeros(layers, hidden),
            "feed_out": linear(hidden, width),
            "feed_out_bias": torch.zeros(layers, width),
        }
        norms.append("feed")
    for name in norms:
        parameters[f"{name}_gain"] = torch.ones(layers, width)
        if config.norm == "layer":
            parameters[f"{name}_bias"] = torch.zeros(layers, width)
    if config.final_norm:
        parameters["final_gain"] = torch.ones(width)
        if config.norm == "layer":
            parameters["final_bias"] = torch.zeros(width)
    parameters["unembedding"] = linear(width, world.states)[0]
    return parameters


def stacked_parameters(config: ModelConfig, world: WorldConfig, seeds: Sequence[int]) -> dict[str, Tensor]:
    """The initial parameters of several members, stacked along a leading member axis."""
    made = {seed: initial_parameters(config, world, seed) for seed in set(seeds)}
    return {name: torch.stack([made[seed][name] for seed in seeds]) for name in made[seeds[0]]}


def _norm(x: Tensor, gain: Tensor, bias: Tensor | None) -> Tensor:
    # LayerNorm when there is a bias, RMSNorm when there is none.
    if bias is not None:
        x = x - x.mean(-1, keepdim=True)
    x = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * gain
    return x if bias is None else x + bias


def _rotate(x: Tensor) -> Tensor:
    # x: [sequences, heads, tokens, head width]; pairs (i, i + half) are turned by position × 10000^(-i/half).
    half = x.shape[-1] // 2
    rates = 10_000.0 ** (-torch.arange(half, dtype=x.dtype) / half)
    angles = torch.arange(x.shape[-2], dtype=x.dtype)[:, None] * rates
    first, second = x[..., :half], x[..., half:]
    cosine, sine = angles.cos(), angles.sin()
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)


def embed(parameters: Parameters, one_hot: Tensor) -> Tensor:
    """``[sequences, tokens, states]`` one-hot tokens to the residual stream ``[sequences, tokens, width]``."""
    sequences, tokens, states = one_hot.shape
    # A product with one-hot rows: its gradient is a product again, where indexing would scatter.
    x = (one_hot.reshape(-1, states) @ parameters["embedding"]).reshape(sequences, tokens, -1)
    return x + parameters["position"] if "position" in parameters else x


def block(parameters: Parameters, x: Tensor, heads: int, rope: bool) -> Tensor:
    """One pre-norm block on ``[sequences, tokens, width]``; ``parameters`` without the layer axis."""
    sequences, tokens, width = x.shape
    # Rows × width: under vmap every linear map is then one batched product over members.
    x = x.reshape(-1, width)
    h = _norm(x, parameters["attention_gain"], parameters.get("attention_bias"))
    projected = (h @ parameters["attention_in"]).reshape(sequences, tokens, 3, heads, width // heads)
    query, key, value = projected.permute(2, 0, 3, 1, 4)
    if rope:
        query, key = _rotate(query), _rotate(key)
    future = torch.full((tokens, tokens), float("-inf"), dtype=x.dtype).triu(1)
    weights = (query @ key.transpose(-1, -2) * (width // heads) ** -0.5 + future).softmax(-1)
    mixed = (weights @ value).permute(0, 2, 1, 3).reshape(-1, width)
    x = x + mixed @ parameters["attention_out"]
    if "feed_in" in parameters:
        h = _norm(x, parameters["feed_gain"], parameters.get("feed_bias"))
        h = functional.gelu(h @ parameters["feed_in"] + parameters["feed_in_bias"])
        x = x + h @ parameters["feed_out"] + parameters["feed_out_bias"]
    return x.reshape(sequences, tokens, width)


def final_norm(parameters: Parameters, x: Tensor) -> Tensor:
    """The norm before the unembedding (the identity where the model has none)."""
    if "final_gain" not in parameters:
        return x
    return _norm(x, parameters["final_gain"], parameters.get("final_bias"))


def sequence_losses(parameters: Parameters, x: Tensor, next_one_hot: Tensor) -> Tensor:
    """Cross-entropy, nats a token, of each sequence ``[sequences]`` from the last residual stream."""
    h = final_norm(parameters, x).reshape(-1, x.shape[-1])
    logits = h @ parameters["unembedding"]
    logits = logits - logits.amax(-1, keepdim=True).detach()
    targets = next_one_hot.reshape(-1, next_one_hot.shape[-1])
    losses = logits.exp().sum(-1).log() - (logits * targets).sum(-1)
    return losses.reshape(x.shape[0], x.shape[1]).mean(-1)


class Decoder:
    """The three stages of the model for one member (``stacked=False``) or for stacked members.

    :param compiled: compile the lifted stages with ``torch.compile`` (needs a C++ compiler; pays from some
        hundreds of steps on).
    """

    def __init__(self, config: ModelConfig, *, stacked: bool = True, compiled: bool = False) -> None:
        self.config = config

        def one_block(parameters: Parameters, x: Tensor) -> Tensor:
            return block(parameters, x, config.heads, config.position == "rope")

        self._embed = _lifted(embed, (0, None), stacked, compiled)
        self._block = _lifted(one_block, (0, 0), stacked, compiled)
        self._losses = _lifted(sequence_losses, (0, 0, None), stacked, compiled)
        self._layer_axis = 1 if stacked else 0

    def residuals(self, parameters: Parameters, one_hot: Tensor) -> list[Tensor]:
        """The residual stream before the first block and after each: ``layers + 1`` tensors
        ``[(members,) sequences, tokens, width]``.
        """
        names = [name for name in BLOCK_NAMES if name in parameters]
        layers = {name: parameters[name].unbind(self._layer_axis) for name in names}
        outside = {name: value for name, value in parameters.items() if name in ("embedding", "position")}
        stream = [self._embed(outside, one_hot)]
        for layer in range(self.config.layers):
            stream.append(self._block({name: layers[name][layer] for name in names}, stream[-1]))
        return stream

    def losses(self, parameters: Parameters, one_hot: Tensor, next_one_hot: Tensor) -> Tensor:
        """Cross-entropy, nats a token, of each sequence: ``[(members,) sequences]``."""
        names = ("final_gain", "final_bias", "unembedding")
        outside = {name: value for name, value in parameters.items() if name in names}
        return self._losses(outside, self.residuals(parameters, one_hot)[-1], next_one_hot)


def _lifted(
    function: Callable[..., Tensor], in_dims: tuple[int | None, ...], stacked: bool, compiled: bool
) -> Callable[..., Tensor]:
    lifted = cast(Callable[..., Tensor], torch.func.vmap(function, in_dims=in_dims)) if stacked else function
    return cast(Callable[..., Tensor], torch.compile(lifted, dynamic=False)) if compiled else lifted
