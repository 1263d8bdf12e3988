"""Evidence as users bring it: documents and known disputes, from Parquet, JSON lines, or a folder of text files.

A file with a column ``quotation`` and no ``text`` lists disputes (``quotation``, ``claimed_author``, and optionally
``status``, ``likely_source``, ``seen_at``); any other holds documents: ``text``, ``author``, ``title``, and optionally
``id``, ``year``, ``url``, ``licence``, ``disputed_with`` (another claimant), ``aliases`` (other names of the author),
``sha256`` (of the text; it is checked). A text file begins with lines such as ``Author: …`` and a blank line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hormesis.errors import HormesisError
from hormesis.files import content_hash, text_hash

_NEEDED = ("text", "author", "title")
_HEAD = ("author", "title", "year", "url", "licence", "aliases", "disputed_with", "id")


@dataclass(frozen=True)
class Document:
    """One document of the evidence.

    :param id: its name in the store.
    :param text: as it was published.
    :param author: one name or several, as the source gives them.
    :param disputed_with: another claimant of its authorship, or None.
    :param aliases: other names of the author.
    """

    id: str
    text: str
    author: str
    title: str
    year: int | None = None
    url: str | None = None
    licence: str | None = None
    disputed_with: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Of its text."""
        return text_hash(self.text)

    @property
    def digest(self) -> str:
        """Of all that it says but its id."""
        said = [self.text, self.author, self.title, self.year, self.url, self.licence, self.disputed_with]
        return content_hash([*said, *self.aliases])


@dataclass(frozen=True)
class Dispute:
    """A quotation that is usually credited to the wrong person, or to an uncertain one.

    :param status: ``misattributed`` or ``disputed``.
    :param seen_at: the page that says so, or None.
    """

    quotation: str
    claimed_author: str
    status: str
    likely_source: str | None = None
    seen_at: str | None = None


Evidence = Document | Dispute


def read_evidence(place: Path) -> Iterator[Evidence]:
    """What a file or folder holds, in its order.

    :raises HormesisError: no such file, an unknown kind of file, missing columns, an empty text, or a text that is
        not the one that its ``sha256`` names.
    """
    if place.is_dir():
        files = sorted(place.rglob("*.txt"))
        if not files:
            raise HormesisError(f"{place} holds no text files", "name a folder of .txt files, a .parquet or a .jsonl")
        yield from (_document(_text_file(each), str(each)) for each in files)
        return
    if not place.is_file():
        raise HormesisError(f"{place} is not there", "name a .parquet or .jsonl file, or a folder of .txt files")
    readers = {".parquet": _parquet, ".jsonl": _json_lines, ".txt": _one_text}
    if place.suffix.lower() not in readers:
        raise HormesisError(f"{place} is no Parquet, JSON lines or text", "convert it to .parquet, .jsonl or .txt")
    for number, record in enumerate(readers[place.suffix.lower()](place), start=1):
        where = f"{place}:{number}"
        yield _dispute(record, where) if "quotation" in record and "text" not in record else _document(record, where)


def _document(record: Mapping[str, object], where: str) -> Document:
    _check(record, _NEEDED, where)
    text = str(record["text"])
    if not text.strip():
        raise HormesisError(f"{where}: its text is empty", "remove that row, or give it its text")
    if "\x00" in text:
        raise HormesisError(f"{where}: its text holds NUL characters", "give text, not the bytes of another format")
    document = Document(
        id=_optional(record, "id") or "",
        text=text,
        author=" ".join(str(record["author"]).split()),
        title=" ".join(str(record["title"]).split()),
        year=_year(record, where),
        url=_optional(record, "url"),
        licence=_optional(record, "licence"),
        disputed_with=_optional(record, "disputed_with"),
        aliases=_aliases(record.get("aliases")),
    )
    stated = _optional(record, "sha256")
    if stated is not None and stated.lower() != document.sha256:
        raise HormesisError(
            f"{where}: its text is not the one that its sha256 names", "get the file again, or drop the column sha256"
        )
    if document.id:
        return document
    return Document(**{**vars(document), "id": f"doc-{document.digest[:16]}"})


def _dispute(record: Mapping[str, object], where: str) -> Dispute:
    _check(record, ("quotation", "claimed_author"), where)
    return Dispute(
        quotation=str(record["quotation"]),
        claimed_author=str(record["claimed_author"]),
        status=_optional(record, "status") or "disputed",
        likely_source=_optional(record, "likely_source"),
        seen_at=_optional(record, "seen_at"),
    )


def _check(record: Mapping[str, object], needed: Iterable[str], where: str) -> None:
    for column in needed:
        if column not in record:
            there = ", ".join(sorted(record)) or "none"
            raise HormesisError(f"{where} has no column {column!r}", f"rename or add it; it has these columns: {there}")
        if record[column] is None or not isinstance(record[column], str):
            raise HormesisError(f"{where}: {column!r} is no text", f"give every row its {column}")


def _optional(record: Mapping[str, object], column: str) -> str | None:
    value = record.get(column)
    if value is None or value != value or not str(value).strip():  # NaN is not itself
        return None
    return str(value).strip()


def _year(record: Mapping[str, object], where: str) -> int | None:
    value = _optional(record, "year")
    if value is None:
        return None
    try:
        return int(float(value))
    except (ValueError, OverflowError) as error:
        raise HormesisError(f"{where}: the year {value!r} is no number", "give a year such as 1961, or none") from error


def _aliases(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(";")
    if not isinstance(value, list | tuple):
        return ()
    return tuple(str(each).strip() for each in value if str(each).strip())


def _parquet(path: Path) -> Iterator[dict[str, object]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024):
                yield from batch.to_pylist()
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise HormesisError(f"{path} cannot be read as Parquet: {error}", "get or write the file again") from error


def _json_lines(path: Path) -> Iterator[dict[str, object]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise HormesisError(f"{path}:{number} is no JSON object", "write one object a line")
                yield record
    except UnicodeDecodeError as error:
        raise HormesisError(f"{path} is not UTF-8 text", "convert it to UTF-8") from error
    except json.JSONDecodeError as error:
        raise HormesisError(f"{path}:{number} is no JSON: {error}", "write one object a line") from error


def _one_text(path: Path) -> Iterator[dict[str, object]]:
    yield _text_file(path)


def _text_file(path: Path) -> dict[str, object]:
    try:
        whole = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise HormesisError(f"{path} is not UTF-8 text", "convert it to UTF-8") from error
    head, _, body = whole.partition("\n\n")
    record: dict[str, object] = {}
    for line in head.splitlines():
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() not in _HEAD:
            break
        record[name.strip().lower()] = value.strip()
    if "author" not in record:
        raise HormesisError(
            f"{path} does not say whose text it is", "begin it with lines 'Author: …' and 'Title: …', then a blank line"
        )
    return {"title": path.stem, **record, "text": body}
