"""Nucleus sampling without a sort, driven by keyed random numbers.

*Exactness.* The nucleus of mass p is the smallest set of most probable tokens whose mass reaches p (Holtzman
et al. 2020, arXiv 1904.09751): token i belongs to it iff the tokens more probable than i hold less than p
together. So draw i from the full softmax by inversion, accept it iff that holds, else draw again: what is
accepted follows exactly the truncated, renormalised distribution. At least p of the draws are accepted, and
no draw needs a sorted vocabulary, which costs more than the whole forward pass of a small model.

*Common random numbers.* The uniforms are a function of (seed, prompt, sample, step) alone: every strength of
an intervention sees the same ones, so differences between strengths are less noisy; and the way prompts are
batched changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from hormesis.errors import HormesisError

DRAWS = 4
"""Uniforms a token: all but the last are for accept–reject, the last for the sort that serves what they left
over, which happens with probability at most (1 - p)^(DRAWS - 1)."""

_BLOCK = 2**19
"""Elements handled at once on a CPU: the temporaries of a block stay in the cache of a core."""


def keyed_uniforms(prompts: Sequence[str], samples: int, steps: int, seed: int) -> np.ndarray:
    """Uniform numbers in [0, 1), float32 [prompts, samples, steps, DRAWS].

    Keyed by the prompt's text and its occurrence among ``prompts``, so that neither order, batching, nor the
    number of samples or steps changes the numbers of a (prompt, sample, step), and a prompt listed twice gets
    two independent sets.
    """
    uniforms = np.empty((len(prompts), samples, steps, DRAWS), dtype=np.float32)
    seen: Counter[str] = Counter()
    for index, prompt in enumerate(prompts):
        digest = hashlib.blake2b(
            f"{seed}\0{seen[prompt]}\0{prompt}".encode("utf-8", "surrogatepass"), digest_size=8
        ).digest()
        seen[prompt] += 1
        key = int.from_bytes(digest, "little")
        for sample in range(samples):
            generator = np.random.Generator(np.random.Philox(key=np.array([key, sample], dtype=np.uint64)))
            uniforms[index, sample] = generator.random((steps, DRAWS), dtype=np.float32)
    return uniforms


def in_nucleus(probabilities: Tensor, tokens: Tensor, top_p: float) -> Tensor:
    """Whether each token belongs to the nucleus of its row: bool [rows].

    :param probabilities: [rows, vocabulary], each row summing to 1.
    :param tokens: [rows].
    :param top_p: mass of the nucleus, in (0, 1].
    """
    chosen = probabilities.gather(1, tokens[:, None])
    # A comparison that writes floats, times, sum: each is one vectorised pass; `where` on a boolean mask is
    # five times slower.
    above = torch.empty_like(probabilities)
    torch.gt(probabilities, chosen, out=above)
    return above.mul_(probabilities).sum(1) < top_p


def sample_nucleus(logits: Tensor, uniforms: Tensor, *, top_p: float, temperature: float) -> Tensor:
    """One token a row from the nucleus of softmax(logits / temperature): int64 [rows].

    :param logits: [rows, vocabulary], any float type (computed in float32).
    :param uniforms: [rows, DRAWS] in [0, 1).
    :raises HormesisError: the logits are not finite.
    """
    rows, vocabulary = logits.shape
    step = max(1, _BLOCK // vocabulary) if logits.device.type == "cpu" else rows
    tokens = torch.empty(rows, dtype=torch.long, device=logits.device)
    for start in range(0, rows, step):
        block = slice(start, start + step)
        probabilities = _probabilities(logits[block], temperature)
        left = torch.arange(len(probabilities), device=logits.device)
        for attempt in range(uniforms.shape[1] - 1):
            remaining = probabilities if attempt == 0 else probabilities[left]
            drawn, accepted = _draw(remaining, uniforms[block, attempt][left], top_p)
            tokens[block][left] = drawn
            left = left[~accepted]
            if not len(left):
                break
        else:
            tokens[block][left] = _draw_sorted(probabilities[left], uniforms[block, -1][left], top_p)
    return tokens


def _probabilities(logits: Tensor, temperature: float) -> Tensor:
    scaled = logits.float() if temperature == 1 else logits.float() / temperature
    return torch.softmax(scaled, dim=-1)


def _draw(probabilities: Tensor, uniforms: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """Tokens by inversion of the full distribution, and whether each may be kept."""
    cumulative = probabilities.cumsum(-1)
    if not bool(torch.isfinite(cumulative[:, -1]).all()):
        raise HormesisError(
            "the model gives logits that are not finite",
            "look at the loss of its training (did it diverge?), or lower the strength of the intervention",
        )
    targets = uniforms[:, None] * cumulative[:, -1:]  # not uniforms alone: the float32 sum is not exactly 1
    tokens = torch.searchsorted(cumulative, targets, right=True).squeeze(1).clamp_(max=probabilities.shape[1] - 1)
    if top_p >= 1:
        return tokens, torch.ones_like(tokens, dtype=torch.bool)
    return tokens, in_nucleus(probabilities, tokens, top_p)


def _draw_sorted(probabilities: Tensor, uniforms: Tensor, top_p: float) -> Tensor:
    """Tokens by inversion of the truncated distribution, with a sort: the rare rows that rejection left
    over."""
    values, order = probabilities.sort(-1, descending=True)
    before = values.cumsum(-1) - values
    cumulative = values.masked_fill(before >= top_p, 0).cumsum(-1)
    targets = uniforms[:, None] * cumulative[:, -1:]
    places = torch.searchsorted(cumulative, targets, right=True).clamp_(max=probabilities.shape[1] - 1)
    return order.gather(1, places).squeeze(1)
