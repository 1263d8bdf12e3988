"""The corpus room: from files, datasets or the microworld to rows of tokens for training.

One direction, one value handed on at each step::

    SourceConfig ─ read ─► Document ─ with_role ─► Document ─ tokenize ─► TokenShards ─┐
    Microworld ────────────┘                          ▲                                ├─► Mixture
                               train_tokenizer ───────┘          (the other source) ───┘

- :func:`read` streams documents in a fixed order; nothing here holds a corpus in memory.
- :func:`role_of` decides by the text alone what is trained on and what is held out.
- :class:`TokenShards` is a folder of raw token arrays and a manifest; its fingerprint is its content's hash.
- :mod:`~hormesis.corpus.recipes` (MEDA, INST, tags, filter, mask) transform documents on their way to ``tokenize``.
- :class:`Mixture` is an OLMo-core instance source over a clean and a toxic :class:`TokenShards`: nested
  across shares, in any placement of the toxic rows.
- :class:`Microworld` is an artificial language of which toxicity and entropy are known exactly.
- :class:`LabelledTexts` (a concept to probe for) and :class:`Prompt` are what later rooms measure with.
- :class:`EvaluationIndex` finds texts of evaluation sets among training rows: whole, or by an n-gram.

Everything is a pure function of its inputs and seeds.
"""

from __future__ import annotations

from hormesis.corpus.concept_bank import ConceptBankConfig, ConceptTexts, read_concept_bank
from hormesis.corpus.concepts import ConceptConfig, LabelledTexts, read_concept
from hormesis.corpus.documents import Document, SourceConfig, read
from hormesis.corpus.hashed_rows import LocatedText
from hormesis.corpus.held_out import Half, HeldOutConfig, Role, half_of, role_of, with_role
from hormesis.corpus.microworld import Microworld, MicroworldConfig
from hormesis.corpus.mixture import Cooldown, Mixture
from hormesis.corpus.mixture_config import MixtureConfig
from hormesis.corpus.overlap import EvaluationIndex, Overlap, located
from hormesis.corpus.prompts import Prompt, PromptConfig, read_prompts
from hormesis.corpus.rows import HUB_DATASETS
from hormesis.corpus.scored_texts import ScoredTexts, ScoredTextsConfig, read_scored_texts
from hormesis.corpus.shards import TokenShards
from hormesis.corpus.tokenization import tokenize
from hormesis.corpus.tokenizer import load_tokenizer, tokenizer_hash, train_tokenizer

__all__ = [
    "HUB_DATASETS",
    "ConceptBankConfig",
    "ConceptConfig",
    "ConceptTexts",
    "Cooldown",
    "Document",
    "EvaluationIndex",
    "Half",
    "HeldOutConfig",
    "LabelledTexts",
    "LocatedText",
    "Microworld",
    "MicroworldConfig",
    "Mixture",
    "MixtureConfig",
    "Overlap",
    "Prompt",
    "PromptConfig",
    "Role",
    "ScoredTexts",
    "ScoredTextsConfig",
    "SourceConfig",
    "TokenShards",
    "load_tokenizer",
    "located",
    "read",
    "read_concept",
    "read_concept_bank",
    "read_prompts",
    "read_scored_texts",
    "half_of",
    "role_of",
    "tokenize",
    "tokenizer_hash",
    "train_tokenizer",
    "with_role",
]
