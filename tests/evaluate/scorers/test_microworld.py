"""The microworld's scorer is the truth."""

from __future__ import annotations

from hormesis.corpus import Microworld, MicroworldConfig
from hormesis.evaluate import MicroworldScorer


def test_microworld_scorer_is_the_truth() -> None:
    world = Microworld()
    scorer = MicroworldScorer(world)
    texts = [document.text for document in world.toxic(30)]
    assert scorer.score(texts).tolist() == [world.toxicity(text) for text in texts]
    assert scorer.score(texts).max() > 0
    assert scorer.revision != MicroworldScorer(Microworld(MicroworldConfig(heat=0.3))).revision
