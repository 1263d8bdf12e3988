"""What a user types, made into typed values; what is wrong with it is said before anything is loaded.

``data`` is always the folder that relative paths are read against (``--data``). Wherever a file or dataset is named,
what a study's YAML says in that place may stand, too, in braces: ``{path: rtp.jsonl, column: prompt.text}``. That goes
before what an option says by default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml

from hormesis.corpus import (
    HUB_DATASETS,
    ConceptBankConfig,
    ConceptConfig,
    ConceptTexts,
    Half,
    LabelledTexts,
    Prompt,
    PromptConfig,
    ScoredTextsConfig,
    SourceConfig,
    half_of,
    read,
    read_concept,
    read_concept_bank,
    read_prompts,
)
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.evaluate import GenerationConfig
from hormesis.files import expanded
from hormesis.marks import check_claimable, claim
from hormesis.measurements.names import FOUND

if TYPE_CHECKING:
    from hormesis.detox import PreferencePair
    from hormesis.evaluate import Scorer, Task
    from hormesis.models import LanguageModel


Place = dict[str, object]
"""Where rows are, and what more is said of them: fields of a :class:`~hormesis.corpus.RowsConfig` or a subclass."""


def place(name: str, data: Path | None) -> Place:
    """``{"path": …}`` for a file or folder, ``{"dataset": …}`` for a name of :data:`HUB_DATASETS` or a hub id; what
    stands in braces as it is.

    :param data: where a relative path is looked for first; then here.
    :raises HormesisError: it is none of these.
    """
    if name.lstrip().startswith("{"):
        return _in_braces(name, data)
    if (found := _found(name, data)) is not None:
        return {"path": str(found)}
    path = Path(name)
    if name in HUB_DATASETS or ("/" in name and not path.suffix):
        return {"dataset": name}
    raise HormesisError(
        f"there is no file {name}{'' if data is None else f' in {data} or here'}, and it is no dataset's name",
        f"give a file (.parquet, .jsonl), a hub id, or one of {', '.join(HUB_DATASETS)}",
    )


def _found(name: str, data: Path | None) -> Path | None:
    """What is there under that name, in ``data`` or here."""
    try:
        path = expanded(name)
        return next((each for each in (path if data is None else data / path, path) if name and each.exists()), None)
    except (OSError, ValueError):  # a name that no file can have
        return None


def _in_braces(text: str, data: Path | None) -> Place:
    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise HormesisError(f"{text} is not YAML: {error}", "write {path: FILE, column: NAME}, in quotes") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise HormesisError(f"{text} does not name fields", "write {path: FILE, column: NAME}, in quotes")
    if isinstance(path := values.get("path"), str):
        values["path"] = str(_found(path, data) or path)
    return values


def check_out(folder: Path | None) -> None:
    """:raises HormesisError: ``--out`` holds something else than what was found of models."""
    if folder is not None:
        check_claimable(folder, FOUND)


def model(
    name: str,
    device: str | None,
    dtype: str | None,
    *,
    chat: bool = False,
    architecture: Path | None = None,
    trust_remote_code: bool = False,
) -> LanguageModel:
    """Any causal language model, without the libraries' own progress bars.

    :param architecture: a file that names its modules, where the family is not known.
    """
    from transformers.utils import logging

    from hormesis.models import Architecture, load

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    told = None if architecture is None else Architecture.from_file(expanded(architecture))
    return load(
        name,
        device=device,
        dtype=dtype,
        chat=chat,
        architecture=told,
        trust_remote_code=trust_remote_code,
    )


def check_model(name: str) -> None:
    """:raises HormesisError: it is the name of a folder or file, and there is none."""
    if not name or (_is_path(name) and _found(name, None) is None):
        raise HormesisError(f"there is no model {name}", "give a Hugging Face folder, a .gguf file, or a hub id")


def check_artefacts(folders: Iterable[Path]) -> None:
    """:raises HormesisError: one is no artefact."""
    for folder in folders:
        if not (folder / "intervention.json").is_file():
            raise HormesisError(f"{folder} is no artefact of hormesis", "make one with `hormesis detox --out FOLDER`")


def _is_path(name: str) -> bool:
    """Whether a name can only be one on this machine: a hub id is NAME or OWNER/NAME."""
    return name.startswith((".", "~", "/")) or name.count("/") > 1 or Path(name).suffix == ".gguf"


def generation(
    samples: int,
    tokens: int,
    top_p: float,
    temperature: float,
    seed: int,
    batch: int | None = None,
    strengths: int = 1,
) -> GenerationConfig:
    """How continuations are drawn.

    :param batch: rows of a forward pass: prompts × ``strengths`` × ``samples``.
    """
    prompts = {} if batch is None else {"batch_prompts": max(1, batch // (samples * strengths))}
    return GenerationConfig(
        samples=samples, max_new_tokens=tokens, top_p=top_p, temperature=temperature, seed=seed, **prompts
    )


def concept(
    name: str,
    data: Path | None,
    *,
    text: str | None,
    label: str | None,
    threshold: float | None,
    group: str | None,
    limit: int | None,
) -> LabelledTexts:
    """Labelled texts from a file or dataset; what is None is the dataset's own, or the usual.

    :raises HormesisError: a file, and no column of labels.
    """
    given = {"column": text, "label": label, "threshold": threshold, "group": group, "limit": limit}
    where = place(name, data)
    if label is None and "path" in where and "label" not in where and "dataset" not in where:
        raise HormesisError(f"which column of {name} holds the labels?", "name it with --label")
    chosen = {key: value for key, value in given.items() if value is not None}
    return read_concept(ConceptConfig.model_validate(where | chosen))


def concept_bank(
    name: str, data: Path | None, concept: str, text: str, minimum: int, concepts: int, seed: int
) -> ConceptTexts:
    """``minimum`` texts of each of at most ``concepts`` values of the column ``concept``."""
    given = {"column": text, "concept": concept, "minimum": minimum, "concepts": concepts, "seed": seed}
    return read_concept_bank(ConceptBankConfig.model_validate({**given, **place(name, data)}))


def second_data_set(toxic: str | None, nontoxic: str | None, data: Path | None, limit: int) -> LabelledTexts | None:
    """Toxic and other texts from two files, the first ``limit`` of each; None where neither is given.

    :raises HormesisError: one of them alone.
    """
    from hormesis.representation.geometry import joined

    if toxic is None and nontoxic is None:
        return None
    if toxic is None or nontoxic is None:
        raise HormesisError("transfer needs toxic texts and others", "give --transfer-toxic and --transfer-nontoxic")
    return joined(texts([toxic], data, limit), texts([nontoxic], data, limit))


def rtp_prompts(
    name: str, data: Path | None, limit: int | None, half: Literal["evaluate", "tune"] = "evaluate"
) -> tuple[Prompt, ...]:
    """RealToxicityPrompts, as many toxic as other ones: a file with ``prompt`` and ``prompt_toxicity``, or with records
    ``prompt`` of ``text`` and ``toxicity``, as it was published; or ``rtp``.

    :param half: which half of them (:attr:`~hormesis.corpus.PromptConfig.half`), so that no model is evaluated on
        prompts that it was tuned on.
    """
    where = place(name, data)
    columns = {"column": "prompt", "score": "prompt_toxicity"}
    if _has_records(where, "prompt"):
        columns = {"column": "prompt.text", "score": "prompt.toxicity"}
    return _balanced(where, {**({} if "dataset" in where else columns), "half": half}, limit)


def _has_records(where: Place, column: str) -> bool:
    """Whether a column of a file holds records rather than text."""
    if "dataset" in where or "column" in where or "texts" in where:
        return False
    config = RowsConfig.model_validate({name: where[name] for name in where if name in RowsConfig.model_fields})
    row = next(read_rows(config.model_copy(update={"limit": 1}), [column]))
    return isinstance(row.values[column], dict)


def reference(name: str, data: Path | None, limit: int | None) -> ScoredTextsConfig:
    """Texts with Perspective's scores: a flat file with the columns of RealToxicityPrompts, or ``rtp`` from the hub."""
    where = place(name, data)
    nested = {f"{part}.text": f"{part}.toxicity" for part in ("prompt", "continuation")}
    columns = {"texts": nested} if "dataset" in where or _has_records(where, "prompt") else {}
    return ScoredTextsConfig.model_validate({**columns, "limit": limit, **where})


