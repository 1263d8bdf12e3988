"""The tiny study of tests and soaks: two shares, two seeds, a model of the smallest preset, in seconds a cell."""

from __future__ import annotations

TINY_STUDY = {
    "name": "tiny-microworld",
    "description": "Two shares of a very small study.",
    "corpus": {"source": "microworld", "clean_documents": 600, "toxic_documents": 300},
    "held_out": {"evaluate": 0.05},
    "tokenizer": {"vocabulary": 400},
    "mixture": {"shares": [0, 0.25], "tokens": 8192},
    "training": {"preset": "micro", "sequence_length": 64, "batch_rows": 16, "compile": False},
    "seeds": [0, 1],
    "concept": {"source": "microworld", "texts": 120},
    "methods": [
        {"method": "prompting", "prefix": "the weather is fine."},
        {"method": "iti", "heads": 3, "strengths": [2, 8]},
        {"method": "iti-random-direction", "heads": 3, "strengths": [2, 8]},
    ],
    "evaluation": {
        "prompts": {"microworld": {"source": "microworld", "count": 6}},
        "generation": {"samples": 2, "max_new_tokens": 6},
        "scorer": {"kind": "microworld"},
        "documents": 10,
    },
}
