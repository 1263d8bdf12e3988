"""Documents: texts with the name of their source."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hormesis.corpus.readers import Row, Undecodable
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr

log = logging.getLogger(__name__)


Span = tuple[int, int]
"""Characters [start, end) of a text."""


@short_repr
@dataclass(frozen=True)
class Document:
    """One text and the name of the source that it came from."""

    text: str
    source: str
    unlearned: tuple[Span, ...] = ()
    """The parts that carry no loss: they are read by the model, and it is not trained to write them."""

    def __post_init__(self) -> None:
        for start, end in self.unlearned:
            if not 0 <= start <= end <= len(self.text):
                raise ValueError(f"the span {start}–{end} lies outside a text of {len(self.text)} characters")


class SourceConfig(RowsConfig):
    """A source of documents: where its rows are (:class:`RowsConfig`), and which column is the text."""

    column: str = "text"
    """The column with the text; ``a.b`` is the field ``b`` of the column ``a``."""
    name: str | None = None
    """The name of the source in manifests and figures; by default the file's or the dataset's."""

    @property
    def source_name(self) -> str:
        """``name``, else the name of the file without its suffixes, or of the dataset."""
        if self.name is not None:
            return self.name
        place = Path(self.dataset or self.path or "")
        return place.name.split(".")[0] or place.name


def read(source: SourceConfig, *, root: Path | None = None) -> Iterator[Document]:
    """The documents of a source, in the order of its files, streamed.

    Rows with no text (null, or white space only) are left out and counted in one log line; text that is not
    UTF-8 is an error that names its row, or left out with ``undecodable: skip``.

    :param root: what a relative path is relative to.
    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; the column is not text; no row has
        text.
    """
    read_count = empty = 0
    for row in read_rows(source, [source.column], root=root):
        text = text_of(row, source.column)
        if isinstance(text, Undecodable):
            if source.undecodable == "error":
                raise text.at(row.origin)
            log.warning("%s skipped: %s", row.origin, text.reason)
        elif text is None:
            empty += 1
        else:
            read_count += 1
            yield Document(text, source.source_name)
    if read_count == 0:
        raise HormesisError(
            f"the column {source.column!r} of {source.path or source.dataset} holds no text in any row",
            "name the column that holds the text, or give another file",
        )
    if empty:
        log.info("%s: left out %d rows without text, read %d", source.source_name, empty, read_count)


def text_of(row: Row, column: str) -> str | None | Undecodable:
    """The text of a row; ``None`` where it is empty; :class:`Undecodable` where it has no UTF-8 form.

    :raises HormesisError: the column holds something else than text.
    """
    value = row.values[column]
    if isinstance(value, Undecodable):
        return value
    if value is None:
        return None
    if not isinstance(value, str):
        raise HormesisError(
            f"{row.origin}: the column {column!r} holds {type(value).__name__}, not text",
            "name a column of text",
        )
    if not value.strip():
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:  # a lone surrogate, which JSON can spell and UTF-8 cannot
        return Undecodable(f"the text has no UTF-8 form (character {error.start}: {error.reason})", "mend the text")
    return value
