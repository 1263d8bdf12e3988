"""``hormesis evidence add`` and ``hormesis attribute``, as they are typed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.cli.test_light import run
from tests.counterspeech.world import DOCUMENTS

ASK = "ask not what your country can do for you"


def test_a_store_answers_one_quotation_and_a_file_of_them(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(dataclasses.asdict(each)) for each in DOCUMENTS)
    (tmp_path / "library.jsonl").write_text(lines)
    store = tmp_path / "evidence.db"
    assert "3 documents" in run("evidence", "add", store, tmp_path / "library.jsonl")
    answer = json.loads(run("attribute", store, "I have seen seven lighthouses burn", "--author", "Marlow", "--json"))
    assert (answer["verdict"], answer["differences"]) == ("ALTERED", [["seven", "nine"]])
    rows = [{"id": "a", "quotation": "I have seen nine lighthouses burn"}, {"id": "b", "quotation": "x" * 1_000_000}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "quotes.parquet")
    run("attribute", store, "--file", tmp_path / "quotes.parquet", "--out", tmp_path / "answers.parquet")
    found = pq.read_table(tmp_path / "answers.parquet").to_pylist()
    assert [(each["id"], each["verdict"]) for each in found] == [("a", "VERIFIED"), ("b", "NOT_FOUND")]
    assert found[0]["document"] == ["harbour"]
    pq.write_table(pa.Table.from_pylist([{"text": "x"}]), tmp_path / "none.parquet")
    said = run("attribute", store, "--file", tmp_path / "none.parquet", "--out", tmp_path / "o.parquet", code=1)
    assert "no column 'quotation'" in said


def test_the_store_inside_answers_offline() -> None:
    said = run("attribute", "demo", ASK, "--author", "JFK")
    assert said.startswith("VERIFIED in these 333 documents")
    assert "Inaugural Address, 1961" in said and "Public domain" in said
    assert "is no evidence store" in run("attribute", "nowhere.db", ASK, code=1)
