"""Bad inputs: options, studies, files, artefacts and results that are not what they should be.

Each is tried as a user would, in this process; what must come is an error that says what to do, or a result where the
input means something after all. No file that was there may change, and no temporary one may stay.
"""

from __future__ import annotations

import copy
import json
import math
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import typer
import yaml

from benchmarks.soak.command import Ended, command
from benchmarks.soak.tally import Tally
from benchmarks.soak.world import FORMATS, PROVES_ITS_BYTES, STUDY, build, packed

_RESULTS = Path(__file__).parents[2] / "docs" / "results" / "microworld_planted"
_EXAMPLES = 40
_NOT_FINITE = ("nan", "inf", "-inf", "1e400")
_OPTIONS: dict[str, tuple[str, ...]] = {
    "integer": ("-1", "0", "1.5", "nan", "9" * 25, "word", ""),
    "float": (*_NOT_FINITE, "-1", "word", "", "0"),
    "text": (
        "", "~nouser/x", "/dev/null", "absent.jsonl", "model", "a/../../b", "{path: 1}", "{", "[bold]", "tpu",
        "é\u202e",
    ),
}  # fmt: skip
_VALUES: tuple[Any, ...] = (
    float("inf"), float("nan"), -1, 0, 2**63, 10**30, "word", "", None, True, [], {}, [[1]], {"a": 1}, -0.5,
    "../../evil", "a/b", "\x00", "[bold]", 1e308,
)  # fmt: skip
_IN_ARTEFACTS: tuple[Any, ...] = (None, "word", -1, [], {"a": 1}, float("inf"))
_MODEL = ("--device", "cpu")
_DRAWN = ("--samples", "2", "--tokens", "4", "--limit", "4", *_MODEL)
_CONCEPT = ("--concept", "concept.jsonl", "--label", "label", *_MODEL)
_ATTACK = ("--steps", "1", "--width", "4", "--top-k", "4", "--length", "2", "--limit", "1", *_MODEL)
COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("methods",): (),
    ("study", "init"): ("out/new.yaml",),
    ("study", "plan"): ("study.yaml",),
    ("study", "status"): ("results",),
    ("study", "recommend"): ("results",),
    ("study", "power"): ("results",),
    ("probe",): ("model", *_CONCEPT, "--out", "out/probe"),
    ("geometry",): (
        "model", *_CONCEPT, "--bank", "bank.jsonl", "--bank-column", "source", "--bank-minimum", "6", "--layer", "1"
    ),
    ("detox",): ("model", *_CONCEPT, "--method", "iti", "--strength", "1", "--out", "out/iti"),
    ("generate",): ("model", "--with", "iti", "--prompt", "w1 w2", "--tokens", "4", *_MODEL),
    ("evaluate",): ("model", "--with", "iti", "--rtp", "rtp.jsonl", "--scorer", "judge", *_DRAWN),
    ("pairs",): ("model", "--rtp", "rtp.jsonl", "--scorer", "judge", "--out", "out/pairs.jsonl", *_DRAWN),
    ("attack",): ("model", "--goals", "goals.jsonl", "--out", "out/attack", *_ATTACK),
    ("trigger",): (
        "model", "--rtp", "rtp.jsonl", "--toxic", "rough.jsonl", "--scorer", "judge", "--out", "out/trigger",
        "--length", "1", "--sweeps", "1", "--examples", "2", "--top-k", "2", *_DRAWN
    ),
    ("scorer",): ("--toxic", "rough.jsonl", "--nontoxic", "calm.jsonl", "--out", "out/judge"),
    ("scorer-report",): ("judge", "--reference", "scored.jsonl"),
    ("toy", "run"): ("--out", "out/toy", "--seeds", "1", "--share", "0.1", "--steps", "2"),
}  # fmt: skip
"""Every command that ends in seconds, with arguments that are right."""


@dataclass
class _Counted:
    """What a run has found so far."""

    world: Path
    tried: int = 0
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("traceback", "silent", "foreign", "left"), 0))
    examples: list[str] = field(default_factory=list)

    def fault(self, kind: str, what: str, why: str) -> None:
        self.faults[kind] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(f"{kind}: {what}: {why}")

    def command(self, what: str, *arguments: str, must_fail: bool = False) -> None:
        """Try one, look at how it ended and at what it did to the folder."""
        before = _state(self.world)
        ended = command(arguments, self.world)
        self.judge(what, ended, must_fail)
        after = _state(self.world)
        if changed := [name for name, was in before.items() if after.get(name) != was]:
            self.fault("foreign", what, f"touched {changed[:3]}")
        if left := [name for name in after if name.endswith(".tmp")]:
            self.fault("left", what, f"left {left[:3]}")
        shutil.rmtree(self.world / "out", ignore_errors=True)

    def judge(self, what: str, ended: Ended, must_fail: bool) -> None:
        self.tried += 1
        if ended.traceback or ended.wordless:
            self.fault("traceback", what, " ".join(ended.traceback.split())[-300:] or "no word")
        elif must_fail and ended.code == 0:
            self.fault("silent", what, "was accepted")


