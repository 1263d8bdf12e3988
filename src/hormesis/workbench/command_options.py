"""What every command on a model takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="a Hugging Face folder, a hub id, or a .gguf file (or a folder of one)")
]
DeviceOption = Annotated[str | None, typer.Option(help="cpu, cuda, mps, or auto to spread; default: a GPU if any")]
DtypeOption = Annotated[str | None, typer.Option(help="float32, bfloat16, float16; default: float32 on a CPU")]
OutOption = Annotated[Path | None, typer.Option("--out", help="a folder for what is found")]
