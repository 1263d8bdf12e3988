"""Training a preset on a mixture with OLMo-core's trainer, resumable at any moment."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import cast

import numpy as np
import torch
from olmo_core.data import DataCollator, TokenizerConfig
from olmo_core.data.composable import ComposableDataLoader, InstanceSource
from olmo_core.distributed.utils import barrier, get_rank, get_world_size, is_distributed
from olmo_core.nn.transformer import TransformerConfig
from olmo_core.train import Duration, Trainer
from olmo_core.train.callbacks import CheckpointerCallback, ConsoleLoggerCallback
from olmo_core.train.train_module import TransformerTrainModule
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from transformers import PreTrainedTokenizerFast

from hormesis.corpus import Mixture, load_tokenizer, tokenizer_hash
from hormesis.errors import HormesisError
from hormesis.files import Json, content_hash, read_object, write_json
from hormesis.marks import FolderKind, claim, holds
from hormesis.memory import is_out_of_memory, make_room
from hormesis.pretrain.callbacks import CheckedCheckpointer, LossLog, Snapshots, TrainingProgress, discard_damaged
from hormesis.pretrain.checkpoint import (
    MODEL_FOLDER,
    PROVENANCE_FILE,
    Checkpoint,
    Provenance,
    snapshot_folder,
    weight_hashes,
)
from hormesis.pretrain.config import TrainingConfig
from hormesis.pretrain.export import export
from hormesis.pretrain.masked import has_masks
from hormesis.pretrain.module import seeded_shape, train_module
from hormesis.pretrain.presets import check_shape, shape_hash
from hormesis.pretrain.process import only_one, problems_explained, process_group, threads
from hormesis.provenance import code_version

logger = logging.getLogger(__name__)

TRAINER_FOLDER = "trainer"
LOSS_FILE = "loss.jsonl"
_INPUTS_FILE = "inputs.json"
TRAINING = FolderKind(
    "a training", holds((_INPUTS_FILE, TRAINER_FOLDER), (PROVENANCE_FILE, LOSS_FILE), (PROVENANCE_FILE, MODEL_FOLDER))
)
_SAMPLE_ROWS = 4
# These change how fast the weights come, not which weights come (up to rounding).
_NOT_AN_INPUT = {"compile", "threads", "microbatch_rows", "checkpoint_every", "parallel"}


def pretrain(
    mixture: InstanceSource,
    tokenizer: Path,
    config: TrainingConfig,
    folder: Path,
    *,
    init_seed: int,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> Checkpoint:
    """Train a fresh model on one pass over ``mixture``, in its order, and export it.

    ``folder`` gets ``model/`` (the Hugging Face folder), ``snapshots/`` (those of the models on the way that
    ``config.snapshots`` asks for), ``loss.jsonl`` and ``provenance.json``; until it is finished ``trainer/``, too
    (OLMo-core's checkpoints, ten times as large; kept with ``config.keep_trainer``). A finished
    folder is returned as it is; an interrupted one is resumed from its newest whole checkpoint, to the same weights,
    bit for bit on CPU at equal settings. Under ``torchrun`` every process calls this.
    Must be called from the main thread, as OLMo-core handles SIGINT and SIGTERM while it trains: it saves a
    checkpoint, and :class:`KeyboardInterrupt` is raised.

    :param mixture: rows of ``config.sequence_length`` token ids, and which of them carry loss if not all do; its
        ``fingerprint`` names it.
    :param tokenizer: the Hugging Face folder of the tokenizer that made the rows.
    :param init_seed: of the initial weights; the order of the data is the mixture's own.
    :param progress: called at most some times a second, on rank 0.
    :raises HormesisError: rows of another length, fewer rows than a batch, token ids that the tokenizer lacks, a
        folder that holds anything else or that another process is training in, a full disk, a batch without loss, an
        OLMo-core that builds another shape than the preset's.
    """
    folder = folder.absolute()
    started = time.perf_counter()
    with process_group():
        run = _Run.of(mixture, tokenizer, config, folder, init_seed)
        if run.finished():
            run.tidy()
            return Checkpoint.open(folder)
        claim(folder, TRAINING)
        with only_one(folder), problems_explained(folder), threads(config.threads):
            return run.train_within_memory(progress, started)


@dataclasses.dataclass(frozen=True)
class _Run:
    mixture: InstanceSource
    tokenizer: PreTrainedTokenizerFast
    tokenizer_hash: str
    config: TrainingConfig
    folder: Path
    init_seed: int
    steps: int
    inputs: str

    @classmethod
    def of(cls, mixture: InstanceSource, tokenizer: Path, config: TrainingConfig, folder: Path, seed: int) -> _Run:
        if mixture.sequence_length != config.sequence_length:
            raise HormesisError(
                f"the mixture's rows have {mixture.sequence_length} tokens, the training's {config.sequence_length}",
                "give both the same sequence_length",
            )
        steps = len(mixture) // config.batch_rows
        if steps == 0:
            raise HormesisError(
                f"the mixture has {len(mixture)} rows, fewer than a batch of {config.batch_rows}",
                "give it more tokens, or lower batch_rows",
            )
        processes = get_world_size()
        if config.batch_rows % (processes * (config.microbatch_rows or 1)):
            raise HormesisError(
                f"batch_rows = {config.batch_rows} is no multiple of {processes} processes"
                f" × {config.microbatch_rows or 1} microbatch_rows",
                "make it one",
            )
        loaded = load_tokenizer(tokenizer)
        digest = tokenizer_hash(loaded)
        if isinstance(mixture, Mixture):
            mixture.clean.check_tokenizer(tokenizer)
        described: Json = {
            # Without snapshots their name is absent, so that folders from before there were any keep theirs.
            "config": config.model_dump(
                mode="json", exclude=_NOT_AN_INPUT if config.snapshots else _NOT_AN_INPUT | {"snapshots"}
            ),
            "shape": shape_hash(config.preset),
            "mixture": mixture.fingerprint,
            "rows": len(mixture),
            "init_seed": seed,
            "tokenizer": digest,
        }
        return cls(
            mixture=mixture,
            tokenizer=loaded,
            tokenizer_hash=digest,
            config=config,
            folder=folder,
            init_seed=seed,
            steps=steps,
            inputs=content_hash(described),
        )

    def finished(self) -> bool:
        """:raises HormesisError: the folder holds, or began, a training with other inputs."""
        for path in (self.folder / PROVENANCE_FILE, self.folder / _INPUTS_FILE):
            if path.is_file() and read_object(path).get("inputs") != self.inputs:
                raise HormesisError(
                    f"{self.folder} holds a training with another config, mixture, tokenizer or seed",
                    "give another folder, or remove this one",
                )
        return (self.folder / PROVENANCE_FILE).is_file()

    def train_within_memory(self, progress: Callable[[TrainingProgress], None] | None, started: float) -> Checkpoint:
        """:meth:`train`, with fewer rows at once where they do not fit the memory: the same steps, up to rounding.

        Processes of a group would have to agree on it: there it is an error, as is one row that does not fit.
        """
        run = self
        while True:
            rows = run.config.microbatch_rows or run.config.batch_rows
            try:
                return run.train(progress, started)
            except (RuntimeError, MemoryError) as error:
                if rows == 1 or is_distributed() or not is_out_of_memory(error):
                    raise
            fewer = next(size for size in range(rows // 2, 0, -1) if self.config.batch_rows % size == 0)
            make_room("rows of a step", fewer, rows)
            config = self.config.model_copy(update={"microbatch_rows": fewer})
            run = dataclasses.replace(self, config=config)

    def train(self, progress: Callable[[TrainingProgress], None] | None, started: float) -> Checkpoint:
        check_shape(self.config.preset)
        trainer_folder = self.folder / TRAINER_FOLDER
        if get_rank() == 0:
            trainer_folder.mkdir(parents=True, exist_ok=True)
            write_json(self.folder / _INPUTS_FILE, {"inputs": self.inputs})
            discard_damaged(trainer_folder)
        barrier()
        module = train_module(self.config, self._shape(), masked=has_masks(self.mixture))
        log = LossLog(
            path=self.folder / LOSS_FILE,
            steps=self.steps,
            tokens_per_step=self.config.batch_rows * self.config.sequence_length,
            started=started,
            progress=progress,
        )
        trainer = self._trainer(module, log, trainer_folder)
        with warnings.catch_warnings():
            # PyTorch's checkpoints warn that one process saves alone, which is meant.
            warnings.filterwarnings("ignore", message="torch.distributed is disabled")
            trainer.fit()  # type: ignore[no-untyped-call]
        if trainer.is_canceled:
            raise KeyboardInterrupt(f"stopped at step {trainer.global_step}; the same call goes on from there")
        self._finish(module, log, started)
        barrier()
        return Checkpoint.open(self.folder)

    def _shape(self) -> TransformerConfig:
        return seeded_shape(self.config.preset, len(self.tokenizer), self.init_seed)

    def _trainer(self, module: TransformerTrainModule, log: LossLog, trainer_folder: Path) -> Trainer:
        rows = len(self.tokenizer)
        end = self.tokenizer.eos_token_id
        padding = self.tokenizer.pad_token_id if self.tokenizer.pad_token_id is not None else end
        work = trainer_folder / "work"
        loader = ComposableDataLoader(
            self.mixture,
            collator=DataCollator(pad_token_id=padding or 0, vocab_size=rows),
            tokenizer=TokenizerConfig(vocab_size=rows, eos_token_id=end or 0, pad_token_id=padding or 0),
            work_dir=work,
            global_batch_size=self.config.batch_rows * self.config.sequence_length,
            dp_world_size=get_world_size(module.dp_process_group),
            dp_rank=get_rank(module.dp_process_group),
            fs_local_rank=get_rank(),
            seed=0,
            shuffle=False,  # the order is the mixture's
            num_threads=0,  # a row is a slice of a memory map: threads cost more than they hide
            target_device_type=module.device.type,
            display_source_visualization=False,
        )
        return Trainer(
            work_dir=work,
            train_module=module,
            data_loader=loader,
            device=module.device,
            save_folder=str(trainer_folder),
            checkpointer=CheckedCheckpointer(work_dir=work, save_overwrite=True),
            callbacks={
                "loss_log": log,
                "snapshots": Snapshots(
                    steps=frozenset(self.config.snapshot_steps(self.steps)),
                    keep=lambda step: self._export(module, snapshot_folder(self.folder, step)),
                ),
                "checkpointer": CheckpointerCallback(
                    save_interval=self.config.checkpoint_every,
                    save_async=False,
                    pre_train_checkpoint=False,
                    max_checkpoints=2,
                ),
                "console_logger": ConsoleLoggerCallback(log_interval=1000, metrics_log_interval=1000),
            },
            max_duration=Duration.steps(self.steps),
            save_overwrite=True,
            metrics_collect_interval=10,
            cancel_check_interval=1 if not is_distributed() else 10,
            async_bookkeeping=False,
        )

    def _export(self, module: TransformerTrainModule, folder: Path) -> None:
        """The model as it is now, as a Hugging Face folder; every process calls this."""
        options = StateDictOptions(full_state_dict=True, cpu_offload=True)
        weights = cast(dict[str, torch.Tensor], get_model_state_dict(module.model, options=options))
        rows = [
            np.asarray(self.mixture[row]["input_ids"], dtype=np.int64)
            for row in range(min(_SAMPLE_ROWS, len(self.mixture)))
        ]
        sample = torch.from_numpy(np.stack(rows))
        if get_rank() == 0:
            # A model of its own: the trained one may be sharded over the processes, and is compiled.
            whole = self._shape().build()
            whole.load_state_dict(weights)
            export(
                whole,
                weights,
                self.tokenizer,
                folder,
                sequence_length=self.config.sequence_length,
                sample=sample,
            )

    def _finish(self, module: TransformerTrainModule, log: LossLog, started: float) -> None:
        self._export(module, self.folder / MODEL_FOLDER)
        if get_rank() == 0:
            seconds = time.perf_counter() - started
            Provenance(
                preset=self.config.preset,
                parameters=int(module.model.num_params),
                tokens=self.steps * log.tokens_per_step,
                steps=self.steps,
                mixture=self.mixture.fingerprint,
                init_seed=self.init_seed,
                tokenizer_hash=self.tokenizer_hash,
                final_loss=log.last_loss,
                tokens_per_second=(self.steps - log.first_step) * log.tokens_per_step / seconds,
                seconds=seconds,
                config={name: str(value) for name, value in self.config.model_dump(mode="json").items()},
                inputs=self.inputs,
                weights=weight_hashes(self.folder / MODEL_FOLDER),
                olmo_core_version=version("ai2-olmo-core"),
                torch_version=torch.__version__,
                hormesis_version=code_version(),
                device=module.device.type,
                processes=get_world_size(),
            ).write(self.folder / PROVENANCE_FILE)
            self.tidy()

    def tidy(self) -> None:
        """Remove what a finished training needs no more, its provenance being written."""
        if get_rank() == 0:
            trainer = self.folder / TRAINER_FOLDER
            shutil.rmtree(trainer / "work" if self.config.keep_trainer else trainer, ignore_errors=True)
