"""The way through a notebook, in ten lines, and nothing printed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from datasets import Dataset
from matplotlib.figure import Figure

import hormesis as hm
from hormesis.corpus import Prompt
from hormesis.evaluate import NgramScorer
from tests.evaluate.tiny import invented_texts, tiny_model, tiny_tokenizer


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    texts = invented_texts(80, seed=1)
    return pd.DataFrame(
        {
            "said": [f"{text} {('koko', 'zuzu')[place % 2]}" for place, text in enumerate(texts)],
            "human": [1.0 if place % 2 == 0 else 4.0 for place in range(80)],
            "who": [f"group {place // 2 % 16}" for place in range(80)],
        }
    )


def test_ten_lines_lead_from_a_model_to_a_frontier(
    frame: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calm = invented_texts(12, seed=2)
    judge = NgramScorer.fit(
        [f"{text} koko" for text in calm] + [f"{text} zuzu" for text in calm], [False] * 12 + [True] * 12
    )
    model = tiny_model().train()

    lm = hm.load(model, tiny_tokenizer())
    toxic = hm.concept(frame, text="said", label="human", threshold=2.5, group="who")
    iti = hm.fit("iti", lm, toxic, heads=2)
    ids = torch.tensor([[5, 6, 7]])
    plain = lm.model(ids).logits
    with hm.steer(lm, iti, 8.0):
        steered = lm.model(ids).logits
    said = hm.generate(lm, calm[:2], iti, strength=(0.0, 8.0), max_new_tokens=3)
    costs = hm.cost(lm, calm, iti, strengths=[2.0, 4.0])
    rows = hm.measure(
        lm,
        [hm.Setting(iti, (2.0, 4.0))],
        prompts={"calm": [Prompt(text) for text in calm]},
        texts={"clean": calm},
        scorers=[judge],
    )
    figure = hm.frontier(rows, title="tiny")

    assert not model.training and not torch.equal(plain, steered)
    assert np.shape(said.texts) == (2, 2, 1)
    assert costs["strength"].tolist() == [2.0, 4.0] and (costs["ce_cost_low"] <= costs["ce_cost"]).all()
    assert isinstance(figure, Figure) and figure._repr_png_().startswith(b"\x89PNG")
    iti.save(tmp_path / "iti")
    assert hm.load_intervention(tmp_path / "iti").name == "iti"
    assert capsys.readouterr() == ("", "")


def test_a_concept_is_the_same_from_a_file_a_frame_and_a_dataset(frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.to_parquet(tmp_path / "c.parquet")
    given = {"text": "said", "label": "human", "threshold": 2.5, "group": "who", "limit": 30}
    one, *others = (
        hm.concept(source, **given)  # type: ignore[arg-type]
        for source in (tmp_path / "c.parquet", str(tmp_path / "c.parquet"), frame, Dataset.from_pandas(frame))
    )
    for other in others:
        assert one.texts == other.texts and one.groups == other.groups and (one.labels == other.labels).all()
    with pytest.raises(hm.HormesisError, match="which column"):
        hm.concept(frame)
    with pytest.raises(hm.HormesisError, match="no column 'text'"):
        hm.concept(frame, label="human")


def test_progress_is_told_and_drawn_while_it_lasts() -> None:
    lm = hm.load(tiny_model(), tiny_tokenizer())
    seen: list[tuple[int, int]] = []
    hm.cost(lm, ["mila ta"], hm.fit("prompting", lm), strengths=[1.0], progress=lambda *at: seen.append(at))
    with hm.told("reads texts") as progress:
        progress(1, 2)
    assert seen and seen[-1][0] == seen[-1][1]


def test_the_face_is_known_without_loading_anything() -> None:
    assert {"load", "concept", "fit", "steer", "generate", "cost", "measure", "frontier"} <= set(dir(hm))
    assert hm.__version__
