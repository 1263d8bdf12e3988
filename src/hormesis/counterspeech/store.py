"""The evidence store: one SQLite file, with a full-text index (FTS5) that has a row for each paragraph.

What is indexed are the :mod:`words <hormesis.counterspeech.wording>` of a paragraph, joined by spaces; no row spans two
documents. A store is written beside its place and renamed, so that a reader sees the old one or the new one.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from hormesis.counterspeech.documents import Dispute, Document, Evidence
from hormesis.counterspeech.names import Authors
from hormesis.counterspeech.wording import forms, place_of
from hormesis.errors import HormesisError
from hormesis.files import write_file

_OURS = 0x68_6F_65_76  # "hoev": what SQLite's header says of a store of ours
_VERSION = 1
_SCHEMA = f"""
PRAGMA application_id = {_OURS};
PRAGMA user_version = {_VERSION};
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,
    text TEXT NOT NULL, words TEXT NOT NULL, author TEXT NOT NULL, title TEXT NOT NULL, year INTEGER, url TEXT,
    licence TEXT, disputed_with TEXT
);
CREATE TABLE paragraphs (
    number INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, words_start INTEGER NOT NULL, words_end INTEGER NOT NULL
);
CREATE INDEX paragraph_places ON paragraphs (document, words_start);
CREATE VIRTUAL TABLE paragraph_words USING fts5 (words, content = '', tokenize = "ascii tokenchars '.,$%'");
CREATE VIRTUAL TABLE word_rows USING fts5vocab (paragraph_words, row);
CREATE TABLE aliases (alias TEXT NOT NULL, author TEXT NOT NULL, PRIMARY KEY (alias, author));
CREATE TABLE disputes (
    quotation TEXT NOT NULL, claimed_author TEXT NOT NULL, words TEXT NOT NULL, status TEXT NOT NULL,
    likely_source TEXT, seen_at TEXT, PRIMARY KEY (quotation, claimed_author)
);
"""
_PARAGRAPH = re.compile(r"\S.*?(?=\n\s*\n|\Z)", re.DOTALL)
_LONGEST = 2000  # characters of a row of the index: a paragraph longer than that is cut at a sentence


@dataclass(frozen=True)
class Source:
    """A document of the store, as an answer cites it, and its words.

    :param words: of the whole text, one space between two, and one before the first and after the last.
    """

    number: int
    id: str
    text: str
    words: str
    author: str
    title: str
    year: int | None
    url: str | None
    licence: str | None
    disputed_with: str | None


@dataclass(frozen=True)
class Row:
    """A row of the index: a paragraph, as offsets into the words of its document."""

    document: int
    words_start: int
    words_end: int


@dataclass(frozen=True)
class Added:
    """What an import did."""

    documents: int
    disputes: int
    known: int
    """Those that the store held already."""


class EvidenceStore:
    """A store that is read.

    :param connection: to its database; :meth:`open` makes one.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.source = lru_cache(maxsize=256)(self._source)
        self.frequency = lru_cache(maxsize=65536)(self._frequency)

    @classmethod
    def open(cls, path: Path) -> EvidenceStore:
        """The store at ``path``, read only.

        :raises HormesisError: none is there, it is no store, it is damaged, or it holds nothing.
        """
        _check_ours(path)
        with explained(path):
            connection = sqlite3.connect(f"file:{urllib.parse.quote(str(path.resolve()))}?mode=ro", uri=True, timeout=2)
            store = cls(connection)
            connection.execute("SELECT count(*) FROM paragraphs, disputes LIMIT 1").fetchone()
        if not store.size and not store.disputes:
            raise HormesisError(f"{path} holds no document", f"hormesis evidence add {path} FILE…")
        return store

    @classmethod
    def of(cls, evidence: Iterable[Evidence]) -> EvidenceStore:
        """A store in memory."""
        connection = sqlite3.connect(":memory:")
        connection.executescript(_SCHEMA)
        _insert(connection, evidence)
        return cls(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @cached_property
    def size(self) -> int:
        """The number of documents."""
        return int(self._connection.execute("SELECT count(*) FROM documents").fetchone()[0])

    @cached_property
    def rows(self) -> int:
        """The number of rows of the index."""
        return int(self._connection.execute("SELECT count(*) FROM paragraphs").fetchone()[0])

    @cached_property
    def authors(self) -> Authors:
        """All authors and their aliases."""
        names = [name for (name,) in self._connection.execute("SELECT DISTINCT author FROM documents ORDER BY author")]
        return Authors(names, dict(self._connection.execute("SELECT alias, author FROM aliases ORDER BY alias")))

    @cached_property
    def disputes(self) -> tuple[tuple[tuple[str, ...], Dispute], ...]:
        """The known disputes, each with the words of its quotation."""
        found = self._connection.execute(
            "SELECT words, quotation, claimed_author, status, likely_source, seen_at FROM disputes ORDER BY rowid"
        )
        return tuple((tuple(each[0].split(" ")), Dispute(*each[1:])) for each in found)

    def documents(self) -> Iterator[Source]:
        """All, in the order in which they were added."""
        for (number,) in self._connection.execute("SELECT number FROM documents ORDER BY number").fetchall():
            yield self.source(number)

    def _source(self, number: int) -> Source:
        found = self._connection.execute(
            "SELECT number, id, text, words, author, title, year, url, licence, disputed_with FROM documents"
            " WHERE number = ?",
            (number,),
        ).fetchone()
        return Source(*found)

    def _frequency(self, word: str) -> int:
        found = self._connection.execute("SELECT doc FROM word_rows WHERE term = ?", (word,)).fetchone()
        return int(found[0]) if found else 0

    def with_phrase(self, phrase: Sequence[str], limit: int = 400) -> list[int]:
        """Numbers of the documents that have a paragraph with these words in a row, at most ``limit``."""
        found = self._connection.execute(
            "SELECT DISTINCT p.document FROM paragraph_words f JOIN paragraphs p ON p.number = f.rowid"
            " WHERE paragraph_words MATCH ? LIMIT ?",
            (_phrase(phrase), limit),
        )
        return [number for (number,) in found]

    def ranked(self, any_of: Sequence[Sequence[str]], limit: int) -> list[Row]:
        """The rows that hold some of these phrases, best by BM25 first."""
        found = self._connection.execute(
            "SELECT p.document, p.words_start, p.words_end FROM"
            " (SELECT rowid AS row, rank FROM paragraph_words WHERE paragraph_words MATCH ? ORDER BY rank LIMIT ?) f"
            " JOIN paragraphs p ON p.number = f.row ORDER BY f.rank, p.number",
            (" OR ".join(_phrase(each) for each in any_of), limit),
        )
        return [Row(*each) for each in found]

    def offsets(self, source: Source, start: int, end: int) -> tuple[int, int]:
        """Where words stand in the text.

        :param start: of the first word, in :attr:`Source.words`.
        :param end: after the last word, there.
        :return: characters of :attr:`Source.text`.
        """
        return self._place(source, start)[0], self._place(source, end - 1)[1]

    def _place(self, source: Source, at: int) -> tuple[int, int]:
        first, last, words_start = self._connection.execute(
            'SELECT start, "end", words_start FROM paragraphs WHERE document = ? AND words_start <= ?'
            " ORDER BY words_start DESC LIMIT 1",
            (source.number, at),
        ).fetchone()
        start, end = place_of(source.text[first:last], source.words.count(" ", words_start, at))
        return first + start, first + end


def add_evidence(path: Path, evidence: Iterable[Evidence]) -> Added:
    """Add to the store at ``path``, which is made where none is.

    What the store holds already changes nothing; where all is known, the file is not touched.

    :raises HormesisError: something else is at ``path``, another import is running, the store is damaged, or a
        document has the id of another.
    """
    if path.exists():
        _check_ours(path)
    lock = FileLock(path.with_name(path.name + ".lock"))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=2)
    except Timeout as error:
        raise HormesisError(
            f"{path} is locked: another import is running", "wait for it to end, then run this again"
        ) from error
    try:
        with explained(path):
            return _add(path, evidence)
    finally:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _add(path: Path, evidence: Iterable[Evidence]) -> Added:
    added = Added(0, 0, 0)
    try:
        with write_file(path, ours=True) as temporary:
            if path.exists():
                shutil.copyfile(path, temporary)
            with closing(sqlite3.connect(temporary)) as connection:
                connection.execute("PRAGMA synchronous = OFF")  # write_file syncs the whole
                connection.execute("PRAGMA journal_mode = MEMORY")
                if not path.exists():
                    connection.executescript(_SCHEMA)
                added = _insert(connection, evidence)
            if path.exists():
                os.chmod(temporary, path.stat().st_mode & 0o777)
                if not added.documents and not added.disputes:
                    raise _NothingNew
    except _NothingNew:
        pass
    return added


