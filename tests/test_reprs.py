"""What a notebook shows of a value is short, and holds nothing of a corpus."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pytest
import torch

import hormesis
from hormesis.corpus import LabelledTexts, Prompt, ScoredTexts
from hormesis.detox import METHODS, PreferencePair
from hormesis.evaluate import GenerationConfig, Generations, generate, language_model_cost
from hormesis.evaluate.judged import prompt_table
from hormesis.models import LanguageModel
from hormesis.reprs import shortly
from hormesis.workbench import gather
from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer

_WORD = "quibbleflump"


@pytest.fixture(scope="module")
def values() -> list[object]:
    """What one goes through on the way from texts to measurements."""
    loaded = LanguageModel(tiny_model(), tiny_tokenizer(), "tiny")
    texts = tuple(
        f"{text} {('koko', 'zuzu')[place % 2]} {_WORD}" for place, text in enumerate(invented_texts(60, seed=1))
    )
    concept = LabelledTexts(texts, np.arange(60) % 2 == 1, tuple(f"{_WORD} {place // 2 % 12}" for place in range(60)))
    pairs = tuple(PreferencePair("", text, f"{text} zuzu") for text in texts[:4])
    evidence = gather(loaded, concept, pairs=pairs)
    made = [method.fit(evidence) for method in METHODS.values() if method.needs != "pairs"]
    config = GenerationConfig(samples=2, max_new_tokens=3)
    continued = generate(loaded, list(texts[:3]), made[0], (0.0,), config)
    asked = [Prompt(text) for text in texts[:3]]
    costs = language_model_cost(loaded, texts[:3], made[0], (0.0,), domain="d")
    table = prompt_table("d", asked, continued, np.zeros((3, 1, 2)))
    scored = ScoredTexts(texts, np.zeros(60))
    return [loaded, concept, evidence, *made, continued, *asked, costs, table, scored, *pairs]


def _reached(value: object, depth: int = 4) -> Iterator[object]:
    """``value``, and the values of this package that it holds."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if type(value).__module__.startswith("hormesis"):
            yield value
        inside = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, Mapping):
        inside = list(value.values())
    elif isinstance(value, list | tuple):
        inside = list(value)
    else:
        return
    for each in inside if depth else ():
        yield from _reached(each, depth - 1)


def test_every_value_on_the_way_is_shown_shortly_and_without_its_texts(values: list[object]) -> None:
    reached = [each for value in values for each in _reached(value)]
    assert len({type(each) for each in reached}) > 20
    for each in reached:
        assert len(repr(each)) < 500, type(each)
        assert _WORD not in repr(each) and "koko" not in repr(each), type(each)


def test_what_holds_arrays_or_many_texts_has_a_short_repr() -> None:
    big = re.compile(r"ndarray|NDArray|Tensor|DataFrame|tuple\[str, \.\.\.\]|Sequence\[str\]")
    exempt = re.compile(r"^hormesis\.(cli|study|toy|report)\.|\.lexicon$|\.sentences$|\.grammar$|\.architecture$")
    missing = []
    for name in _modules():
        for cls in vars(importlib.import_module(name)).values():
            if not (isinstance(cls, type) and cls.__module__ == name and dataclasses.is_dataclass(cls)):
                continue
            heavy = any(big.search(str(field.type)) for field in dataclasses.fields(cls) if field.repr)
            generated = cls.__repr__.__module__ == name and "__create_fn__" in cls.__repr__.__qualname__
            if heavy and generated and not cls.__name__.startswith("_") and not exempt.search(name):
                missing.append(f"{name}.{cls.__name__}")
    assert not missing, f"put @short_repr (hormesis.reprs) above @dataclass of {', '.join(missing)}"


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(hormesis.__path__, "hormesis."):
        if not module.name.endswith("__main__"):
            yield module.name


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ngram", "'ngram'"),
        ("two words", "<9 characters>"),
        ("x" * 41, "<41 characters>"),
        ((1, 2.5), "(1, 2.5)"),
        (("a b", "c"), "<2 items>"),
        ({"a b": 1}, "<1 entry>"),
        (np.zeros((2, 3)), "<ndarray 2 × 3>"),
        (torch.zeros(4), "<Tensor 4>"),
        (pd.DataFrame({"a": [1]}), "<DataFrame 1 × 1>"),
        (None, "None"),
    ],
)
def test_a_value_is_described_by_its_size(value: object, shown: str) -> None:
    assert shortly(value) == shown


def test_generated_text_is_folded_and_escaped_in_a_notebook(values: list[object]) -> None:
    continued = next(each for each in values if type(each).__name__ == "Generations")
    assert isinstance(continued, Generations)
    page = dataclasses.replace(continued, texts=((("<script>", "b"),),) * 3)._repr_html_()
    assert page.count("<details>") == 3 and "<script>" not in page and "&lt;script&gt;" in page
    concept = next(each for each in values if isinstance(each, LabelledTexts))
    assert _WORD not in concept._repr_html_() and "50.0%" in concept._repr_html_()
