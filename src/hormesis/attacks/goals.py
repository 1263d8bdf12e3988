"""What an attacker asks for: requests, each with the beginning of the answer that would grant it (AdvBench)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hormesis.config import Seed
from hormesis.corpus.concepts import usable_text
from hormesis.corpus.rows import RowsConfig, read_rows
from hormesis.corpus.seeds import generator
from hormesis.errors import HormesisError
from hormesis.reprs import short_repr


@short_repr
@dataclass(frozen=True)
class Goal:
    """A request and the beginning of the wanted answer."""

    text: str
    target: str


class GoalConfig(RowsConfig):
    """A file with the columns of AdvBench (Zou et al. 2023): ``limit`` goals, drawn at random."""

    goal: str = "goal"
    target: str = "target"
    seed: Seed = 0


def read_goals(config: GoalConfig, root: Path | None = None) -> tuple[Goal, ...]:
    """Read goals, in the file's order; rows that lack either text are left out.

    :raises HormesisError: as :func:`~hormesis.corpus.rows.read_rows`; no goal is left.
    """
    found = []
    for row in read_rows(config.model_copy(update={"limit": None}), [config.goal, config.target], root=root):
        goal, target = usable_text(row, config.goal, config), usable_text(row, config.target, config)
        if goal is not None and target is not None:
            found.append(Goal(goal, target))
    if not found:
        raise HormesisError(f"{config.path or config.dataset} holds no goals", "name the columns of goal and target")
    order = generator("goals", config.seed).permutation(len(found)).tolist()[: config.limit]
    return tuple(found[place] for place in sorted(order))