def _state(world: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file but those that commands are asked to write."""
    files = (file for file in world.rglob("*") if file.is_file() and "out" not in file.relative_to(world).parts[:1])
    return {str(file.relative_to(world)): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}


def run(scale: float = 1.0) -> Tally:
    """Some 850 bad inputs at scale 1, the same at each run."""
    drawn = random.Random(0)
    with tempfile.TemporaryDirectory() as place:
        world = Path(place)
        build(world)
        if _RESULTS.is_dir():
            shutil.copytree(_RESULTS, world / "results")
        counted = _Counted(world)
        for part, count in (
            (_options, 320), (_studies, 240), (_yaml_files, 40), (_data_files, 150), (_artefacts, 80), (_results, 20),
        ):  # fmt: skip
            tries = list(part(counted))
            for one in drawn.sample(tries, min(len(tries), max(1, round(count * scale)))):
                one()
    faults = counted.faults
    return Tally(
        "bad inputs", counted.tried, faults["traceback"], faults["silent"], faults["foreign"], faults["left"],
        examples=tuple(counted.examples),
    )  # fmt: skip


Try = Callable[[], None]


def _options(counted: _Counted) -> Iterator[Try]:
    """Each option of each command with a value that is not of its kind, and each argument."""
    for path, right in COMMANDS.items():
        for option, kind in _options_of(path):
            for value in _OPTIONS[kind]:
                arguments = (*path, *right, f"{option}={value}")
                never = kind == "float" and value in _NOT_FINITE
                yield partial(counted.command, " ".join(arguments), *arguments, must_fail=never)
        for place, argument in enumerate(right):
            for value in _OPTIONS["text"] if place == 0 and not argument.startswith("-") else ():
                given = (*path, value, *right[1:])
                yield partial(counted.command, " ".join(given), *given)


def _options_of(path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(option, kind of value) of a command."""
    from hormesis.cli.entry import COMMANDS as TREE

    here: Any = TREE[path[0]].command(path[0])
    if len(path) > 1:
        found: Any = TREE[path[0]].imported()
        group: Any = typer.main.get_command(found)
        here = group.commands[path[1]]._later.command(path[1])
    for parameter in here.params:
        kind = {int: "integer", float: "float"}.get(parameter.bare_type, "text")
        name = parameter.opts[0]
        if name.startswith("--") and not parameter.is_flag and name not in ("--out", "--bake"):
            yield name, kind


def _places(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place within a configuration."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from _places(child, (*at, key))


def _with(values: object, place: tuple[str | int, ...], value: object) -> object:
    changed: Any = copy.deepcopy(values)
    inside = changed
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    return changed


def _studies(counted: _Counted) -> Iterator[Try]:
    """A study with one value that cannot be."""
    from hormesis.study.config import load_study

    whole = load_study(counted.world / "study.yaml").model_dump(mode="json")
    for values in (STUDY, whole):
        for place in _places(values):
            for bad in _VALUES:
                yield partial(_planned, counted, values, place, bad)


def _planned(counted: _Counted, values: object, place: tuple[str | int, ...], bad: object) -> None:
    (counted.world / "bad.yaml").write_text(yaml.safe_dump(_with(values, place, bad)), encoding="utf-8")
    never = isinstance(bad, float) and not math.isfinite(bad)
    what = f"study plan with {'.'.join(map(str, place))} = {bad!r:.40}"
    counted.command(what, "study", "plan", "bad.yaml", must_fail=never)


def _yaml_files(counted: _Counted) -> Iterator[Try]:
    """Bytes that are no study."""
    good = yaml.safe_dump(STUDY).encode()
    bad = [
        b"", b"\x00", b"\xff\xfe", good.decode().encode("utf-16"), "name: é".encode("latin-1"),
        b"[" * 5000 + b"]" * 5000,
        b"a: &a [*a]", b"name: 2026-13-45", b"!!python/object:os.system x", b"- 1\n- 2", b"7", b"{}", b"a:\n\t- b",
        good + b"name: again\n", good.replace(b"name", b"? [a]\n: b\nname"),
    ]  # fmt: skip
    bad += [good[:at] for at in range(10, len(good), len(good) // 20)]
    bad += [good[:at] + bytes([good[at] ^ 0x41]) + good[at + 1 :] for at in range(5, len(good), len(good) // 20)]
    for number, data in enumerate(bad):

        def attempt(number: int = number, data: bytes = data) -> None:
            (counted.world / "bad.yaml").write_bytes(data)
            counted.command(f"YAML {number}", "study", "plan", "bad.yaml")

        yield attempt


def _data_files(counted: _Counted) -> Iterator[Try]:
    """Files of texts that are cut, flipped, of another format, or hold what is no text."""
    texts = [f"w{i % 97} w{i % 89} w{i % 83}" for i in range(2000)]
    lines = [
        b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"text": ' + b"9" * 5000 + b"}", b'{"text": 1}', b"[1]",
        b'{"text": "\\ud800"}', b'{"text": "a\xff"}', b'{"words": "a"}', b"{", b'{"text": {"text": "a"}}', b"null",
        b"\xef\xbb\xbf{}",
    ]  # fmt: skip
    for number, line in enumerate(lines):
        yield partial(_read, counted, f"line {number}", ".jsonl", line + b"\n", None)
    for suffix in FORMATS:
        good = packed(suffix, texts)
        for other in FORMATS:
            if other != suffix:
                bad = packed(other, texts[:3])
                yield partial(_read, counted, f"{other} as {suffix}", suffix, bad, None)
        for step in range(12):
            at = 1 + step * (len(good) - 2) // 11
            flipped = good[:at] + bytes([good[at] ^ (1 << step % 8)]) + good[at + 1 :]
            proved = texts if suffix in PROVES_ITS_BYTES else None
            yield partial(_read, counted, f"{suffix} cut {step}", suffix, good[:at], proved)
            yield partial(_read, counted, f"{suffix} flipped {step}", suffix, flipped, proved)


def _read(counted: _Counted, what: str, suffix: str, data: bytes, whole: list[str] | None) -> None:
    """Read a file both ways, and every fifth time by a command.

    :param whole: its texts, where its format proves them: nothing else may come of it.
    """
    from hormesis.corpus import SourceConfig, read
    from hormesis.errors import HormesisError

    file = counted.world / f"bad{suffix}"
    file.write_bytes(data)
    for skip in ("error", "skip"):
        config = SourceConfig.model_validate({"path": str(file), "undecodable": skip})
        try:
            found = [document.text for document in read(config)]
            if whole is not None and found != whole:
                counted.fault("silent", what, f"{len(found)} of {len(whole)} texts, or others, were read")
        except HormesisError as error:
            if file.name not in error.problem:
                counted.fault("traceback", what, "the file is not named")
        except Exception as error:
            counted.fault("traceback", what, f"{type(error).__name__}: {error!s:.200}")
    counted.tried += 1
    if counted.tried % 5 == 0:
        counted.command(what, "scorer", "--toxic", file.name, "--nontoxic", "calm.jsonl", "--out", "out/judge")
    file.unlink()


def _artefacts(counted: _Counted) -> Iterator[Try]:
    """An artefact, a scorer or a model with a damaged file."""
    uses = {
        "iti": ("generate", "model", "--with", "bad", "--prompt", "w1", "--tokens", "2"),
        "judge": ("evaluate", "model", "--rtp", "rtp.jsonl", "--scorer", "bad", *_DRAWN),
        "model": ("generate", "bad", "--with", "iti", "--prompt", "w1", "--tokens", "2"),
    }
    for name, use in uses.items():
        for file in sorted((counted.world / name).glob("*.*")):
            data = file.read_bytes()
            damaged: dict[str, bytes | None] = {f"cut at {at}": data[: at * len(data) // 4] for at in range(4)}
            damaged |= {"absent": None, "pointer": b"version https://git-lfs.github.com/spec/v1\n", "list": b"[1]"}
            if file.suffix == ".json" and name != "model":
                values = json.loads(data)
                for key in values:
                    for bad in _IN_ARTEFACTS:
                        damaged[f"{key} = {bad}"] = json.dumps(values | {key: bad}).encode()
                    damaged[f"without {key}"] = json.dumps({k: v for k, v in values.items() if k != key}).encode()
            for how, spoilt in damaged.items():
                yield partial(_damaged, counted, f"{name}/{file.name} {how}", name, file.name, spoilt, use)


def _damaged(counted: _Counted, what: str, name: str, file: str, data: bytes | None, use: tuple[str, ...]) -> None:
    bad = counted.world / "bad"
    shutil.copytree(counted.world / name, bad)
    if data is None:
        os.remove(bad / file)
    else:
        (bad / file).write_bytes(data)
    counted.command(what, *use)
    shutil.rmtree(bad)


def _results(counted: _Counted) -> Iterator[Try]:
    """A results folder with a damaged table."""
    for file in sorted((counted.world / "results").glob("*.parquet")):
        data = file.read_bytes()
        damaged = {"cut": data[:-9], "empty": b"", "flipped": data[:50] + b"\xff" + data[51:], "text": b"a"}
        for verb, (how, spoilt) in product(("recommend", "status", "power"), damaged.items()):
            use = ("study", verb, "bad")
            yield partial(_damaged, counted, f"study {verb}, {file.name} {how}", "results", file.name, spoilt, use)
