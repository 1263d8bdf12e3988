"""The steps of working with one model, a call each: after ``import hormesis as hm`` these are ``hm.fit`` and so on.

Nothing is printed; what takes long takes ``progress``, and :func:`told` makes one that a notebook or terminal draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from hormesis.corpus import ConceptConfig, LabelledTexts, concept_of_records, read_concept
from hormesis.corpus.rows import HUB_DATASETS
from hormesis.detox import METHODS, Intervention, PreferencePair, Unsteered
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig, Generations, Setting
from hormesis.evaluate import generate as continue_prompts
from hormesis.files import expanded
from hormesis.models import LanguageModel
from hormesis.notebook_figure import NotebookFigure
from hormesis.workbench.artefacts import check_choice, chosen_options
from hormesis.workbench.evidence import gather
from hormesis.workbench.figures import frontier_of
from hormesis.workbench.measuring import measure

if TYPE_CHECKING:
    from datasets import Dataset

Progress = Callable[[int, int], None]
"""Called with how many are done, of how many."""


def concept(
    source: str | Path | pd.DataFrame | Dataset,
    *,
    text: str | None = None,
    label: str | None = None,
    threshold: float | None = None,
    group: str | None = None,
    limit: int | None = None,
    seed: int = 0,
) -> LabelledTexts:
    """Labelled texts.

    :param source: a file, a name or id of a data set on the hub, or rows that are already here.
    :param text: the column of text; None: ``text``.
    :param label: the column of labels, numbers or booleans; a data set that we know (``toxigen``) has its own.
    :param threshold: a label at or above it means toxic; None: 0.5.
    :param group: the column of groups, which no split cuts through; None: every row is one of its own.
    :param limit: at most so many, drawn with ``seed``.
    :raises HormesisError: no such file, column or label; fewer than two classes.
    """
    given = {"column": text, "label": label, "threshold": threshold, "group": group, "limit": limit, "seed": seed}
    chosen = {key: value for key, value in given.items() if value is not None}
    name = str(source) if isinstance(source, str | Path) else f"the {type(source).__name__}"
    is_id = name in HUB_DATASETS or ("/" in name and not Path(name).suffix)
    on_hub = isinstance(source, str) and is_id and not expanded(name).exists()
    if label is None and not (on_hub and "label" in HUB_DATASETS.get(name, {})):
        raise HormesisError(f"which column of {name} holds the labels?", "name it: label=…")
    config = ConceptConfig.model_validate({"dataset" if on_hub else "path": name, **chosen})
    if isinstance(source, str | Path):
        return read_concept(config)
    records = source.to_dict("records") if isinstance(source, pd.DataFrame) else source
    return concept_of_records(cast("Sequence[Mapping[str, object]]", records), config)


def fit(
    method: str,
    lm: LanguageModel,
    texts: LabelledTexts | None = None,
    *,
    pairs: Sequence[PreferencePair] = (),
    seed: int = 0,
    batch: int = 32,
    progress: Progress | None = None,
    **options: object,
) -> Intervention:
    """Fit a method of ``hormesis methods`` on a model.

    :param texts: for a method that needs labelled texts.
    :param pairs: for a method that fine-tunes.
    :param seed: of splits, draws and fine-tunings.
    :param batch: texts read at once.
    :param options: of the method, such as ``heads`` of ``iti``.
    :raises HormesisError: no such method or option, or what it needs is not there.
    """
    chosen = METHODS[method]
    check_choice([method], options)
    known = gather(lm, texts, seed=seed, batch_size=batch, pairs=pairs, progress=progress)
    return chosen.fit(known, chosen_options(chosen, options, known))


def steer(lm: LanguageModel, intervention: Intervention, strength: float) -> AbstractContextManager[None]:
    """A context in which every forward pass of ``lm.model`` is steered."""
    return intervention.apply(lm.model, strength)


def generate(
    lm: LanguageModel,
    prompts: Sequence[str],
    intervention: Intervention | None = None,
    *,
    strength: float | Sequence[float] = 0.0,
    progress: Progress | None = None,
    **config: object,
) -> Generations:
    """Continue prompts.

    :param intervention: None: the model as it is.
    :param strength: one, or several: all draw from the same random numbers, so that differences are the intervention's.
    :param config: of :class:`~hormesis.evaluate.GenerationConfig`: ``samples``, ``max_new_tokens``, ``top_p``,
        ``temperature``, ``seed``.
    """
    settings = GenerationConfig.model_validate({"samples": 1, "max_new_tokens": 40} | config)
    strengths = (float(strength),) if isinstance(strength, int | float) else tuple(strength)
    chosen = intervention or Unsteered()
    return continue_prompts(lm, list(prompts), chosen, strengths, settings, progress=progress)


def cost(
    lm: LanguageModel,
    texts: Sequence[str],
    intervention: Intervention,
    *,
    strengths: Sequence[float],
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What an intervention costs on clean texts.

    :returns: a row a strength: ``ce`` (cross-entropy), ``ce_cost`` (its rise) and ``kl`` (steered ‖ unsteered), all in
        nats a token, each with its 95 % bootstrap interval over texts, ``…_low`` and ``…_high``.
    """
    at = tuple(strengths) if METHODS[intervention.name].uses_strength else (0.0,)
    rows = measure(
        lm,
        [Setting(intervention, at)],
        prompts={},
        texts={"text": list(texts)},
        scorers=(),
        base=False,
        progress=None if progress is None else lambda _, done, whole: progress(done, whole),
    )
    wide = pd.DataFrame({"strength": at})
    for metric, part in rows.groupby("metric", sort=False):
        for column, name in (("value", f"{metric}"), ("low", f"{metric}_low"), ("high", f"{metric}_high")):
            wide[name] = part[column].astype(float).to_numpy()
    return wide


def frontier(
    rows: pd.DataFrame, *, prompts: str | None = None, scorer: str | None = None, title: str = ""
) -> NotebookFigure:
    """Toxicity against capability cost, a curve or a mark for each method: what :func:`hormesis.measure` measured.

    :param prompts: which domain of prompts; None: the first.
    :param scorer: whose scores; None: the first's.
    :raises HormesisError: no toxicity was measured so, or no cost.
    """
    return frontier_of(rows, prompts, scorer, title)


@contextmanager
def told(what: str = "") -> Iterator[Progress]:
    """A progress bar for the functions that take ``progress``, in a notebook or on a terminal.

    ``with hm.told("reads texts") as progress: hm.fit("iti", lm, texts, progress=progress)``
    """
    from rich.progress import Progress as Bars

    with Bars(transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, whole: bars.update(task, completed=done, total=whole)