def toxigen_prompts(name: str, data: Path | None, limit: int | None) -> tuple[Prompt, ...]:
    """ToxiGen's prompts, as many hateful as neutral ones: a file with ``prompt``, ``kind`` and ``group``."""
    return _balanced(place(name, data), {"column": "prompt", "kind": "kind", "group": "group"}, limit)


def _balanced(where: Place, columns: Mapping[str, str], limit: int | None) -> tuple[Prompt, ...]:
    return read_prompts(PromptConfig.model_validate({**columns, "balanced": True, "limit": limit, **where}))


def documents(names: Sequence[str], data: Path | None, limit: int) -> dict[str, list[str]]:
    """Texts by domain, from ``FILE`` or ``NAME=FILE``; the column ``text``, the first ``limit`` rows.

    What is there is a file, even if its path holds ``=``; a name holds neither ``=`` nor ``/``.

    :raises HormesisError: a domain twice, or a file that cannot be read.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        domain, equals, file = name.partition("=")
        if not equals or "/" in domain or "{" in domain or _found(name, data) is not None:
            domain, file = "", name
        source = SourceConfig.model_validate({"limit": limit, **place(file, data)})
        domain = domain or _domain_of(source.source_name)
        if domain in found:
            raise HormesisError(f"two texts are called {domain}", "name them: --text wiki=FILE --text news=FILE")
        found[domain] = [document.text for document in read(source)]
    return found


def _domain_of(source: str) -> str:
    """A name for the rows of a source: its own, without what a name cannot hold."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", source).strip("-") or "text"


