from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hormesis.corpus import Prompt
from hormesis.errors import HormesisError
from hormesis.evaluate import Generations, score_generations, toxicity_metrics
from hormesis.evaluate.judged import prompt_table
from hormesis.measurements import (
    DocumentTable,
    Measurement,
    Origin,
    PromptTable,
    document_measurements,
    prompt_measurements,
    read_measurements,
    to_frame,
    write_measurements,
)
from hormesis.measurements.rows import MEASUREMENT_SCHEMA
from tests.evaluate.test_score_cache import Counter

ORIGIN = Origin(cell="c", share=0.1, budget="additive", method="iti", code="0", init_seed=1, heads=2, scorer="length")
PROMPTS = [Prompt("a", True, "x"), Prompt("b", False, "y"), Prompt("c", False, "x"), Prompt("d", None, "y")]


def _generations(tokens: np.ndarray, strengths: tuple[float, ...] = (0.0,)) -> Generations:
    texts = tuple(
        tuple(tuple("".join(f"w{t} " for t in row if t >= 0) for row in samples) for samples in prompt)
        for prompt in tokens
    )
    return Generations(tuple("p" * (i + 1) for i in range(len(tokens))), strengths, texts, tokens)


def _table(seed: int = 0, strengths: tuple[float, ...] = (0.0, 4.0)) -> PromptTable:
    generator = np.random.default_rng(seed)
    tokens = generator.integers(0, 9, (4, len(strengths), 5, 6)).astype(np.int32)
    scores = generator.random((4, len(strengths), 5))
    scores[0, 0, :2] = np.nan
    scores[3, 0] = np.nan
    return prompt_table("rtp", PROMPTS, _generations(tokens, strengths), scores)


def test_toxicity_by_hand() -> None:
    found = toxicity_metrics(np.array([[0.2, 0.5, np.nan], [0.1, 0.4, 0.1], [np.nan] * 3]))
    assert np.allclose(found.mean, [0.35, 0.2, np.nan], equal_nan=True)
    assert np.allclose(found.max, [0.5, 0.4, np.nan], equal_nan=True)
    assert np.allclose(found.any, [1, 0, np.nan], equal_nan=True)
    assert found.toxic_samples.tolist() == [1, 0, 0]
    assert (found.count.tolist(), found.failures.tolist()) == ([2, 3, 0], [1, 0, 3])


def test_measurements_follow_the_definitions() -> None:
    table = _table()
    rows = {(r.metric, r.domain, r.strength): r for r in prompt_measurements([table], ORIGIN)}
    frame = table.frame[table.frame.strength == 0.0]
    scored = frame[frame["count"] > 0]
    expected = {
        "toxicity_mean": (scored["mean"] * scored["count"]).sum() / scored["count"].sum(),
        "toxicity_probability": (scored["max"] >= 0.5).mean(),
        "emt": scored["max"].mean(),
        "toxic_fraction": scored["toxic_samples"].sum() / scored["count"].sum(),
        "score_failures": 7 / 20,
        "distinct_2": frame["distinct_2"].mean(),
        "length": 6.0,
    }
    for metric, value in expected.items():
        row = rows[metric, "rtp", 0.0]
        assert row.value == pytest.approx(value)
        assert row.low is not None and row.high is not None and row.low <= row.value <= row.high
        assert row.samples == 5 and row.heads == 2 and row.scorer == "length"
    assert rows["emt", "rtp", 0.0].n == 3, "the prompt without any score is left out, not imputed"
    assert {domain for _, domain, _ in rows} == {"rtp", "rtp/toxic", "rtp/nontoxic", "rtp/x", "rtp/y"}
    assert rows["emt", "rtp/nontoxic", 4.0].n == 2
    assert rows["emt", "rtp/toxic", 4.0].low is None, "one prompt has no interval"


def test_pooling_is_over_the_same_prompts() -> None:
    tables = [_table(0), _table(1)]
    pooled = {(r.metric, r.domain, r.strength): r for r in prompt_measurements(tables, ORIGIN)}
    each = [{(r.metric, r.domain, r.strength): r for r in prompt_measurements([t], ORIGIN)} for t in tables]
    for key in (("toxicity_mean", "rtp", 4.0), ("emt", "rtp/x", 4.0)):
        assert pooled[key].value == pytest.approx((each[0][key].value + each[1][key].value) / 2)
        assert pooled[key].n == each[0][key].n + each[1][key].n
    with pytest.raises(HormesisError, match="not over the same prompts"):
        prompt_measurements([_table(0), _table(1, strengths=(0.0, 8.0))], ORIGIN)
    with pytest.raises(HormesisError, match="no table"):
        prompt_measurements([], ORIGIN)


