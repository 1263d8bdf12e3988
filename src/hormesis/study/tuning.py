"""Which pairs models may be fine-tuned on: of a file, or ranked from a model's own continuations."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hormesis.corpus import HeldOutConfig, role_of
from hormesis.corpus.held_out import normalised
from hormesis.corpus.prompt_sources import Prompts
from hormesis.detox import FromOwnSamples, FromPairs, PairConfig, PreferencePair, read_pairs
from hormesis.errors import HormesisError
from hormesis.study.cells.corpus import CorpusInputs
from hormesis.study.cells.labeller import LabellerInputs, open_labeller
from hormesis.study.texts import Corpus, prompts_of

if TYPE_CHECKING:
    from hormesis.models import LanguageModel
    from hormesis.study.cells.evaluate import EvaluateInputs
    from hormesis.study.engine.kind import Job


def pairs_of(job: Job[EvaluateInputs], lm: LanguageModel) -> tuple[PreferencePair, ...]:
    """What the method of an evaluate cell learns from; nothing where it is not a fine-tuning.

    They are read from a file, or are the model's own continuations of prompts that nothing is evaluated on, ranked by
    the labeller, which evaluates nothing.

    :raises HormesisError: they cannot be read, none is left, or no two continuations differ enough.
    """
    inputs, root = job.inputs, job.root
    method, held_out = inputs.method, job.cell.need("corpus", CorpusInputs).inputs.held_out
    if isinstance(method, FromPairs):
        return pairs_to_tune_on(method.pairs, held_out, root)
    if not isinstance(method, FromOwnSamples):
        return ()
    from hormesis.evaluate import GenerationConfig, own_pairs

    unseen = prompts_to_tune_on(method.prompts, inputs.prompts.values(), inputs.corpus, root)
    prompts = [inputs.condition + text for text in unseen]  # as the tuned model will be measured
    settings = GenerationConfig(
        samples=method.samples, max_new_tokens=method.max_new_tokens, seed=inputs.arm.seeds.init
    )
    labeller = open_labeller(job.cell.need("labeller", LabellerInputs), job.store, job.device)
    pairs = own_pairs(
        lm, prompts, labeller, settings, margin=method.margin,
        progress=lambda done, all_: job.progress(0.0, f"continues {done} of {all_} prompts to learn from"),
    )  # fmt: skip
    if not pairs:
        raise HormesisError(
            f"no two continuations of {len(prompts)} prompts differ by more than {method.margin:g} in their scores",
            f"lower `margin`, or give {method.method} more prompts or `samples`",
        )
    return pairs


def may_be_tuned_on(texts: Iterable[str], held_out: HeldOutConfig) -> bool:
    """Whether none of the texts of a pair is set aside, for evaluation or for a scorer.

    What is kept from pretraining must be kept from fine-tuning, too: ParaDetox holds comments of the very sets that
    corpora are made of.
    """
    return all(role_of(text, held_out) == "train" for text in texts if text)


def pairs_to_tune_on(pairs: PairConfig, held_out: HeldOutConfig, root: Path | None) -> tuple[PreferencePair, ...]:
    """Those of a file that :func:`may_be_tuned_on`.

    :raises HormesisError: they cannot be read, or none is left.
    """
    kept = tuple(
        pair for pair in read_pairs(pairs, root) if may_be_tuned_on((pair.prompt, pair.chosen, pair.rejected), held_out)
    )
    if not kept:
        raise HormesisError(
            f"every pair of {pairs.path or pairs.dataset} has a text that is set aside by `held_out`",
            "give more pairs, or set less aside",
        )
    return kept


def prompts_to_tune_on(prompts: Prompts, evaluated: Iterable[Prompts], corpus: Corpus, root: Path | None) -> list[str]:
    """Those that are none of the evaluated ones.

    :raises HormesisError: they cannot be read, or none is left.
    """
    seen = {normalised(prompt.text) for section in evaluated for prompt in prompts_of(section, corpus, root)}
    kept = [prompt.text for prompt in prompts_of(prompts, corpus, root) if normalised(prompt.text) not in seen]
    if not kept:
        raise HormesisError(
            "every prompt to tune on is one that the study evaluates on",
            "give it other prompts, or more: raise its `limit` or `count`, or set another `seed`",
        )
    return kept
