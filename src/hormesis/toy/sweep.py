"""Many settings: where do the rare features exceed the controls by more than seeds explain?

A *variant* differs from the base in one option (or in the numbers of features and dimensions) and is trained anew;
a *reading* (what a feature is, how and where its direction is found) costs next to nothing, so every variant is
read in every way. A variant's rows are written when it is done, so a sweep goes on where it was stopped.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from hormesis.files import Json, write_file, write_json
from hormesis.marks import FolderKind, claim, holds
from hormesis.representation.geometry.entanglement import random_baseline, welch_bound
from hormesis.toy.chains import build_world
from hormesis.toy.experiment import member_table, read_members
from hormesis.toy.setting import Contrast, Definition, Estimator, ReadingConfig, Setting, changed
from hormesis.toy.statistics import MINIMUM_SEEDS, benjamini_hochberg, difference, holm
from hormesis.toy.training import Members, TrainingProgress, train

#: How often the rare chain is shown, for each time that another chain is. The last makes all chains equal.
RATIOS = (0.1, 1.0)
DEFINITIONS: tuple[Definition, ...] = ("sequence", "chain", "next-token")
ESTIMATORS: tuple[Estimator, ...] = ("probe", "mean-difference", "lda")
CONTRASTS: tuple[Contrast, ...] = ("token", "pooled")
TOY = FolderKind(
    "results of the toy",
    holds(("features.parquet", "summary.json"), ("effects.parquet", "summary.json"), ("variants",)),
)


@dataclass(frozen=True)
class Variant:
    """A setting of a sweep. Every reading is taken; of its own, only how examples count and the penalty matter.

    :ivar option: what is varied, as ``part.field`` or ``features × width``.
    :ivar value: what it is set to, in words.
    :ivar every_layer: read after every block, not only at the end.
    """

    option: str
    value: str
    setting: Setting
    every_layer: bool = True

    @property
    def name(self) -> str:
        """The variant in one word group."""
        return f"{self.option} = {self.value}" if self.option != "base" else "base"


def _at_ratios(setting: Setting) -> Setting:
    # The same ratio to another chain means the same share only for the same number of chains.
    others = setting.world.chains - 1
    return setting.model_copy(update={"shares": tuple(ratio / (others + ratio) for ratio in RATIOS)})


def option_variants(base: Setting) -> list[Variant]:
    """The base and every option that the paper leaves open, one at a time."""
    steps, tokens = base.training.steps, base.world.sequence_length
    changes: list[tuple[str, str, dict[str, object]]] = [
        ("model", "position = none", {"position": "none"}),
        ("model", "position = rope", {"position": "rope"}),
        ("model", "heads = 1", {"heads": 1}),
        ("model", "heads = 4", {"heads": 4}),
        ("model", "feed_forward = 0", {"feed_forward": 0}),
        ("model", "feed_forward = 4", {"feed_forward": 4}),
        ("model", "feed_forward = 64", {"feed_forward": 64}),
        ("model", "norm = rms", {"norm": "rms"}),
        ("model", "final_norm = no", {"final_norm": False}),
        ("model", "layers = 2", {"layers": 2}),
        ("training", "optimiser = sgd", {"optimiser": "sgd", "learning_rate": 0.1, "clip": 1.0}),
        ("training", "learning_rate = third", {"learning_rate": base.training.learning_rate / 3}),
        ("training", "weight_decay = 0.1", {"weight_decay": 0.1}),
        ("training", "schedule = constant", {"schedule": "constant"}),
        ("training", "steps = none", {"steps": 0}),
        ("training", "steps = tenth", {"steps": max(1, steps // 10)}),
        ("training", "steps = third", {"steps": max(1, steps // 3)}),
        ("training", "steps = triple", {"steps": steps * 3}),
        ("training", "batch = exact", {"batch_sequences": 0}),
        ("world", "tokens = half more", {"sequence_length": tokens + tokens // 2}),
        ("world", "tokens = fewer", {"sequence_length": 2 * base.world.states + 1}),
        ("world", "cycles = drawn 1", {"cycles": "drawn", "cycle_seed": 1}),
        ("world", "cycles = drawn 2", {"cycles": "drawn", "cycle_seed": 2}),
        ("reading", "examples = share", {"examples": "share"}),
    ]
    variants = [Variant("base", "", _at_ratios(base))]
    for part, text, fields in changes:
        option, value = text.split(" = ")
        variants.append(Variant(f"{part}.{option}", value, _at_ratios(changed(base, part, **fields))))
    return variants


def size_variants(base: Setting, widths: Sequence[int] = (4, 8, 16, 32)) -> list[Variant]:
    """Features × width: 12 (3 chains, 4 states), 24 (6 chains, 4 states) and 48 (8 chains, 6 states) features."""
    variants: list[Variant] = []
    for (chains, states), width in itertools.product([(3, 4), (6, 4), (8, 6)], widths):
        world = changed(base, "world", chains=chains, states=states)
        setting = changed(world, "model", width=width, feed_forward=4 * width)
        size = f"{chains * states} × {width}"
        variants.append(Variant("features × width", size, _at_ratios(setting), every_layer=False))
    return variants


def readings(setting: Setting, *, every_layer: bool = True) -> list[ReadingConfig]:
    """Every way to read a member: definition × estimator × contrast, after each block and after the final norm; all
    else as the setting's own reading.
    """
    layers = setting.model.layers
    places: list[tuple[int, bool]] = [(layer, False) for layer in range(1 if every_layer else layers, layers + 1)]
    if setting.model.final_norm:
        places.append((layers, True))
    ways = itertools.product(DEFINITIONS, ESTIMATORS, CONTRASTS, places)
    return [
        changed(
            setting, "reading",
            definition=definition, estimator=estimator, contrast=contrast, layer=layer, after_norm=norm,
        ).reading
        for definition, estimator, contrast, (layer, norm) in ways
    ]  # fmt: skip


def place_name(reading: ReadingConfig) -> str:
    """Where a reading takes place, in words."""
    return "after norm" if reading.after_norm else f"block {reading.layer}"


def measure(variant: Variant, progress: Callable[[TrainingProgress], None] | None = None) -> pd.DataFrame:
    """Train a variant and read it in every way: one row for each member and reading (see :func:`member_table`)."""
    setting = variant.setting
    world = build_world(setting.world)
    trained = train(
        world,
        setting.model,
        setting.training,
        Members.cross(setting.shares, setting.seed_numbers),
        progress=progress,
    )
    ways = readings(setting, every_layer=variant.every_layer)
    tables: list[pd.DataFrame] = []
    for reading, features in zip(ways, read_members(world, setting, trained, ways), strict=True):
        table = member_table(features, setting.learned_excess)
        table["ratio"] = table["share"].map(dict(zip(setting.shares, RATIOS, strict=True)))
        table["definition"], table["estimator"] = reading.definition, reading.estimator
        table["contrast"], table["place"] = reading.contrast, place_name(reading)
        table["last"] = reading.layer == setting.model.layers and not reading.after_norm
        table["features"] = int(features["feature"].nunique())
        tables.append(table)
    rows = pd.concat(tables, ignore_index=True)
    rows.insert(0, "option", variant.option)
    rows.insert(1, "value", variant.value)
    rows["width"] = setting.model.width
    return rows


def run_variants(
    variants: Sequence[Variant],
    folder: Path,
    *,
    started: Callable[[Variant], None] | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> pd.DataFrame:
    """Measure the variants that ``folder`` does not hold yet; return the rows of all of them.

    A variant is kept as ``variants/HASH.parquet`` beside ``variants/HASH.json`` (its setting). Ctrl-C loses only
    the variant under way.

    :raises HormesisError: ``folder`` holds something else than results of the toy.
    """
    claim(folder, TOY)
    tables: list[pd.DataFrame] = []
    for variant in variants:
        path = folder / "variants" / f"{variant.setting.identity()[:16]}.parquet"
        if not path.exists():
            if started is not None:
                started(variant)
            rows = measure(variant, progress)
            write_json(path.with_suffix(".json"), {"option": variant.option, "setting": variant.setting.as_json()})
            with write_file(path) as temporary:
                rows.to_parquet(temporary, index=False)
        # The same setting can stand under two names (the base is also one cell of features × width).
        tables.append(pd.read_parquet(path).assign(option=variant.option, value=variant.value))
    return pd.concat(tables, ignore_index=True)


def effects(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for each variant, reading and ratio: entanglement of the rare features less that of the controls.

    ``mean``, ``low``, ``high`` (95 % t-interval over seeds), ``effect`` (Hedges' g of the paired difference) and
    ``p_value`` use members that learned every chain; ``mean_all`` … ``p_value_all`` use every member. ``p_holm``
    and ``p_bh`` are corrected for all rows with the rare chain rarer than the others (the settings tried);
    ``p_holm_all`` likewise. ``change`` and ``fall`` (see ``_changes``) compare with equal shares; their intervals,
    p-values and corrections are named alike. ``welch`` and ``chance`` (random directions) go with each.
    """
    keys = [
        "option",
        "value",
        "definition",
        "estimator",
        "contrast",
        "place",
        "last",
        "features",
        "width",
        "ratio",
    ]
    found: list[dict[str, object]] = []
    for key, group in rows.groupby(keys, sort=False, observed=True):
        learned, everyone = group[group["learned"]], group
        row: dict[str, object] = dict(zip(keys, key, strict=True))
        row |= {"members": len(group), "learned": len(learned), "share": float(group["share"].iloc[0])}
        for suffix, used in (("", learned), ("_all", everyone)):
            result = difference(used["difference"].to_numpy(dtype=np.float64))
            row |= {
                f"mean{suffix}": result.mean,
                f"low{suffix}": result.low,
                f"high{suffix}": result.high,
                f"effect{suffix}": result.effect,
                f"p_value{suffix}": result.p_value,
                f"rare{suffix}": float(used["rare"].mean()),
                f"controls{suffix}": float(used["controls"].mean()),
            }
        found.append(row)
    table = pd.DataFrame(found).merge(_changes(rows, keys[:-1]), on=keys, how="left")
    rarer = table["ratio"].to_numpy(dtype=np.float64) < 1.0
    for suffix in ("", "_all", "_change", "_change_all"):
        p_values = table[f"p_value{suffix}"].to_numpy(dtype=np.float64)
        family = np.where(rarer, p_values, np.nan)
        table[f"p_holm{suffix}"] = holm(family)
        table[f"p_bh{suffix}"] = benjamini_hochberg(family)
    sizes = {(int(n), int(m)) for n, m in zip(table["features"], table["width"], strict=True)}
    chance = {size: random_baseline(*size, draws=4000).mean for size in sizes}
    pairs = list(zip(table["features"].astype(int), table["width"].astype(int), strict=True))
    table["chance"] = [chance[pair] for pair in pairs]
    table["welch"] = [welch_bound(*pair) for pair in pairs]
    return table