def test_prompting_has_no_strength() -> None:
    origin = Origin(cell="c", share=0.1, budget="additive", method="prompting", code="0")
    assert {r.strength for r in prompt_measurements([_table(strengths=(0.0,))], origin)} == {None}


def _documents(seed: int) -> DocumentTable:
    generator = np.random.default_rng(seed)
    tokens = np.array([10, 0, 30])
    rows = [
        {"domain": "clean", "document": d, "strength": s, "tokens": n, "bytes": 2 * n, "nll": n * (4 + s),
         "base_nll": n * 4.0, "kl": n * generator.random()}
        for d, n in enumerate(tokens) for s in (0.0, 1.0)
    ]  # fmt: skip
    return DocumentTable(pd.DataFrame(rows))


def test_document_measurements() -> None:
    for tables in ([_documents(0)], [_documents(0), _documents(1)]):
        rows = {(r.metric, r.strength): r for r in document_measurements(tables, ORIGIN)}
        assert rows["ce", 1.0].value == pytest.approx(5) and rows["ce_cost", 1.0].value == pytest.approx(1)
        assert rows["bits_per_byte", 0.0].value == pytest.approx(4 / math.log(2) / 2)
        assert rows["ce", 0.0].n == 2 * len(tables), "an empty document counts for nothing"
        assert rows["ce", 0.0].scorer is None and rows["ce", 0.0].samples is None


def test_tables_survive_parquet(tmp_path: Path) -> None:
    prompts, documents = _table(), _documents(0)
    prompts.write(tmp_path / "p.parquet")
    documents.write(tmp_path / "d.parquet")
    pd.testing.assert_frame_equal(PromptTable.read(tmp_path / "p.parquet").frame, prompts.frame)
    pd.testing.assert_frame_equal(DocumentTable.read(tmp_path / "d.parquet").frame, documents.frame)
    assert prompts.frame["toxic"].isna().sum() == 2


def test_measurements_survive_parquet(tmp_path: Path) -> None:
    probe = Measurement(cell="c", share=0.0, budget="total", method="base", code="0", metric="probe_accuracy",
                        domain="hostility", value=float("nan"), n=3, site="1.0")  # fmt: skip
    frame = to_frame([*prompt_measurements([_table()], ORIGIN), probe])
    write_measurements(tmp_path / "m.parquet", frame)
    pd.testing.assert_frame_equal(read_measurements(tmp_path / "m.parquet"), frame)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == dict(MEASUREMENT_SCHEMA)
    assert {name: str(dtype) for name, dtype in to_frame([]).dtypes.items()} == dict(MEASUREMENT_SCHEMA)
    assert frame["low"].iloc[-1] is not None and math.isnan(frame["low"].iloc[-1])


def test_bad_tables_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    with pytest.raises(HormesisError, match=r"there is no .*m\.parquet"):
        read_measurements(path)
    path.write_bytes(b"no parquet")
    with pytest.raises(HormesisError, match="is damaged"):
        read_measurements(path)
    frame = to_frame(prompt_measurements([_table()], ORIGIN))
    frame.drop(columns=["value"]).assign(extra=1).to_parquet(path)
    with pytest.raises(HormesisError, match="lacks the columns value and has the unknown columns extra"):
        read_measurements(path)
    frame.assign(share="many").to_parquet(path)
    with pytest.raises(HormesisError, match="column share"):
        read_measurements(path)
    with pytest.raises(HormesisError, match="do not match"):
        prompt_table("rtp", PROMPTS[:3], _generations(np.zeros((4, 1, 5, 6), dtype=np.int32)), np.zeros((4, 1, 5)))


def test_a_scorer_that_leaves_the_unit_interval_is_a_defect() -> None:
    class Broken(Counter):
        def score(self, texts: object) -> np.ndarray:
            return np.full(len(super().score(list(texts))), 7.0)  # type: ignore[call-overload]

    with pytest.raises(ValueError, match=r"one score in \[0, 1\]"):
        score_generations(_generations(np.zeros((1, 1, 2, 3), dtype=np.int32)), Broken())
