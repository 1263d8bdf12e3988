"""Making an artefact: fit a method, calibrate its strength, save it, bake it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hormesis.corpus import LabelledTexts
from hormesis.detox import METHODS, Method, MethodOptions, PreferencePair, keep_strength, kept_strength
from hormesis.detox.storage import KIND
from hormesis.errors import HormesisError
from hormesis.marks import check_replaceable

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from hormesis.detox import Evidence, Intervention
    from hormesis.evaluate import Calibration
    from hormesis.evaluate.calibration import Cost
    from hormesis.models import LanguageModel


_BIASES_DROPPED = ("olmo2", "olmo3")
"""Families whose projections have no bias in vLLM (models/olmo2.py), which skips those that a checkpoint has."""


@dataclass(frozen=True)
class StrengthChoice:
    """How the strength of an artefact is found: calibrated to a cost, or given."""

    target: float
    measure: Cost
    strength: float | None


def check_choice(methods: Sequence[str], options: Mapping[str, object]) -> None:
    """Whether there are such methods, and such options of them, before anything is loaded.

    :param options: by name; each has to be one of some method's, of a value that it takes.
    :raises HormesisError: there is no such method or option.
    """
    chosen = [METHODS[name] for name in methods]
    known = {name for method in chosen for name in method.choices}
    if unknown := sorted(set(options) - known):
        listed = "; ".join(f"{method.name}: {', '.join(method.choices) or 'none'}" for method in chosen)
        raise HormesisError(f"{', '.join(methods)} takes no {unknown[0]}", f"options: {listed}")
    for method in chosen:
        chosen_options(method, options, None)


def chosen_options(method: Method[Any], options: Mapping[str, object], known: Evidence | None) -> MethodOptions:
    """Its part of ``options``.

    :raises HormesisError: a value that it does not take.
    """
    own = {name: value for name, value in options.items() if name in method.choices}
    try:
        found: MethodOptions = method.defaults(known, **own)
    except ValidationError as error:
        said = "; ".join(f"{entry['loc'][0]}: {entry['msg']}" for entry in error.errors())
        raise HormesisError(f"{method.name} does not take this: {said}", "correct these options") from error
    return found


def check_strengths(methods: Sequence[str], strength: float) -> None:
    """:raises HormesisError: beyond what one of the methods can do."""
    for method in methods:
        METHODS[method].check_strengths([strength])


def check_bake(method: str, strength: float | None, *, calibrated: bool) -> None:
    """:raises HormesisError: ``method`` cannot be baked, or at no known strength: before anything is loaded."""
    if not METHODS[method].bakes:
        able = ", ".join(name for name, each in METHODS.items() if each.bakes and not each.control)
        raise HormesisError(
            f"{method} cannot be written into weights", f"keep the artefact (apply), or take one that can: {able}"
        )
    if strength is None and not calibrated:
        raise HormesisError(
            "a baked model has one strength, and none is known", "give --strength, or --text FILE to calibrate it"
        )


def needs_texts(methods: Sequence[str]) -> bool:
    """Whether one of the methods is fitted on labelled texts."""
    return any(METHODS[method].needs == "labelled texts" for method in methods)


@dataclass(frozen=True, eq=False, repr=False)
class Made:
    """An artefact in its folder."""

    method: Method[Any]
    intervention: Intervention
    folder: Path
    strength: float | None
    """Calibrated, or given; None: neither, or the method has none."""
    found: Calibration | None

    def __repr__(self) -> str:
        return f"Made({self.method.name!r}, {str(self.folder)!r}, strength={self.strength})"

    def description(self, model: PreTrainedModel) -> tuple[str, ...]:
        """What it changes in ``model``, where that can be said."""
        from hormesis.detox import HookedIntervention, WeightDelta

        if isinstance(self.intervention, HookedIntervention):
            return (self.intervention.describe(self.intervention.layout(model)),)
        return (self.intervention.describe(),) if isinstance(self.intervention, WeightDelta) else ()

    def bake(self, lm: LanguageModel, folder: Path) -> str | None:
        """Write a plain checkpoint that acts without hormesis.

        :returns: where it may not act, if there is anything to say.
        """
        from hormesis.detox.steering.bake import added_biases

        self.intervention.bake(  # type: ignore[attr-defined]
            lm.model, self.strength, folder, tokenizer=lm.tokenizer
        )
        if not (added := added_biases(lm.model, folder)):
            return None
        family = str(lm.model.config.model_type)
        known = "vLLM's drops them without a word" if family in _BIASES_DROPPED else "what serves it may drop them"
        return (
            f"it acts by biases that this {family} model lacked ({added[0]}, {len(added)} in all): transformers reads"
            f" them, {known}. There, compare its first tokens with `hormesis generate`, or serve it by transformers; a"
            " shift of the residual stream (caa, pca) acts in llama.cpp as a control vector (--control-vector)"
        )

    def write_control_vector(self, file: Path) -> None:
        """Write a GGUF file for ``llama-cli --control-vector``.

        :raises HormesisError: the method is no shift of the residual stream after one layer, or no strength is known.
        """
        from hormesis.detox.steering.control_vector import write_control_vector

        write_control_vector(self.intervention, self.strength, file)


def check_places(places: Iterable[Path], bake: Path | None) -> None:
    """:raises HormesisError: something else than an older artefact, or an older baked model, would be overwritten."""
    for folder in places:
        check_replaceable(folder, KIND)
    if bake is not None:
        from hormesis.detox.reload import BAKED

        check_replaceable(bake, BAKED)


def make(
    lm: LanguageModel,
    concept: LabelledTexts | None,
    options: Mapping[str, object],
    places: Mapping[str, Path],
    clean: Sequence[str],
    wanted: StrengthChoice,
    *,
    pairs: tuple[PreferencePair, ...] = (),
    seed: int = 0,
    batch: int = 32,
    progress: Callable[[str, int, int], None] | None = None,
    tried: Callable[[float, float], None] | None = None,
) -> Iterator[Made]:
    """Fit, calibrate and save each method of ``places`` into its folder, one by one.

    The labelled texts are read once for all of them.

    :param options: of the methods, by name: each takes those that it has (:attr:`~hormesis.detox.Method.choices`).
    :param pairs: for methods that fine-tune.
    :param seed: of splits, draws and fine-tunings.
    :param batch: texts read at once.
    :param progress: called with (what is done, how many, of how many).
    :param tried: called with (strength, cost) while a strength is calibrated.
    """
    from hormesis.workbench.evidence import gather

    check_places(places.values(), None)
    evidence = gather(
        lm,
        concept,
        seed=seed,
        batch_size=batch,
        pairs=pairs,
        progress=None if progress is None else lambda done, whole: progress("reads texts", done, whole),
    )
    for name, folder in places.items():
        yield _make_one(lm, METHODS[name], options, evidence, folder, clean, wanted, tried)


def _make_one(
    lm: LanguageModel,
    method: Method[Any],
    options: Mapping[str, object],
    evidence: Evidence,
    out: Path,
    clean: Sequence[str],
    wanted: StrengthChoice,
    tried: Callable[[float, float], None] | None,
) -> Made:
    from hormesis.evaluate import calibrate

    intervention = method.fit(evidence, chosen_options(method, options, evidence))
    intervention.save(out)
    if not method.uses_strength:
        return Made(method, intervention, out, None, None)
    if wanted.strength is not None:
        keep_strength(out, wanted.strength)
        return Made(method, intervention, out, wanted.strength, None)
    if not clean:
        return Made(method, intervention, out, None, None)
    found = calibrate(
        lm,
        clean,
        intervention,
        target=wanted.target,
        measure=wanted.measure,
        start=method.strengths[0],
        largest=method.largest,
        progress=tried,
    )
    calibrated = {**asdict(found), "curve": [_finite(point) for point in found.curve]}
    keep_strength(out, found.strength, calibrated)
    return Made(method, intervention, out, found.strength, found)


def _finite(point: tuple[float, float]) -> list[float | None]:
    """(strength, cost) as JSON has it; null for a strength that breaks the model."""
    return [point[0], point[1] if math.isfinite(point[1]) else None]


def strengths_of(artefact: Path, intervention: Intervention, wanted: Sequence[float] | None) -> tuple[float, ...]:
    """The user's strengths, else the calibrated one; ``(0.0,)`` where strength has no meaning."""
    if not METHODS[intervention.name].uses_strength:
        return (0.0,)
    if wanted:
        METHODS[intervention.name].check_strengths(wanted)
        return tuple(wanted)
    strength = kept_strength(artefact)
    if strength is None:
        raise HormesisError(
            f"the artefact {artefact} was not calibrated",
            f"give --strength, e.g. {listed(METHODS[intervention.name].strengths)}; or detox with --text FILE",
        )
    return (strength,)


def listed(strengths: Sequence[float]) -> str:
    """Strengths for people."""
    return ", ".join(f"{strength:g}" for strength in strengths)
