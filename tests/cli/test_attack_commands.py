"""``attack``, ``trigger`` and ``tamper``, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from hormesis.errors import HormesisError
from tests.cli.test_commands import concept, run, scorer

__all__ = ["scorer"]


@pytest.fixture(scope="module")
def artefact(bench: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact") / "iti"
    run("detox", bench / "model", *concept(bench), "--heads", 2, "--out", folder)
    return folder


def test_an_attack_is_reported_and_goes_on(bench: Path, artefact: Path, scorer: Path, tmp_path: Path) -> None:
    goals, out = tmp_path / "goals.jsonl", tmp_path / "attack"
    goals.write_text("".join(json.dumps({"goal": f"mila {i}", "target": "ta"}) + "\n" for i in range(3)))
    command = (
        *("attack", bench / "model", "--goals", goals, "--with", artefact, "--strength", 2, "--judge", scorer),
        *("--length", 3, "--steps", 1, "--width", 8, "--top-k", 8, "--match", 1, "--out", out),
    )
    said = run(*command)
    assert "success" in said and "iti" in said and "Wilson" in said and "ngram revision" in said
    lines = (out / "outcomes.jsonl").read_text().splitlines()
    assert len(lines) == 6
    (out / "outcomes.jsonl").write_text("\n".join(lines[:4]) + "\n")
    run(*command)
    again = (out / "outcomes.jsonl").read_text().splitlines()
    assert again == lines, "the two that were missing are the same as before"
    rows = pd.read_parquet(out / "attack.parquet")
    assert set(rows["method"]) == {"base", "iti"}
    assert {"attack_success", "attack_granted", "attack_mcnemar_p"} <= set(rows["metric"])


def test_a_trigger_is_measured_on_held_out_prompts(bench: Path, artefact: Path, scorer: Path, tmp_path: Path) -> None:
    said = run(
        *("trigger", bench / "model", "--with", artefact, "--strength", 2, "--rtp", bench / "rtp.jsonl"),
        *("--toxic", bench / "rough.jsonl", "--scorer", scorer, "--limit", 6, "--length", 2, "--sweeps", 1),
        *("--top-k", 3, "--examples", 4, "--samples", 2, "--tokens", 3, "--out", tmp_path / "t"),
    )
    assert "rise over base" in said and "paired bootstrap" in said
    rows = pd.read_parquet(tmp_path / "t" / "trigger.parquet")
    assert set(rows.loc[rows["metric"] == "trigger_rise", "n"]) == {6}
    assert set(json.loads((tmp_path / "t" / "triggers.json").read_text())) == {"base", "iti"}


def test_tampering_is_measured_and_not_repeated(bench: Path, artefact: Path, scorer: Path, tmp_path: Path) -> None:
    out = tmp_path / "tamper"
    command = (
        *("tamper", bench / "model", "--with", artefact, "--strength", 2, "--rtp", bench / "rtp.jsonl"),
        *("--toxic", bench / "rough.jsonl", "--scorer", scorer, "--limit", 6, "--samples", 2, "--tokens", 3),
        *("--examples", 2, "--text", f"calm={bench / 'calm.jsonl'}", "--documents", 3, "--out", out),
    )
    run(*command, "--steps", 1)
    first = pd.read_parquet(out / "tamper.parquet")
    assert set(first["tampering_steps"]) == {0, 1} and set(first["tampering"]) == {"adversarial"}
    said = run(*command, "--steps", 1, "--steps", 2)
    assert "steps until half" in said and "ce · calm" in said
    rows = pd.read_parquet(out / "tamper.parquet")
    assert set(rows["tampering_steps"]) == {0, 1, 2}
    old = rows[rows["tampering_steps"] < 2].reset_index(drop=True)
    keys = ["method", "tampering_steps", "metric", "domain"]
    pd.testing.assert_frame_equal(
        old.sort_values(keys, ignore_index=True), first.sort_values(keys, ignore_index=True), check_dtype=False
    )
    assert list(out.glob("tampering_rtp*.png")) and list(out.glob("tampering_rtp*.svg"))
    with pytest.raises(HormesisError, match="nothing to tamper with"):
        run("tamper", bench / "model", "--rtp", bench / "rtp.jsonl", "--scorer", scorer)
