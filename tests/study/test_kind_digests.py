"""The version of a kind's inputs is not raised from memory alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from hormesis.study.engine.kind import KINDS
from tests.study import kind_sources


@pytest.fixture(scope="module")
def present() -> dict[str, dict[str, str]]:
    return kind_sources.present()


@pytest.mark.parametrize("name", list(KINDS))
def test_code_that_decides_a_result_changes_with_a_recorded_digest(
    name: str, present: dict[str, dict[str, str]]
) -> None:
    now, then = present[name], kind_sources.recorded().get(name, {})
    # A file that was not there changes no cell that was: a new method is one file and its test.
    changed = sorted(module for module, digest in then.items() if now.get(module) != digest)
    assert then
    assert not changed, (
        f"code that decides what cells of the kind {name!r} compute has changed: {', '.join(changed)}. Do results "
        f"change? Then raise `version` in the kind's inputs (src/hormesis/study/cells/{name}.py; of a method: in its "
        "own file), so that old cells are not taken for new ones. In either case record the digests anew: "
        "python -m tests.study.kind_sources"
    )


def test_the_files_are_those_that_compute(present: dict[str, dict[str, str]]) -> None:
    evaluate, pretrain = present["evaluate"], present["pretrain"]
    assert evaluate.keys() >= {"hormesis.evaluate.measuring", "hormesis.detox.methods.iti", "hormesis.models.tokens"}
    assert "hormesis.evaluate.measuring" not in pretrain
    assert not any(module.startswith(("hormesis.report", "hormesis.cli")) for module in [*evaluate, *pretrain])


def test_only_what_code_does_counts(tmp_path: Path) -> None:
    def of(text: str) -> str:
        path = tmp_path / "code.py"
        path.write_text(text)
        return kind_sources.digest(path)

    plain = of("def twice(x):\n    return 2 * x\n")
    assert of('def twice(x):\n    """Two."""\n    return 2 * x  # why\n') == plain
    assert of("def twice(x):\n    return 3 * x\n") != plain
