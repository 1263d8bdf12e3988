"""From the recipes of a study to the cells that write their documents, and to the arms that need them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hormesis.corpus import MixtureConfig
from hormesis.detox import FromOwnSamples, MethodOptions
from hormesis.evaluate.measurement import PLAIN
from hormesis.study.cells import Cell, LabellerInputs, RecipeInputs
from hormesis.study.config import StudyConfig
from hormesis.study.data import DataFiles
from hormesis.study.recipe_config import RecipeArms
from hormesis.study.scorer_cells import section_data


@dataclass(frozen=True)
class PreparedRecipe:
    """One recipe of a study, ready for its arms; ``arms`` None is the plain one."""

    arms: RecipeArms | None
    cell: Cell | None = None

    @property
    def name(self) -> str:
        """As measurements name it."""
        return PLAIN if self.arms is None else self.arms.arm

    @property
    def condition(self) -> str:
        """What is put before prompts."""
        return "" if self.arms is None else self.arms.condition

    def methods(self, methods: Sequence[MethodOptions]) -> Sequence[MethodOptions]:
        """Those that are tried on its arms, of the study's."""
        if self.arms is None or self.arms.methods is None:
            return methods
        return [method for method in methods if method.method in self.arms.methods]

    def mixture(self, plain: MixtureConfig) -> MixtureConfig:
        """The mixture of an arm; ``plain`` is that of the plain arm of the same share."""
        return plain if self.arms is None else self.arms.mixture(plain)


class RecipeCells:
    """The recipes of a study with the cells that write their documents, each cell once."""

    def __init__(self, config: StudyConfig, files: DataFiles, corpus: Cell, corpus_data: dict[str, str]) -> None:
        self._config, self._files, self._corpus, self._data = config, files, corpus, corpus_data
        self._labeller = self._labeller_cell()
        self._prepared = [PreparedRecipe(None), *(PreparedRecipe(arms, self._cell(arms)) for arms in config.recipes)]

    def arms(self) -> Iterator[tuple[PreparedRecipe, float]]:
        """Every recipe at each of its shares, the plain one first."""
        for prepared in self._prepared:
            shares = self._config.mixture.shares if prepared.arms is None else prepared.arms.shares
            yield from ((prepared, share) for share in shares)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The labeller, if a recipe or a method needs it, and the recipe cells."""
        own = {cell.name: cell for prepared in self._prepared if (cell := prepared.cell) is not None}
        labelled = any("labeller" in cell.needs for cell in own.values()) or any(
            isinstance(method, FromOwnSamples) for method in self._config.methods
        )
        return (*((self._labeller,) if labelled and self._labeller else ()), *own.values())

    @property
    def labeller_needed(self) -> dict[str, Cell]:
        """The labeller by its role, for a cell that has it score something."""
        assert self._labeller is not None, "the config refuses what needs scores without a labeller"
        return {"labeller": self._labeller}

    def _labeller_cell(self) -> Cell | None:
        section = self._config.labeller
        if section is None:
            return None
        inputs = LabellerInputs(
            labeller=section,
            corpus=self._config.corpus,
            held_out=self._config.held_out,
            data=self._data | section_data(section, self._files),
        )
        return Cell(inputs, {"corpus": self._corpus}, label=f"labeller {section.kind}")

    def _cell(self, arms: RecipeArms) -> Cell | None:
        transform, source = arms.transform_alone, arms.replacement
        if transform is None and source is None:
            return None
        needs = {"corpus": self._corpus} | (self.labeller_needed if arms.needs == "a labeller" else {})
        inputs = RecipeInputs(
            recipe=arms.recipe,
            transform=transform,
            source=source,
            corpus=self._config.corpus,
            held_out=self._config.held_out.for_training,
            data=self._data | self._files.fingerprints({"control": source} if source is not None else {}),
        )
        return Cell(inputs, needs, label=f"recipe {arms.arm}")
