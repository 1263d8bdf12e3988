"""A study's YAML: what is accepted, and what an error says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from hormesis.detox import METHODS, FromOwnSamples
from hormesis.errors import HormesisError
from hormesis.study.config import PACKAGED, StudyConfig, load_study, parse_study
from hormesis.study.template import STUDY_TEMPLATE


def _microworld() -> dict[str, object]:
    values = load_study("microworld").model_dump(mode="json")
    assert isinstance(values, dict)
    return values


def test_packaged_studies_are_valid() -> None:
    for name in PACKAGED:
        assert load_study(name).name == name


def test_the_packaged_study_is_the_one_the_readme_promises() -> None:
    study = load_study("microworld")
    assert study.mixture.shares == (0, 0.05, 0.10, 0.15, 0.20, 0.25)
    assert len(study.seeds) == 2
    methods = {method.method: method for method in study.methods}
    assert {"prompting", "iti", "iti-random-direction"} <= set(methods)


def test_the_template_is_a_valid_study() -> None:
    assert parse_study(STUDY_TEMPLATE, where="template").corpus.source == "files"


def test_the_forum_study_is_valid() -> None:
    path = Path(__file__).parents[2] / "studies" / "forum.yaml"
    study = load_study(path)
    assert study.mixture.tokens >= 4_000_000
    assert study.mixture.budget == "additive"


@pytest.mark.parametrize(
    ("where", "wrong", "nearest"),
    [
        ((), "mixtrue", "mixture"),
        (("mixture",), "token", "tokens"),
        (("training",), "sequence_lenght", "sequence_length"),
        (("evaluation", "generation"), "sample", "samples"),
        (("methods", 1), "strength", "strengths"),
        (("corpus", "settings"), "leek", "leak"),
    ],
)
def test_an_unknown_key_names_the_nearest(where: tuple[str | int, ...], wrong: str, nearest: str) -> None:
    values: object = _microworld()
    section = values
    for step in where:
        section = section[step]  # type: ignore[index]
    section[wrong] = 1  # type: ignore[index]
    with pytest.raises(HormesisError) as caught:
        parse_study(yaml.safe_dump(values), where="test.yaml")
    assert wrong in caught.value.problem
    assert f"`{nearest}`" in caught.value.fix


def _changed(**changes: object) -> str:
    return yaml.safe_dump(_microworld() | changes)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mixture": {"shares": [1.5], "tokens": 1000}}, "share"),
        ({"mixture": {"shares": [0.1, 0.1], "tokens": 1000}}, "twice"),
        ({"seeds": [0, 0]}, "twice"),
        ({"held_out": {"evaluate": 0.0}}, "held_out.evaluate"),
        ({"tokenizer": {}}, "vocabulary"),
        ({"corpus": {"source": "files", "clean": {"path": "a.jsonl"}, "toxic": {"path": "b.jsonl"}}}, "microworld"),
        ({"methods": [{"method": "magic"}]}, "iti"),
    ],
)
def test_a_bad_value_is_explained(changes: dict[str, object], says: str) -> None:
    with pytest.raises(HormesisError, match=says):
        parse_study(_changed(**changes), where="test.yaml")


@pytest.mark.parametrize("where", ["name", "prompts", "domains", "against", "recipe"])
def test_no_name_leaves_its_folder_or_its_column(where: str) -> None:
    name = "../../evil"
    evaluation, source = _microworld()["evaluation"], {"path": "a.jsonl"}
    assert isinstance(evaluation, dict)
    changes: dict[str, dict[str, object]] = {
        "name": {"name": name},
        "prompts": {"evaluation": evaluation | {"prompts": {name: {"source": "microworld"}}}},
        "domains": {"evaluation": evaluation | {"domains": {name: source}}},
        "against": {"checks": {"against": {name: source}}},
        "recipe": {"recipes": [{"recipe": "late", "shares": [0.1], "name": name}]},
    }
    with pytest.raises(HormesisError, match="becomes part of paths and columns"):
        parse_study(_changed(**changes[where]), where="test.yaml")


def test_names_that_files_cannot_tell_apart_are_refused() -> None:
    evaluation, source = _microworld()["evaluation"], {"path": "a.jsonl"}
    assert isinstance(evaluation, dict)
    for names in (["news 1", "news-1"], ["News", "news"], ["Clean"]):
        domains = dict.fromkeys(names, source)
        with pytest.raises(HormesisError, match="too much alike"):
            parse_study(_changed(evaluation=evaluation | {"domains": domains}), where="test.yaml")


def test_a_key_that_stands_twice_is_refused() -> None:
    text = yaml.safe_dump(_microworld())
    for twice in (text + "name: other\n", text.replace("  tokens:", "  tokens: 1\n  tokens:", 1)):
        with pytest.raises(HormesisError, match=r"the key `(name|tokens)` twice, in line \d+ and in line \d+"):
            parse_study(twice, where="test.yaml")
    shared = "held_out: &rows {evaluate: 0.05, scorer: 0.1}\n"
    text = yaml.safe_dump({key: value for key, value in _microworld().items() if key != "held_out"})
    assert parse_study(shared + text, where="test.yaml").held_out.evaluate == 0.05


def test_shares_zero_and_one_are_legal() -> None:
    study = parse_study(_changed(mixture={"shares": [0, 1], "tokens": 1000, "budget": "total"}), where="test.yaml")
    assert study.mixture.shares == (0, 1)


def test_what_is_not_yaml_or_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(HormesisError, match="not YAML"):
        parse_study("a: [", where="test.yaml")
    with pytest.raises(HormesisError, match="packaged study"):
        load_study(tmp_path / "absent.yaml")


def test_seeds_may_differ() -> None:
    study = parse_study(_changed(seeds=[{"init": 0, "data": 1, "order": 2}, 3]), where="test.yaml")
    assert (study.seeds[0].data, study.seeds[1].order) == (1, 3)


def _with(tiny_text: str, *methods: dict[str, object]) -> StudyConfig:
    labeller = {"labeller": {"kind": "ngram"}, "held_out": {"evaluate": 0.05, "labeller": 0.2}}
    return parse_study(yaml.safe_dump(yaml.safe_load(tiny_text) | labeller | {"methods": list(methods)}), where="tiny")


def test_every_method_is_one_line(tiny_text: str) -> None:
    lines: list[dict[str, object]] = [{"method": name} for name in METHODS if name != "base"]
    for line in lines:
        if issubclass(METHODS[str(line["method"])].options, FromOwnSamples):
            line["prompts"] = {"path": "prompts.jsonl"}
        elif METHODS[str(line["method"])].needs == "pairs":
            line["pairs"] = {"path": "pairs.jsonl"}
    study = _with(tiny_text, *lines)
    assert [one.method for one in study.methods] == [line["method"] for line in lines]
    for one in study.methods:
        if METHODS[one.method].uses_strength:
            assert one.measured_strengths == METHODS[one.method].strengths


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"method": "caa", "heads": 3}, "heads"),
        ({"method": "sft"}, "pairs"),
        ({"method": "dpo-ranked"}, "prompts"),
        ({"method": "leace", "strengths": [0, 1]}, "strength is 0"),
        ({"method": "magic"}, "magic"),
        ({"method": "leace", "name": "base"}, "`base` names a method"),
        ({"method": "leace", "name": "caa"}, "`caa` names a method"),
        ({"method": "leace", "concept": "forum"}, "fitted on the concept forum; `concepts` lists: none"),
        ({"method": "leace", "strengths": {"costs": [0.1]}}, "set `held_out.calibration`"),
        ({"method": "leace", "strengths": {"cost": [0.1]}}, "no key 'cost'"),
        ({"method": "caa", "strengths": {"costs": [-0.1]}}, "nats a token above 0"),
        ({"method": "few-shot", "strengths": {"costs": [0.1]}}, "no strength that could be found"),
    ],
)
def test_a_method_has_its_own_options_and_no_others(tiny_text: str, line: dict[str, object], message: str) -> None:
    with pytest.raises(HormesisError, match=message):
        _with(tiny_text, line)


@pytest.mark.parametrize(
    ("where", "value", "fix"),
    [
        (("training", "learning_rate"), ".inf", "`training.learning_rate` should be a finite number"),
        (("training", "betas"), "[.nan, 2]", "`training.betas.0` should be a finite number"),
        (("methods", 1, "strengths"), "[.inf]", "finite"),
        (("evaluation", "generation", "top_p"), "2", "should be less than or equal to 1, not 2"),
        (("evaluation", "generation", "samples"), "1" + "0" * 30, "correct|should be"),
        (("seeds",), "[9223372036854775808]", "should be|correct"),
        (("tokenizer",), "{vocabulary: 1000000000000}", "`tokenizer.vocabulary` should be less than"),
        (("mixture", "tokens"), "many", "should be a valid integer.* not 'many'"),
        (("evaluation", "scorers"), "{a: 1}", "`evaluation.scorers` should be a valid tuple"),
        (("name",), "null", "`name` should be a valid string, not None"),
    ],
)
def test_a_value_out_of_range_says_what_it_should_be(where: tuple[str | int, ...], value: str, fix: str) -> None:
    values: object = _microworld()
    section = values
    for step in where[:-1]:
        section = section[step]  # type: ignore[index]
    section[where[-1]] = yaml.safe_load(value)  # type: ignore[index]
    with pytest.raises(HormesisError) as caught:
        parse_study(yaml.safe_dump(values), where="test.yaml")
    assert re.search(fix, caught.value.fix), caught.value.fix


def test_a_key_of_another_method_is_left_out_rather_than_written_again() -> None:
    with pytest.raises(HormesisError) as caught:
        parse_study(_changed(methods=[{"method": "iti", "heads": 4, "layer": 3}]), where="test.yaml")
    assert "leave out `layer`, which is not of iti; known keys there: at_costs, concept, direc" in caught.value.fix


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("name: é".encode("latin-1"), r"is not UTF-8 \(byte 6.*\n.*save it as UTF-8"),
        ("name: a".encode("utf-16"), "is not UTF-8"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"name: 2026-13-45", "is not YAML: month"),
        (b"a: &a [*a]", "no such key"),
        (b"name: " + b"9" * 5000, "digits"),
        (b"\x00", "is not YAML"),
    ],
)
def test_a_file_that_is_no_yaml_says_why(data: bytes, says: str, tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_bytes(data)
    with pytest.raises(HormesisError, match=says):
        load_study(file)


def test_a_byte_order_mark_is_no_part_of_a_study(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text("\ufeff" + STUDY_TEMPLATE, encoding="utf-8")
    assert load_study(file) == parse_study(STUDY_TEMPLATE, where="template")


def test_a_method_may_be_tried_twice_under_two_names(tiny_text: str) -> None:
    study = _with(tiny_text, {"method": "caa"}, {"method": "caa", "name": "early", "layer": 0})
    assert [one.arm for one in study.methods] == ["caa", "early"]
    with pytest.raises(HormesisError, match="another `name`"):
        _with(tiny_text, {"method": "caa"}, {"method": "caa", "layer": 0})


def test_a_concept_of_the_corpus_needs_rows_of_its_own(tiny_text: str) -> None:
    concepts = {"concepts": {"forum": {"source": "corpus", "nontoxic": {"path": "other.jsonl"}}}}
    changed = yaml.safe_load(tiny_text) | concepts
    with pytest.raises(HormesisError, match=r"set `held_out\.concept`"):
        parse_study(yaml.safe_dump(changed), where="tiny")
