"""All measures of one site of one model, as findings: what measurement rows are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hormesis.errors import HormesisError
from hormesis.representation.capture import HeadActivations, ResidualActivations
from hormesis.representation.geometry.bank import ConceptBank, fit_bank
from hormesis.representation.geometry.baselines import (
    Chance,
    OverlapChance,
    covariance_eigenvalues,
    drawn_chance,
    random_entanglement,
    shuffled_chance,
)
from hormesis.representation.geometry.config import Estimator, Place
from hormesis.representation.geometry.dimensions import effective_rank, participation_ratio
from hormesis.representation.geometry.direction_overlap import CorrectedOverlap, Overlap, overlap
from hormesis.representation.geometry.entanglement import welch_bound
from hormesis.representation.geometry.erasure_rank import erasure
from hormesis.representation.geometry.estimators import class_means
from hormesis.representation.geometry.noise import LEVELS, activation_scale, fragility
from hormesis.representation.geometry.rows import TOXICITY, ConceptRows
from hormesis.representation.geometry.separation import chance_area, separability
from hormesis.representation.geometry.transfer import LabelledFeatures, transfers
from hormesis.reprs import short_repr


@dataclass(frozen=True)
class Finding:
    """One number of one site, with a 95 % interval; of a baseline, the interval is where 95 % of its draws lie."""

    metric: str
    domain: str
    """The concept that it is about, ``bank`` for all, or the baseline (``random``, ``covariance``, ``shuffled``,
    ``welch``)."""
    site: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None


@short_repr
@dataclass(frozen=True, eq=False)
class Site:
    """A name (see :attr:`ConceptBank.site`) and where its activations are among those captured."""

    name: str
    values: Tensor
    """A view, [texts, …]; nothing is copied before :meth:`features`."""

    def features(self, rows: slice = slice(None)) -> NDArray[np.float64]:
        """[texts, width], of some texts."""
        found: NDArray[np.float64] = self.values[rows].flatten(1).double().numpy()
        return found


def sites_of(
    heads: HeadActivations, residual: ResidualActivations, place: Place, layers: Sequence[int] | None = None
) -> list[Site]:
    """The sites of one kind, layer by layer.

    :param layers: which; None: all.
    :raises HormesisError: there is no such layer.
    """
    chosen = range(residual.layers) if layers is None else layers
    for layer in chosen:
        if not 0 <= layer < residual.layers:
            raise HormesisError(f"layer {layer} of a model with {residual.layers} layers", "count layers from 0")
    if place == "residual":
        return [Site(f"{layer}", residual.values[:, layer]) for layer in chosen]
    if place == "heads":
        return [Site(f"{layer}.heads", heads.values[:, layer]) for layer in chosen]
    return [Site(f"{layer}.{head}", heads.values[:, layer, head]) for layer in chosen for head in range(heads.heads)]


def survey(
    features: NDArray[np.float64],
    rows: ConceptRows,
    site: str,
    *,
    estimator: Estimator = "mean-difference",
    other: LabelledFeatures | None = None,
    seed: int = 0,
) -> tuple[ConceptBank, list[Finding]]:
    """Fit the bank at one site and measure everything there.

    :param features: [N, width], activations of the texts of ``rows``.
    :param other: a second data set of toxic and other texts, for transfer.
    :param seed: of all that is drawn.
    """
    bank, mapped = fit_bank(features, rows, site, estimator, seed)
    found = [
        *_of_overlap(mapped, rows, bank, seed),
        *_of_separability(features, rows, bank, seed),
        *_of_erasure(features, rows, site, seed),
        *_of_fragility(features, rows, bank, seed),
    ]
    if other is not None:
        labelled = rows.codes < 2
        here = LabelledFeatures(TOXICITY, features[labelled], rows.codes[labelled] == 1, rows.fit[labelled])
        for each in transfers(here, other, estimator, seed=seed):
            own, way = each.found, f"{each.source}→{each.target}"
            found.append(Finding("transfer_auroc", way, site, own.area, own.texts, own.low, own.high))
            found.append(_of_chance("transfer_auroc", f"{way}/covariance", site, each.chance, own.texts))
    return bank, found


def _of_chance(metric: str, domain: str, site: str, chance: Chance, n: int) -> Finding:
    return Finding(metric, domain, site, chance.mean, n, chance.low, chance.high)


def _of_overlap(mapped: NDArray[np.float64], rows: ConceptRows, bank: ConceptBank, seed: int) -> Iterator[Finding]:
    means = class_means(mapped, rows)
    concepts, width, site = len(rows.concepts), mapped.shape[1], bank.site
    n = int(rows.fit.sum())
    raw, corrected = overlap(mapped, means, rows, seed=seed)
    yield from _by_concept(raw, "", rows, site)
    yield from _by_concept(corrected, "_corrected", rows, site)
    for number, name in enumerate(rows.concepts):
        yield Finding("split_half_cosine", name, site, float(bank.split_half[number]), _texts(rows, number))
    cosine = bank.cosines
    yield Finding("effective_rank", "bank", site, effective_rank(cosine), n)
    yield Finding("participation_ratio", "bank", site, participation_ratio(cosine), n)
    baselines = {
        "random": drawn_chance(concepts, np.ones(width), seed=seed),
        "covariance": drawn_chance(concepts, covariance_eigenvalues(mapped, rows), seed=seed),
        "shuffled": shuffled_chance(mapped, rows, seed=seed),
    }
    for name, chance in baselines.items():
        for metric in OverlapChance.__dataclass_fields__:
            if (name, metric) != ("random", "entanglement"):
                yield _of_chance(metric, name, site, getattr(chance, metric), n)
    yield _of_chance("entanglement", "random", site, random_entanglement(concepts, width), n)
    yield Finding("entanglement", "welch", site, welch_bound(concepts, width), n)


def _by_concept(measures: Overlap | CorrectedOverlap, suffix: str, rows: ConceptRows, site: str) -> Iterator[Finding]:
    for metric in measures.__dataclass_fields__:
        estimates = getattr(measures, metric)
        for number, name in enumerate(rows.concepts):
            value = float(estimates.value[number])
            low, high = (float(bound[number]) for bound in (estimates.low, estimates.high))
            if np.isnan([value, low, high]).any() or (metric == "cosine" and number == 0):
                continue  # a concept that its texts do not tell from noise; or the cosine with itself
            yield Finding(metric + suffix, name, site, value, _texts(rows, number), low, high)


def _texts(rows: ConceptRows, concept: int) -> int:
    """Fit texts that show the concept."""
    return int(rows.truth(concept, fit=True)[1].sum())


def _of_separability(
    features: NDArray[np.float64], rows: ConceptRows, bank: ConceptBank, seed: int
) -> Iterator[Finding]:
    scores, site = bank.scores(features), bank.site
    for number, name in enumerate(rows.concepts):
        held_out, truth = rows.truth(number, fit=False)
        found = separability(scores[held_out, number], truth)
        yield Finding("direction_auroc", name, site, found.area, found.texts, found.low, found.high)
        yield Finding("fisher_ratio", name, site, found.fisher_ratio, found.texts)
    held_out, truth = rows.truth(0, fit=False)
    fit, _ = rows.truth(0, fit=True)
    chance = Chance.of(chance_area(features[held_out], truth, features[fit], seed=seed))
    yield _of_chance("direction_auroc", "covariance", site, chance, len(truth))


def _of_erasure(features: NDArray[np.float64], rows: ConceptRows, site: str, seed: int) -> Iterator[Finding]:
    fit, fit_truth = rows.truth(0, fit=True)
    held_out, truth = rows.truth(0, fit=False)
    found = erasure(features[fit], fit_truth, features[held_out], truth, seed=seed)
    for step in found.steps:
        domain = f"{TOXICITY}/{step.projected} projected"
        yield Finding("erasure_auroc", domain, site, step.area, found.texts, step.low, step.high)
    random = found.random
    domain = f"random/{random.projected} projected"
    yield Finding("erasure_auroc", domain, site, random.area, found.texts, random.low, random.high)
    if found.rank is not None:
        yield Finding("erasure_rank", TOXICITY, site, found.rank, found.texts)


def _of_fragility(features: NDArray[np.float64], rows: ConceptRows, bank: ConceptBank, seed: int) -> Iterator[Finding]:
    held_out, truth = rows.truth(0, fit=False)
    scale = activation_scale(features[rows.truth(0, fit=True)[0]])
    found = fragility(bank.scores(features[held_out])[:, 0], truth, scale, seed=seed)
    for level, area in zip(LEVELS, found.areas, strict=True):
        yield Finding("noise_auroc", f"{TOXICITY}/noise {level:g}", bank.site, area, found.texts)
    if np.isfinite([found.half_life, found.low, found.high]).all():
        yield Finding("noise_half_life", TOXICITY, bank.site, found.half_life, found.texts, found.low, found.high)