class _NothingNew(Exception):
    """The old file stays."""


def _insert(connection: sqlite3.Connection, evidence: Iterable[Evidence]) -> Added:
    documents = disputes = known = 0
    with connection:
        connection.execute("BEGIN")
        for each in evidence:
            new = (
                _insert_document(connection, each) if isinstance(each, Document) else _insert_dispute(connection, each)
            )
            documents += new and isinstance(each, Document)
            disputes += new and isinstance(each, Dispute)
            known += not new
        if documents:
            connection.execute("INSERT INTO paragraph_words (paragraph_words) VALUES ('optimize')")
    return Added(documents, disputes, known)


def _insert_document(connection: sqlite3.Connection, document: Document) -> bool:
    digest = document.digest
    if connection.execute("SELECT 1 FROM documents WHERE digest = ?", (digest,)).fetchone():
        return False
    if connection.execute("SELECT 1 FROM documents WHERE id = ?", (document.id,)).fetchone():
        raise HormesisError(
            f"the store holds another document with the id {document.id!r}",
            "give one of them another id, or make a new store",
        )
    rows = [(start, end, " ".join(forms(document.text[start:end]))) for start, end in _paragraphs(document.text)]
    rows = [each for each in rows if each[2]]
    joined = " ".join(each[2] for each in rows)
    number = connection.execute(
        "INSERT INTO documents (id, digest, sha256, text, words, author, title, year, url, licence, disputed_with)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id, digest, document.sha256, document.text, f" {joined} ", document.author, document.title,
            document.year, document.url, document.licence, document.disputed_with,
        ),
    ).lastrowid  # fmt: skip
    at = 1
    for start, end, row in rows:
        index = connection.execute(
            'INSERT INTO paragraphs (document, start, "end", words_start, words_end) VALUES (?, ?, ?, ?, ?)',
            (number, start, end, at, at + len(row)),
        ).lastrowid
        connection.execute("INSERT INTO paragraph_words (rowid, words) VALUES (?, ?)", (index, row))
        at += len(row) + 1
    connection.executemany(
        "INSERT OR IGNORE INTO aliases VALUES (?, ?)", [(each, document.author) for each in document.aliases]
    )
    return True


