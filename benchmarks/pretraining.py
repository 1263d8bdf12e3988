"""Pretraining against a plain loop: ``Olmo2ForCausalLM`` with ``torch.compile`` and fused AdamW, at equal shape.

Width 128, 4 layers of 8 heads, FFN 344, vocabulary 4096, rows of 128 tokens, 32 rows a step, fp32. Every run is a
process of its own, from its first import to the exported model; the two kinds alternate. Both keep their compiled
code on disk between runs, as both would in a study, and one run of each before the first fills that cache. Also
measured: what both would reach if the time went into matrix products alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.result import BenchmarkResult

VOCABULARY, LENGTH, ROWS = 4096, 128, 32
STEP_TOKENS = LENGTH * ROWS
_SHAPE = {"width": 128, "layers": 4, "heads": 8, "feed_forward": 344}


def run(quick: bool, *, cells: int = 12) -> list[BenchmarkResult]:
    """One cell against one plain loop on all threads; a grid of cells, one thread each, against loops in a row.

    :param quick: 0.4 M tokens a cell (3 pairs) and 4 cells in the grid (1 pair), instead of 4 M (3) and 12 (1).
    """
    steps = 100 if quick else 1000
    cells = min(cells, 4) if quick else cells
    threads = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Compiled code depends on the number of threads, so each kind is warmed up as it will run.
        for kind, count in (("cell", threads), ("plain", threads), ("cell", 1)):
            _wait(_start(folder, kind, 4, count))
        single = _pairs(folder, 3, steps, threads)
        grid = _grid(folder, cells, steps, threads)
    return [single, grid]


def _pairs(folder: Path, pairs: int, steps: int, threads: int) -> BenchmarkResult:
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(_seconds(lambda: _wait(_start(folder, "cell", steps, threads))))
        theirs.append(_seconds(lambda: _wait(_start(folder, "plain", steps, threads))))
    ratios = [plain / cell for cell, plain in zip(ours, theirs, strict=True)]
    speeds = [statistics.median(steps * STEP_TOKENS / second for second in times) for times in (ours, theirs)]
    return BenchmarkResult(
        "pretraining-cell",
        statistics.median(ratios),
        1.0,
        ratios,
        f"{steps * STEP_TOKENS / 1e6:.1f} M tokens, {threads} threads, start-up included: {speeds[0]:,.0f} tokens/s,"
        f" plain loop {speeds[1]:,.0f}; matrix products alone {peak_tokens_per_second(threads):,.0f}",
    )


def _grid(folder: Path, cells: int, steps: int, threads: int) -> BenchmarkResult:
    def side_by_side() -> None:
        waiting = [(folder, "cell", steps, 1)] * cells
        running: list[subprocess.Popen[bytes]] = []
        while waiting or running:
            while waiting and len(running) < threads:
                running.append(_start(*waiting.pop()))
            time.sleep(0.05)
            for process in [one for one in running if one.poll() is not None]:
                running.remove(process)
                _wait(process)

    def in_a_row() -> None:
        for _ in range(cells):
            _wait(_start(folder, "plain", steps, threads))

    ours, theirs = _seconds(side_by_side), _seconds(in_a_row)
    tokens = cells * steps * STEP_TOKENS
    return BenchmarkResult(
        "pretraining-grid",
        theirs / ours,
        1.2,
        [theirs / ours],
        f"{cells} cells of {steps * STEP_TOKENS / 1e6:.1f} M tokens, {threads} processes of one thread:"
        f" {tokens / ours:,.0f} tokens/s; plain loops in a row, {threads} threads: {tokens / theirs:,.0f}",
    )


def peak_tokens_per_second(threads: int) -> float:
    """Tokens a second if a step were its matrix products alone, at the speed of a large product on this machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    one, other = torch.randn(2048, 2048), torch.randn(2048, 2048)
    best = min(_seconds(lambda: torch.mm(one, other)) for _ in range(12))
    torch.set_num_threads(before)
    width = _SHAPE["width"]
    layer = 4 * width * width + 3 * width * _SHAPE["feed_forward"]
    weights = _SHAPE["layers"] * layer + width * VOCABULARY
    attention = _SHAPE["layers"] * 2 * LENGTH * width  # scores and their product with the values, not halved
    return (2 * 2048**3 / best) / (6 * (weights + attention))


