"""``hormesis …``: the tree of commands, the options of all of them, and how errors are told."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hormesis.cli.lazy import JsonOption, Later, LazyGroup, QuietOption, VerboseOption
from hormesis.cli.screen import Screen, legible_console
from hormesis.disk import explained_by_the_disk
from hormesis.errors import HormesisError
from hormesis.optional import missing

_MODEL, _JUDGE, _QUOTATIONS = "Any model", "Scorers", "Evidence and quotations"
COMMANDS = {
    "study": Later("hormesis.cli.study:app"),
    "toy": Later("hormesis.cli.toy:app"),
    "methods": Later("hormesis.cli.methods:methods"),
    "probe": Later("hormesis.cli.look:probe", _MODEL),
    "geometry": Later("hormesis.cli.look:geometry", _MODEL),
    "detox": Later("hormesis.cli.detox:detox", _MODEL),
    "pairs": Later("hormesis.cli.detox:pairs", _MODEL),
    "generate": Later("hormesis.cli.evaluate:generate", _MODEL),
    "evaluate": Later("hormesis.cli.evaluate:evaluate", _MODEL),
    "attack": Later("hormesis.cli.attack:attack", _MODEL),
    "trigger": Later("hormesis.cli.attack:trigger", _MODEL),
    "tamper": Later("hormesis.cli.attack:tamper", _MODEL),
    "scorer": Later("hormesis.cli.scorer:scorer", _JUDGE),
    "scorer-report": Later("hormesis.cli.scorer:scorer_report", _JUDGE),
    "evidence": Later("hormesis.cli.counterspeech:app", _QUOTATIONS),
    "attribute": Later("hormesis.cli.counterspeech:attribute", _QUOTATIONS),
    # Older spellings of commands on a study.
    "mix": Later("hormesis.cli.study:mix", hidden=True),
    "recommend": Later("hormesis.cli.decide:recommend", hidden=True),
    "power": Later("hormesis.cli.decide:power", hidden=True),
}

app = typer.Typer(
    cls=LazyGroup.of(COMMANDS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="How much bad data makes a good model? Mix → pretrain → probe → detoxify → evaluate → trade-off.",
    epilog="Start with `hormesis study run microworld`; then `hormesis study init my.yaml` for your own data.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"hormesis {version('hormesis')}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    version: Annotated[  # noqa: ARG001 — its callback has answered
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show the version")
    ] = False,
) -> None:
    logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    # Said on import, in every worker process too: an optional package that nobody here asked for is not there.
    logging.getLogger("olmo_core.nn.attention.te_attn_api").setLevel(logging.ERROR)
    told = ("hormesis.memory", "hormesis.models", "hormesis.pretrained", "hormesis.detox.storage")
    for aloud in told:  # of what is loaded or run
        logging.getLogger(aloud).setLevel(logging.WARNING)
    context.ensure_object(Screen).choose(as_json=as_json, quiet=quiet, verbose=verbose)


def main() -> None:
    """Run the command line; a problem that the user can mend is printed without a traceback."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        app()
    except HormesisError as error:
        _tell(error)
    except ModuleNotFoundError as error:
        if (explained := missing(error, "this command")) is None:
            raise
        _tell(explained)
    except (OSError, BaseExceptionGroup) as error:
        place = getattr(error, "filename", None)
        explained = explained_by_the_disk(error, Path(place if isinstance(place, str) else "."))
        if explained is None and isinstance(error, OSError) and error.filename is not None:
            explained = HormesisError(
                f"{error.filename}: {error.strerror}",
                "correct the path, or see that it may be read and written and that nothing else is in its place",
            )
        if explained is None:
            raise
        _tell(explained)
    except MemoryError as error:
        _tell(
            HormesisError(
                f"memory is short: {error or 'no more is to be had'}", "ask for less at once: --batch, --samples"
            )
        )


def _tell(error: HormesisError) -> NoReturn:
    from rich.text import Text

    # As text, not as markup: what is in brackets, such as hormesis[post], is to be read.
    said = Text.assemble(("error", "bold red"), f": {error.problem}\n", ("fix", "bold"), f": {error.fix}")
    legible_console(stderr=True).print(said, soft_wrap=True)
    sys.exit(1)
