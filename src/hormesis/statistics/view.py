"""What every statistic reads: a checked, normalised view of the measurement rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hormesis.errors import HormesisError
from hormesis.reprs import short_repr
from hormesis.statistics.arms import Arms
from hormesis.statistics.cost import CostDefinition
from hormesis.statistics.geometry import GEOMETRY_METRICS
from hormesis.statistics.pooling import QUANTITY, SEEDS, pool_over_seeds, seed_labels
from hormesis.statistics.recipes import with_recipes_as_methods

TEXT = ["cell", "budget", "method", "site", "metric", "domain", "scorer", "scorer_revision", "code"]
NUMBERS = ["share", *SEEDS, "strength", "heads", "value", "n", "low", "high"]
TOXICITY_METRICS = {
    "toxicity_mean": "mean toxicity",
    "emt": "expected maximum toxicity",
    "toxicity_probability": "toxicity probability",
}
_OF_OTHER_MODELS = frozenset({"tampering", "training_tokens"})
"""Columns that are filled where a row is about what became of a model, or what it was before."""
_FIRST_DOMAINS = ["rtp", "toxigen", "microworld", "clean", "toxic"]


def in_order(domains: Sequence[str]) -> list[str]:
    """Domains in the order in which the page shows them: the known ones first, then by name."""
    known = {domain: place for place, domain in enumerate(_FIRST_DOMAINS)}
    return sorted(set(domains), key=lambda domain: (known.get(domain, len(known)), domain))


@dataclass(frozen=True)
class PromptSet:
    """A set of prompts and the scorer that judged the continuations: what a toxicity is a toxicity *of*.

    :param domain: name of the prompts, such as ``rtp``.
    """

    domain: str
    scorer: str
    scorer_revision: str

    @property
    def scored_by(self) -> str:
        """Scorer and revision, as printed on figures."""
        return f"{self.scorer or 'unnamed scorer'} @ {self.scorer_revision or 'no revision'}"


@short_repr
@dataclass(frozen=True)
class Measurements:
    """Measurement rows sorted by what they are about. Nothing here changes a frame in place.

    :param seeds: one row for each quantity of each trained model, plus the column ``seed`` (its label).
    :param pooled: one row for each quantity over all seeds, plus ``seeds`` (how many) and ``interval`` (what
        ``low`` and ``high`` are; see :mod:`hormesis.statistics.pooling`).
    :param heads: one row for each attention head of each model: ``site`` is ``layer.head``.
    :param layers: geometry of concepts (:data:`hormesis.statistics.geometry.GEOMETRY_METRICS`), a row a site.
    :param unusable: rows whose value is missing (a score or a fit that failed); they are in no other frame.
    """

    seeds: pd.DataFrame
    pooled: pd.DataFrame
    heads: pd.DataFrame
    layers: pd.DataFrame
    unusable: pd.DataFrame
    arms: Arms
    main_scorer: tuple[str, str] | None = None

    @classmethod
    def of(cls, frame: pd.DataFrame, main_scorer: tuple[str, str] | None = None) -> Measurements:
        """Check and sort the rows of finished models that nobody tampered with; others have statistics of their own
        (:func:`~hormesis.statistics.geometry.along_training`, :func:`~hormesis.statistics.recovery.recovery_table`).

        :param main_scorer: (scorer, revision) of the one that comes first where several judged the same texts.
        :param frame: measurements in the columns of ``hormesis.evaluate.Measurement``; others are ignored.
        :raises HormesisError: no rows, a missing column, a number that is none, or two values for one
            quantity.
        """
        arms = Arms.of(frame) if "method" in frame else Arms({}, {}, {})
        for column in _OF_OTHER_MODELS.intersection(frame.columns):
            frame = frame[frame[column].isna()]
        rows = _normalised(with_recipes_as_methods(frame))
        unusable = rows[rows["value"].isna()]
        rows = rows[rows["value"].notna()]
        if rows.empty:
            raise HormesisError(
                f"none of the {len(frame)} measurements has a value",
                "see the log of the run for what failed, then run the study again",
            )
        is_pooled = (rows["cell"] == "pooled") | rows["init_seed"].isna()
        sited = rows["site"] != ""
        seeds = _with_cost(rows[~is_pooled & ~sited])
        stored = _with_cost(rows[is_pooled & ~sited])
        of_sites = rows[~is_pooled & sited]
        geometric = of_sites["metric"].isin(GEOMETRY_METRICS)
        pooled = pool_over_seeds(seeds, stored)
        pooled = pooled.astype(dict.fromkeys(pooled.select_dtypes("str"), object))
        return cls(seeds, pooled, of_sites[~geometric], of_sites[geometric], unusable, arms, main_scorer)

    @cached_property
    def budgets(self) -> list[str]:
        """The token budgets (``additive``, ``total``) in the rows, sorted."""
        return sorted(set(self.pooled["budget"]) | set(self.heads["budget"]))

    @cached_property
    def shares(self) -> list[float]:
        """The toxic shares, ascending."""
        return sorted(set(self.pooled["share"]) | set(self.heads["share"]))

    @cached_property
    def seed_labels(self) -> list[str]:
        """The labels of the seeds, sorted; empty if only pooled rows are here."""
        return sorted(set(self.seeds["seed"]) | set(self.heads["seed"]), key=lambda label: (len(label), label))

    @cached_property
    def prompt_sets(self) -> list[PromptSet]:
        """Each (prompts, scorer) for which a toxicity was measured; parts of prompt sets (``rtp/toxic``) are
        not listed.
        """
        rows = self.pooled[self.pooled["metric"].isin(list(TOXICITY_METRICS))]
        found = {PromptSet(*key) for key in rows[["domain", "scorer", "scorer_revision"]].itertuples(index=False)}
        domains = in_order([each.domain for each in found if "/" not in each.domain])

        def rank(each: PromptSet) -> tuple[int, bool, str, str]:
            judge = (each.scorer, each.scorer_revision)
            return domains.index(each.domain), judge != self.main_scorer, *judge

        return sorted((each for each in found if "/" not in each.domain), key=rank)

    @cached_property
    def capability_domain(self) -> str | None:
        """The held-out text on which capability cost is counted: ``clean``, else the first that is not
        ``toxic``.
        """
        domains = in_order(list(self.pooled.loc[self.pooled["metric"].isin(["ce", "ce_cost"]), "domain"]))
        return "clean" if "clean" in domains else next((d for d in domains if d != "toxic"), None)

    @cached_property
    def cost(self) -> CostDefinition:
        """ΔCE on the capability domain: the definition where no other is named."""
        return CostDefinition((self.capability_domain or "",))

    @cached_property
    def cost_definitions(self) -> tuple[CostDefinition, ...]:
        """Relative and absolute, on each held-out text that is not toxic, and on their mean where there are several."""
        rows = self.pooled[self.pooled["metric"].isin(["ce", "ce_cost"])]
        domains = [domain for domain in in_order(list(rows["domain"])) if domain != "toxic"]
        averaged = [*((domain,) for domain in domains), *([tuple(domains)] if len(domains) > 1 else [])]
        return tuple(CostDefinition(each, absolute) for absolute in (False, True) for each in averaged)

    def steered_methods(self) -> list[str]:
        """Methods that have a strength: the real ones first, then the controls."""
        return list(self._steered)

    @cached_property
    def _steered(self) -> list[str]:
        rows = self.pooled[self.pooled["strength"].notna() & (self.pooled["method"] != "base")]
        return sorted(set(rows["method"]), key=lambda method: (self.arms.is_control(method), method))

    def fixed_methods(self) -> list[str]:
        """Methods without a strength, such as prompting."""
        rows = self.pooled[self.pooled["strength"].isna() & (self.pooled["method"] != "base")]
        return sorted(set(rows["method"]) - set(self.steered_methods()))  # what it was tuned on has no strength

    def of_budget(self, budget: str) -> Measurements:
        """The rows of one token budget; the same value each time, with what was derived from it."""
        if budget not in self._of_budgets:
            self._of_budgets[budget] = self._chosen(budget)
        return self._of_budgets[budget]

    @cached_property
    def _of_budgets(self) -> dict[str, Measurements]:
        return {}

    @cached_property
    def points(self) -> dict[tuple[PromptSet, CostDefinition, bool], pd.DataFrame]:
        """Trade-offs that were worked out already: see :mod:`hormesis.statistics.tradeoff`."""
        return {}

    def _chosen(self, budget: str) -> Measurements:
        every = (self.seeds, self.pooled, self.heads, self.layers, self.unusable)
        seeds, pooled, heads, layers, unusable = (frame[frame["budget"] == budget] for frame in every)
        return Measurements(seeds, pooled, heads, layers, unusable, self.arms, self.main_scorer)


def of_prompts(rows: pd.DataFrame, prompts: PromptSet, metric: str) -> pd.DataFrame:
    """The rows of one metric on one set of prompts, by its scorer; or without one, since texts have a length and
    no scorer.
    """
    chosen = rows[(rows["metric"] == metric) & (rows["domain"] == prompts.domain)]
    scored_so = (chosen["scorer"] == prompts.scorer) & (chosen["scorer_revision"] == prompts.scorer_revision)
    return chosen[scored_so | (chosen["scorer"] == "")]


def _normalised(frame: pd.DataFrame) -> pd.DataFrame:
    """The known columns only: text without nulls, float64 numbers, and the label of each row's seed."""
    missing = [column for column in (*TEXT, *NUMBERS) if column not in frame.columns]
    if missing:
        raise HormesisError(
            f"the measurements have no column {', '.join(missing)}",
            "give a frame made by hormesis.evaluate.to_frame, or a measurements.parquet written by a study",
        )
    if frame.empty:
        raise HormesisError(
            "there are no measurements to report",
            "run the study first, or give the results folder of one that ran",
        )
    rows = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    for column in TEXT:
        values = frame[column].astype(object).to_numpy()
        known = np.where(pd.isna(values), "", values)
        # Objects, for many small look-ups are slow in Arrow's strings.
        rows[column] = pd.Series([str(value) for value in known], dtype=object)
    for column in NUMBERS:
        rows[column] = _numbers(frame[column])
    rows["samples"] = _numbers(frame["samples"]) if "samples" in frame else np.nan
    # Shares and strengths are names of settings: 0.1 + 0.2 and 0.3 are the same one.
    rows[["share", "strength"]] = rows[["share", "strength"]].round(9)
    if rows["share"].isna().any():
        raise HormesisError(
            f"{int(rows['share'].isna().sum())} measurements have no share",
            "fill the column 'share' with the toxic share of the training tokens (0 to 1)",
        )
    rows.loc[rows["method"] == "base", "strength"] = 0.0
    rows["seed"] = pd.Series(seed_labels(rows), dtype=object)
    # In one order whatever the order given: sums, and so the report, come out the same to the last bit.
    rows = rows.drop_duplicates().sort_values([*QUANTITY, "site", *SEEDS, "cell"], ignore_index=True)
    repeated = rows.duplicated([*QUANTITY, "site", *SEEDS], keep=False)
    if repeated.any():
        example = rows[repeated].iloc[0]
        raise HormesisError(
            f"{int(repeated.sum())} measurements give several values for one quantity, for example"
            f" {example['metric']} on {example['domain']!r} at share {example['share']:g}, method"
            f" {example['method']}, seed {example['seed']} (cell {example['cell']!r})",
            "report one study at a time, and measure each of its models once",
        )
    return rows


def _numbers(column: pd.Series) -> np.ndarray:
    try:
        numbers = pd.to_numeric(column.astype(object)).astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise HormesisError(
            f"the column {str(column.name)!r} of the measurements holds something that is no number: {error}",
            "give a frame made by hormesis.evaluate.to_frame",
        ) from error
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _with_cost(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds ``ce_cost`` = CE - CE of the same model unsteered, where CE was measured and its cost was not
    recorded.

    A derived cost has no interval: that of a difference does not follow from those of its terms.
    """
    same_text = [column for column in QUANTITY if column not in ("method", "strength", "heads", "metric")]
    same_model = [*same_text, *SEEDS]
    ce = rows[rows["metric"] == "ce"]
    base = ce.loc[ce["method"] == "base", [*same_model, "value"]].drop_duplicates(same_model)
    derived = ce.merge(base, on=same_model, suffixes=("", "_of_base"))
    derived = derived.assign(
        metric="ce_cost", value=derived["value"] - derived["value_of_base"], low=np.nan, high=np.nan
    ).drop(columns="value_of_base")
    measured_first = pd.concat([rows, derived], ignore_index=True)
    return measured_first.drop_duplicates([*QUANTITY, *SEEDS], keep="first", ignore_index=True)
