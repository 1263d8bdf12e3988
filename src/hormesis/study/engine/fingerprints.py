"""The files that a study reads, and their fingerprints: changed data must not pass for old data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hormesis.corpus.formats import find_files, reader_version
from hormesis.corpus.prompt_sources import FilePrompts, Prompts
from hormesis.corpus.rows import RowsConfig
from hormesis.evaluate import CapabilityConfig
from hormesis.evaluate.capability import find_task_file
from hormesis.files import content_hash, expanded, file_hash
from hormesis.marks import MARK


class Fingerprints:
    """Fingerprints files once, however many cells name them.

    :param root: the folder that relative paths are read against; None: the working directory.
    :param recorded: fingerprints to take instead of reading (by place), for looking at a results folder whose data is
        elsewhere.
    """

    def __init__(self, root: Path | None, recorded: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.recorded = recorded
        self.seen: dict[str, str] = {}
        """By place (path as written in the study, or dataset id): the SHA-256 over its files."""

    def fingerprints(self, sources: Mapping[str, RowsConfig]) -> dict[str, str]:
        """By the sources' names: what their content is.

        A dataset of the hub has no local content; its id, configuration and split stand for it.

        :raises HormesisError: a path that does not exist.
        """
        return {name: self._of_source(source) for name, source in sources.items()}

    def prompts(self, prompts: Mapping[str, Prompts]) -> dict[str, str]:
        """The same of those prompts that are read from files."""
        return self.fingerprints({name: each for name, each in prompts.items() if isinstance(each, FilePrompts)})

    def _of_source(self, source: RowsConfig) -> str:
        if source.path is None:
            return f"hub:{source.dataset}"
        return self._of_place(source.path)

    def _of_place(self, place: str) -> str:
        if self.recorded is not None and place in self.recorded:
            self.seen[place] = self.recorded[place]
        if place not in self.seen:
            path = expanded(place) if self.root is None else self.root / expanded(place)
            # Of a folder everything counts: a saved dataset is more than the files that our readers know.
            inside = path.rglob("*") if path.is_dir() else find_files(path)
            files = sorted(file for file in inside if file.is_file() and file.name != MARK)
            # Another version of a plug-in's reader may read the same file otherwise.
            versions = sorted({version for file in files if (version := reader_version(file)) is not None})
            self.seen[place] = content_hash([*(file_hash(file) for file in files), *versions])
        return self.seen[place]

    def model(self, place: str) -> dict[str, str]:
        """The content of a model's folder; an id of the hub stands for itself."""
        path = expanded(place) if self.root is None else self.root / expanded(place)
        known = self.recorded is not None and place in self.recorded
        return {"model": self._of_place(place) if known or path.is_dir() else f"hub:{place}"}

    def tokenizer(self, folder: Path | None) -> dict[str, str]:
        """The hash of a tokenizer folder, if one is given."""
        if folder is None:
            return {}
        place = str(folder)
        if self.recorded is not None and place in self.recorded:
            self.seen[place] = self.recorded[place]
        if place not in self.seen:
            from hormesis.corpus import load_tokenizer, tokenizer_hash  # they need transformers; recorded hashes do not

            self.seen[place] = tokenizer_hash(load_tokenizer(folder if self.root is None else self.root / folder))
        return {"tokenizer": self.seen[place]}

    def tasks(self, tasks: CapabilityConfig | None) -> dict[str, str]:
        """By ``task NAME``: the hash of the file of each capability task.

        :raises HormesisError: a task has no file, or several.
        """
        if tasks is None:
            return {}
        for name in tasks.names:
            place = _place_of_task(tasks, name)
            if self.recorded is not None and place in self.recorded:
                self.seen[place] = self.recorded[place]
            if place not in self.seen:
                folder = tasks.folder if self.root is None else self.root / tasks.folder
                self.seen[place] = file_hash(find_task_file(folder, name))
        return {f"task {name}": self.seen[_place_of_task(tasks, name)] for name in tasks.names}


def _place_of_task(tasks: CapabilityConfig, name: str) -> str:
    """What stands for the path of a file that is searched for, so that its data need not be at hand to name it."""
    return f"task {name} in {tasks.folder.as_posix()}"
