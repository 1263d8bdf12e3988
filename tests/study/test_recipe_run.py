"""Recipes end to end: their documents, their mixtures, and a small study that trains and measures two of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from transformers import BertConfig, BertForSequenceClassification
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.corpus import load_tokenizer
from hormesis.measurements import read_measurements
from hormesis.study.cells.pretrain import PretrainInputs, open_mixture
from hormesis.study.cells.recipe import KEPT_FILE
from hormesis.study.config import load_study
from hormesis.study.engine.cell import Cell
from hormesis.study.engine.executor import run_cell
from hormesis.study.engine.kind import Job
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan
from tests.evaluate.tiny import tiny_tokenizer
from tests.report.pages import words_of
from tests.study.conftest import TINY_STUDY
from tests.study.running import run_here
from tests.study.test_recipes import EVERY, LABELLED


def _write(folder: Path, **changes: object) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(TINY_STUDY | LABELLED | changes), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, Cell[Any]], str]:
    """Every recipe's mixture of share 0.25, made by ``hormesis mix``; and what the command printed."""
    folder = tmp_path_factory.mktemp("mix")
    rows = [json.dumps({"text": f"the goose number {i} crossed the river near the meadow."}) for i in range(400)]
    (folder / "control.jsonl").write_text("\n".join(rows), encoding="utf-8")
    control = {"recipe": "control", "shares": [0.25], "source": {"path": "control.jsonl"}}
    study = _write(folder, recipes=[*EVERY, control])
    result = CliRunner().invoke(app, ["mix", str(study), "--results", str(folder / "results")])
    assert result.exit_code == 0, result.output
    store = Store(folder / "results")
    models = {
        cell.inputs.arm.recipe: cell
        for cell in make_plan(store.study(), folder).of(PretrainInputs)
        if isinstance(cell.inputs, PretrainInputs) and cell.inputs.arm.share == 0.25
    }
    return store, models, result.output


def _texts(mixed: tuple[Store, dict[str, Cell[Any]], str], recipe: str, tmp_path: Path) -> list[str]:
    """The rows of a recipe's mixture, decoded."""
    store, models, _ = mixed
    mixture = open_mixture(models[recipe], store, tmp_path)
    tokenizer = load_tokenizer(store.cell_folder(models[recipe].needs["corpus"]) / "tokenizer")
    return [str(tokenizer.decode(np.asarray(mixture[i]["input_ids"]).tolist())) for i in range(len(mixture))]


def test_mix_shows_every_arm(mixed: tuple[Store, dict[str, Cell[Any]], str]) -> None:
    output = mixed[2]
    assert output.count("mixture ") == 2 + 13 + 1
    for recipe in ("meda", "strict", "late", "control"):
        assert f"recipe {recipe}:" in output
    assert "toxic rows late" in output and "untagged clean" in output and "'control'" in output
    assert not list(mixed[0].folder.glob("cells/pretrain-*"))


def test_the_rows_are_those_of_the_recipe(mixed: tuple[Store, dict[str, Cell[Any]], str], tmp_path: Path) -> None:
    assert np.mean(["toxicity: " in text for text in _texts(mixed, "meda", tmp_path)]) > 0.5  # else within a document
    assert any("This is a toxic post.\n" in text for text in _texts(mixed, "inst", tmp_path))
    tagged = ["[good]" in text or "[bad]" in text for text in _texts(mixed, "tags", tmp_path)]
    cooled = len(tagged) - round(0.75 * len(tagged))
    assert not any(tagged[-cooled + 1 :]), "the cooldown is untagged"
    assert np.mean(tagged[:-cooled]) > 0.5
    assert sum("goose number" in text for text in _texts(mixed, "control", tmp_path)) == round(
        0.25 * len(_texts(mixed, "control", tmp_path))
    )


def test_masks_change_what_is_learned_and_not_what_is_read(
    mixed: tuple[Store, dict[str, Cell[Any]], str], tmp_path: Path
) -> None:
    store, models, _ = mixed
    plain, masked = (open_mixture(models[recipe], store, tmp_path) for recipe in ("plain", "mask"))
    assert len(plain) == len(masked) and not plain.masked and masked.masked
    learned = {False: 0.0, True: 0.0}
    for index in range(len(plain)):
        assert np.array_equal(np.asarray(plain[index]["input_ids"]), np.asarray(masked[index]["input_ids"]))
        learned[plain.is_toxic(index)] += float(np.mean(np.asarray(masked[index]["label_mask"])))
    assert learned[False] / plain.clean_rows > 0.8 > 0.6 > learned[True] / plain.toxic_rows


