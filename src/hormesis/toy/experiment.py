"""One setting from start to end: train all members, read their directions, compare the rare chain with the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hormesis.representation.geometry.entanglement import (
    RandomBaseline,
    entanglements,
    random_baseline,
    spread_baseline,
    welch_bound,
)
from hormesis.reprs import short_repr
from hormesis.toy.chains import World, build_world
from hormesis.toy.directions import (
    feature_directions,
    feature_labels,
    residual_stream,
    stream_index,
)
from hormesis.toy.setting import ReadingConfig, Setting
from hormesis.toy.statistics import MINIMUM_SEEDS, Difference, difference
from hormesis.toy.training import Members, TrainedMembers, TrainingProgress, train


@dataclass(frozen=True)
class Fall:
    """Entanglement of the rare features at one share less that at another (both NaN if there are not two)."""

    smallest: float
    largest: float
    change: Difference


@short_repr
@dataclass(frozen=True)
class ToyResult:
    """What a setting gave.

    :ivar features: one row for each member and feature: ``share``, ``seed``, ``feature``, ``chain``, ``rare``,
        ``entanglement``, ``spread_chance`` (of its member: :func:`hormesis.representation.geometry.spread_baseline`),
        ``loss`` and ``floor`` of its chain (nats a token), ``learned`` (of its chain).
    :ivar curves: one row for each member, chain and recorded step: ``share``, ``seed``, ``chain``, ``step``,
        ``excess`` (loss above the floor).
    """

    setting: Setting
    features: pd.DataFrame
    curves: pd.DataFrame

    @property
    def feature_count(self) -> int:
        """Features that the directions stand for (12 sequences, or 3 chains, by default)."""
        return int(self.features["feature"].nunique())

    @property
    def welch(self) -> float:
        """The Welch bound for these features and this width."""
        return welch_bound(self.feature_count, self.setting.model.width)

    def baseline(self, *, rare_only: bool = False) -> RandomBaseline:
        """Random directions, for the mean over all features or over the rare chain's."""
        group = int(self.features.groupby("feature")["rare"].first().sum()) if rare_only else None
        return random_baseline(self.feature_count, self.setting.model.width, group=group)

    def members(self) -> pd.DataFrame:
        """One row a member: ``share``, ``seed``, ``rare`` and ``controls`` (mean entanglement of the two groups),
        ``difference``, ``excess_rare`` and ``excess_controls`` (largest over the control chains), ``learned_rare``,
        ``learned`` (every chain).
        """
        return member_table(self.features, self.setting.learned_excess)

    def shares(self, *, learned_only: bool = True) -> pd.DataFrame:
        """One row a share: members, how many learned, and mean and 95 % interval over seeds of ``rare``,
        ``controls`` and ``difference``.

        :param learned_only: leave out members that did not learn every chain.
        """
        rows: list[dict[str, float | int]] = []
        for share, group in self.members().groupby("share"):
            used = group[group["learned"]] if learned_only else group
            row: dict[str, float | int] = {
                "share": float(str(share)), "members": len(group), "learned": int(group["learned"].sum()),
                "spread_chance": float(used["spread_chance"].mean()),
            }  # fmt: skip
            for name in ("rare", "controls", "difference"):
                found = difference(used[name].to_numpy(dtype=np.float64))
                row |= {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
                if name == "difference":
                    row |= {"effect": found.effect, "p_value": found.p_value}
            rows.append(row)
        return pd.DataFrame(rows)

    def judged(self) -> tuple[float, ...]:
        """The shares that say something about geometry: at least half of the seeds, and at least five, learned
        every chain.
        """
        counts = self.members().groupby("share")["learned"].agg(["sum", "size"])
        sound = (counts["sum"] >= MINIMUM_SEEDS) & (2 * counts["sum"] >= counts["size"])
        return tuple(float(share) for share in counts.index[sound])

    def fall(self, *, learned_only: bool = True) -> Fall:
        """The paper's effect: entanglement of the rare features at the smallest share, less at the largest, paired
        by seed (same initialisation). The paper's would be about +0.15.

        :param learned_only: only members that learned every chain, between the ends of :meth:`judged`.
        """
        members = self.members()
        used = members[members["learned"]] if learned_only else members
        shares = self.judged() if learned_only else tuple(sorted(members["share"].unique()))
        if len(shares) < 2:
            return Fall(math.nan, math.nan, difference([]))
        by_seed = used.pivot(index="seed", columns="share", values="rare")
        change = (by_seed[shares[0]] - by_seed[shares[-1]]).to_numpy(dtype=np.float64)
        return Fall(float(shares[0]), float(shares[-1]), difference(change))


def member_table(features: pd.DataFrame, learned_excess: float) -> pd.DataFrame:
    """Fold a table of features (see :class:`ToyResult`) into one row a member."""
    keys = ["share", "seed"]
    rare = features[features["rare"]].groupby(keys)
    controls = features[~features["rare"]].assign(excess=lambda table: table["loss"] - table["floor"]).groupby(keys)
    table = pd.DataFrame(
        {
            "rare": rare["entanglement"].mean(),
            "controls": controls["entanglement"].mean(),
            "excess_rare": rare["loss"].first() - rare["floor"].first(),
            "excess_controls": controls["excess"].max(),
            "spread_chance": rare["spread_chance"].first(),
        }
    )
    table["difference"] = table["rare"] - table["controls"]
    table["learned_rare"] = table["excess_rare"] <= learned_excess
    table["learned"] = table["learned_rare"] & (table["excess_controls"] <= learned_excess)
    return table.reset_index()


def _floors(world: World, members: Members) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    by_share = {share: world.floor(share) for share in set(members.shares)}
    return np.stack([by_share[share] for share in members.shares])


def read_members(
    world: World,
    setting: Setting,
    trained: TrainedMembers,
    readings: Iterable[ReadingConfig],
    *,
    with_spread: bool = False,
) -> list[pd.DataFrame]:
    """Read trained members in several ways; one table of features (see :class:`ToyResult`) for each reading.

    :param with_spread: fill ``spread_chance`` (NaN otherwise: it costs more than the reading itself).
    """
    stream = residual_stream(world, setting.model, trained)
    floors, losses = _floors(world, trained.members), trained.losses[-1]
    tables: list[pd.DataFrame] = []
    for reading in readings:
        directions = feature_directions(
            stream[stream_index(reading, setting.model)], world, reading, trained.members.shares
        )
        values = entanglements(directions).numpy()
        spread = spread_baseline(directions).numpy() if with_spread else np.full(len(values), np.nan)
        chain = feature_labels(world, reading.definition)[1].numpy()
        members, features = values.shape
        tables.append(
            pd.DataFrame(
                {
                    "share": np.repeat(trained.members.shares, features),
                    "seed": np.repeat(trained.members.seeds, features),
                    "feature": np.tile(np.arange(features), members),
                    "chain": np.tile(chain, members),
                    "rare": np.tile(chain == world.config.chains - 1, members),
                    "entanglement": values.ravel(),
                    "spread_chance": np.repeat(spread, features),
                    "loss": losses[:, chain].ravel(),
                    "floor": floors[:, chain].ravel(),
                    "learned": (losses - floors <= setting.learned_excess)[:, chain].ravel(),
                }
            )
        )
    return tables


def _curves(world: World, trained: TrainedMembers) -> pd.DataFrame:
    records, members, chains = trained.losses.shape
    excess = trained.losses - _floors(world, trained.members)
    return pd.DataFrame(
        {
            "share": np.tile(np.repeat(trained.members.shares, chains), records),
            "seed": np.tile(np.repeat(trained.members.seeds, chains), records),
            "chain": np.tile(np.arange(chains), records * members),
            "step": np.repeat(trained.steps, members * chains),
            "excess": excess.ravel(),
        }
    )


def run(
    setting: Setting | None = None,
    *,
    compiled: bool | None = None,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> ToyResult:
    """Train every share × seed of a setting at once and measure the entanglement of every feature.

    :param compiled: see :func:`hormesis.toy.training.train`.
    :raises HormesisError: the setting contradicts itself (too many chains, sequences too short, …).
    """
    setting = Setting() if setting is None else setting
    world = build_world(setting.world)
    stream_index(setting.reading, setting.model)  # a bad reading should fail before, not after, the training
    members = Members.cross(setting.shares, setting.seed_numbers)
    trained = train(world, setting.model, setting.training, members, compiled=compiled, progress=progress)
    table = read_members(world, setting, trained, [setting.reading], with_spread=True)[0]
    return ToyResult(setting=setting, features=table, curves=_curves(world, trained))