def _changes(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """For each reading and each ratio below 1: what making the chain rare changes, paired by seed.

    ``change`` is the difference (rare less controls) at that ratio less the one at equal shares: it leaves out what
    the last chain has of its own. ``fall`` is the same for the rare features alone, as in the paper.
    """
    found: list[dict[str, object]] = []
    for key, group in rows.groupby(keys, sort=False, observed=True):
        for suffix, used in (("", group[group["learned"]]), ("_all", group)):
            wide = used.pivot(index="seed", columns="ratio", values=["difference", "rare"])
            for ratio in sorted(set(group["ratio"]) - {1.0}):
                row: dict[str, object] = dict(zip([*keys, "ratio", "suffix"], [*key, ratio, suffix], strict=True))
                for name, column in (("change", "difference"), ("fall", "rare")):
                    both = (column, ratio) in wide and (column, 1.0) in wide
                    values = wide[column, ratio] - wide[column, 1.0] if both else pd.Series(dtype=np.float64)
                    result = difference(values.to_numpy(dtype=np.float64))
                    row |= {name: result.mean, f"{name}_low": result.low, f"{name}_high": result.high}
                    row |= {f"p_value_{name}": result.p_value, f"{name}_n": result.n}
                found.append(row)
    table = pd.DataFrame(found)
    learned, everyone = (table[table["suffix"] == suffix].drop(columns="suffix") for suffix in ("", "_all"))
    return learned.merge(everyone, on=[*keys, "ratio"], suffixes=("", "_all"))


def sweep_summary(table: pd.DataFrame) -> Json:
    """The sweep in a few figures, for ``summary.json``: how many tests, and how many of them survive correction.

    ``difference``: rare less controls; ``change``: that, less the same at equal shares.
    """
    rarer = table[table["ratio"] < 1.0]
    summary: dict[str, Json] = {
        "variants": int(table.groupby(["option", "value"]).ngroups),
        "variants_with_a_learned_rare_chain": int(
            rarer[rarer["learned"] >= MINIMUM_SEEDS].groupby(["option", "value"]).ngroups
        ),
    }
    for name, mean, p_value in (
        ("difference_learned", "mean", ""), ("difference_all", "mean_all", "_all"),
        ("change_learned", "change", "_change"), ("change_all", "change_all", "_change_all"),
    ):  # fmt: skip
        tested = rarer[rarer[f"p_value{p_value}"].notna()]
        counts: dict[str, Json] = {"tests": len(tested)}
        for correction in ("holm", "bh"):
            passed = tested[tested[f"p_{correction}{p_value}"] < 0.05]
            counts[f"higher_{correction}"] = int((passed[mean] > 0).sum())
            counts[f"lower_{correction}"] = int((passed[mean] < 0).sum())
        counts["uncorrected_below_0.05"] = int((tested[f"p_value{p_value}"] < 0.05).sum())
        counts["median"] = float(tested[mean].median()) if len(tested) else None
        summary[name] = counts
    return summary
