from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel, Olmo3Config, Olmo3ForCausalLM, PreTrainedModel

from hormesis.detox import Intervention, Prompting, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig, generate, language_model_cost
from hormesis.evaluate import generation as engine
from hormesis.evaluate.sampling import keyed_uniforms, sample_nucleus
from hormesis.models import Decoding, LanguageModel
from tests.evaluate.tiny import invented_texts, tiny_iti, tiny_model, tiny_tokenizer

STRENGTHS = (0.0, 10.0, -30.0)
CONFIG = GenerationConfig(samples=3, max_new_tokens=6, batch_prompts=4, seed=1)


@pytest.mark.parametrize("intervention", [Unsteered(), tiny_iti(), Prompting("be kind. ")], ids=lambda i: i.name)
def test_batching_does_not_change_the_texts(intervention: Intervention) -> None:
    model, tokenizer, prompts = tiny_model(), tiny_tokenizer(), [*invented_texts(6), "x", "x"]
    lm = LanguageModel.of(model, tokenizer)
    together = generate(lm, prompts, intervention, STRENGTHS, CONFIG)
    alone = generate(
        lm,
        prompts,
        intervention,
        STRENGTHS,
        CONFIG.model_copy(update={"batch_prompts": 1}),
    )
    assert together.texts == alone.texts
    assert together.tokens.shape == (8, 3, 3, 6)
    assert together.texts[6] != together.texts[7], "a prompt listed twice is sampled twice"


def _reference(
    model: PreTrainedModel, ids: list[int], intervention: Intervention, strength: float, uniforms: np.ndarray
) -> list[int]:
    """One sample without a cache, a batch or shared work: the whole text forward for every token."""
    tokens: list[int] = []
    for step in range(len(uniforms)):
        with (
            torch.inference_mode(),
            intervention.apply(model, strength, prompt_lengths=torch.tensor([len(ids)])),
        ):
            logits = model(torch.tensor([ids + tokens])).logits[:, -1]
        drawn = int(sample_nucleus(logits, torch.tensor(uniforms[step][None]), top_p=0.9, temperature=1.0))
        if drawn == 0:
            break
        tokens.append(drawn)
    return tokens


@pytest.mark.parametrize("intervention", [Unsteered(), tiny_iti()], ids=lambda i: i.name)
def test_cached_and_branched_decoding_equals_whole_texts(intervention: Intervention) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    prompts = ["k", "mila tano", "zu"]
    found = generate(lm, prompts, intervention, STRENGTHS, CONFIG)
    uniforms = keyed_uniforms(prompts, 3, 6, seed=1)
    for p, prompt in enumerate(prompts):
        for s, strength in enumerate(STRENGTHS):
            for n in range(3):
                ids = tokenizer(prompt)["input_ids"]
                expected = _reference(model, ids, intervention, strength, uniforms[p, n])
                assert [t for t in found.tokens[p, s, n].tolist() if t >= 0] == expected


