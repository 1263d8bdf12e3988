"""``hormesis toy …``: the toy experiment and its sweep."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hormesis.cli.lazy import Later, LazyGroup, derived, fields_as_options
from hormesis.cli.screen import Screen

app = typer.Typer(
    cls=LazyGroup.of({"run": Later("hormesis.cli.toy:run_setting"), "sweep": Later("hormesis.cli.toy:sweep_settings")}),
    no_args_is_help=True,
    add_completion=False,
    help=(
        "The toy: does rarity entangle a feature? Small decoders read cyclic Markov chains, one of which is rare; "
        "the entanglement of a feature is the largest |cosine| between its direction and another's. Compare it "
        "with random directions before you believe it."
    ),
)


@app.callback()
def _group() -> None:
    """A group, whose help is above."""


OutOption = Annotated[Path, typer.Option("--out", help="folder for figures, Parquet and summary.json")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="threads; default: PyTorch's choice")]
_PANELS = {
    "world": "World and model",
    "model": "World and model",
    "training": "How a member is trained",
    "reading": "How a direction is read",
}


def _threads(threads: int | None) -> None:
    if threads is not None:
        import torch

        torch.set_num_threads(threads)


def _setting_options() -> Iterator[inspect.Parameter]:
    from hormesis.toy.setting import Setting

    for part, panel in _PANELS.items():
        yield from fields_as_options(type(getattr(Setting(), part)), panel)


@derived(_setting_options)
def run_setting(
    screen: Screen,
    out: OutOption,
    share: Annotated[
        list[float] | None,
        typer.Option(help="a share of the rare chain; repeat the option (default: nine, 0.5 % to 1/3)"),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="seeds at each share")] = 20,
    learned_excess: Annotated[
        float, typer.Option(help="loss above its floor up to which a chain counts as learned, nats a token")
    ] = 0.1,
    threads: ThreadsOption = None,
    **fields: object,
) -> None:
    """Train all shares × seeds of one setting at once, measure every feature and draw it.

    The defaults are the paper's set-up: 3 chains over 4 states, 12 features, 4 layers, width 4. Each figure carries
    the Welch bound and random directions, and the loss against its floor: where a chain was not learned, its
    directions say nothing, and the figure says so. A result that is already in --out is not computed again.
    """
    from hormesis.toy.setting import DEFAULT_SHARES, Setting

    parts = {part: type(getattr(Setting(), part)).model_fields for part in _PANELS}
    values: dict[str, object] = {part: {name: fields[name] for name in names} for part, names in parts.items()}
    values |= {"shares": tuple(sorted(share)) if share else DEFAULT_SHARES}
    setting = Setting.model_validate(values | {"seeds": seeds, "learned_excess": learned_excess})

    from hormesis.marks import check_claimable
    from hormesis.toy.experiment import run
    from hormesis.toy.storage import read_result, write_result
    from hormesis.toy.sweep import TOY
    from hormesis.toy.verdict import describe

    check_claimable(out, TOY)
    _threads(threads)
    result = read_result(out, setting)
    if result is None:
        name = f"{len(setting.shares)} shares × {setting.seeds} seeds"
        with screen.steps() as step:
            result = run(setting, progress=lambda at: step(name, at.step, at.steps))
        write_result(result, out)
    screen.say(*describe(result), f"Figure, tables and summary: {out}")
    screen.result({"setting": setting, "said": describe(result), "out": out})


def sweep_settings(
    screen: Screen,
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
    from rich.table import Table

    from hormesis.toy import storage, sweep
    from hormesis.toy.setting import Setting, changed

    _threads(threads)
    base = changed(Setting(seeds=seeds), "training", steps=steps)
    small = changed(Setting(seeds=size_seeds), "training", steps=size_steps)
    variants = [*(sweep.option_variants(base) if options else []), *(sweep.size_variants(small) if sizes else [])]
    under_way = ""
    with screen.steps() as step:

        def started(variant: sweep.Variant) -> None:
            nonlocal under_way
            under_way = f"{variants.index(variant) + 1}/{len(variants)} {variant.name}"

        rows = sweep.run_variants(
            variants, out, started=started, progress=lambda at: step(under_way, at.step, at.steps)
        )
    table = storage.write_sweep(rows, out)
    rarer = table[(table["ratio"] < 1) & (table["p_holm"] < 0.05)].sort_values("mean", ascending=False)
    shown = Table("variant", "reading", "share", "rare − others", "95 % interval", "p (Holm)", "learned")
    for row in rarer.head(15).to_dict("records"):
        reading = f"{row['definition']}, {row['estimator']}, {row['contrast']}, {row['place']}"
        shown.add_row(
            f"{row['option']} {row['value']}", reading, f"{row['share']:.3f}", f"{row['mean']:+.3f}",
            f"{row['low']:+.3f} … {row['high']:+.3f}", f"{row['p_holm']:.2g}", f"{row['learned']}/{row['members']}",
        )  # fmt: skip
    tested = int((table["ratio"] < 1).sum())
    higher = int((rarer["mean"] > 0).sum())
    screen.say(
        f"{tested} settings with a rare chain: the rare features are more entangled in {higher}, less in "
        f"{len(rarer) - higher} (p < 0.05 after Holm, members that learned)."
    )
    if len(rarer):
        screen.say(shown)
    screen.say(f"Figures, tables and summary: {out}")
    screen.result(table)
