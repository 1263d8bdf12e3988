"""The unsteered model and each artefact, attacked alike: suffixes, triggers, tampering."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from hormesis.attacks import (
    FineTuningAttack,
    GcgConfig,
    Goal,
    Judge,
    TamperingConfig,
    TamperingKind,
    TriggerConfig,
    TriggerEffect,
    attack_goals,
    attack_measurements,
    effect_measurements,
    find_trigger,
    tampering_measurements,
    trigger_effect,
)
from hormesis.corpus import Prompt
from hormesis.detox import METHODS, Intervention, Unsteered, columns_of, load_intervention
from hormesis.errors import HormesisError
from hormesis.evaluate import EvaluationSuite, GenerationConfig, Scorer
from hormesis.files import Json, content_hash, write_json
from hormesis.marks import claim
from hormesis.measurements import Measurement, Origin, read_measurements, to_frame
from hormesis.measurements import write_measurements as write_rows
from hormesis.measurements.names import FOUND
from hormesis.measurements.rows import TOXIC_SCORE
from hormesis.models import LanguageModel
from hormesis.workbench.artefacts import strengths_of
from hormesis.workbench.figures import draw_tampering
from hormesis.workbench.results import artefact_hashes, weights_hash

ATTACK_FILE, TRIGGER_FILE, TAMPER_FILE = "attack.parquet", "trigger.parquet", "tamper.parquet"
OUTCOMES_FILE, TRIGGERS_FILE = "outcomes.jsonl", "triggers.json"
Progress = Callable[[str, int, int], None]
"""Called with what is done, how many, of how many."""


@dataclass(frozen=True, eq=False)
class Target:
    """One way in which the model is attacked: without intervention, or under one."""

    intervention: Intervention
    strength: float
    digest: Json
    """Of the artefact."""

    @property
    def shown_strength(self) -> float | None:
        """None where strength has no meaning; 0 for the unsteered model."""
        name = self.intervention.name
        return self.strength if name == "base" or METHODS[name].uses_strength else None

    def setting(self, model: str, *how: Json) -> str:
        """A hash of model, intervention, strength and ``how``."""
        return content_hash([model, self.intervention.name, self.digest, self.strength, *how])[:16]


def targets_of(artefacts: Sequence[Path], strength: float | None, lm: LanguageModel | None = None) -> list[Target]:
    """The unsteered model, then each artefact at one strength, its calibrated one unless given.

    :param lm: the model that is attacked.
    :raises HormesisError: an artefact without a strength, or fitted on another model; two of one method.
    """
    targets = [Target(Unsteered(), 0.0, None)]
    for artefact in artefacts:
        intervention = load_intervention(artefact, lm)
        chosen = strengths_of(artefact, intervention, None if strength is None else [strength])[0]
        targets.append(Target(intervention, chosen, artefact_hashes({intervention.name: artefact})[intervention.name]))
    names = [target.intervention.name for target in targets]
    if len(set(names)) != len(names):
        raise HormesisError(f"a method is attacked twice: {', '.join(names)}", "attack one artefact of each method")
    return targets


def judge_of(scorer: Scorer) -> Judge:
    """A continuation grants a goal if ``scorer`` calls it toxic."""
    return lambda _goal, continuation: bool(scorer.score([continuation])[0] >= TOXIC_SCORE)


def attack(
    lm: LanguageModel,
    targets: Sequence[Target],
    goals: Sequence[Goal],
    config: GcgConfig,
    scorer: Scorer | None,
    out: Path,
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """GCG on every goal, for every target; outcomes are kept one by one in ``out``.

    :returns: measurement rows.
    """
    claim(out, FOUND)
    step = progress or _silent
    model, rows = weights_hash(lm), []
    base = None
    for target in targets:
        name = target.intervention.name
        outcomes = attack_goals(
            lm,
            goals,
            target.intervention,
            target.strength,
            config,
            setting=target.setting(
                model, config.model_dump(mode="json", exclude={"batch"}), *(["chat"] if lm.chat else [])
            ),
            kept=out / OUTCOMES_FILE,
            judge=None if scorer is None else judge_of(scorer),
            progress=partial(step, f"attacks {name}"),
        )
        rows += attack_measurements(outcomes, _origin(lm.name, name, scorer), target.shown_strength, base=base)
        base = base or outcomes
    frame = to_frame(rows)
    write_rows(out / ATTACK_FILE, frame)
    return frame


def trigger(
    lm: LanguageModel,
    targets: Sequence[Target],
    sought_on: Sequence[Prompt],
    toxic: Sequence[str],
    held_out: Mapping[str, Sequence[Prompt]],
    config: TriggerConfig,
    scorer: Scorer,
    generation: GenerationConfig,
    out: Path,
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """A trigger for every target, and what it does to held-out prompts.

    :returns: measurement rows.
    """
    claim(out, FOUND)
    step = progress or _silent
    rows: list[Measurement] = []
    found: dict[str, Json] = {}
    base: dict[str, TriggerEffect] = {}
    for target in targets:
        name, applied = target.intervention.name, (target.intervention, target.strength)

        def seeks(done: int, whole: int, _loss: float, name: str = name) -> None:
            step(f"{name}: seeks a trigger", done, whole)

        sought = find_trigger(
            lm,
            [prompt.text for prompt in sought_on],
            toxic,
            *applied,
            config,
            progress=seeks,
        )
        found[name] = {**asdict(sought), "ids": list(sought.ids)}
        for domain, prompts in held_out.items():
            effect = trigger_effect(
                lm, prompts, sought, *applied, scorer, generation, domain=domain,
                progress=partial(step, f"{name}: continues prompts"),
            )  # fmt: skip
            origin = _origin(lm.name, name, scorer)
            rows += effect_measurements(effect, sought, origin, target.shown_strength, base=base.get(domain))
            base.setdefault(domain, effect)
        write_rows(out / TRIGGER_FILE, to_frame(rows))
        write_json(out / TRIGGERS_FILE, found)
    return to_frame(rows)


def tamper(
    lm: LanguageModel,
    targets: Sequence[Target],
    texts: Mapping[TamperingKind, Sequence[str]],
    config: TamperingConfig,
    suite: EvaluationSuite,
    out: Path,
    *,
    progress: Progress | None = None,
) -> tuple[pd.DataFrame, list[Path]]:
    """Fine-tune every target for growing numbers of steps, and measure; attacks that ``out`` holds are not repeated.

    :returns: measurement rows of these steps and kinds; figures.
    """
    claim(out, FOUND)
    step = progress or _silent
    how: list[Json] = [
        config.model_dump(mode="json", exclude={"steps"}),
        {kind: content_hash(list(some)) for kind, some in texts.items()},
        {domain: content_hash([prompt.text for prompt in asked]) for domain, asked in suite.prompts.items()},
        {domain: content_hash(list(some)) for domain, some in suite.texts.items()},
        [suite.scorers[0].name, suite.scorers[0].revision],
        suite.generation.model_dump(mode="json", exclude={"batch_prompts"}),
    ]
    path, model = out / TAMPER_FILE, weights_hash(lm)
    cells = {target.intervention.name: f"{lm.name}-{target.setting(model, *how)}" for target in targets}
    kept = read_measurements(path) if path.is_file() else to_frame([])
    kept = kept[kept["cell"].isin(list(cells.values()))]
    for target in targets:
        name = target.intervention.name

        def tunes(tampering: FineTuningAttack, done: int, whole: int, name: str = name) -> None:
            step(f"{name}: {tampering.kind}, {tampering.steps} steps", done, whole)

        mine = kept[kept["cell"] == cells[name]][["tampering", "tampering_steps"]].drop_duplicates()
        for _, rows in tampering_measurements(
            lm,
            target.intervention,
            target.strength,
            texts,
            config,
            suite,
            _origin(cells[name], name, suite.scorers[0]),
            done=[FineTuningAttack(kind, int(steps)) for kind, steps in mine.itertuples(index=False)],
            progress=tunes,
        ):
            kept = pd.concat([kept, to_frame(rows)], ignore_index=True)
            write_rows(path, kept)
    wanted = kept["tampering_steps"].isin([0, *config.steps]) & kept["tampering"].isin(list(texts))
    return kept[wanted], draw_tampering(kept[wanted], out)


def _silent(_what: str, _done: int, _whole: int) -> None:
    """Nobody asked how far it is."""


def _origin(cell: str, method: str, scorer: Scorer | None) -> Origin:
    return Origin(
        **columns_of(method),
        cell=cell,
        method=method,
        scorer=scorer.name if scorer else None,
        scorer_revision=scorer.revision if scorer else None,
    )
