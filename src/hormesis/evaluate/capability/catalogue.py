"""The benchmarks that are known: where lm-eval keeps their prompts, and which columns a file of them has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Benchmark:
    """One task. A file has the columns of the data set on the Hugging Face hub, or those that are renamed to them.

    folder: of lm-eval's configurations, below its ``tasks``. config: lm-eval's name of the task; with ``{stratum}`` in
    it, one for each value of the stratum. columns: those without which a file is not of this task. stratum: a column
    whose values are drawn in proportion when not all questions are asked. part: a column whose values are measured
    apart too. renamed: another name of a column → the hub's. files: names of a file, without ending.
    """

    folder: str
    config: str
    columns: tuple[str, ...]
    stratum: str | None = None
    part: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


_ARC = ("question", "choices", "answerKey")

TASKS: dict[str, Benchmark] = {
    "arc_challenge": Benchmark("arc", "arc_challenge", _ARC),
    "arc_easy": Benchmark("arc", "arc_easy", _ARC),
    "blimp": Benchmark(
        "blimp",
        "blimp_adjunct_island",  # the 67 phenomena share one template
        ("phenomenon", "field", "sentence_good", "sentence_bad"),
        stratum="phenomenon",
        part="field",
        renamed={"good": "sentence_good", "bad": "sentence_bad", "UID": "phenomenon"},
    ),
    "copa": Benchmark("super_glue/copa", "copa", ("premise", "choice1", "choice2", "question", "label")),
    "hellaswag": Benchmark("hellaswag", "hellaswag", ("activity_label", "ctx_a", "ctx_b", "endings", "label")),
    "mmlu": Benchmark(
        "mmlu/default",
        "mmlu_{stratum}",
        ("question", "subject", "choices", "answer"),
        stratum="subject",
        part="subject",
        files=("mmlu_test",),
    ),
    "openbookqa": Benchmark("openbookqa", "openbookqa", ("question_stem", "choices", "answerKey")),
    "piqa": Benchmark("piqa", "piqa", ("goal", "sol1", "sol2", "label")),
    "sciq": Benchmark(
        "sciq", "sciq", ("question", "distractor1", "distractor2", "distractor3", "correct_answer", "support")
    ),
    "winogrande": Benchmark("winogrande", "winogrande", ("sentence", "option1", "option2", "answer")),
}
"""By the name that users write, which is the domain of the measurements."""
