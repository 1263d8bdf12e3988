"""Where cells run: on the CPU, on a GPU each, or several on one."""

from __future__ import annotations

import os

import psutil
import pytest
import torch
import yaml

from hormesis.errors import HormesisError
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.config import StudyConfig, parse_study
from hormesis.study.engine.devices import VISIBLE, Device, gpus
from hormesis.study.engine.executor import Machine
from hormesis.study.plan import make_plan


@pytest.fixture
def four(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with four GPUs and 64 cores, so far as anybody asks."""
    monkeypatch.delenv(VISIBLE, raising=False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(psutil.Process, "cpu_affinity", lambda _: list(range(64)))


@pytest.mark.parametrize(
    ("wanted", "found"), [("auto", "0123"), ("cuda", "0123"), ("cuda:2", "2"), ("cpu", ""), ("cuda:3", "3")]
)
@pytest.mark.usefixtures("four")
def test_gpus_are_found(wanted: str, found: str) -> None:
    assert "".join(gpus(wanted)) == found


@pytest.mark.usefixtures("four")
def test_those_that_a_scheduler_gave_keep_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VISIBLE, "6,GPU-ab12")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert gpus("auto") == ("6", "GPU-ab12")
    assert gpus("cuda:1") == ("GPU-ab12",)


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert gpus("auto") == ()
    with pytest.raises(HormesisError, match="there is no GPU here"):
        gpus("cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(HormesisError, match="is one GPU"):
        gpus("cuda:1")


@pytest.mark.usefixtures("four")
def test_small_cells_share_a_gpu_and_no_core_is_promised_twice() -> None:
    alone = Machine.share_out(None, None, 40, gpus=gpus("auto"))
    assert (alone.workers, alone.threads) == (4, 16)
    assert [alone.device(worker).gpu for worker in range(4)] == ["0", "1", "2", "3"]
    shared = Machine.share_out(None, None, 40, gpus=gpus("auto"), gpus_per_cell=0.25)
    assert (shared.workers, shared.threads) == (16, 4)
    on = [shared.device(worker) for worker in range(16)]
    assert all(sum(one.gpu == gpu for one in on) == 4 and on[0].share == 0.25 for gpu in "0123")
    assert [one.gpu for one in on[:4]] == ["0", "1", "2", "3"], "few cells have a GPU each"
    assert Machine.share_out(None, None, 3, gpus=gpus("auto"), gpus_per_cell=0.25).workers == 3
    assert Machine.share_out(None, None, 40).device(3) == Device()


def test_a_process_sees_its_own_gpu_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", shares.append)
    monkeypatch.setenv(VISIBLE, "0,1,2,3")
    Device("2", 0.5).take()
    assert os.environ[VISIBLE] == "2" and shares == [0.5] and Device("2").kind == "cuda"
    Device("3").take()
    assert os.environ[VISIBLE] == "3" and shares == [0.5], "a whole one needs no bound"
    Device().take()
    assert os.environ[VISIBLE] == "" and Device().kind == "cpu", "OLMo-core would take a GPU that it sees"


def test_where_cells_run_renames_none_and_how_precisely_renames_those_that_measure(
    tiny_study: StudyConfig, tiny_text: str
) -> None:
    values = yaml.safe_load(tiny_text)
    elsewhere = parse_study(
        yaml.safe_dump(values | {"execution": {"device": "cuda:1", "gpus_per_cell": 0.25}}), where="elsewhere"
    )
    roughly = values | {"evaluation": values["evaluation"] | {"precision": "bfloat16"}}
    here, there, rough = (
        make_plan(study, None) for study in (tiny_study, elsewhere, parse_study(yaml.safe_dump(roughly), where="rough"))
    )
    assert [cell.name for cell in here.cells] == [cell.name for cell in there.cells]
    assert rough.of(PretrainInputs) == here.of(PretrainInputs)
    assert not {cell.name for cell in rough.of(EvaluateInputs)} & {cell.name for cell in here.of(EvaluateInputs)}
    with pytest.raises(HormesisError, match="execution.device"):
        parse_study(yaml.safe_dump(values | {"execution": {"device": "gpu"}}), where="wrong")
