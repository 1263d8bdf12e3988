"""A batch script for Slurm that runs a study on the nodes of a job, and begins again until the study is done."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from hormesis.errors import HormesisError

_TIME = re.compile(r"(\d+-)?\d{1,2}(:\d{2}){0,2}|\d+")
_PORT = 6379


@dataclass(frozen=True)
class SlurmJob:
    """What a job asks of Slurm.

    :param nodes: each runs one Ray node.
    :param cpus, gpus: of each node.
    :param time: as Slurm writes it: ``24:00:00``, ``2-00``.
    :param options: further ``#SBATCH`` options, without dashes: ``partition=long``.
    :param setup: shell lines that make `hormesis` and `ray` known: ``module load …``, ``source …/activate``.
    """

    nodes: int
    cpus: int
    gpus: int
    time: str
    options: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _TIME.fullmatch(self.time):
            raise HormesisError(f"{self.time!r} is no time of Slurm", "write hours:minutes:seconds, as in 24:00:00")
        if lines := [one for one in (*self.options, *self.setup) if "\n" in one]:
            raise HormesisError(f"{lines[0]!r} is more than one line", "give each line by itself")


def slurm_script(name: str, job: SlurmJob, script: Path, study: str, results: Path, data: Path | None) -> str:
    """The script.

    :param name: of the study.
    :param script: where it will lie; beside it lie its log and the status of its last run.
    :param study: as ``hormesis study run`` takes it.
    :param results: a folder that all nodes see, as data is.
    """
    script, results = script.absolute(), results.absolute()
    study = str(Path(study).absolute()) if Path(study).is_file() else study
    command = ["hormesis", "study", "run", study, "--results", str(results)]
    command += [] if data is None else ["--data", str(data.absolute())]
    asked = [
        f"job-name=hormesis-{name}",
        f"nodes={job.nodes}",
        "ntasks-per-node=1",
        f"cpus-per-task={job.cpus}",
        *([f"gpus-per-node={job.gpus}"] if job.gpus else []),
        f"time={job.time}",
        f"output={script.with_suffix('.log')}",
        "open-mode=append",
        *job.options,
    ]
    status = shlex.quote(str(script.with_suffix(".status")))
    return _SCRIPT.format(
        asked="\n".join(f"#SBATCH --{one}" for one in asked),
        setup="\n".join(job.setup)
        or "# Here: what makes `hormesis` and `ray` known (module load …, source …/activate).",
        name=shlex.quote(f"hormesis-{name}"),
        script=shlex.quote(str(script)),
        status=status,
        port=_PORT,
        cpus=job.cpus,
        gpus=job.gpus,
        command=shlex.join(command),
    )


_SCRIPT = """#!/bin/bash
# Written by `hormesis study slurm`. Submit it once, with `sbatch`: the job has a successor in the queue, which begins
# when this one was ended (time limit, lost node, preemption) and is called off when the study is done, or cannot be
# finished. To stop both: scancel --name {name}
{asked}
set -uo pipefail
{setup}

status={status}
rm -f "$status"
successor=$(sbatch --parsable --dependency=afternotok:"$SLURM_JOB_ID" {script}) || exit 1
successor=${{successor%%;*}}

head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
address=$(srun --nodes=1 --ntasks=1 --nodelist="$head" hostname --ip-address | awk '{{print $1}}'):{port}
# One Ray node on each node of the job; the command runs on the first, when all are there.
srun --nodes="$SLURM_JOB_NUM_NODES" --ntasks="$SLURM_JOB_NUM_NODES" \\
  ray symmetric-run --address "$address" --min-nodes "$SLURM_JOB_NUM_NODES" --num-cpus {cpus} --num-gpus {gpus} -- \\
  bash -c '"${{@:2}}"; echo $? > "$1"' run "$status" \\
  {command} --on "ray://$address"

case $(cat "$status" 2> /dev/null) in
  0) scancel "$successor"; echo "the study is done" ;;
  1) scancel "$successor"; echo "cells failed, or the study is refused: mend that, and submit again"; exit 1 ;;
  *) echo "ended before the study was: job $successor goes on"; exit 1 ;;
esac
"""
