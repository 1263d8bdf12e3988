"""Turn the training documents into those of a recipe, and tokenise them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hormesis.corpus import Document, TokenShards, read, tokenize, with_role
from hormesis.corpus.recipes import TransformedDocuments, is_for_cooldown, transformed
from hormesis.files import write_json
from hormesis.study.cells import Cell, RecipeInputs
from hormesis.study.steps.corpus import documents_of
from hormesis.study.steps.labelling import open_labeller
from hormesis.study.store import Store

KEPT_FILE = "kept.json"
"""The part of each source's text that the recipe kept, in [0, 1]."""


def recipe_step(cell: Cell, store: Store, root: Path | None, progress: Callable[[float, str], None]) -> None:
    """``shards/{clean,toxic}`` (only those that differ from the corpus's), ``untagged/{clean,toxic}`` for a cooldown,
    and ``kept.json``."""
    inputs = cell.inputs
    assert isinstance(inputs, RecipeInputs)
    work, needs = store.work_folder(cell), cell.needs
    tokenizer = store.cell_folder(needs["corpus"]) / "tokenizer"

    def write(documents: Iterable[Document], folder: str, name: str, begins: float) -> TokenShards:
        def show(count: int, tokens: int) -> None:
            progress(begins, f"writes {folder}: {count:,} documents, {tokens:,} tokens")

        # A recipe may leave nothing of the toxic source: a filter whose labeller makes no mistake does.
        return tokenize(documents, tokenizer, work / folder, name=name, allow_empty=name != "clean", progress=show)

    if inputs.source is not None:
        control = with_role(read(inputs.source, root=root), inputs.held_out, "train")
        write(control, "shards/toxic", "control", 0.1)
        write_json(work / KEPT_FILE, {})
        return
    assert inputs.transform is not None
    labeller = open_labeller(needs["labeller"], store).score if "labeller" in needs else None
    cooldown = inputs.transform.cooldown_fraction

    def training(part: str, *, untagged: bool) -> Iterator[Document]:
        documents = with_role(documents_of(inputs.corpus, part, root), inputs.held_out, "train")
        return (document for document in documents if is_for_cooldown(document.text, cooldown) == untagged)

    kept = {}
    for position, part in enumerate(("clean", "toxic")):
        begins = 0.5 * position
        stream: TransformedDocuments = transformed(training(part, untagged=False), inputs.transform, labeller)
        write(stream, f"shards/{part}", part, begins)
        kept[part] = stream.kept
        if cooldown:
            write(training(part, untagged=True), f"untagged/{part}", f"untagged {part}", begins + 0.4)
    write_json(work / KEPT_FILE, kept)