class _Recorder:
    """Wraps an intervention and keeps the logits of all forward passes within it."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.logits: list[Tensor] = []
        model.register_forward_hook(lambda _m, _i, output: self.logits.append(output.logits[:, -1].clone()))


def test_steered_logits_equal_teacher_forced_ones() -> None:
    model, tokenizer, iti = tiny_model(), tiny_tokenizer(), tiny_iti()
    lm = LanguageModel.of(model, tokenizer)
    prompts = ["k", "mila tano", "zupi"]
    greedy = GenerationConfig(samples=1, max_new_tokens=5, top_p=1e-6, batch_prompts=3)
    with torch.no_grad():
        model.lm_head.weight[0] = 0  # never the end: all rows stay in the batch
    assert lm.decoding == Decoding(cached=True, padded=True)
    recorder = _Recorder(model)
    found = generate(lm, prompts, iti, (10.0, -30.0), greedy)
    steps = recorder.logits[1:]  # the first pass is the prefix
    assert len(steps) == 5
    row = 0
    order = np.argsort([len(prompt) for prompt in prompts], kind="stable")
    for p in order:
        ids = tokenizer(prompts[p])["input_ids"]
        for s, strength in enumerate((10.0, -30.0)):
            whole = torch.tensor([ids + found.tokens[p, s, 0].tolist()])
            with torch.inference_mode(), iti.apply(model, strength, prompt_lengths=torch.tensor([len(ids)])):
                forced = model(whole).logits[0]
            for step in range(5):
                assert torch.allclose(steps[step][row], forced[len(ids) - 1 + step], atol=1e-4)
            row += 1


def test_rows_are_dropped_without_changing_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer, prompts = tiny_model(), tiny_tokenizer(), invented_texts(5, seed=2)
    lm = LanguageModel.of(model, tokenizer)
    with torch.no_grad():
        model.lm_head.weight[0] *= 8  # ends come often
    config = CONFIG.model_copy(update={"samples": 6, "max_new_tokens": 12})
    dropped = generate(lm, prompts, tiny_iti(), STRENGTHS, config)
    monkeypatch.setattr(engine, "_DROP_SHARE", 2.0)
    kept = generate(lm, prompts, tiny_iti(), STRENGTHS, config)
    assert dropped.texts == kept.texts
    lengths = (dropped.tokens >= 0).sum(-1)
    assert lengths.min() < 12 and lengths.max() > lengths.min()
    assert not (dropped.tokens == 0).any(), "the end token is not part of a continuation"


def test_random_numbers_are_shared_across_strengths_and_nested_in_samples() -> None:
    model, tokenizer, prompts = tiny_model(), tiny_tokenizer(), invented_texts(4)
    lm = LanguageModel.of(model, tokenizer)
    same = generate(lm, prompts, tiny_iti(), (0.0, 0.0), CONFIG)
    assert all(prompt[0] == prompt[1] for prompt in same.texts)
    more = generate(
        lm,
        prompts[::-1],
        tiny_iti(),
        (5.0, 0.0),
        CONFIG.model_copy(update={"samples": 5}),
    )
    for forward, backward in zip(same.texts, more.texts[::-1], strict=True):
        assert forward[0] == backward[1][:3]
    other = generate(lm, prompts, tiny_iti(), (0.0,), CONFIG.model_copy(update={"seed": 2}))
    assert [p[0] for p in other.texts] != [p[0] for p in same.texts]


def test_first_token_has_the_truncated_distribution() -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    config = GenerationConfig(samples=4000, max_new_tokens=1)
    tokens = generate(lm, ["mila"], Unsteered(), (0.0,), config).tokens[0, 0, :, 0]
    with torch.inference_mode():
        p = torch.softmax(model(torch.tensor([tokenizer("mila")["input_ids"]])).logits[0, -1], -1).numpy()
    order = np.argsort(-p)
    nucleus = order[: int((p[order].cumsum() < 0.9).sum()) + 1]
    tokens = np.where(tokens < 0, 0, tokens)
    assert set(tokens) <= set(nucleus)
    for token in nucleus[:5]:
        expected = p[token] / p[nucleus].sum()
        assert abs((tokens == token).mean() - expected) < 4 * np.sqrt(expected / 4000)


@pytest.mark.parametrize("kind", ["gpt2", "olmo3-sliding"])
def test_other_architectures(kind: str) -> None:
    torch.manual_seed(0)
    model: PreTrainedModel
    if kind == "gpt2":
        model = GPT2LMHeadModel(
            GPT2Config(vocab_size=257, n_embd=32, n_layer=2, n_head=2, n_positions=64, eos_token_id=0)
        )
    else:
        config = Olmo3Config(
            vocab_size=257, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
            layer_types=["sliding_attention", "full_attention"], sliding_window=4, max_position_embeddings=64,
            bos_token_id=0, eos_token_id=0, pad_token_id=None,
        )  # fmt: skip
        model = Olmo3ForCausalLM(config)
    model.train(False)
    tokenizer, prompts = tiny_tokenizer(), ["mila tano", "zu", "kopisure"]
    lm = LanguageModel.of(model, tokenizer)
    found = generate(lm, prompts, Unsteered(), (0.0,), CONFIG)
    uniforms = keyed_uniforms(prompts, 3, 6, seed=1)
    for p, prompt in enumerate(prompts):
        for n in range(3):
            expected = _reference(model, tokenizer(prompt)["input_ids"], Unsteered(), 0.0, uniforms[p, n])
            assert [t for t in found.tokens[p, 0, n].tolist() if t >= 0] == expected


def test_long_prompts_are_cut_from_the_left_but_not_their_prefix() -> None:
    model, tokenizer = tiny_model(context=24), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    config = GenerationConfig(samples=2, max_new_tokens=8)
    long, cut = "a" * 30 + "mila tano zupi k", "mila tano zupi k"
    found = generate(lm, [long], Unsteered(), (0.0,), config)
    assert found.truncated == 1
    uniforms = keyed_uniforms([long], 2, 8, seed=0)
    expected = _reference(model, tokenizer(cut)["input_ids"], Unsteered(), 0.0, uniforms[0, 0])
    assert [t for t in found.tokens[0, 0, 0].tolist() if t >= 0] == expected
    prompted = generate(lm, [long], Prompting("kind: "), (0.0,), config)
    ids = tokenizer("kind: " + cut[-10:])["input_ids"]
    expected = _reference(model, ids, Unsteered(), 0.0, uniforms[0, 0])
    assert [t for t in prompted.tokens[0, 0, 0].tolist() if t >= 0] == expected


@pytest.mark.parametrize(
    ("prompts", "strengths", "prefix", "message"),
    [
        ([], (0.0,), "", "no prompts"),
        (["a"], (), "", "no strengths"),
        (["a" * 40], (0.0,), "k" * 60, "no room"),
    ],
)
def test_bad_input(prompts: list[str], strengths: tuple[float, ...], prefix: str, message: str) -> None:
    with pytest.raises(HormesisError, match=message):
        generate(LanguageModel.of(tiny_model(), tiny_tokenizer()), prompts, Prompting(prefix), strengths, CONFIG)


def test_empty_prompt_starts_from_the_start_token() -> None:
    found = generate(LanguageModel.of(tiny_model(), tiny_tokenizer()), [""], Unsteered(), (0.0,), CONFIG)
    assert found.texts[0][0]
    with pytest.raises(HormesisError, match="prompt 0 is empty"):
        generate(LanguageModel.of(tiny_model(), tiny_tokenizer(end=False)), [""], Unsteered(), (0.0,), CONFIG)


def test_a_diverged_model_is_an_error() -> None:
    model = tiny_model()
    with torch.no_grad():
        model.lm_head.weight.fill_(float("nan"))
    with pytest.raises(HormesisError, match="not finite"):
        generate(LanguageModel.of(model, tiny_tokenizer()), ["mila"], Unsteered(), (0.0,), CONFIG)


def test_training_mode_is_restored_and_progress_told() -> None:
    model = tiny_model().train()
    told: list[tuple[int, int]] = []
    generate(
        LanguageModel.of(model, tiny_tokenizer()), ["a", "bc", "d"], Unsteered(), (0.0,),
        CONFIG.model_copy(update={"batch_prompts": 2}),
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert model.training and told == [(2, 3), (3, 3)]


def test_the_prefix_is_read_once_for_all_strengths(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    lm = LanguageModel.of(model, tokenizer)
    widths: list[tuple[int, int]] = []
    assert lm.decoding == Decoding(cached=True, padded=True)
    model.register_forward_hook(
        lambda _m, _a, keywords, _o: widths.append(tuple(keywords["input_ids"].shape)), with_kwargs=True
    )
    with torch.no_grad():
        model.lm_head.weight[0] = 0
    entered: list[int] = []
    apply = Unsteered.apply

    def watched(
        self: Unsteered, model: PreTrainedModel, strength: Tensor, **kept: Tensor
    ) -> AbstractContextManager[None]:
        entered.append(len(strength))
        return apply(self, model, strength, **kept)

    monkeypatch.setattr(Unsteered, "apply", watched)
    generate(lm, ["mila", "tano"], Unsteered(), (0.0, 1.0), CONFIG)
    assert widths == [(2, 3), (4, 1)] + [(12, 1)] * 5
    assert entered == [2, 4, 12], "a second stream would see the prompt, too"


class _Scaled:
    """Scales the output matrix: an intervention whose rows must share a strength, as one of weights."""

    name, rowwise, reserved_tokens = "scaled", False, 0

    def prepare(self, prompt: str) -> str:
        return prompt

    @contextmanager
    def apply(self, model: PreTrainedModel, strength: float | Tensor, **_: Tensor) -> Iterator[None]:
        (one,) = set(torch.as_tensor(strength).flatten().tolist())
        weight = model.lm_head.weight
        kept = weight.detach().clone()
        with torch.no_grad():
            weight.mul_(1 + one)
        yield
        with torch.no_grad():
            weight.copy_(kept)


def test_strengths_that_rows_cannot_mix_are_taken_one_by_one() -> None:
    model, tokenizer, prompts = tiny_model(sharpness=1.0), tiny_tokenizer(), invented_texts(5)
    lm = LanguageModel.of(model, tokenizer)
    found = generate(lm, prompts, _Scaled(), (0.0, 30.0), CONFIG)  # type: ignore[arg-type]
    for place, strength in enumerate((0.0, 30.0)):
        alone = generate(lm, prompts, _Scaled(), (strength,), CONFIG)  # type: ignore[arg-type]
        assert np.array_equal(found.tokens[:, place], alone.tokens[:, 0])
    assert not np.array_equal(found.tokens[:, 0], found.tokens[:, 1])
    costs = language_model_cost(lm, prompts, _Scaled(), (0.0, 3.0), domain="x").frame  # type: ignore[arg-type]
    assert (costs[costs["strength"] == 0]["kl"] == 0).all() and (costs[costs["strength"] == 3]["kl"] > 0).all()