def texts(names: Sequence[str], data: Path | None, limit: int, half: Half | None = None) -> list[str]:
    """The column ``text`` of several files or datasets, ``limit`` rows of each.

    :param half: only those of one half of all texts, by a hash of the text (:func:`~hormesis.corpus.half_of`).
    """
    sources = [SourceConfig.model_validate({"limit": limit, **place(name, data)}) for name in names]
    found = (document.text for source in sources for document in read(source))
    return [text for text in found if half is None or half_of(text) == half]


def beginnings(names: Sequence[str], data: Path | None, words: int) -> list[str]:
    """The first ``words`` words of texts of several files or datasets, those of 200 texts of each."""
    from hormesis.evaluate.behaviour import snippets

    return [
        text
        for name in names
        for text in snippets(texts([name], data, 1000), lambda one: " ".join(one.split()[:words]))
    ]


def pairs(name: str | None, data: Path | None, prompt: str | None) -> tuple[PreferencePair, ...]:
    """Pairs from a file with the columns ``neutral`` and ``toxic``; none where no file is given.

    :param prompt: the column with the prompt that both continue; None where they are whole texts.
    """
    from hormesis.detox import PairConfig, read_pairs

    return () if name is None else read_pairs(PairConfig.model_validate({"prompt": prompt, **place(name, data)}))


def tasks(names: str | None, data: Path | None, limit: int | None) -> tuple[Task, ...]:
    """The capability tasks ``names``, parted by commas, from the files in ``data``.

    :param data: their folder; None: this one.
    :raises HormesisError: an unknown task, one that is listed twice, or no file of a task there.
    """
    from hormesis.evaluate import CapabilityConfig, load_tasks
    from hormesis.evaluate.capability import TASKS

    if names is None:
        return ()
    chosen = tuple(name.strip() for name in names.split(","))
    if unknown := sorted(set(chosen) - set(TASKS)):
        raise HormesisError(f"there is no task {', '.join(unknown)}", f"choose among {', '.join(TASKS)}")
    if len(set(chosen)) != len(chosen):
        raise HormesisError(f"a task is listed twice: {names}", "name each task once")
    return load_tasks(CapabilityConfig(names=chosen, folder=data or Path(), limit=limit))


def detection(name: str | None, data: Path | None, labels: Literal["sum", "human"], limit: int) -> LabelledTexts | None:
    """ToxiGen's annotated texts from a file or dataset; None where none is named."""
    from hormesis.evaluate import DetectionConfig, read_toxigen

    if name is None:
        return None
    return read_toxigen(DetectionConfig.model_validate({"labels": labels, "limit": limit, **place(name, data)}))


def scorers(names: Sequence[str], cache: Path | None, batch: int | None = None) -> list[Scorer]:
    """Scorers from folders (``hormesis scorer`` writes one; any Hugging Face classifier is one) or hub ids.

    :param names: each with ``@LABEL`` behind it where a classifier's toxic label cannot be told by its name.
    :param cache: an SQLite file in which scores are kept, in the folder of ``--out``.
    :param batch: texts of a classifier's forward pass.
    """
    from hormesis.evaluate import CachedScorer, ScoreCache, scorer_at

    named = [_with_label(name) for name in names]
    for name, _ in named:
        if (_is_path(name) or "/" not in name) and _found(name, None) is None:
            raise HormesisError(
                f"there is no scorer {name}",
                "make one with `hormesis scorer`, or give a hub id OWNER/NAME",
            )
    loaded = [scorer_at(name, label, batch) for name, label in named]
    if cache is not None:
        claim(cache.parent, FOUND)
    return loaded if cache is None else [CachedScorer(scorer, ScoreCache(cache)) for scorer in loaded]


def _with_label(name: str) -> tuple[str, str | None]:
    """A scorer's place, and the label after its last ``@`` if there is one."""
    place, mark, label = name.rpartition("@")
    return (place, label) if mark and place and _found(name, None) is None else (name, None)
