"""Making an artefact: fit a method, say what it changes, calibrate its strength, save it, bake it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import cast, get_args

from rich.console import Console

from hormesis.corpus import LabelledTexts
from hormesis.detox import (
    METHODS,
    Evidence,
    HookedIntervention,
    Intervention,
    Method,
    PreferenceConfig,
    PreferencePair,
    SupervisedConfig,
    WeightDelta,
)
from hormesis.detox.weights.tuning import example_tokens
from hormesis.errors import HormesisError
from hormesis.evaluate import Calibration, calibrate
from hormesis.evaluate.calibration import Cost
from hormesis.files import write_json
from hormesis.representation import DirectionKind
from hormesis.workbench.evidence import gather
from hormesis.workbench.loading import Loaded
from hormesis.workbench.progress import Steps

_CALIBRATION_FILE = "calibration.json"


@dataclass(frozen=True)
class Wish:
    """What a user chose about the methods."""

    heads: int | None
    layer: int | None
    direction: str
    seed: int
    pairs: tuple[PreferencePair, ...] = ()
    """For methods that fine-tune."""
    steps: int = 500
    """Of each fine-tuning."""


@dataclass(frozen=True)
class Price:
    """What it may cost: a target to calibrate to, or a strength."""

    target: float
    measure: str
    strength: float | None


def check_names(methods: Sequence[str], direction: str, cost: str) -> None:
    """:raises HormesisError: a name that is not known, before anything is loaded."""
    for what, given, known in (
        *(("method", method, tuple(METHODS)) for method in methods),
        ("direction", direction, get_args(DirectionKind)),
        ("cost", cost, get_args(Cost)),
    ):
        if given not in known:
            near = get_close_matches(given, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise HormesisError(f"there is no {what} {given!r}", f"{hint}choose one of: {', '.join(known)}")


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


def make(
    console: Console,
    loaded: Loaded,
    concept: LabelledTexts | None,
    wish: Wish,
    places: Mapping[str, Path],
    clean: Sequence[str],
    price: Price,
    bake: Path | None,
) -> None:
    """Fit, describe, calibrate, save, and bake if asked, each method of ``places`` into its folder.

    The labelled texts are read once for all of them.
    """
    for folder in places.values():
        _refuse_to_overwrite(folder, artefact=True)
    if bake is not None:
        _refuse_to_overwrite(bake, artefact=False)
    longest = example_tokens(loaded.model)
    with Steps.shown(console) as step:
        evidence = gather(
            loaded,
            concept,
            heads=wish.heads,
            layer=wish.layer,
            direction=cast(DirectionKind, wish.direction),
            seed=wish.seed,
            pairs=wish.pairs,
            supervised=SupervisedConfig(steps=wish.steps, seed=wish.seed, max_length=longest),
            preference=PreferenceConfig(steps=wish.steps, seed=wish.seed, max_length=longest),
            progress=lambda done, all_: step("reads texts", done, all_),
        )
    for name, folder in places.items():
        _make_one(console, loaded, METHODS[name], evidence, folder, clean, price, bake)


def _make_one(
    console: Console,
    loaded: Loaded,
    method: Method,
    evidence: Evidence,
    out: Path,
    clean: Sequence[str],
    price: Price,
    bake: Path | None,
) -> None:
    intervention = method.fit(evidence)
    intervention.save(out)
    console.print(f"{method.name}: {method.summary} ({method.source})", highlight=False)
    if isinstance(intervention, HookedIntervention):
        console.print(intervention.describe(intervention.layout(loaded.model)), highlight=False)
    elif isinstance(intervention, WeightDelta):
        console.print(intervention.describe(), highlight=False)
    strength = price.strength
    if method.uses_strength and strength is None and clean:
        found = _calibrated(console, loaded, intervention, clean, price, method.strengths)
        write_json(out / _CALIBRATION_FILE, {**asdict(found), "curve": [_finite(point) for point in found.curve]})
        strength = found.strength
        console.print(
            f"strength {strength:.4g} costs {found.cost:.3g} nats a token ({found.measure}, target {found.target:g},"
            f" {found.documents} documents)",
            highlight=False,
        )
    elif method.uses_strength and strength is not None:
        write_json(out / _CALIBRATION_FILE, {"strength": strength})
    elif method.uses_strength:
        console.print(
            f"not calibrated: give --text FILE of clean text; strengths to begin with: {listed(method.strengths)}",
            highlight=False,
        )
    console.print(f"wrote {out}", highlight=False)
    if bake is not None:
        intervention.bake(loaded.model, strength, bake, tokenizer=loaded.tokenizer)  # type: ignore[attr-defined]
        console.print(f"baked {bake}, which acts on every token, those of the prompt, too")


def _refuse_to_overwrite(folder: Path, *, artefact: bool) -> None:
    """A folder is written whole, in the place of what was there: so nothing but an older artefact may be there.

    :raises HormesisError: something else is.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if artefact and (folder / "intervention.json").is_file():
        return
    raise HormesisError(
        f"{folder} exists and is no {'artefact' if artefact else 'empty folder'}: what is in it would be lost",
        "name another folder, or remove this one",
    )


def _finite(point: tuple[float, float]) -> list[float | None]:
    """(strength, cost) as JSON has it; null for a strength that breaks the model."""
    return [point[0], point[1] if math.isfinite(point[1]) else None]


def _calibrated(
    console: Console,
    loaded: Loaded,
    intervention: Intervention,
    clean: Sequence[str],
    price: Price,
    strengths: tuple[float, ...],
) -> Calibration:
    with Steps.shown(console) as step:
        return calibrate(
            loaded.model,
            loaded.tokenizer,
            clean,
            intervention,
            target=price.target,
            measure=cast(Cost, price.measure),
            start=strengths[0],
            largest=METHODS[intervention.name].largest,
            progress=lambda strength, cost: step.note(f"calibrates: strength {strength:.3g} costs {cost:.3g}"),
        )


def strengths_of(artefact: Path, intervention: Intervention, wanted: Sequence[float] | None) -> tuple[float, ...]:
    """The user's strengths, else the calibrated one; ``(0.0,)`` where strength has no meaning."""
    if not METHODS[intervention.name].uses_strength:
        return (0.0,)
    if wanted:
        METHODS[intervention.name].check_strengths(wanted)
        return tuple(wanted)
    file = artefact / _CALIBRATION_FILE
    if not file.is_file():
        raise HormesisError(
            f"the artefact {artefact} was not calibrated",
            f"give --strength, e.g. {listed(METHODS[intervention.name].strengths)}; or detox with --text FILE",
        )
    return (float(json.loads(file.read_text(encoding="utf-8"))["strength"]),)


def listed(strengths: Sequence[float]) -> str:
    """Strengths for people."""
    return ", ".join(f"{strength:g}" for strength in strengths)
