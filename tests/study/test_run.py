"""A whole study on the command line: run, interrupted, resumed, reported."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest
import yaml
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.cli.screen import Screen
from hormesis.cli.study import run as run_command
from hormesis.errors import HormesisError
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.config import StudyConfig
from hormesis.study.engine.store import Store
from hormesis.study.plan import make_plan


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "hormesis", *map(str, arguments)]


@pytest.fixture(scope="module")
def finished(tiny_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder: the study was stopped while it trained, then run again, and one of its processes killed."""
    folder = tmp_path_factory.mktemp("study")
    study, results = folder / "study.yaml", folder / "results"
    study.write_text(tiny_text, encoding="utf-8")
    command = _command("study", "run", study, "--results", results)
    process = _until_it_trains(command, results, folder / "stopped.txt")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(180) == 130, "Ctrl-C leaves with the shell's code for it"
    assert list(results.glob("cells/corpus-*/cell.json")), "finished cells are kept"
    process = _until_it_trains(command, results, folder / "killed.txt")
    os.kill(_trains(results)[0], signal.SIGKILL)
    assert process.wait(300) == 0, "its cell starts again, and all else goes on"
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert finished.stdout.strip().splitlines()[-1].endswith("report.html"), "the report's path comes last"
    return results


def _until_it_trains(command: list[str], results: Path, said: Path) -> subprocess.Popen[bytes]:
    with said.open("w") as file:
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,
            # A shell starts what runs in the background deaf to Ctrl-C, and tests may run so.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    deadline = time.monotonic() + 300
    while not _trains(results):
        assert process.poll() is None, f"the run ended before it trained: {said.read_text()}"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return process


def _trains(results: Path) -> list[int]:
    """The processes that train now; what an earlier run said of its own is not counted."""
    said = [json.loads(path.read_text()) for path in results.glob("work/pretrain-*/progress.json")]
    return [progress["process"] for progress in said if psutil.pid_exists(progress["process"])]


def test_a_stopped_run_leaves_no_traceback_and_a_killed_worker_is_replaced(finished: Path) -> None:
    stopped, killed = ((finished.parent / name).read_text() for name in ("stopped.txt", "killed.txt"))
    for said in (stopped, killed):
        assert "Traceback" not in said and "leaked" not in said, said
    again = r"^again  pretrain [^,]*\(pretrain-[0-9a-f]{16}\): its process was killed by SIGKILL$"
    assert re.search(again, killed, re.MULTILINE)
    assert not [path for path in finished.rglob("*") if path.name.endswith(("tmp", "progress.json"))]
    assert not list(finished.glob("cells/pretrain-*/trainer")), "a finished model keeps no trainer's state"


def test_the_measurements_are_complete(finished: Path) -> None:
    rows = pd.read_parquet(finished / "measurements.parquet")
    assert {"base", "prompting", "iti", "iti-random-direction"} == set(rows["method"])
    of_models = rows[rows["share"].notna()]
    assert set(of_models["share"]) == {0, 0.25}
    wanted = {"toxicity_mean", "toxicity_probability", "emt", "ce", "kl", "ce_cost", "probe_accuracy", "distinct_2"}
    assert wanted <= set(rows["metric"])
    steered = of_models[(of_models["method"] == "iti") & (of_models["metric"] == "toxicity_mean")]
    assert set(steered["strength"]) == {2, 8}
    assert of_models["value"].notna().all()


def test_pooled_rows_carry_intervals_over_seeds_and_prompts(finished: Path) -> None:
    rows = pd.read_parquet(finished / "measurements.parquet")
    keys = ["share", "method", "strength", "metric", "domain"]
    ce = rows[(rows["metric"] == "ce") & (rows["domain"] == "clean")]
    pooled = ce[ce["cell"] == "pooled"].set_index(keys)["value"].sort_index()
    seeds = ce[ce["cell"] != "pooled"].groupby(keys, dropna=False)["value"].mean().sort_index()
    assert len(pooled) == len(seeds) > 0
    assert (abs(pooled.to_numpy() - seeds.to_numpy()) < 1e-6).all(), "the same documents: the pooled CE is the mean"
    assert rows.loc[rows["cell"] == "pooled", "init_seed"].isna().all()


def test_the_same_command_again_computes_nothing(finished: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.glob("cells/*/cell.json")}
    result = CliRunner().invoke(app, ["study", "run", str(finished / "study.yaml"), "--results", str(finished)])
    assert result.exit_code == 0, result.output
    assert "nothing to compute" in result.output
    assert before == {path: path.stat().st_mtime_ns for path in finished.glob("cells/*/cell.json")}


def test_the_report_is_redrawn_from_the_tables_alone(finished: Path, tmp_path: Path) -> None:
    for name in ("measurements.parquet", "prompts.parquet", "documents.parquet", "study.yaml", "data.json"):
        (tmp_path / name).write_bytes((finished / name).read_bytes())
    result = CliRunner().invoke(app, ["study", "report", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "report.html").is_file()
    assert list((tmp_path / "tables").iterdir()) and not (tmp_path / "figures").exists()
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary == json.loads((finished / "summary.json").read_text())
    status = CliRunner().invoke(app, ["study", "status", str(tmp_path)])
    assert "26 of 27 cells done" in status.output, "all but the corpus, which has no rows"


def test_a_damaged_checkpoint_is_named_and_trained_again(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(finished)
    plan = make_plan(store.study(), None)
    model = plan.of(PretrainInputs)[0]
    weights = store.cell_folder(model) / "model" / "model.safetensors"
    healthy = weights.read_bytes()
    weights.write_bytes(healthy[:-1] + bytes([healthy[-1] ^ 1]))
    run_command(Screen(), str(finished / "study.yaml"), results=finished)
    assert f"({model.name}) is not whole, and runs again: model/model.safetensors" in capsys.readouterr().err
    assert weights.read_bytes() == healthy
    assert store.is_complete(model)


def test_plan_shows_cells_and_costs(tiny_study: StudyConfig, tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(yaml.safe_dump(tiny_study.model_dump(mode="json")), encoding="utf-8")
    result = CliRunner().invoke(app, ["study", "plan", str(study), "--results", str(tmp_path / "none")])
    assert result.exit_code == 0, result.output
    for word in ("27 cells", "parameters", "FLOPs", "GB of memory", "estimate"):
        assert word in result.output
    assert not (tmp_path / "none").exists(), "a plan computes and writes nothing"


def test_init_writes_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert CliRunner().invoke(app, ["study", "init", str(path)]).exit_code == 0
    path.write_text("mine now")
    refused = CliRunner().invoke(app, ["study", "init", str(path)])
    assert isinstance(refused.exception, HormesisError)
    assert path.read_text() == "mine now"


def test_mix_shows_every_share_before_anything_is_trained(tiny_text: str, tmp_path: Path) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(tiny_text, encoding="utf-8")
    result = CliRunner().invoke(app, ["mix", str(study), "--results", str(tmp_path / "results")])
    assert result.exit_code == 0, result.output
    assert result.output.count("mixture ") == 2
    assert not list((tmp_path / "results").glob("cells/pretrain-*"))


def test_errors_are_printed_without_a_traceback(tmp_path: Path) -> None:
    failed = subprocess.run(
        _command("study", "run", tmp_path / "absent.yaml"), capture_output=True, text=True, check=False
    )
    assert failed.returncode == 1
    assert "absent.yaml" in failed.stderr
    assert "fix" in failed.stderr
    assert "Traceback" not in failed.stderr
