from __future__ import annotations

import dataclasses
import subprocess
import sys
from importlib.metadata import version

import pytest
from pydantic import ValidationError

from hormesis.errors import HormesisError
from hormesis.pretrain import (
    PRESETS,
    TrainingConfig,
    embedding_rows,
    estimate,
    model_config,
    parameter_count,
    presets,
    shape_hash,
)


def test_olmo2_1b_is_the_released_model() -> None:
    model = model_config("olmo2-1b", embedding_rows("olmo2-1b", 100_278)).build(init_device="meta")
    assert sum(parameter.numel() for parameter in model.parameters()) == 1_484_916_736
    assert parameter_count("olmo2-1b", 100_352) == 1_484_916_736


@pytest.mark.parametrize(
    ("preset", "vocabulary", "least", "most"), [("micro", 1024, 0.9e6, 1.2e6), ("tiny", 4096, 2e6, 4e6)]
)
def test_small_presets_are_as_large_as_they_say(preset: str, vocabulary: int, least: float, most: float) -> None:
    assert least <= parameter_count(preset, vocabulary) <= most


def test_the_ladder_grows() -> None:
    sizes = [parameter_count(name, 4096) for name in PRESETS]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_size_that_is_written_down_is_that_of_the_model(preset: str) -> None:
    assert parameter_count(preset, 384) == model_config(preset, 384).num_params


def test_a_redefined_preset_is_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: shape_hash(name) for name in PRESETS}
    assert len(set(before.values())) == len(PRESETS)
    monkeypatch.setattr(presets, "PRESETS", {**PRESETS, "tiny": PRESETS["micro"]})
    assert shape_hash("tiny") == before["micro"] != before["tiny"]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_shape_that_is_written_down_is_the_one_that_olmo_core_builds(preset: str) -> None:
    assert shape_hash(preset) == presets.built_shape(preset)
    presets.check_shape(preset)


def test_nothing_is_trained_where_olmo_core_builds_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = dataclasses.replace(PRESETS["micro"], build=PRESETS["tiny"].build)
    monkeypatch.setattr(presets, "PRESETS", {**PRESETS, "micro": changed})
    with pytest.raises(HormesisError, match=rf"OLMo-core {version('ai2-olmo-core')} builds another model"):
        presets.check_shape("micro")


def test_presets_and_training_configs_need_no_olmo_core() -> None:
    code = """
import sys
for heavy in ("torch", "transformers", "olmo_core"):
    sys.modules[heavy] = None
from hormesis.pretrain import PRESETS, TrainingConfig, shape_hash
assert len({shape_hash(name) for name in PRESETS}) == len(PRESETS)
TrainingConfig(preset="tiny")
from hormesis.pretrain import parameter_count
assert parameter_count("tiny", 4096) == 2_039_424
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_every_preset_is_an_olmo2() -> None:
    for name in PRESETS:
        block = model_config(name, 256).as_config_dict()["block"]
        assert block["layer_norm"]["eps"] == 1e-6
        assert block["name"] == "reordered_norm"
        assert block["sequence_mixer"]["rope"]["theta"] == 500_000
        assert block["sequence_mixer"]["qk_norm"]["eps"] == 1e-6


def test_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(HormesisError, match="olmo2-1b"):
        model_config("olmo2-1B", 64)
    with pytest.raises((HormesisError, ValidationError)):
        TrainingConfig(preset="huge")


def test_unknown_and_contradictory_settings_are_refused() -> None:
    with pytest.raises(ValidationError):
        TrainingConfig.model_validate({"learning_rat": 1e-3})
    with pytest.raises(ValidationError, match="microbatch_rows"):
        TrainingConfig(batch_rows=32, microbatch_rows=5)


def test_estimate_counts_whole_batches_and_six_flops_a_weight() -> None:
    cost = estimate(TrainingConfig(preset="micro", batch_rows=32), vocabulary=4096, rows=32 * 10 + 31)
    assert (cost.steps, cost.tokens) == (10, 10 * 32 * 128)
    matrices = cost.parameters - 4096 * 128  # the embedding is looked up, not multiplied
    assert 6 * matrices <= cost.flops / cost.tokens <= 8 * matrices
    assert cost.memory_bytes > 16 * cost.parameters
