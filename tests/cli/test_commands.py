"""The commands, as a user types them, on a real (tiny) model in a folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import torch
from transformers import AutoModelForCausalLM, BertConfig, BertModel
from typer.testing import CliRunner

from hormesis.cli import app, entry
from hormesis.detox import METHODS, FromOwnSamples, load_intervention
from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.models import load
from hormesis.representation import HeadProbes
from hormesis.workbench.comparing import fit_scorer
from tests.evaluate.capability.invented import arc_rows, blimp_rows, written
from tests.evaluate.tiny import invented_texts, tiny_tokenizer


def run(*arguments: object) -> str:
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found.output


def concept(bench: Path) -> tuple[object, ...]:
    return ("--concept", bench / "concept.jsonl", "--label", "label", "--group", "who")


@pytest.fixture(scope="session")
def scorer(bench: Path) -> Path:
    texts = ("--toxic", bench / "rough.jsonl", "--nontoxic", bench / "calm.jsonl", "--clean", bench / "calm.jsonl")
    said = run("scorer", *texts, "--out", bench / "judge", "--accept-scorer")
    assert "AUROC" in said and "clean text, cut" in said and "praise of an invented group" in said
    return bench / "judge"


def test_probe_writes_table_picture_and_artefact(bench: Path, tmp_path: Path) -> None:
    said = run("probe", bench / "model", *concept(bench), "--out", tmp_path / "p")
    assert "2 layers × 2 heads" in said and "residual" in said
    table = pd.read_parquet(tmp_path / "p" / "probes.parquet")
    assert len(table) == 2 * (2 * 2 + 2)  # parts × (heads + layers)
    for measure in ("accuracy", "auroc"):
        assert (table[f"{measure}_low"] <= table[measure]).all() and (table[measure] <= table[f"{measure}_high"]).all()
    best = table[(table["part"] == "test") & (table["site"] == "residual")]["accuracy"].max()
    assert best > 0.9, "the last token tells the two kinds of text apart"
    assert HeadProbes.load(tmp_path / "p" / "probes").accuracy.shape == (2, 2)
    assert (tmp_path / "p" / "heads.png").read_bytes().startswith(b"\x89PNG")


def test_detox_calibrates_describes_bakes_and_the_rest_takes_it(bench: Path, scorer: Path, tmp_path: Path) -> None:
    artefact, baked = tmp_path / "iti", tmp_path / "baked"
    said = run(
        *("detox", bench / "model", "--method", "iti", *concept(bench), "--heads", 2, "--out", artefact),
        *("--text", bench / "calm.jsonl", "--target", 0.05, "--bake", baked),
    )
    assert "input of model.layers." in said and "costs 0.0" in said and "baked" in said
    strength = json.loads((artefact / "intervention.json").read_text())["calibration"]["strength"]
    plain, loaded = load(baked), load(bench / "model")
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad(), load_intervention(artefact).apply(loaded.model, strength):
        steered = loaded.model(ids).logits
    with torch.no_grad():
        torch.testing.assert_close(plain.model(ids).logits, steered, rtol=1e-4, atol=1e-4)
    side_by_side = run("generate", bench / "model", "--with", artefact, "--prompt", "mila [b]", "--tokens", 5)
    assert "unsteered" in side_by_side and "mila [b]" in side_by_side
    said = run(
        *("evaluate", bench / "model", "--with", artefact, "--strength", 2, "--strength", 4, "--scorer", scorer),
        *("--rtp", bench / "rtp.jsonl", "--toxigen", bench / "toxigen.jsonl", "--limit", 8, "--samples", 2),
        *("--tokens", 4, "--text", f"calm={bench / 'calm.jsonl'}", "--documents", 10, "--out", tmp_path / "rows"),
    )
    assert "toxicity, rtp" in said and "ngram revision" in said
    assert "cross-entropy" in said and "KL (steered" in said
    rows = read_measurements(tmp_path / "rows" / "measurements.parquet")
    assert set(rows["method"]) == {"base", "iti"} and set(rows["domain"]) >= {"rtp", "toxigen", "toxigen/g0", "calm"}
    assert set(rows[rows["method"] == "iti"]["strength"]) == {2.0, 4.0}


def test_results_grow_method_by_method_if_they_are_measured_alike(bench: Path, scorer: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows"
    alike = (
        *("--scorer", scorer, "--rtp", bench / "rtp.jsonl", "--limit", 8, "--samples", 2, "--tokens", 4),
        *("--text", bench / "calm.jsonl", "--documents", 10, "--out", out),
    )
    for name in ("iti", "caa", "few-shot"):
        run("detox", bench / "model", "--method", name, *concept(bench), "--out", tmp_path / name)
        run("evaluate", bench / "model", "--with", tmp_path / name, "--strength", 1, *alike)
    rows = read_measurements(out / "measurements.parquet")
    assert set(rows["method"]) == {"base", "iti", "caa", "few-shot"}
    assert len(rows[(rows["method"] == "base") & (rows["metric"] == "emt") & (rows["domain"] == "rtp")]) == 1
    (picture,) = out.glob("frontier_rtp_ngram-*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    run("evaluate", bench / "model", "--with", tmp_path / "iti", "--strength", 1, *alike)
    again = read_measurements(out / "measurements.parquet")
    assert len(again) == len(rows), "measured again, in the place of what was there"
    with pytest.raises(HormesisError, match="another generation"):
        run("evaluate", bench / "model", "--with", tmp_path / "iti", "--strength", 1, *alike, "--samples", 3)
    run("detox", bench / "model", "--method", "iti", *concept(bench), "--heads", 3, "--out", tmp_path / "wider")
    with pytest.raises(HormesisError, match="another artefact of iti"):
        run("evaluate", bench / "model", "--with", tmp_path / "wider", "--strength", 1, *alike)


def test_nothing_but_an_artefact_is_overwritten(bench: Path, tmp_path: Path) -> None:
    for precious in (bench / "model", tmp_path):
        (tmp_path / "notes.txt").write_text("kept")
        with pytest.raises(HormesisError, match="nothing there is overwritten"):
            run("detox", bench / "model", *concept(bench), "--out", precious)
        with pytest.raises(HormesisError, match="nothing there is overwritten"):
            run(
                "detox",
                bench / "model",
                *concept(bench),
                "--out",
                tmp_path / "new",
                "--strength",
                1,
                "--bake",
                precious,
            )
    assert load(bench / "model").name == "model" and (tmp_path / "notes.txt").read_text() == "kept"


OF_OWN_SAMPLES = {name for name in METHODS if issubclass(METHODS[name].options, FromOwnSamples)}  # below


@pytest.mark.parametrize("name", sorted(set(METHODS) - OF_OWN_SAMPLES))
def test_every_method_can_be_made(name: str, bench: Path, tmp_path: Path) -> None:
    needs = {
        "nothing": (),  # no concept either: its texts would be read for nothing
        "pairs": ("--pairs", bench / "pairs.jsonl", "--steps", 2),
        "labelled texts": concept(bench),
    }[METHODS[name].needs]
    run("detox", bench / "model", "--method", name, *needs, "--out", tmp_path / name)
    assert load_intervention(tmp_path / name).name == name
    assert name in run("methods")


def test_two_scorers_of_two_kinds_share_no_text(bench: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=257, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config).save_pretrained(tmp_path / "bert")
    tiny_tokenizer().save_pretrained(tmp_path / "bert")
    texts = ("--toxic", bench / "rough.jsonl", "--nontoxic", bench / "calm.jsonl", "--accept-scorer")
    run("scorer", *texts, "--half", "first", "--out", tmp_path / "counts")
    said = run("scorer", *texts, "--half", "second", "--encoder", tmp_path / "bert", "--out", tmp_path / "reads")
    numbers = [int(number) for number in re.findall(r"on (\d+) toxic and (\d+)", said)[0]]
    assert all(30 < number < 90 for number in numbers), "about half of 120"
    measured = ("--rtp", bench / "rtp.jsonl", "--limit", 4, "--samples", 2, "--tokens", 4)
    scorers = ("--scorer", tmp_path / "counts", "--scorer", tmp_path / "reads")
    run("evaluate", bench / "model", *measured, *scorers, "--out", tmp_path / "results")
    rows = read_measurements(tmp_path / "results" / "measurements.parquet")
    assert set(rows["scorer"].dropna()) == {"ngram", "reads"}
    with pytest.raises(HormesisError, match="n-grams are fitted"):
        run("scorer", *texts, "--batch", 4, "--out", tmp_path / "no-batch")
    rough, calm = ([f"{word} river {place}" for place in range(40)] for word in ("rough", "calm"))
    steps: list[int] = []
    fit_scorer(
        rough, calm, tmp_path / "small-steps", str(tmp_path / "bert"), accept=True, batch=4,
        progress=lambda _, whole: steps.append(whole),
    )  # fmt: skip
    assert set(steps) == {18}, "nine tenths of 80 texts, four a step"


def test_a_models_own_continuations_become_pairs_to_learn_from(bench: Path, scorer: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    run(
        *("pairs", bench / "model", "--rtp", bench / "rtp.jsonl", "--scorer", scorer, "--limit", 8, "--samples", 4),
        *("--tokens", 6, "--margin", 0, "--out", file),
    )
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert rows and all(row["neutral"] != row["toxic"] for row in rows)
    with pytest.raises(HormesisError, match="have no prompt"):
        run("detox", bench / "model", "--method", "dpo-ranked", "--pairs", file, "--out", tmp_path / "whole")
    learned = ("--pairs", file, "--pair-prompt", "prompt", "--steps", 2)
    for name in OF_OWN_SAMPLES:
        run("detox", bench / "model", "--method", name, *learned, *concept(bench), "--out", tmp_path / name)
        assert load_intervention(tmp_path / name).name == name


def test_bad_input_is_explained(bench: Path, scorer: Path, tmp_path: Path) -> None:
    for arguments, message in (
        (("probe", tmp_path / "nothing", *concept(bench)), "there is no model"),
        (("probe", tmp_path, *concept(bench)), "cannot be read"),
        (("probe", bench / "model", *concept(bench), "--device", "tpu"), "no device 'tpu'"),
        (("probe", bench / "model", *concept(bench), "--chat"), "no chat template"),
        (("probe", bench / "model", *concept(bench), "--architecture", bench / "rtp.jsonl"), "names no modules"),
        (("probe", bench / "model", "--concept", tmp_path / "no.jsonl"), "no file"),
        (("probe", bench / "model", "--concept", bench / "concept.jsonl", "--label", "lable"), "lable"),
        (("probe", bench / "model", "--concept", bench / "concept.jsonl"), "--label"),
        (("detox", bench / "model", "--method", "itt", *concept(bench)), "no method 'itt'"),
        (("evaluate", bench / "model"), "nothing to measure"),
        (("evaluate", bench / "model", "--rtp", bench / "rtp.jsonl", "--limit", 4), "need a scorer"),
    ):
        with pytest.raises(HormesisError, match=message):
            run(*arguments)
    run("detox", bench / "model", *concept(bench), "--heads", 1, "--out", tmp_path / "iti")
    with pytest.raises(HormesisError, match="not calibrated"):
        run("generate", bench / "model", "--with", tmp_path / "iti", "--prompt", "mila")
    for extra, message in (
        (("--method", "gated", "--strength", 1, "--bake", tmp_path / "b"), "cannot be written into weights"),
        (("--method", "iti", "--bake", tmp_path / "b"), "one strength, and none is known"),
        (("--method", "ablation", "--strength", 2), "takes all away at strength 1"),
    ):
        with pytest.raises(HormesisError, match=message):
            run("detox", bench / "model", *concept(bench), *extra, "--out", tmp_path / "late")
    assert not (tmp_path / "late").exists(), "refused before anything was made"
    with pytest.raises(HormesisError, match="differ in their scores"):
        run(
            *("pairs", bench / "model", "--rtp", bench / "rtp.jsonl", "--scorer", scorer, "--limit", 4),
            *("--samples", 2, "--tokens", 2, "--margin", 1, "--out", tmp_path / "none.jsonl"),
        )


def test_a_threshold_of_zero_is_one(bench: Path, tmp_path: Path) -> None:
    table = pd.read_json(bench / "concept.jsonl", lines=True)
    table["label"] = table["label"].map({1: 0.2, 0: -1.0})
    table.to_json(tmp_path / "signed.jsonl", orient="records", lines=True)
    signed = ("--concept", tmp_path / "signed.jsonl", "--label", "label", "--group", "who")
    assert "50.0% toxic" in run("probe", bench / "model", *signed, "--threshold", 0)


def test_a_given_strength_is_kept(bench: Path, tmp_path: Path) -> None:
    run("detox", bench / "model", *concept(bench), "--strength", 3, "--out", tmp_path / "iti")
    assert "iti, strength 3" in run("generate", bench / "model", "--with", tmp_path / "iti", "--prompt", "mila")


def test_errors_are_told_to_the_last_bracket(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise HormesisError("the text [/INST] has no token", "pip install 'hormesis[post]'")

    monkeypatch.setattr(entry, "app", fail)
    with pytest.raises(SystemExit):
        entry.main()
    assert capsys.readouterr().err.splitlines() == [
        "error: the text [/INST] has no token",
        "fix: pip install 'hormesis[post]'",
    ]


def test_a_folder_of_several_gguf_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    with pytest.raises(HormesisError, match="2 GGUF files"):
        load(tmp_path)
    with pytest.raises(HormesisError, match="no precision"):
        load(tmp_path, dtype="float33")


def test_the_baked_folder_is_plain_hugging_face(bench: Path, tmp_path: Path) -> None:
    run(
        *("detox", bench / "model", *concept(bench), "--heads", 2, "--strength", 3),
        *("--out", tmp_path / "iti", "--bake", tmp_path / "baked"),
    )
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "baked")
    assert model.config.attention_bias


def test_capability_tasks_and_detection_stand_beside_the_rest(bench: Path, scorer: Path, tmp_path: Path) -> None:
    pytest.importorskip("lm_eval")
    written(
        tmp_path, arc_easy=arc_rows([4] * 12), blimp=blimp_rows({"islands": ("syntax", 6), "verbs": ("morphology", 6)})
    )
    texts = invented_texts(60, seed=7)
    pd.DataFrame(
        {
            "text": [f"{text} {'zuzu' if place % 2 else 'koko'}" for place, text in enumerate(texts)],
            "target_group": [f"g{place % 12 // 2}" for place in range(60)],
            "toxicity_ai": [4.0 if place % 2 else 1.0 for place in range(60)],
            "toxicity_human": 2.0,
        }
    ).to_parquet(tmp_path / "annotated.parquet")
    run("detox", bench / "model", "--method", "iti", *concept(bench), "--out", tmp_path / "iti")
    command = ("evaluate", bench / "model", "--with", tmp_path / "iti", "--strength", 2, "--data", tmp_path)
    said = run(
        *(*command, "--tasks", "arc_easy,blimp", "--task-limit", 8, "--out", tmp_path / "rows"),
        *("--toxigen-detection", tmp_path / "annotated.parquet"),
        *("--toxigen", bench / "toxigen.jsonl", "--limit", 8, "--samples", 2, "--tokens", 4, "--scorer", scorer),
    )
    assert "chance 0.25" in said and "chance 0.50" in said and "linear probe · AUROC" in said and "g2" in said
    rows = read_measurements(tmp_path / "rows" / "measurements.parquet")
    accuracy = rows[(rows["metric"] == "accuracy") & (rows["domain"] == "blimp")]
    assert accuracy[["method", "n"]].to_numpy().tolist() == [["base", 8], ["iti", 8]]
    assert set(rows["domain"]) >= {"blimp/syntax", "blimp/morphology", "toxigen-detection/g0"}
    detected = rows[rows["domain"] == "toxigen-detection"].groupby("method")["metric"].apply(set)
    assert detected["iti"] == {"zero_shot_auroc", "zero_shot_balanced_accuracy"}
    assert detected["base"] > detected["iti"]
    with pytest.raises(HormesisError, match="there is no task arc_hard"):
        run(*command, "--tasks", "arc_hard")
    with pytest.raises(HormesisError, match="another detection, generation, prompts, scorers, tasks"):
        run(*command, "--tasks", "arc_easy", "--task-limit", 4, "--out", tmp_path / "rows")
