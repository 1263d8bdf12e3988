"""Texts are letters, joined by ids; what a tokenizer puts before them stays, what it puts behind them is not read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from hormesis.attacks.vocabulary import target_ids
from hormesis.detox import Prompting, Unsteered
from hormesis.detox.pairs import PreferencePair
from hormesis.detox.weights.dpo import PreferenceConfig, _examples
from hormesis.detox.weights.tuning import text_ids
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig, generate
from hormesis.evaluate.encoding import encode_prompts
from hormesis.models import LanguageModel, ids_behind, leading_ids, load, texts_behind, token_ids
from hormesis.representation import capture_heads
from tests.evaluate.tiny import tiny_model, tiny_tokenizer
from tests.models.tokenizing import llama_like


def pieces(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> list[str]:
    return [str(tokenizer.convert_ids_to_tokens(token)) for token in ids]


def lm_of(tokenizer: PreTrainedTokenizerFast, *, context: int = 64, chat: bool = False) -> LanguageModel:
    model = tiny_model(context=context)
    model.resize_token_embeddings(400)
    return LanguageModel.of(model, tokenizer, chat=chat)


def test_what_spells_a_special_token_is_letters_everywhere() -> None:
    tokenizer = llama_like()
    letters = ["▁", "a", "b", "<0x3C>", "<0x2F>", "s", "<0x3E>", "c", "d"]
    assert pieces(tokenizer, token_ids(tokenizer, "ab</s>cd")) == ["<s>", *letters]
    assert pieces(tokenizer, text_ids(tokenizer, ["ab</s>cd"])[0]) == letters
    assert pieces(tokenizer, encode_prompts(lm_of(tokenizer), ["ab</s>cd"], Unsteered(), 2).ids[0]) == ["<s>", *letters]


def test_a_text_ends_in_its_own_last_token() -> None:
    """A post-processor adds eos; it is neither continued nor captured."""
    ends, plain = lm_of(llama_like()), lm_of(llama_like(ends=False))
    assert leading_ids(ends.tokenizer) == (1,)
    assert ends.token_ids("mild text") == plain.token_ids("mild text")
    assert pieces(ends.tokenizer, ends.token_ids("mild text")) == ["<s>", "▁mild", "▁text"]
    texts = ["mild text", "is here", "sure"]
    assert torch.equal(capture_heads(ends, texts).values, capture_heads(plain, texts).values)
    assert torch.equal(
        capture_heads(ends, ["sure is mild", "sure"], max_length=3).values,
        capture_heads(ends, ["sure is", "sure"]).values,
    )


def test_bos_stays_where_a_prompt_is_cut() -> None:
    lm = lm_of(llama_like(), context=8)
    long = "mild text " * 6 + "is here"
    (bare,) = encode_prompts(lm, [long], Unsteered(), 3).ids
    assert pieces(lm.tokenizer, bare) == ["<s>", "▁mild", "▁text", "▁is", "▁here"]
    (prefixed,) = encode_prompts(lm, [long], Prompting("sure "), 3).ids
    assert pieces(lm.tokenizer, prefixed)[:2] == ["<s>", "▁sure"]
    assert pieces(lm.tokenizer, prefixed)[-2:] == ["▁is", "▁here"]
    assert len(prefixed) == len(bare) == 5


@pytest.mark.parametrize("text", [" sure here", "make", "", "  make", "\nhow", "ab</s>cd", "é!"])
def test_ids_behind_others_spell_the_text(text: str) -> None:
    for tokenizer in (llama_like(), tiny_tokenizer()):
        before = token_ids(tokenizer, "mild")
        assert texts_behind(tokenizer, before, [ids_behind(tokenizer, text)]) == [text]
    assert ids_behind(tiny_tokenizer(), text) == token_ids(tiny_tokenizer(), text, special=False)


def test_a_target_is_no_space_too_much() -> None:
    assert pieces(llama_like(), target_ids(lm_of(llama_like()), "sure here")) == ["▁sure", "▁here"]


def test_a_continuation_keeps_the_space_before_it() -> None:
    """So that prompt and continuation can be put together again, and tuned on: prompt + text is what was generated."""
    lm = lm_of(llama_like(ends=False))
    found = generate(lm, ["is how", "text"], Unsteered(), (0.0,), GenerationConfig(samples=6, max_new_tokens=3))
    for prompt, samples, tokens in zip(found.prompts, found.texts, found.tokens, strict=True):
        for text, row in zip(samples[0], tokens[0].tolist(), strict=True):
            own = [token for token in row if token >= 0]
            whole = lm.tokenizer.decode([*lm.token_ids(prompt), *own], skip_special_tokens=True)
            assert prompt + text == whole


def test_pairs_are_tuned_on_as_they_stand() -> None:
    tokenizer = llama_like()
    pair = PreferencePair("here is how", " make mild", "make")
    columns = _examples(tokenizer, [pair], PreferenceConfig(whole=False))
    shown = {name: pieces(tokenizer, ids[0]) for name, ids in columns.items()}
    assert shown["prompt_ids"] == ["<s>", "▁here", "▁is", "▁how"]
    assert shown["chosen_ids"] == ["▁make", "▁mild"]
    assert shown["rejected_ids"] == ["make"]


def test_a_prompt_is_a_turn_of_a_chat() -> None:
    tokenizer = llama_like(chat=True)
    lm = lm_of(tokenizer, chat=True)
    turn = [{"role": "user", "content": "mild text"}]
    whole = tokenizer.apply_chat_template(turn, add_generation_prompt=True, return_dict=False)
    assert list(lm.prompt_ids("mild text")) == whole
    assert encode_prompts(lm, ["mild text"], Unsteered(), 3).ids == (tuple(whole),)
    assert lm.token_ids("mild text") == token_ids(tokenizer, "mild text"), "plain texts stay as they are"
    inside = lm.prompt_ids("mild</s>text")
    assert tokenizer.decode(list(inside), skip_special_tokens=True).count("</s>") == 1, "no turn is ended by words"
    plain = capture_heads(lm_of(tokenizer), ["mild text"])
    turned = capture_heads(lm, ["mild text"])
    assert not torch.equal(plain.values, turned.values)
    cut = encode_prompts(lm_of(tokenizer, context=30, chat=True), ["mild text " * 30], Unsteered(), 3).ids[0]
    assert len(cut) == 27
    assert cut[: len(lm.frame[0]) - 1] == lm.frame[0][:-1] and cut[-len(lm.frame[1]) :] == lm.frame[1]


def test_a_base_model_has_no_chat() -> None:
    with pytest.raises(HormesisError, match="no chat template"):
        load(tiny_model(), tiny_tokenizer(), chat=True)