def _seconds(work: object) -> float:
    start = time.perf_counter()
    assert callable(work)
    work()
    return time.perf_counter() - start


def _start(folder: Path, kind: str, steps: int, threads: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / f"{kind}-code"),
    }
    target = tempfile.mkdtemp(dir=folder)
    command = [sys.executable, "-m", "benchmarks.pretraining", "--kind", kind, "--steps", str(steps)]
    return subprocess.Popen(
        [*command, "--folder", target], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _wait(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(errors.decode())


def _cell(folder: Path, steps: int) -> None:
    import hashlib

    import numpy as np
    from olmo_core.data.composable import InstanceSource
    from olmo_core.data.composable.instance_source import Instance

    from hormesis.pretrain import TrainingConfig, pretrain

    class Rows(InstanceSource):
        rows = _rows(steps)

        @property
        def fingerprint(self) -> str:
            return hashlib.sha256(self.rows.tobytes()).hexdigest()

        def __len__(self) -> int:
            return len(self.rows)

        def __getitem__(self, idx: int) -> Instance:
            return {"input_ids": self.rows[idx].astype(np.uint16)}

        def children(self) -> tuple[()]:
            return ()

    config = TrainingConfig(preset="micro", sequence_length=LENGTH, batch_rows=ROWS)
    source = Rows(work_dir=folder, sequence_length=LENGTH)
    pretrain(source, _tokenizer(folder / "tokenizer"), config, folder / "run", init_seed=0)


def _plain(folder: Path, steps: int) -> None:
    import torch
    from transformers import Olmo2Config, Olmo2ForCausalLM

    torch.manual_seed(0)
    config = Olmo2Config(
        vocab_size=VOCABULARY,
        hidden_size=_SHAPE["width"],
        intermediate_size=_SHAPE["feed_forward"],
        num_hidden_layers=_SHAPE["layers"],
        num_attention_heads=_SHAPE["heads"],
        num_key_value_heads=_SHAPE["heads"],
        max_position_embeddings=LENGTH,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000},
        rms_norm_eps=1e-6,
        eos_token_id=0,
        pad_token_id=None,
        use_cache=False,
    )
    model = Olmo2ForCausalLM(config)
    compiled = torch.compile(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    warmup = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / warmup))
    data = torch.from_numpy(_rows(steps)).view(steps, ROWS, LENGTH)
    for batch in data:
        loss = compiled(input_ids=batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
    model.save_pretrained(folder / "model")


def _rows(steps: int):  # type: ignore[no-untyped-def]
    import numpy as np

    weights = 1 / np.arange(1, VOCABULARY + 1)
    generator = np.random.default_rng(0)
    return generator.choice(VOCABULARY, size=(steps * ROWS, LENGTH), p=weights / weights.sum())


def _tokenizer(folder: Path) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    end = "<|endoftext|>"
    names = {end: 0, **{f"w{token}": token for token in range(1, VOCABULARY)}}
    tokenizer = Tokenizer(models.WordLevel(names, unk_token=end))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token=end, bos_token=end, pad_token=end
    )
    wrapped.save_pretrained(folder)
    return folder


def main(arguments: Sequence[str] | None = None) -> None:
    """``--full``: 4 M tokens a cell and 12 cells. The other options are for the processes that are timed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--kind", choices=("cell", "plain"))
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    if options.kind:
        (_cell if options.kind == "cell" else _plain)(options.folder, options.steps)
        return
    for result in run(not options.full):
        print(f"{result.name}: {result.ratio:.2f} (aim {result.target}) {result.note}")


if __name__ == "__main__":
    main()
