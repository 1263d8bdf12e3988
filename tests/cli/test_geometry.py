"""``hormesis geometry`` on a tiny model and invented texts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hormesis.errors import HormesisError
from hormesis.measurements import read_measurements
from hormesis.representation import ConceptBank
from tests.cli.test_commands import concept, run
from tests.evaluate.tiny import invented_texts


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six concepts of invented words, told by the last one; the sixth has too few texts."""
    path = tmp_path_factory.mktemp("bank") / "bank.jsonl"
    rows = [
        {"text": f"{text} {word}", "topic": word}
        for number, (word, count) in enumerate([("mila", 30), ("tano", 30), ("kopi", 30), ("rezu", 30), ("suve", 4)])
        for text in invented_texts(count, seed=10 + number)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_command_measures_every_layer_and_writes_what_it_says(bench: Path, bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "geometry"
    said = run(
        *("geometry", bench / "model", *concept(bench), "--bank", bank, "--bank-column", "topic"),
        *("--bank-minimum", 18, "--transfer-toxic", bench / "rough.jsonl", "--transfer-nontoxic", bench / "calm.jsonl"),
        *("--out", out),
    )
    assert "other→toxicity" in said and "covariance" in said and "Nearest" in said
    rows = read_measurements(out / "measurements.parquet")
    assert set(rows["site"]) == {"0", "1"} and rows["value"].notna().all()
    keyed = rows.set_index(["site", "metric", "domain"])["value"]
    assert not keyed.index.has_duplicates
    wanted = {"entanglement", "entanglement_corrected", "interference", "effective_rank", "erasure_auroc"}
    assert wanted | {"noise_auroc", "transfer_auroc", "direction_auroc", "fisher_ratio", "split_half_cosine"} <= set(
        rows["metric"]
    )
    assert {"toxicity", "mila", "bank", "random", "covariance", "shuffled", "welch"} <= set(rows["domain"])
    for site in ("0", "1"):
        saved = ConceptBank.load(out / "bank" / site)
        others = np.abs(saved.cosines[0, 1:])
        assert keyed[site, "entanglement", "toxicity"] == pytest.approx(others.max(), abs=1e-5)
        assert keyed[site, "cosine", saved.concepts[1]] == pytest.approx(saved.cosines[0, 1], abs=1e-5)
        assert keyed[site, "entanglement", "welch"] == 0
        assert keyed[site, "direction_auroc", "toxicity"] > 0.6, "the last word tells the two kinds apart"
        assert keyed[site, "transfer_auroc", "toxicity→other"] > 0.5
    assert (out / "geometry.png").read_bytes().startswith(b"\x89PNG")
    page = (out / "lens.html").read_text(encoding="utf-8")
    assert page.count("<details>") == 2 and "open" not in page and "<script" not in page


@pytest.mark.parametrize(("place", "sites"), [("heads", {"1.heads"}), ("head", {"1.0", "1.1"})])
def test_heads_are_surveyed_alike(bench: Path, bank: Path, tmp_path: Path, place: str, sites: set[str]) -> None:
    run(
        *("geometry", bench / "model", *concept(bench), "--bank", bank, "--bank-column", "topic", "--bank-minimum", 18),
        *("--place", place, "--layer", 1, "--estimator", "lda", "--out", tmp_path),
    )
    assert set(read_measurements(tmp_path / "measurements.parquet")["site"]) == sites
    assert not (tmp_path / "lens.html").exists(), "only the residual stream has one"


def test_half_a_transfer_is_refused(bench: Path, bank: Path) -> None:
    with pytest.raises(HormesisError, match="toxic texts and others"):
        run(
            *("geometry", bench / "model", *concept(bench), "--bank", bank, "--bank-column", "topic"),
            *("--bank-minimum", 18, "--transfer-toxic", bench / "rough.jsonl"),
        )
