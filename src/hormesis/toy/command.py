"""``hormesis toy …``: what a user types. PyTorch is imported when a command runs, not for its help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from hormesis.errors import HormesisError
from hormesis.toy.setting import (
    DEFAULT_SHARES,
    ModelConfig,
    ReadingConfig,
    Setting,
    TrainingConfig,
    WorldConfig,
    changed,
)

if TYPE_CHECKING:
    from hormesis.toy.sweep import Variant
    from hormesis.toy.training import TrainingProgress

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "The toy: does rarity entangle a feature? Small decoders read cyclic Markov chains, one of which is rare; "
        "the entanglement of a feature is the largest |cosine| between its direction and another's. Compare it "
        "with random directions before you believe it."
    ),
)
WORLD, MODEL, TRAINING, READING = WorldConfig(), ModelConfig(), TrainingConfig(), ReadingConfig()
OutOption = Annotated[Path, typer.Option("--out", help="folder for figures, Parquet and summary.json")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="threads; default: PyTorch's choice")]
LEARN, READ = "How a member is trained", "How a direction is read"
BUILD = "World and model"


class _Display:
    """A progress bar for trainings, on standard error."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
        )
        self._bars = Progress(
            *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
        )
        self._task = self._bars.add_task("training", total=None)

    def __enter__(self) -> _Display:
        self._bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bars.stop()

    def started(self, description: str) -> None:
        self._bars.reset(self._task, description=description, total=None)

    def moved(self, progress: TrainingProgress) -> None:
        self._bars.update(self._task, completed=progress.step, total=progress.steps)


def _threads(threads: int | None) -> None:
    if threads is not None:
        import torch

        torch.set_num_threads(threads)


def _setting(values: dict[str, object]) -> Setting:
    try:
        return Setting.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][-1]).replace("_", "-")
        raise HormesisError(
            f"{option} {first['input']}: {first['msg']}", "see `hormesis toy run --help` for what it takes"
        ) from error


@app.command("run")
def run_command(
    out: OutOption,
    shares: Annotated[
        list[float] | None,
        typer.Option("--share", help="a share of the rare chain; repeat the option (default: nine, 0.5 % to 1/3)"),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="seeds at each share")] = 20,
    learned_excess: Annotated[
        float, typer.Option(help="loss above its floor up to which a chain counts as learned, nats a token")
    ] = 0.1,
    chains: Annotated[int, typer.Option(help="chains; the last is rare", rich_help_panel=BUILD)] = WORLD.chains,
    states: Annotated[int, typer.Option(help="states that they share", rich_help_panel=BUILD)] = WORLD.states,
    cycles: Annotated[str, typer.Option(help="lexicographic | drawn", rich_help_panel=BUILD)] = WORLD.cycles,
    cycle_seed: Annotated[int, typer.Option(help="for drawn cycles", rich_help_panel=BUILD)] = WORLD.cycle_seed,
    sequence_length: Annotated[
        int, typer.Option(help="tokens of a sequence", rich_help_panel=BUILD)
    ] = WORLD.sequence_length,
    layers: Annotated[int, typer.Option(help="blocks", rich_help_panel=BUILD)] = MODEL.layers,
    width: Annotated[int, typer.Option(help="residual stream, dimensions", rich_help_panel=BUILD)] = MODEL.width,
    heads: Annotated[int, typer.Option(help="attention heads", rich_help_panel=BUILD)] = MODEL.heads,
    feed_forward: Annotated[
        int, typer.Option(help="hidden units; 0: none", rich_help_panel=BUILD)
    ] = MODEL.feed_forward,
    position: Annotated[str, typer.Option(help="none | learned | rope", rich_help_panel=BUILD)] = MODEL.position,
    norm: Annotated[str, typer.Option(help="layer | rms", rich_help_panel=BUILD)] = MODEL.norm,
    final_norm: Annotated[
        bool, typer.Option(help="norm before the unembedding", rich_help_panel=BUILD)
    ] = MODEL.final_norm,
    optimiser: Annotated[str, typer.Option(help="adamw | sgd", rich_help_panel=LEARN)] = TRAINING.optimiser,
    learning_rate: Annotated[float, typer.Option(help="peak", rich_help_panel=LEARN)] = TRAINING.learning_rate,
    schedule: Annotated[str, typer.Option(help="constant | cosine", rich_help_panel=LEARN)] = TRAINING.schedule,
    weight_decay: Annotated[float, typer.Option(help="weight decay", rich_help_panel=LEARN)] = TRAINING.weight_decay,
    clip: Annotated[
        float | None, typer.Option(help="largest gradient norm of a member", rich_help_panel=LEARN)
    ] = TRAINING.clip,
    steps: Annotated[int, typer.Option(help="updates; 0: untrained", rich_help_panel=LEARN)] = TRAINING.steps,
    batch_sequences: Annotated[
        int, typer.Option(help="sequences of an update; 0: the exact expected loss", rich_help_panel=LEARN)
    ] = TRAINING.batch_sequences,
    definition: Annotated[
        str, typer.Option(help="sequence | chain | next-token", rich_help_panel=READ)
    ] = READING.definition,
    estimator: Annotated[
        str, typer.Option(help="probe | mean-difference | lda", rich_help_panel=READ)
    ] = READING.estimator,
    contrast: Annotated[
        str,
        typer.Option(help="token: against the same last token; pooled: against all", rich_help_panel=READ),
    ] = READING.contrast,
    average: Annotated[
        str, typer.Option(help="unit | raw: length of the last tokens' directions", rich_help_panel=READ)
    ] = READING.average,
    examples: Annotated[
        str, typer.Option(help="equal | share: sequences count as often as in training", rich_help_panel=READ)
    ] = READING.examples,
    layer: Annotated[
        int | None, typer.Option(help="0: embeddings (default: after the last block)", rich_help_panel=READ)
    ] = READING.layer,
    after_norm: Annotated[
        bool, typer.Option(help="read through the final norm", rich_help_panel=READ)
    ] = READING.after_norm,
    first_position: Annotated[
        int | None, typer.Option(help="first position read (default: after one cycle)", rich_help_panel=READ)
    ] = READING.first_position,
    penalty: Annotated[float, typer.Option(help="the probe's L2 penalty", rich_help_panel=READ)] = READING.penalty,
    threads: ThreadsOption = None,
) -> None:
    """Train all shares × seeds of one setting at once, measure every feature and draw it.

    The defaults are the paper's set-up: 3 chains over 4 states, 12 features, 4 layers, width 4. Each figure carries
    the Welch bound and random directions, and the loss against its floor: where a chain was not learned, its
    directions say nothing, and the figure says so. A result that is already in --out is not computed again.
    """
    from hormesis.toy.experiment import run
    from hormesis.toy.storage import read_result, write_result
    from hormesis.toy.verdict import describe

    _threads(threads)
    setting = _setting(
        {
            "world": {
                "chains": chains, "states": states, "cycles": cycles, "cycle_seed": cycle_seed,
                "sequence_length": sequence_length,
            },
            "model": {
                "layers": layers, "width": width, "heads": heads, "feed_forward": feed_forward,
                "position": position, "norm": norm, "final_norm": final_norm,
            },
            "training": {
                "optimiser": optimiser, "learning_rate": learning_rate, "schedule": schedule,
                "weight_decay": weight_decay, "clip": clip, "steps": steps, "batch_sequences": batch_sequences,
            },
            "reading": {
                "definition": definition, "estimator": estimator, "contrast": contrast, "average": average,
                "examples": examples,
                "layer": layer, "after_norm": after_norm, "first_position": first_position, "penalty": penalty,
            },
            "shares": tuple(sorted(shares)) if shares else DEFAULT_SHARES,
            "seeds": seeds,
            "learned_excess": learned_excess,
        }
    )  # fmt: skip
    result = read_result(out, setting)
    if result is None:
        with _Display() as display:
            display.started(f"{len(setting.shares)} shares × {setting.seeds} seeds")
            result = run(setting, progress=display.moved)
        write_result(result, out)
    console = Console()
    for line in describe(result):
        console.print(line, highlight=False, soft_wrap=True)
    console.print(f"Figure, tables and summary: {out}", highlight=False)