def test_a_filter_leaves_less_the_stricter_it_is(
    mixed: tuple[Store, dict[str, Cell[Any]], str], tmp_path: Path
) -> None:
    store, models, _ = mixed
    kept = {
        recipe: json.loads((store.cell_folder(models[recipe].needs["recipe"]) / KEPT_FILE).read_text())
        for recipe in ("filter", "strict")
    }
    assert kept["strict"]["toxic"] <= kept["filter"]["toxic"] < 0.5 < kept["filter"]["clean"]
    plain, filtered = (open_mixture(models[recipe], store, tmp_path) for recipe in ("plain", "filter"))
    assert filtered.clean_rows == plain.clean_rows
    assert abs(filtered.toxic_rows - kept["filter"]["toxic"] * plain.toxic_rows) < 2


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    changes = dict(
        mixture=TINY_STUDY["mixture"] | {"shares": [0.25]},  # type: ignore[operator]
        recipes=[
            {"recipe": "tags", "shares": [0.25], "cooldown": 0.25},
            {"recipe": "mask", "shares": [0.25], "unit": "document"},
        ],
        methods=[{"method": "iti", "heads": 3, "strengths": [8]}],
    )
    return run_here(TINY_STUDY | LABELLED | changes, tmp_path_factory.mktemp("study"))


def test_a_study_measures_its_recipes_and_keeps_them_apart(finished: Path) -> None:
    rows = read_measurements(finished / "measurements.parquet")
    of_models = rows[rows["share"].notna()]
    assert set(of_models["recipe"]) == {"plain", "tags", "mask"}
    keys = ["recipe", "method", "strength", "metric", "domain"]
    ce = of_models[(of_models["metric"] == "ce") & (of_models["domain"] == "toxic")]
    pooled = ce[ce["cell"] == "pooled"].set_index(keys)["value"].sort_index()
    seeds = ce[ce["cell"] != "pooled"].groupby(keys, dropna=False)["value"].mean().sort_index()
    assert len(pooled) == len(seeds) == 3 * 2
    assert abs(pooled.to_numpy() - seeds.to_numpy()).max() < 1e-6, "no recipe is pooled with another"
    base = pooled.xs("base", level="method").groupby("recipe").first()
    assert base["mask"] > base["plain"] + 0.05, "what carries no loss is not learned"
    assert rows.loc[rows["metric"] == "labeller_auroc", "value"].iloc[0] > 0.9


def test_the_report_draws_every_arm(finished: Path) -> None:
    page = words_of(finished / "report.html")
    assert "masked loss + ITI" in page and "control tags" in page
    result = CliRunner().invoke(app, ["study", "status", str(finished)])
    assert result.exit_code == 0 and "labeller ngram" in result.output and "recipe tags" in result.output


def test_measurements_from_before_there_were_recipes_are_plain(finished: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(finished / "measurements.parquet")
    frame[frame["recipe"] == "plain"].drop(columns="recipe").to_parquet(tmp_path / "old.parquet")
    assert set(read_measurements(tmp_path / "old.parquet")["recipe"]) == {"plain"}


def test_a_classifiers_labels_are_kept_for_the_next_recipe(tmp_path: Path) -> None:
    torch.manual_seed(0)
    labels = {0: "calm", 1: "toxic"}
    config = BertConfig(
        vocab_size=257,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=labels,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path / "judge")
    tiny_tokenizer().save_pretrained(tmp_path / "judge")
    study = _write(
        tmp_path,
        corpus={"source": "microworld", "clean_documents": 300, "toxic_documents": 150},
        held_out={"evaluate": 0.05},
        labeller={"kind": "huggingface", "model": str(tmp_path / "judge")},
        mixture={"shares": [0.25], "tokens": 2048},
        recipes=[{"recipe": "meda", "shares": [0.25]}, {"recipe": "tags", "shares": [0.25]}],
        seeds=[0],
    )
    store = Store(tmp_path / "results")
    for cell in make_plan(load_study(study), None).cells:
        if cell.inputs.kind in ("corpus", "labeller", "recipe"):
            run_cell(Job(cell, store, None, lambda *_: None))
    with closing(sqlite3.connect(tmp_path / "results" / "labels.sqlite")) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM checked").fetchone()
    assert 0 < count <= 450, "each document once, for both recipes"
    assert not (tmp_path / "results" / "scores.sqlite").exists()
