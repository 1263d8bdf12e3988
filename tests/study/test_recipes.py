"""Recipes in a study: what may be written, which cells they have, and that the plain arms keep their names."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml
from transformers import Olmo2Config, Olmo2ForCausalLM

from hormesis.corpus.recipes import RECIPES, Filter, Tags
from hormesis.detox import Prompting, Unsteered
from hormesis.detox.conditioned import Conditioned
from hormesis.errors import HormesisError
from hormesis.files import content_hash
from hormesis.study.cells.evaluate import EvaluateInputs
from hormesis.study.cells.labeller import LabellerInputs
from hormesis.study.cells.pretrain import PretrainInputs
from hormesis.study.cells.recipe import RecipeInputs, arms_of
from hormesis.study.config import StudyConfig, load_study, parse_study
from hormesis.study.plan import Plan, make_plan
from hormesis.study.template import STUDY_TEMPLATE
from tests.study.conftest import TINY_STUDY

LABELLED: dict[str, object] = {
    "labeller": {"kind": "ngram"},
    "held_out": {"evaluate": 0.05, "labeller": 0.2},
}
RANKED: dict[str, object] = {"method": "dpo-ranked", "prompts": {"source": "microworld"}}
EVERY: list[dict[str, object]] = [
    {"recipe": "meda", "shares": [0, 0.25]},
    {"recipe": "inst", "shares": [0.25]},
    {"recipe": "tags", "shares": [0.25], "cooldown": 0.25},
    {"recipe": "filter", "shares": [0.25], "threshold": 0.5},
    {"recipe": "filter", "name": "strict", "shares": [0.25], "threshold": 0.2},
    {"recipe": "mask", "shares": [0.25], "unit": "sentence"},
    {"recipe": "early", "shares": [0.25]},
    {"recipe": "late", "shares": [0.25]},
    {"recipe": "count", "shares": [0.25, 0.5], "toxic_tokens": 2048},
    {"recipe": "same", "name": "slow", "shares": [0, 0.25], "learning_rate": 0.001},
]


def _study(recipes: list[dict[str, object]], **changes: object) -> StudyConfig:
    return parse_study(yaml.safe_dump(TINY_STUDY | LABELLED | {"recipes": recipes} | changes), where="recipes")


def test_the_cells_of_plain_arms_are_named_as_before_there_were_recipes() -> None:
    """Computed on the commit before: what costs hours to compute must be found again."""
    cells = make_plan(load_study("microworld"), None).cells
    names = [cell.name for cell in cells if cell.inputs.kind in ("corpus", "scorer", "pretrain")]
    assert names[0] == "corpus-c3de47a25e607e7f"
    assert names[2] == "pretrain-24635850774f6dcd"
    assert content_hash(names) == "a671b4bbb91c497e2a7c71b51368f7ce1ce748382a3c9f6bd5e36ee7d6dd1e76"


def test_ranked_pairs_need_the_labeller_and_rename_nothing(forum_like: tuple[StudyConfig, Path]) -> None:
    study, data = forum_like
    (data / "more.jsonl").write_text('{"text": "the river"}\n', encoding="utf-8")
    values = study.model_dump(mode="json", exclude_unset=True)
    values |= {"labeller": {"kind": "ngram"}, "held_out": {"evaluate": 0.05, "scorer": 0.1, "labeller": 0.1}}
    ranked = {"method": "dpo-ranked", "prompts": {"path": "more.jsonl", "column": "text"}}

    def names(*methods: object) -> dict[str, str]:
        plan = make_plan(parse_study(yaml.safe_dump(values | {"methods": list(methods)}), where="ranked"), data)
        assert len(plan.of(LabellerInputs)) == len([method for method in methods if method == ranked])
        tuned = [cell for cell in plan.of(EvaluateInputs) if "labeller" in cell.needs]
        assert all(cell.label.startswith("dpo-ranked") for cell in tuned)
        return {cell.name: cell.label for cell in plan.cells if cell.inputs.kind != "check"}

    without, beside = names({"method": "leace"}), names({"method": "leace"}, ranked)
    assert set(without) < set(beside)
    (data / "more.jsonl").write_text('{"text": "the hill"}\n', encoding="utf-8")
    renamed = {beside[name] for name in set(beside) - set(names({"method": "leace"}, ranked))}
    assert renamed and all(label.startswith("dpo-ranked") for label in renamed)


def _names(plan: Plan, recipe: str) -> set[str]:
    return {
        cell.name
        for cell in plan.cells
        if isinstance(cell.inputs, PretrainInputs | EvaluateInputs) and cell.inputs.arm.recipe == recipe
    }


def test_recipes_add_cells_and_rename_none() -> None:
    alone, beside = make_plan(_study([]), None), make_plan(_study(EVERY), None)
    assert {cell.name for cell in alone.cells} < {cell.name for cell in beside.cells}
    assert len({cell.name for cell in beside.cells}) == len(beside.cells), "no two recipes share a cell by mistake"
    assert [cell.inputs.kind for cell in alone.cells].count("labeller") == 0, "nothing needs it"
    assert len(beside.of(RecipeInputs)) == 6 and len(beside.of(LabellerInputs)) == 1
    assert len(beside.of(PretrainInputs)) == 2 * (2 + 13)
    seen: set[str] = set()
    for cell in beside.cells:
        assert {need.name for need in cell.needs.values()} <= seen
        seen.add(cell.name)
    assert not {"corpus", "recipe"} & {cell.inputs.kind for cell in beside.measured}


def test_a_recipe_may_be_tried_with_some_methods_only() -> None:
    recipes: list[dict[str, object]] = [
        {"recipe": "early", "shares": [0.25], "methods": []},
        {"recipe": "late", "shares": [0.25], "methods": ["iti"]},
        {"recipe": "inst", "shares": [0.25]},
    ]
    tried: dict[str, set[str]] = {}
    for cell in make_plan(_study(recipes), None).of(EvaluateInputs):
        assert isinstance(cell.inputs, EvaluateInputs)
        tried.setdefault(cell.inputs.arm.recipe, set()).add(cell.inputs.method.method if cell.inputs.method else "base")
    assert tried["early"] == {"base"} and tried["late"] == {"base", "iti"} and tried["inst"] == tried["plain"]
    with pytest.raises(HormesisError, match="does not list"):
        _study([{"recipe": "early", "shares": [0.25], "methods": ["gated"]}])


def test_who_gets_the_rows_that_are_set_aside_renames_no_model() -> None:
    scorer_alone = _study([], held_out={"evaluate": 0.05, "scorer": 0.2}, labeller=None)
    shared = _study([], held_out={"evaluate": 0.05, "scorer": 0.05, "labeller": 0.15})
    one, other = (
        [cell.name for cell in make_plan(study, None).cells if cell.kind in ("corpus", "pretrain")]
        for study in (scorer_alone, shared)
    )
    assert one == other


def test_a_recipe_is_written_once_for_all_shares_and_seeds() -> None:
    plan = make_plan(_study([{"recipe": "mask", "shares": [0.1, 0.25]}]), None)
    models = [cell for cell in plan.of(PretrainInputs) if "recipe" in cell.needs]
    assert len(models) == 4 and len({cell.needs["recipe"].name for cell in models}) == 1
    renamed = make_plan(_study([{"recipe": "mask", "name": "other", "shares": [0.1]}]), None)
    assert renamed.of(RecipeInputs)[0].name == plan.of(RecipeInputs)[0].name, "whatever its arms are called"


def test_defaults_do_not_make_two_recipes_one() -> None:
    kinds = ("meda", "inst", "tags", "filter", "mask")
    plan = make_plan(_study([{"recipe": kind, "shares": [0.25]} for kind in kinds]), None)
    assert len({cell.name for cell in plan.of(RecipeInputs)}) == len(kinds)


def test_arms_get_their_mixture_and_condition() -> None:
    plan = make_plan(_study(EVERY), None)
    mixtures = {
        (cell.inputs.arm.recipe, cell.inputs.arm.share): (cell.inputs.mixture, cell.inputs.arm)
        for cell in plan.of(PretrainInputs)
        if isinstance(cell.inputs, PretrainInputs)
    }
    assert mixtures["late", 0.25][0].placement == "late" and mixtures["early", 0.25][0].placement == "early"
    assert mixtures["plain", 0.25][0] == mixtures["mask", 0.25][0]
    for share in (0.25, 0.5):
        count, arm = mixtures["count", share]
        assert (count.budget, count.tokens, arm.budget) == ("toxic", 2048, "additive")
        assert count.targets(64)[1] == 32
    conditions = {
        cell.inputs.arm.recipe: cell.inputs.condition
        for cell in plan.of(EvaluateInputs)
        if isinstance(cell.inputs, EvaluateInputs)
    }
    assert conditions["tags"] == Tags().condition
    assert conditions["meda"] == "toxicity: 0.0\n"
    assert conditions["plain"] == conditions["filter"] == conditions["late"] == ""


def test_a_control_takes_the_place_of_the_toxic_source(forum_like: tuple[StudyConfig, Path]) -> None:
    study, data = forum_like
    (data / "control.jsonl").write_text('{"text": "a goose on a river"}\n', encoding="utf-8")
    control = {"recipe": "control", "shares": [0.25], "source": {"path": "control.jsonl"}}
    values = study.model_dump(mode="json", exclude_unset=True) | {"recipes": [control]}
    plan = make_plan(parse_study(yaml.safe_dump(values), where="control"), data)
    (cell,) = plan.of(RecipeInputs)
    assert isinstance(cell.inputs, RecipeInputs) and cell.inputs.transform is None
    assert set(cell.needs) == {"corpus"}, "no scores are needed"
    assert cell.inputs.data["control"] == plan.data["control.jsonl"]
    (data / "control.jsonl").write_text('{"text": "another goose"}\n', encoding="utf-8")
    again = make_plan(parse_study(yaml.safe_dump(values), where="control"), data)
    assert again.of(RecipeInputs)[0].name != cell.name


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"labeller": None}, "set `labeller`"),
        ({"labeller": None, "recipes": [], "methods": [RANKED]}, "ranks that evaluates nothing: set `labeller`"),
        ({"labeller": {"kind": "microworld"}}, "is a scorer that evaluates"),
        ({"held_out": {"evaluate": 0.05}}, "held_out.labeller"),
        ({"recipes": [{"recipe": "late", "shares": [0.1]}, {"recipe": "late", "shares": [0.2]}]}, "listed twice"),
        ({"recipes": [{"recipe": "late", "shares": [0.1], "name": "plain"}]}, "another `name`"),
        ({"recipes": [{"recipe": "late", "shares": [0.1, 0.1]}]}, "a share is listed twice"),
        ({"recipes": [{"recipe": "late", "shares": [10]}]}, "outside"),
        ({"recipes": [{"recipe": "count", "shares": [0], "toxic_tokens": 100}]}, "no toxic tokens"),
        ({"recipes": [{"recipe": "rephrase", "shares": [0.1]}]}, "meda"),
        ({"recipes": [{"recipe": "late", "shares": [0.1], "shar": [0.1]}]}, "write `shares` for `shar`"),
        (
            {"recipes": [{"recipe": "control", "shares": [0.1], "source": {"path": "a"}, "name": "other"}]},
            "begins with `control`: write `control-other`",
        ),
        ({"recipes": [{"recipe": "tags", "shares": [0.1], "good": "fine "}]}, "line break"),
    ],
)
def test_what_cannot_be_is_explained(changes: dict[str, object], says: str) -> None:
    with pytest.raises(HormesisError, match=says):
        _study(**({"recipes": EVERY} | changes))  # type: ignore[arg-type]


def test_an_unknown_key_of_a_recipe_names_the_nearest() -> None:
    with pytest.raises(HormesisError, match="thresold") as caught:
        _study([{"recipe": "filter", "shares": [0.1], "thresold": 0.3}])
    assert "`threshold`" in caught.value.fix


def test_a_classifier_may_not_label_what_it_scores(forum_like: tuple[StudyConfig, Path]) -> None:
    values = forum_like[0].model_dump(mode="json", exclude_unset=True)
    classifier = {"kind": "huggingface", "model": "someone/classifier"}
    values["evaluation"]["scorer"] = classifier | {"label": "toxic"}
    values |= {"recipes": EVERY[:1], "labeller": classifier}
    with pytest.raises(HormesisError, match="is a scorer that evaluates"):
        parse_study(yaml.safe_dump(values), where="forum-like")
    values["labeller"] = {"kind": "huggingface", "model": "someone/other"}
    assert parse_study(yaml.safe_dump(values), where="forum-like").labeller is not None


def test_the_recipes_of_the_template_are_valid() -> None:
    text = STUDY_TEMPLATE.replace("  labeller: 0 ", "  labeller: 0.1 ")
    for start in ("recipes:", "  - {recipe", "labeller:"):
        text = text.replace(f"# {start}", start)
    assert len(parse_study(text, where="template").recipes) == 9


def test_arms_are_a_recipe_and_its_shares() -> None:
    values = {"recipe": "filter", "shares": (0.2, 0.1), "threshold": 0.3, "name": "strict"}
    arms = arms_of(Filter).model_validate(values)
    assert arms.shares == (0.1, 0.2) and arms.arm == "strict"
    assert arms.transform_alone == Filter(threshold=0.3)
    late = arms_of(RECIPES["late"]).model_validate({"recipe": "late", "shares": [0.1]})
    assert late.transform_alone is None and late.arm == "late"


def test_a_condition_comes_first_and_changes_no_forward_pass(tmp_path: Path) -> None:
    conditioned = Conditioned(Prompting("be kind. "), "[good]\n")
    assert conditioned.name == "prompting"
    assert conditioned.prepare("the goose") == "[good]\nbe kind. the goose"
    with pytest.raises(HormesisError, match="belongs to the recipe"):
        conditioned.save(tmp_path / "saved")
    torch.manual_seed(0)
    model = Olmo2ForCausalLM(
        Olmo2Config(vocab_size=32, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    )
    ids = torch.arange(8)[None]
    with torch.no_grad(), Conditioned(Unsteered(), "[good]\n").apply(model, 4.0):
        inside = model(ids).logits
    with torch.no_grad():
        assert torch.equal(inside, model(ids).logits)


def test_the_same_text_at_another_learning_rate_is_an_arm_of_its_own() -> None:
    slow = {"recipe": "same", "name": "slow", "shares": [0.25], "learning_rate": 0.001, "seeds": [1]}
    study = _study([slow, {"recipe": "late", "shares": [0.25]}], seeds=[0, 1])
    trained = [cell for cell in make_plan(study, None).of(PretrainInputs) if cell.inputs.arm.share == 0.25]
    rates = {(cell.inputs.arm.recipe, cell.inputs.arm.seeds.init): cell.inputs.training for cell in trained}
    assert set(rates) == {("plain", 0), ("plain", 1), ("late", 0), ("late", 1), ("slow", 1)}
    assert rates["slow", 1].learning_rate == 0.001
    assert rates["slow", 1].model_copy(update={"learning_rate": None}) == rates["late", 0].model_copy(
        update={"learning_rate": None}
    )


@pytest.mark.parametrize("lacks", ["name", "learning_rate"])
def test_the_same_text_trained_the_same_way_is_refused(lacks: str) -> None:
    arms = {"recipe": "same", "name": "slow", "shares": [0.25], "learning_rate": 0.001}
    with pytest.raises(HormesisError, match="trained otherwise"):
        _study([{key: value for key, value in arms.items() if key != lacks}])
