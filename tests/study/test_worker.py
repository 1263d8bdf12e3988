"""What a worker does before it runs cells."""

from __future__ import annotations

import logging

import pytest
import torch

from hormesis.study.engine.worker import prepare_libraries


def test_what_the_trainer_raises_is_not_logged_with_its_traceback_too(caplog: pytest.LogCaptureFixture) -> None:
    from olmo_core.train import trainer

    prepare_libraries(torch.get_num_threads())
    caplog.clear()
    trainer.log.error("Training failed due to:\nTraceback (most recent call last)")  # as on a full disk
    assert not caplog.records
    logging.getLogger("olmo_core.io").error("something else")
    assert [record.name for record in caplog.records] == ["olmo_core.io"]
