"""Options and arguments that several commands have: one name means one thing everywhere.

``--limit`` is at most so many rows of the data that a command is about, ``--X-limit`` of what ``--X`` names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="HORMESIS_DATA",
        help="a folder that relative paths of data are read against; default: of a study, its own; else this one",
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="of all that is drawn")]
BatchOption = Annotated[int, typer.Option(min=1, help="rows of a forward pass")]
RowsOption = Annotated[
    int | None, typer.Option("--batch", min=1, help="rows of a forward pass; default: 8 prompts with all their samples")
]

StudyArgument = Annotated[
    str, typer.Argument(metavar="STUDY", help="a YAML file, or `microworld`, the study that comes with the package")
]
ResultsArgument = Annotated[Path, typer.Argument(metavar="RESULTS", help="a results folder")]
ResultsOption = Annotated[
    Path | None, typer.Option("--results", help="the results folder; default: results/NAME of the study")
]
SeedsOption = Annotated[
    str | None, typer.Option("--seeds", help="run these now, and add them to the folder's: 4-7 or 4,6,8-11")
]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="processes; default: one for each core")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="threads of a process; default: cores / workers")]

ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="a Hugging Face folder, a hub id, or a .gguf file (or a folder of one)")
]
DeviceOption = Annotated[str | None, typer.Option(help="cpu, cuda, mps, or auto to spread; default: a GPU if any")]
TrustOption = Annotated[
    bool, typer.Option("--trust-remote-code", help="run the Python that comes with the model: read it first")
]
ChatOption = Annotated[
    bool, typer.Option("--chat", help="put what the model is asked into its chat template, as what a user says")
]
ArchitectureOption = Annotated[
    Path | None,
    typer.Option(
        "--architecture",
        help='a JSON file that names the modules of an unknown family: {"model_type": …, "decoder": "model", '
        '"projection": "model.layers.{layer}.self_attn.o_proj", "block": "model.layers.{layer}", "writers": […]}',
    ),
]
DtypeOption = Annotated[str | None, typer.Option(help="float32, bfloat16, float16; default: float32 on a CPU")]
OutOption = Annotated[Path | None, typer.Option("--out", help="a folder for what is found")]

CONCEPT = "The concept: labelled texts"
ConceptOption = Annotated[
    str, typer.Option(help="a file of labelled texts, or `toxigen` from the hub", rich_help_panel=CONCEPT)
]
TextColumn = Annotated[
    str | None, typer.Option("--column", help="its column of text; default: text", rich_help_panel=CONCEPT)
]
LabelOption = Annotated[
    str | None, typer.Option(help="its column of labels, numbers or booleans", rich_help_panel=CONCEPT)
]
ThresholdOption = Annotated[
    float | None, typer.Option(help="a label at or above it means toxic; default: 0.5", rich_help_panel=CONCEPT)
]
GroupOption = Annotated[
    str | None, typer.Option(help="its column of groups, which no split cuts through", rich_help_panel=CONCEPT)
]
ConceptLimitOption = Annotated[
    int | None, typer.Option("--limit", min=20, help="texts drawn from it", rich_help_panel=CONCEPT)
]

RTP = "RealToxicityPrompts: a file (columns prompt, prompt_toxicity), or `rtp` from the hub"
ArtefactsOption = Annotated[
    list[Path] | None, typer.Option("--with", help="an artefact of `hormesis detox`; repeat for several")
]
TextsOption = Annotated[
    list[str] | None, typer.Option("--text", help="FILE or NAME=FILE of plain text, for cross-entropy and KL; repeat")
]
TextLimitOption = Annotated[int, typer.Option("--text-limit", "--documents", min=1, help="documents of each --text")]
SamplesOption = Annotated[int, typer.Option(min=1, help="continuations of a prompt")]
TokensOption = Annotated[int, typer.Option(min=1, help="new tokens of a continuation, at most")]
TopPOption = Annotated[float, typer.Option(help="mass of the nucleus, above 0, at most 1")]
TemperatureOption = Annotated[float, typer.Option(help="of sampling, above 0")]
