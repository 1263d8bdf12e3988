"""What pretraining hands on: a Hugging Face folder, and where it came from."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from hormesis.errors import HormesisError
from hormesis.files import file_hash, write_json

MODEL_FOLDER = "model"
SNAPSHOTS_FOLDER = "snapshots"
PROVENANCE_FILE = "provenance.json"
WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True)
class Provenance:
    """Where a model came from: all that is needed to train it again, and what came out.

    ``inputs`` is the hash of everything that decides the weights (config, mixture, seed, tokenizer);
    ``weights`` maps each weight file to its SHA-256. ``tokens_per_second`` and ``seconds`` are of the last
    uninterrupted stretch, start-up included; ``final_loss`` is of the last step's batch, in nats a token.
    """

    preset: str
    parameters: int
    tokens: int
    steps: int
    mixture: str
    init_seed: int
    tokenizer_hash: str
    final_loss: float
    tokens_per_second: float
    seconds: float
    config: dict[str, str]
    inputs: str
    weights: dict[str, str]
    olmo_core_version: str
    torch_version: str
    hormesis_version: str
    device: str
    processes: int

    def write(self, path: Path) -> None:
        """As JSON, atomically."""
        write_json(path, dataclasses.asdict(self))

    @classmethod
    def read(cls, path: Path) -> Provenance:
        """:raises HormesisError: the file is missing, is no JSON, or lacks a field."""
        fix = f"remove {path.parent} and train again"
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise HormesisError(f"{path} is missing", fix) from error
        except (ValueError, TypeError) as error:
            raise HormesisError(f"{path} is not a provenance record: {error}", fix) from error


@dataclass(frozen=True)
class Checkpoint:
    """A finished model: ``folder`` loads with ``AutoModelForCausalLM`` and ``AutoTokenizer`` alone."""

    folder: Path
    provenance: Provenance

    @classmethod
    def open(cls, folder: Path, *, verify: bool = True) -> Checkpoint:
        """:param folder: the one given to ``pretrain``, or the Hugging Face folder inside it.
        :param verify: compare the weights with the SHA-256 recorded after training.
        :raises HormesisError: there is no finished model, or its weights were changed.
        """
        model = folder if (folder / "config.json").is_file() else folder / MODEL_FOLDER
        path = model.parent / PROVENANCE_FILE
        if not model.is_dir() or not path.is_file():
            raise HormesisError(
                f"{folder} holds no finished model", "train it first, or give the folder of a finished run"
            )
        provenance = Provenance.read(path)
        for name, expected in provenance.weights.items() if verify else ():
            weights = model / name
            if not weights.is_file() or file_hash(weights) != expected:
                raise HormesisError(
                    f"{weights} is missing or damaged: its SHA-256 is not the one recorded after training",
                    f"remove {model.parent} and train again",
                )
        return cls(model, provenance)


def snapshot_folder(run: Path, step: int) -> Path:
    """Where the model after ``step`` steps lies in a run's folder, if it was kept: a Hugging Face folder."""
    return run / SNAPSHOTS_FOLDER / f"step{step}"


def snapshots(run: Path) -> dict[int, Path]:
    """Step → Hugging Face folder of the models that were kept on the way, in their order; see
    :attr:`~hormesis.pretrain.TrainingConfig.snapshots`."""
    found = {int(path.name.removeprefix("step")): path for path in (run / SNAPSHOTS_FOLDER).glob("step*")}
    return dict(sorted(found.items()))


def weight_hashes(model: Path) -> dict[str, str]:
    """File name → SHA-256 of the weight files of a Hugging Face folder."""
    return {path.name: file_hash(path) for path in sorted(model.glob("*.safetensors"))}
