"""What the commands do: each takes typed values, and tells a console what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from hormesis.corpus import LabelledTexts, Prompt
from hormesis.corpus.recipes import RECIPES
from hormesis.detox import METHODS, Unsteered, load_intervention
from hormesis.errors import HormesisError
from hormesis.evaluate import (
    GenerationConfig,
    HuggingFaceScorer,
    NgramScorer,
    Scorer,
    Task,
    fit_encoder,
    own_pairs,
)
from hormesis.evaluate import generate as continue_prompts
from hormesis.files import write_file
from hormesis.representation import ModelLayout
from hormesis.workbench.artefacts import strengths_of
from hormesis.workbench.evidence import gather
from hormesis.workbench.kept import KeptResults, artefact_hashes, what_is_alike
from hormesis.workbench.loading import Loaded, load
from hormesis.workbench.measuring import Setting, measure
from hormesis.workbench.probing import heat_map, probe_table
from hormesis.workbench.progress import Steps
from hormesis.workbench.showing import cost_table, detection_table, draw_frontiers, groups_table, measured_table

_SHOWN = 10  # rows of a table on a terminal; the whole is in the files


def opened(model: str, device: str | None, dtype: str | None) -> Loaded:
    """Load ``model``, without the libraries' own progress bars."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return load(model, device=device, dtype=dtype)


def probe(console: Console, loaded: Loaded, concept: LabelledTexts, out: Path | None, seed: int) -> None:
    """Probe every head and layer; print the best, write all."""
    with Steps.shown(console) as step:
        evidence = gather(loaded, concept, seed=seed, progress=lambda done, all_: step("reads texts", done, all_))
    table = probe_table(evidence)
    split = evidence.probes.split
    console.print(ModelLayout.of(loaded.model, validate=False).shape, highlight=False)
    console.print(
        f"{len(concept):,} texts, {len(split.fit):,} to fit, {len(split.validation):,} to rank, {len(split.test):,}"
        f" to test; {concept.labels.mean():.1%} toxic; 95 % intervals (those of AUROC are in probes.parquet)",
        highlight=False,
    )
    shown = Table("site", "layer", "head", box=SIMPLE)
    for part in ("validation", "test"):
        shown.add_column(f"accuracy, {part}", no_wrap=True)
        shown.add_column("AUROC", no_wrap=True)
    keys = ["site", "layer", "head"]
    wide = table[table["part"] == "validation"].merge(
        table[table["part"] == "test"], on=keys, suffixes=("", "_test"), how="left"
    )
    for site in ("head", "residual"):
        best = wide[wide["site"] == site].sort_values(["accuracy", "layer"], ascending=[False, True]).head(_SHOWN)
        for row in best.itertuples():
            shown.add_row(
                site,
                str(row.layer),
                "" if site == "residual" else str(row.head),
                *(
                    text
                    for accuracy, low, high, auroc in (
                        (row.accuracy, row.accuracy_low, row.accuracy_high, row.auroc),
                        (row.accuracy_test, row.accuracy_low_test, row.accuracy_high_test, row.auroc_test),
                    )
                    for text in (f"{accuracy:.3f} ({low:.2f}–{high:.2f})", f"{auroc:.3f}")
                ),
            )
        shown.add_section()
    console.print(shown)
    if out is not None:
        evidence.probes.save(out / "probes")
        with write_file(out / "probes.parquet") as file:
            table.to_parquet(file)
        title = f"{loaded.name}: probes at the last token"
        with write_file(out / "heads.png") as file:
            heat_map(table, title).savefig(file, format="png", dpi=160)
        console.print(f"wrote {out}: probes (artefact), probes.parquet, heads.png", highlight=False)


def generate(
    console: Console,
    loaded: Loaded,
    prompts: Sequence[str],
    artefact: Path,
    strength: float | None,
    config: GenerationConfig,
) -> None:
    """Continue prompts with and without an artefact."""
    intervention = load_intervention(artefact)
    chosen = strength if strength is not None else strengths_of(artefact, intervention, None)[0]
    if METHODS[intervention.name].uses_strength:
        found = continue_prompts(loaded.model, loaded.tokenizer, prompts, intervention, (0.0, chosen), config)
        pairs = [(before, after) for before, after in found.texts]
    else:
        plain_texts = continue_prompts(loaded.model, loaded.tokenizer, prompts, Unsteered(), (0.0,), config).texts
        steered = continue_prompts(loaded.model, loaded.tokenizer, prompts, intervention, (0.0,), config).texts
        pairs = [(before[0], after[0]) for before, after in zip(plain_texts, steered, strict=True)]
    name = intervention.name + (f", strength {chosen:g}" if METHODS[intervention.name].uses_strength else "")
    for prompt, (before, after) in zip(prompts, pairs, strict=True):
        table = Table("unsteered", name, title=prompt, title_justify="left", show_lines=True)
        for left, right in zip(before, after, strict=True):
            table.add_row(left, right)
        console.print(table, highlight=False)


