"""``hormesis evidence add`` and ``hormesis attribute``: a store of evidence, and what it says of a quotation."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hormesis.cli.lazy import Later, LazyGroup
from hormesis.cli.screen import Screen

if TYPE_CHECKING:
    from hormesis.counterspeech import Answer, EvidenceStore

app = typer.Typer(
    cls=LazyGroup.of({"add": Later("hormesis.cli.counterspeech:add")}),
    no_args_is_help=True,
    add_completion=False,
    help="The store of evidence that `hormesis attribute` answers from: one SQLite file with a full-text index.",
)


@app.callback()
def _group() -> None:
    """Keep ``add`` a subcommand: a group of one would be run as that command."""


StoreArgument = Annotated[
    str, typer.Argument(metavar="STORE", help="a store that `hormesis evidence add` made, or `demo`: the one inside")
]


def add(
    screen: Screen,
    store: Annotated[Path, typer.Argument(help="the store; made where there is none")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Parquet or JSON lines (text, author, title, …), or folders of text files"
        ),
    ],
) -> None:
    """Add documents, or a list of disputed quotations, to a store of evidence. Adding twice changes nothing.

    Example: `hormesis evidence add evidence.db speeches.parquet books.parquet disputes.parquet`
    """
    from hormesis.counterspeech import add_evidence, read_evidence

    added = add_evidence(store, (each for file in files for each in read_evidence(file)))
    screen.say(f"{store}: {added.documents} documents and {added.disputes} disputes added, {added.known} known before")
    screen.result(added)


def attribute(
    screen: Screen,
    store: StoreArgument,
    quotation: Annotated[str | None, typer.Argument(help="the quotation, as it is told")] = None,
    author: Annotated[str | None, typer.Option(help="who is claimed to have said it")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Parquet with columns quotation, and optionally claimed_author and id")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="with --file: where the answers go, as Parquet")] = None,
) -> None:
    """Say whether a quotation was said, by whom, and in these words, as far as a store of evidence holds it.

    VERIFIED, ALTERED, MISATTRIBUTED, DISPUTED, TOO_SHORT or NOT_FOUND in these documents; nothing is guessed.
    Example: `hormesis attribute demo "Ask not what your country can do for you" --author "John F. Kennedy"`
    """
    from hormesis.counterspeech import attribute as answered
    from hormesis.counterspeech import attribute_file
    from hormesis.counterspeech.store import explained

    if (quotation is None) == (file is None):
        raise typer.BadParameter("give a quotation, or --file with --out")
    if (file is None) != (out is None):
        raise typer.BadParameter("--file and --out go together", param_hint="--out")
    with explained(Path(store)), closing(_opened(store)) as opened:
        if file is not None and out is not None:
            counts = attribute_file(opened, file, out)
            screen.say(f"{out}: " + ", ".join(f"{counts[each]} {each}" for each in sorted(counts)))
            screen.result({"answers": str(out), "verdicts": counts})
            return
        answer = answered(opened, quotation or "", author)
    screen.say(*_lines(answer))
    screen.result(answer)


def _opened(store: str) -> EvidenceStore:
    from hormesis.counterspeech import EvidenceStore, demo_store

    return demo_store() if store == "demo" and not Path(store).exists() else EvidenceStore.open(Path(store))


def _lines(answer: Answer) -> list[str]:
    verdict = answer.verdict.replace("_", " ")
    head = f"{verdict} in these {answer.searched:,} documents"
    if answer.verdict == "NOT_FOUND":
        head += ", which does not mean that it was never said"
    lines = [head]
    for mine, theirs in answer.differences:
        lines.append(f"  differs: “{mine or '—'}” in the quotation, “{theirs or '—'}” in the document")
    lines += [f"  note: {each}" for each in answer.notes]
    for each in answer.passages:
        year = f", {each.year}" if each.year is not None else ""
        lines.append(f"  {each.author}, {each.title}{year} [{each.document}, characters {each.start}–{each.end}]")
        lines.append(f"    “{each.sentence}”")
        lines.append("    " + " · ".join(part for part in (each.url, each.licence) if part))
    return lines
