"""Reading Hugging Face models and tokenizers: every ``from_pretrained`` of the package is one of these two.

No stranger's code runs: a repository's own Python (``auto_map``) only by ``trust_remote_code=True``, and the log says
so; weights are safetensors, never a pickle. No drawn weights are measured: tensors that the folder lacks, has too many
of, or has in other shapes are refused, where transformers fills the gaps at random and goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_POINTER = b"version https://git-lfs"
_FOLDER = "give a folder with config.json, safetensors and tokenizer files, a .gguf file, or a hub id with a network"


class _Readable(Protocol):
    def from_pretrained(self, source: str, **keywords: Any) -> Any:
        """Any class of transformers that reads a folder or hub id."""


def read_model(
    kind: object,
    source: str | Path,
    keywords: Mapping[str, object] | None = None,
    *,
    trust_remote_code: bool = False,
    new: Callable[[str], bool] | None = None,
) -> PreTrainedModel:
    """``kind.from_pretrained(source)``, whole: every weight that the model has, and no other, comes from the files.

    :param kind: an ``AutoModelFor…``, or a class of model.
    :param keywords: others of ``from_pretrained``.
    :param trust_remote_code: run the Python that comes with the model.
    :param new: names of weights that may be absent, for a head that is to be fitted; weights that are there for other
        heads are then left out.
    :raises HormesisError: nothing there, or damaged; other weights than the config's; pickled weights; a package or the
        model's own code is missing.
    """
    check_files(source)
    given = {**(keywords or {})}
    if trust_remote_code:
        logger.warning("%s may run Python of its own: you asked for trust_remote_code", source)
    try:
        model, info = cast(_Readable, kind).from_pretrained(
            str(source),
            trust_remote_code=trust_remote_code,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # said below with names, where transformers only says that there are some
            **({} if "gguf_file" in given else {"use_safetensors": True}),
            **given,
        )
    except HormesisError:
        raise
    except Exception as error:  # transformers raises a dozen kinds for what is one thing to the user
        raise unreadable(source, "the model", error) from error
    _check_whole(source, info, new)
    return cast("PreTrainedModel", model)


def read_tokenizer(
    source: str | Path, keywords: Mapping[str, object] | None = None, *, trust_remote_code: bool = False
) -> PreTrainedTokenizerBase:
    """``AutoTokenizer.from_pretrained(source, **keywords)``.

    :raises HormesisError: there is none, it is damaged, or it needs code of its own.
    """
    from transformers import AutoTokenizer

    check_files(source)
    try:
        found = cast(_Readable, AutoTokenizer).from_pretrained(
            str(source), trust_remote_code=trust_remote_code, **(keywords or {})
        )
    except Exception as error:
        raise unreadable(source, "the tokenizer", error) from error
    return cast("PreTrainedTokenizerBase", found)


def check_files(source: str | Path) -> None:
    """:raises HormesisError: ``source`` is a folder or file with Git-LFS pointers in the place of files."""
    path = Path(source)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and file.stat().st_size < 1024 and _begins(file, _POINTER):
            raise HormesisError(
                f"{file} is a Git-LFS pointer: the file itself was never fetched",
                f"git -C {file.parent} lfs pull",
            )


def unreadable(source: str | Path, what: str, error: Exception) -> HormesisError:
    """What to say where transformers fails to read ``source``.

    :param what: ``"the model"``, ``"the tokenizer"``.
    """
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "no more is known")
    if "trust_remote_code" in str(error):
        return HormesisError(
            f"{what} {source} comes with Python of its own, which was not run",
            "read that code; if you trust it, --trust-remote-code (in Python: trust_remote_code=True)",
        )
    if isinstance(error, ImportError):
        return HormesisError(
            f"reading {what} {source} needs a package that is not installed ({said})",
            "pip install 'hormesis[steer]', or the package that it names",
        )
    path = Path(source)
    if path.is_dir() and any(path.glob("*.bin")) and not any(path.glob("*.safetensors")):
        return HormesisError(
            f"the weights in {source} are pickled (.bin): a pickle can run code, so it is not opened",
            "take the safetensors of the same model, or convert it where you trust it: "
            "model.save_pretrained(FOLDER) with a transformers that has read it",
        )
    return HormesisError(f"{what} {source} cannot be read: {type(error).__name__}: {said}", _FOLDER)


def _check_whole(source: str | Path, info: Mapping[str, Sequence[object]], new: Callable[[str], bool] | None) -> None:
    missing = sorted(str(name) for name in info.get("missing_keys", ()) if new is None or not new(str(name)))
    unexpected = sorted(map(str, info.get("unexpected_keys", ()))) if new is None else []
    mismatched = sorted(map(_described, info.get("mismatched_keys", ())))
    told = [
        f"{len(names)} {what} ({', '.join(names[:3])}{', …' if len(names) > 3 else ''})"
        for names, what in (
            (missing, "are missing"),
            (mismatched, "have another shape"),
            (unexpected, "belong to no part of it"),
        )
        if names
    ]
    if told or info.get("error_msgs"):
        raise HormesisError(
            f"the weights in {source} are not those of the model that its config describes: "
            + ("; ".join(told) or str(info["error_msgs"])),
            "get config.json and the weights from one place again: what is missing would be drawn at random",
        )


def _described(entry: object) -> str:
    """A mismatched weight, which transformers lists as (name, shape in the file, shape in the model)."""
    if isinstance(entry, tuple) and len(entry) == 3:
        name, stored, wanted = entry
        return f"{name}: {tuple(stored)} for {tuple(wanted)}"
    return str(entry)


def _begins(file: Path, beginning: bytes) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(beginning)) == beginning