def evaluate(
    console: Console,
    loaded: Loaded,
    artefacts: Sequence[Path],
    strengths: Sequence[float] | None,
    prompts: Mapping[str, Sequence[Prompt]],
    texts: Mapping[str, Sequence[str]],
    scorers: Sequence[Scorer],
    generation: GenerationConfig,
    out: Path | None,
    tasks: Sequence[Task] = (),
    detection: LabelledTexts | None = None,
) -> None:
    """Measure, print the table; in ``out``, keep the rows beside earlier ones and draw the frontier of all."""
    settings, folders = [], {}
    for artefact in artefacts:
        intervention = load_intervention(artefact)
        folders[intervention.name] = artefact
        settings.append(Setting(intervention, strengths_of(artefact, intervention, strengths)))
    kept = None
    if out is not None:
        kept = KeptResults(
            out,
            what_is_alike(loaded, prompts, texts, scorers, generation, tasks, detection),
            artefact_hashes(folders),
        )
    with Steps.shown(console) as step:
        rows = measure(
            loaded,
            settings,
            prompts=prompts,
            texts=texts,
            scorers=scorers,
            tasks=tasks,
            detection=detection,
            generation=generation,
            base=kept is None or not kept.has("base"),
            progress=step,
        )
    if kept is not None:
        rows = kept.add(rows)
    console.print(measured_table(rows, list(prompts), list(texts), [task.name for task in tasks]))
    if texts:
        console.print(cost_table(rows, list(texts)))
    if detection is not None:
        console.print(detection_table(rows))
    if "toxigen" in prompts:
        console.print(groups_table(rows, "toxigen"))
    notes = ["95 % intervals over prompts, documents and questions"]
    if prompts:
        notes.insert(0, f"{generation.samples} continuations of at most {generation.max_new_tokens} tokens")
    notes += [f"{scorer.name} revision {scorer.revision}" for scorer in scorers]
    console.print("; ".join(notes), highlight=False)
    if kept is not None:
        figures = draw_frontiers(rows, loaded.name, kept.folder)
        console.print(f"wrote {kept.folder}: measurements.parquet, {len(figures)} figures", highlight=False)


def pairs(
    console: Console,
    loaded: Loaded,
    prompts: Sequence[Prompt],
    scorer: Scorer,
    generation: GenerationConfig,
    margin: float,
    out: Path,
) -> None:
    """Sample, score, rank, and write JSONL."""
    texts = [prompt.text for prompt in prompts]
    with Steps.shown(console) as step:
        ranked = own_pairs(
            loaded.model, loaded.tokenizer, texts, scorer, generation, margin=margin,
            progress=lambda done, all_: step("continues prompts", done, all_),
        )  # fmt: skip
    if not ranked:
        raise HormesisError(
            f"the continuations of none of {len(texts):,} prompts differ in their scores by {margin:g}",
            "give more prompts or --samples, or lower --margin",
        )
    with write_file(out) as file:
        lines = ({"prompt": pair.prompt, "neutral": pair.chosen, "toxic": pair.rejected} for pair in ranked)
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    console.print(
        f"wrote {out}: {len(ranked):,} pairs from {len(texts):,} prompts, ranked by {scorer.name} revision"
        f" {scorer.revision}; evaluate with another scorer",
        highlight=False,
    )


def methods(console: Console) -> None:
    """One line a recipe or method: name, what it does, what it needs, source."""
    before = Table(title="Before pretraining: `recipes` in a study's YAML", title_justify="left", box=SIMPLE)
    before.add_column("recipe", no_wrap=True)
    for column in ("what it does", "needs", "source"):
        before.add_column(column)
    for recipe in RECIPES:
        before.add_row(recipe.name, recipe.summary, recipe.needs, recipe.source)
    console.print(before)
    table = Table(title="After pretraining: hormesis detox MODEL --method NAME", title_justify="left", box=SIMPLE)
    table.add_column("method", no_wrap=True)
    for column in ("what it does", "needs", "source"):
        table.add_column(column)
    for method in METHODS.values():
        summary = f"control: {method.summary}" if method.control else method.summary
        table.add_row(method.name, summary, method.needs, method.source)
    console.print(table)


def fit_scorer(
    console: Console, toxic: Sequence[str], nontoxic: Sequence[str], out: Path, encoder: str | None = None
) -> None:
    """Fit and save a scorer: of n-grams, or by fine-tuning ``encoder``."""
    texts, labels = [*toxic, *nontoxic], [True] * len(toxic) + [False] * len(nontoxic)
    if encoder is None:
        counted = NgramScorer.fit(texts, labels)
        counted.save(out)
        auroc, scorer = counted.validation_auroc, cast(Scorer, counted)
    else:
        with Steps.shown(console) as step:
            auroc = fit_encoder(encoder, texts, labels, out, progress=lambda done, all_: step("fits", done, all_))
        scorer = HuggingFaceScorer(out)
    console.print(
        f"wrote {out}: {scorer.name} revision {scorer.revision}, fitted on {len(toxic):,} toxic and {len(nontoxic):,}"
        f" other texts; AUROC {auroc:.3f} on a tenth of them that it did not see",
        highlight=False,
    )