def _insert_dispute(connection: sqlite3.Connection, dispute: Dispute) -> bool:
    said = " ".join(forms(dispute.quotation))
    if not said:
        return False
    done = connection.execute(
        "INSERT OR IGNORE INTO disputes (quotation, claimed_author, words, status, likely_source, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (dispute.quotation, dispute.claimed_author, said, dispute.status, dispute.likely_source, dispute.seen_at),
    )
    return done.rowcount > 0


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    for found in _PARAGRAPH.finditer(text):
        start, end = found.span()
        while end - start > _LONGEST:
            cut = max(text.rfind(". ", start, start + _LONGEST), text.rfind("\n", start, start + _LONGEST))
            cut = cut if cut > start else text.rfind(" ", start, start + _LONGEST)
            cut = cut if cut > start else start + _LONGEST
            yield start, cut + 1
            start = cut + 1
        yield start, end


def _phrase(phrase: Sequence[str]) -> str:
    """As FTS5's query language has it; a quotation mark is no part of a word, so that nothing can end the string."""
    return '"' + " ".join(each.replace('"', "") for each in phrase) + '"'


def _check_ours(path: Path) -> None:
    if not path.is_file():
        raise HormesisError(f"{path} is no evidence store: nothing is there", f"hormesis evidence add {path} FILE…")
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(b"SQLite format 3\x00") or int.from_bytes(head[68:72]) != _OURS:
        raise HormesisError(
            f"{path} is no evidence store, or its first bytes are damaged",
            "name a file that `hormesis evidence add` made",
        )
    if int.from_bytes(head[60:64]) != _VERSION:
        raise HormesisError(f"{path} was made by another version of hormesis", "make it again: hormesis evidence add")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Around what reads or writes a store.

    :raises HormesisError: what SQLite says of a store that cannot be used, with its fix.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise HormesisError(
                f"{path} is locked by another program", "close that program, then run this again"
            ) from error
        raise HormesisError(
            f"{path} cannot be read as a store: {error}", "see that it may be read, or make it again"
        ) from error
    except sqlite3.DatabaseError as error:
        raise HormesisError(
            f"{path} is damaged: {error}", "remove it and make it again: hormesis evidence add"
        ) from error
