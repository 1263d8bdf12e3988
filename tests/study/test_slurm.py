"""The batch script for Slurm: what it asks for, what it runs, and when it begins again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hormesis.cli import app
from hormesis.errors import HormesisError
from hormesis.study.slurm import SlurmJob, slurm_script

_JOB = SlurmJob(
    4, 16, 8, "24:00:00", ("partition=long", "account=birds"), ("module load python", "source venv/activate")
)


def _script(folder: Path, job: SlurmJob = _JOB) -> str:
    results, data = folder / "the results", folder / "data"
    return slurm_script("geese", job, folder / "geese.sbatch", "microworld", results, data)


def test_it_asks_for_what_was_said(tmp_path: Path) -> None:
    text = _script(tmp_path)
    asked = [line.removeprefix("#SBATCH --") for line in text.splitlines() if line.startswith("#SBATCH")]
    assert asked == [
        "job-name=hormesis-geese", "nodes=4", "ntasks-per-node=1", "cpus-per-task=16", "gpus-per-node=8",
        "time=24:00:00", f"output={tmp_path}/geese.log", "open-mode=append", "partition=long", "account=birds",
    ]  # fmt: skip
    assert text.startswith("#!/bin/bash\n")
    body = text.split("set -uo pipefail", 1)
    assert "#SBATCH" not in body[1], "Slurm reads none after the first command"
    assert "module load python\nsource venv/activate\n" in body[1]
    assert "gpus-per-node" not in _script(tmp_path, SlurmJob(1, 2, 0, "60"))


@pytest.mark.parametrize(
    ("ends", "called_off", "exit_code"), [("0", True, 0), ("1", True, 1), ("130", False, 1), (None, False, 1)]
)
def test_it_begins_again_until_the_study_ends_by_itself(
    ends: str | None, called_off: bool, exit_code: int, tmp_path: Path
) -> None:
    """With commands of Slurm, Ray and ours that write down how they were called; ``None``: killed by the time limit."""
    script, said = tmp_path / "geese.sbatch", tmp_path / "said"
    script.write_text(_script(tmp_path, SlurmJob(2, 4, 1, "01:00:00")), encoding="utf-8")
    commands = {
        "sbatch": f"echo sbatch $@ >> {said}; echo 43",
        "scancel": f"echo scancel $@ >> {said}",
        "scontrol": "printf 'node7\\nnode8\\n'",
        "hostname": "echo 10.0.0.7 fe80::1",
        "srun": 'while [[ $1 == --* ]]; do shift; done; "$@"',
        "ray": f'echo ray ${{@:1:9}} >> {said}; while [[ $1 != -- ]]; do shift; done; "${{@:2}}"',
        "hormesis": f"echo hormesis $@ >> {said}; " + (f"exit {ends}" if ends is not None else "kill -9 $PPID"),
    }
    for name, does in commands.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{does}\n")
        (tmp_path / name).chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SLURM_JOB_ID": "42", "SLURM_JOB_NODELIST": "node[7-8]", "SLURM_JOB_NUM_NODES": "2",
    }  # fmt: skip
    done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    lines = said.read_text().splitlines()
    assert lines[0] == f"sbatch --parsable --dependency=afternotok:42 {script}"
    assert lines[1] == "ray symmetric-run --address 10.0.0.7:6379 --min-nodes 2 --num-cpus 4 --num-gpus 1"
    assert lines[2] == (
        f"hormesis study run microworld --results {tmp_path}/the results --data {tmp_path}/data"
        " --on ray://10.0.0.7:6379"
    )
    assert ("scancel 43" in lines) is called_off


def test_the_command_writes_it(tiny_text: str, tmp_path: Path) -> None:
    study, script = tmp_path / "study.yaml", tmp_path / "study.sbatch"
    study.write_text(tiny_text, encoding="utf-8")
    arguments = [str(study), "--nodes", "2", "--cpus", "8", "--gpus", "1", "--time", "1-00:00:00", "--out", str(script)]
    more = ["--sbatch", "partition=long", "--setup", "source env", "--results", str(tmp_path / "results")]
    done = CliRunner().invoke(app, ["study", "slurm", *arguments, *more])
    assert done.exit_code == 0, done.output
    text = script.read_text()
    assert "#SBATCH --partition=long\n" in text and "\nsource env\n" in text and f"study run {study}" in text
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert f"sbatch {script}" in done.output.replace("\n", " ")
    again = CliRunner().invoke(app, ["study", "slurm", *arguments])
    assert isinstance(again.exception, HormesisError) and "exists" in str(again.exception)


@pytest.mark.parametrize("wrong", [("soon",), ("24:00:00", ("a=b\nrm",))])
def test_what_slurm_would_not_understand_is_refused(wrong: tuple[str, tuple[str, ...]]) -> None:
    with pytest.raises(HormesisError):
        SlurmJob(1, 1, 0, *wrong)