@app.command("sweep")
def sweep_command(
    out: OutOption,
    seeds: Annotated[int, typer.Option(min=1, help="seeds at each share, options")] = 16,
    steps: Annotated[int, typer.Option(min=1, help="updates, options")] = 2000,
    size_seeds: Annotated[int, typer.Option(min=1, help="seeds at each share, features × width")] = 8,
    size_steps: Annotated[int, typer.Option(min=1, help="updates, features × width")] = 1000,
    sizes: Annotated[bool, typer.Option(help="vary features and width as well (12–48 × 4–32)")] = True,
    options: Annotated[bool, typer.Option(help="vary what the paper leaves open, one at a time")] = True,
    threads: ThreadsOption = None,
) -> None:
    """Vary what the paper leaves open, and features × width, and test the rare chain against the others in each.

    Each variant is trained at three shares (the rare chain shown 0.1, 0.3 and 1 times as often as another) and read
    in every way: definition × estimator × contrast × place. Every p-value is corrected for the number of settings
    tried. Stop it with Ctrl-C and start it again: finished variants in --out are kept.
    """
    from hormesis.toy import storage, sweep

    _threads(threads)
    base = changed(Setting(seeds=seeds), "training", steps=steps)
    small = changed(Setting(seeds=size_seeds), "training", steps=size_steps)
    variants = [*(sweep.option_variants(base) if options else []), *(sweep.size_variants(small) if sizes else [])]
    with _Display() as display:

        def started(variant: Variant) -> None:
            display.started(f"{variants.index(variant) + 1}/{len(variants)} {variant.name}")

        rows = sweep.run_variants(variants, out, started=started, progress=display.moved)
    table = storage.write_sweep(rows, out)
    rarer = table[(table["ratio"] < 1) & (table["p_holm"] < 0.05)].sort_values("mean", ascending=False)
    console = Console()
    shown = Table("variant", "reading", "share", "rare − others", "95 % interval", "p (Holm)", "learned")
    for row in rarer.head(15).to_dict("records"):
        reading = f"{row['definition']}, {row['estimator']}, {row['contrast']}, {row['place']}"
        shown.add_row(
            f"{row['option']} {row['value']}", reading, f"{row['share']:.3f}", f"{row['mean']:+.3f}",
            f"{row['low']:+.3f} … {row['high']:+.3f}", f"{row['p_holm']:.2g}", f"{row['learned']}/{row['members']}",
        )  # fmt: skip
    tested = int((table["ratio"] < 1).sum())
    higher = int((rarer["mean"] > 0).sum())
    console.print(
        f"{tested} settings with a rare chain: the rare features are more entangled in {higher}, less in "
        f"{len(rarer) - higher} (p < 0.05 after Holm, members that learned).",
        highlight=False,
    )
    if len(rarer):
        console.print(shown)
    console.print(f"Figures, tables and summary: {out}", highlight=False)


if __name__ == "__main__":
    app()
