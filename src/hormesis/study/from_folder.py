"""A first study of what lies in a folder: which file is what, by its name and columns, and how much of it there is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import yaml

from hormesis.corpus import ConceptConfig, PromptConfig, SourceConfig, read, read_concept, read_prompts
from hormesis.corpus.formats import find_files
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.study.config import parse_study
from hormesis.study.plan import make_plan
from hormesis.study.template import STUDY_TEMPLATE

_TEXT = ("text", "content", "body", "comment_text", "comment", "sentence")
_LABELS = {"toxicity_human": 2.5, "label": 0.5, "toxic": 0.5, "toxicity": 0.5, "is_toxic": 0.5, "hate": 0.5}
_GROUPS = ("target_group", "group", "author", "user")
_NONTOXIC = {"control", "nontoxic", "non", "same", "neutral"}
_TOXIC = {"toxic", "hate", "offensive", "abusive"}
_CLEAN = {"clean", "web", "wiki"}
_CHARACTERS_A_TOKEN = 4.5
_NO_NONTOXIC = "    # nontoxic: [{path: FILE}]   # missing: non-toxic texts of the toxic ones' sites\n"
_READ = 50_000_000  # characters of a source, to see how much there is
_MOST_TOKENS, _LARGEST_SHARE, _KEPT = 4_000_000, 0.20, 0.85


@dataclass(frozen=True)
class Found:
    """The files of a folder, as sections of a study's YAML."""

    clean: dict[str, object]
    toxic: dict[str, object]
    nontoxic: dict[str, object] | None
    concept: dict[str, object]
    prompts: dict[str, object]


def study_of(folder: Path, root: Path) -> tuple[str, list[str]]:
    """(the YAML of a study of the files in ``folder``, what to know of it), planned and read from before it is given.

    :param root: the folder that the YAML will lie in.
    :raises HormesisError: a part is missing, or a file cannot be read as what its name and columns say.
    """
    found = _found(folder)
    tokens = _tokens(found)
    text = STUDY_TEMPLATE
    notes = []
    lines = {
        "  clean: {path: clean.parquet, column: text}\n": f"  clean: {_flow(found.clean)}\n",
        "  toxic: {path: toxic.jsonl.gz, column: text}\n": f"  toxic: {_flow(found.toxic)}\n",
        "  tokens: 4_000_000     # of the part": f"  tokens: {tokens:_}     # of the part",
        _between(text, "  path: concept.parquet\n", "methods:"): _block(found.concept),
        _between(text, "    rtp: {path", "  generation:"): f"    prompts: {_flow(found.prompts)}\n",
        "{path: same-sites.parquet, column: text}": _flow(found.nontoxic) if found.nontoxic else "",
    }
    for before, after in lines.items():
        if text.count(before) != 1:
            raise ValueError(f"the template has changed: {before!r}")
        text = text.replace(before, after)
    if found.nontoxic is None:
        text = text.replace("    nontoxic: []\n", _NO_NONTOXIC)
        notes.append(
            "no non-toxic texts of the toxic ones' own sites were found (a file named *control* or *nontoxic*): the"
            " scorer may learn the site, and the study then stops before it trains"
        )
    config = parse_study(text, where=f"the study of {folder}")
    make_plan(config, root)
    return text, notes


def _found(folder: Path) -> Found:
    if not folder.is_dir():
        raise HormesisError(f"there is no folder {folder}", "give the folder that your data lies in")
    roles: dict[str, dict[str, object]] = {}
    files = find_files(folder)
    for file in files:
        words = set(re.split(r"[^a-z0-9]+", file.name.lower()))
        place = {"path": str(file.resolve())}
        if _has(file, "prompt"):
            score = {"score": "prompt_toxicity"} if _has(file, "prompt_toxicity") else {}
            roles.setdefault("prompts", {**place, "column": "prompt", **score, "limit": 300})
            continue
        column = _first(file, _TEXT)
        if column is None:
            continue
        source: dict[str, object] = {**place, "column": column}
        label = _first(file, tuple(_LABELS))
        if words & _NONTOXIC:
            roles.setdefault("nontoxic", source)
        elif words & _TOXIC and label is None:
            roles.setdefault("toxic", source)
        elif words & _CLEAN:
            roles.setdefault("clean", source)
        elif label is not None:
            group = _first(file, _GROUPS)
            concept = {**source, "label": label, "threshold": _LABELS[label]} | ({"group": group} if group else {})
            roles.setdefault("concept", concept)
    needed = {
        "clean": f"a file named *clean* with a column {' or '.join(_TEXT[:3])}",
        "toxic": f"a file named *toxic* with a column {' or '.join(_TEXT[:3])}, and none of labels",
        "concept": f"a file with a column of text and one of labels ({', '.join(_LABELS)})",
        "prompts": "a file with a column `prompt`",
    }
    missing = [what for role, what in needed.items() if role not in roles]
    if missing:
        names = ", ".join(str(file.relative_to(folder)) for file in files[:8]) + ", …" * (len(files) > 8)
        raise HormesisError(
            f"{folder} lacks {'; '.join(missing)} (it holds {names})",
            "rename files or columns, or take `hormesis study init FILE` and set the paths in it",
        )
    return Found(roles["clean"], roles["toxic"], roles.get("nontoxic"), roles["concept"], roles["prompts"])


def _tokens(found: Found) -> int:
    """Clean tokens that the files have enough of, at the largest share; and each file is read from.

    :raises HormesisError: one cannot be read, or has too little.
    """
    read_concept(ConceptConfig.model_validate(found.concept))
    read_prompts(PromptConfig.model_validate(found.prompts))
    if found.nontoxic is not None:
        next(read(SourceConfig.model_validate(found.nontoxic)))
    clean, toxic = (
        _KEPT * sum(_sizes(SourceConfig.model_validate(each))) / _CHARACTERS_A_TOKEN
        for each in (found.clean, found.toxic)
    )
    most = min(clean, toxic * (1 - _LARGEST_SHARE) / _LARGEST_SHARE, _MOST_TOKENS)
    if most < 10_000:
        raise HormesisError(
            f"there are about {clean:,.0f} clean and {toxic:,.0f} toxic tokens, too few for a share of"
            f" {_LARGEST_SHARE:.0%}",
            "give more texts",
        )
    digits = int(10 ** (len(str(int(most))) - 2))
    return int(most // digits) * int(digits)


def _sizes(source: SourceConfig) -> Iterator[int]:
    whole = 0
    for document in read(source):
        yield len(document.text)
        whole += len(document.text)
        if whole > _READ:
            return


def _has(file: Path, column: str) -> bool:
    try:
        row = next(islice(read_rows(RowsConfig(path=str(file)), [column]), 1), None)
    except HormesisError:
        return False
    return row is not None and row.values[column] is not None


def _first(file: Path, columns: Sequence[str]) -> str | None:
    return next((column for column in columns if _has(file, column)), None)


def _flow(section: dict[str, object]) -> str:
    return yaml.safe_dump(section, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True).strip()


def _block(section: dict[str, object]) -> str:
    lines = yaml.safe_dump(section, sort_keys=False, allow_unicode=True).splitlines()
    return "".join(f"  {line}\n" for line in lines) + "\n"


def _between(text: str, start: str, end: str) -> str:
    """From ``start`` up to ``end``."""
    begins = text.index(start)
    return text[begins : text.index(end, begins)]
