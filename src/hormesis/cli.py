"""The command line: ``hormesis --help``."""

from __future__ import annotations

import logging
import os
import sys

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from hormesis.errors import HormesisError
from hormesis.study.command import app as study_app
from hormesis.study.command import mix
from hormesis.study.decision_command import power, recommend
from hormesis.toy.command import app as toy_app
from hormesis.workbench.command import register as register_workbench

# Said on import, in every worker process too: an optional package that nobody here asked for is not there.
logging.getLogger("olmo_core.nn.attention.te_attn_api").setLevel(logging.ERROR)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="How much bad data makes a good model? Mix → pretrain → probe → detoxify → evaluate → trade-off.",
    epilog="Start with `hormesis study run microworld`; then `hormesis study init my.yaml` for your own data.",
)
app.add_typer(study_app, name="study")
app.add_typer(toy_app, name="toy")
app.command()(mix)
register_workbench(app)
app.command()(recommend)
app.command()(power)


@app.callback()
def _options(verbose: bool = typer.Option(False, "--verbose", "-v", help="show what the libraries log")) -> None:
    console = Console(stderr=True)
    level = logging.INFO if verbose else logging.ERROR
    logging.basicConfig(level=level, format="%(message)s", handlers=[RichHandler(console=console, show_path=False)])


def main() -> None:
    """Run the command line; a problem that the user can mend is printed without a traceback."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        app()
    except HormesisError as error:
        console = Console(stderr=True)
        # As text, not as markup: what is in brackets, such as hormesis[post], is to be read.
        said = Text.assemble(("error", "bold red"), f": {error.problem}\n", ("fix", "bold"), f": {error.fix}")
        console.print(said, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
