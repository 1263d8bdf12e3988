"""Many quotations at once: a Parquet file of them, and one of answers, a row each in the same order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hormesis.counterspeech.answer import Answer, Verdict
from hormesis.counterspeech.attribute import attribute
from hormesis.counterspeech.quotation import LONGEST
from hormesis.counterspeech.store import EvidenceStore
from hormesis.errors import HormesisError
from hormesis.files import write_file

_TEXTS = pa.list_(pa.string())
_SCHEMA = pa.schema(
    {
        "id": pa.string(), "quotation": pa.string(), "claimed_author": pa.string(), "verdict": pa.string(),
        "author": pa.string(), "document": _TEXTS, "title": pa.string(), "year": pa.int64(), "url": pa.string(),
        "licence": pa.string(), "sentence": pa.string(), "start": pa.int64(), "end": pa.int64(),
        "differences": pa.string(), "notes": _TEXTS, "searched": pa.int64(),
    }
)  # fmt: skip


def attribute_file(store: EvidenceStore, quotations: Path, answers: Path) -> Mapping[str, int]:
    """Answer every row of ``quotations``.

    :param quotations: Parquet with a column ``quotation``, and optionally ``id`` and ``claimed_author``.
    :param answers: where to write: the columns of the passage that was judged, ``document`` with the ids of all
        passages, ``differences`` as JSON pairs.
    :return: how many have each verdict.
    :raises HormesisError: no such file, no Parquet, or no column ``quotation`` of text.
    """
    rows = []
    counts: Counter[str] = Counter()
    for number, row in enumerate(_read(quotations).to_pylist(), start=1):
        said, claim = row["quotation"] or "", row.get("claimed_author")
        if len(said) > LONGEST:
            note = f"longer than {LONGEST} characters: not looked for"
            answer = Answer(Verdict.NOT_FOUND, said[:LONGEST], claim, (), (), (note,), store.size)
        else:
            answer = attribute(store, said, claim)
        counts[answer.verdict.value] += 1
        rows.append(_row(answer, str(row.get("id") or number)))
    with write_file(answers) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), temporary, compression="zstd")
    return dict(counts)


def _row(answer: Answer, id: str) -> dict[str, object]:
    first = answer.passages[0] if answer.passages else None
    cited = ("author", "title", "year", "url", "licence", "sentence", "start", "end")
    return {
        "id": id,
        "quotation": answer.quotation,
        "claimed_author": answer.claimed_author,
        "verdict": answer.verdict.value,
        **{name: getattr(first, name) if first else None for name in cited},
        "document": [each.document for each in answer.passages],
        "differences": json.dumps(answer.differences, ensure_ascii=False),
        "notes": list(answer.notes),
        "searched": answer.searched,
    }


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise HormesisError(f"{path} is not there", "name a Parquet file with a column 'quotation'")
    try:
        names = pq.read_schema(path).names
        if "quotation" not in names:
            raise HormesisError(
                f"{path} has no column 'quotation'", f"rename or add it; it has these columns: {', '.join(names)}"
            )
        table = pq.read_table(path, columns=[each for each in ("id", "quotation", "claimed_author") if each in names])
    except (pa.ArrowInvalid, OSError) as error:
        raise HormesisError(f"{path} cannot be read as Parquet: {error}", "get or write the file again") from error
    for name in ("quotation", "claimed_author"):
        kind = table.schema.field(name).type if name in table.schema.names else pa.null()
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
            raise HormesisError(f"{path}: the column {name!r} holds {kind}, no text", "write it as strings")
    return table
