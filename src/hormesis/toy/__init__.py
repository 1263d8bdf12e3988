"""The toy: does rarity entangle a feature? A small world of its own, independent of the language-model rooms.

Mental model, in the order of the files:

* ``chains``: a *world* is a few cyclic Markov chains over shared states. A sequence is fixed by its chain and its
  first state; the last chain is *rare*. The lowest possible loss (*floor*) is known exactly.
* ``model``, ``training``: a *member* is one small decoder, for one share of the rare chain and one seed. All
  members of a setting train at once, as one model with stacked parameters (``torch.func.vmap``).
* ``directions``, ``probe``: a *reading* turns members into one direction for each feature; what a feature is, and
  how and where its direction is found, are options.
* ``representation.geometry.entanglement``, the one file from elsewhere: E of a feature is its largest |cosine| with
  another's direction. Random directions and the Welch bound say what to compare it with: twelve random directions in
  four dimensions have E = 0.842.
* ``setting``, ``experiment``: a *setting* is all of the above; :func:`run` gives a :class:`ToyResult`.
* ``sweep``, ``statistics``: many settings, effects with intervals, p-values corrected for their number.
* ``figures``, ``sweep_figures`` (in one ``style``), ``verdict``, ``storage``, ``command``: drawn, said, written, typed.

In a notebook::

    from hormesis.toy import Setting, draw, run
    draw(run(Setting(shares=(0.05, 1 / 3), seeds=8)))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hormesis.toy.setting import (
    DEFAULT_SHARES,
    ModelConfig,
    ReadingConfig,
    Setting,
    TrainingConfig,
    WorldConfig,
    changed,
)

if TYPE_CHECKING:
    from hormesis.representation.geometry.entanglement import (
        RandomBaseline,
        entanglements,
        random_baseline,
        spread_baseline,
        welch_bound,
    )
    from hormesis.toy.chains import World, build_world
    from hormesis.toy.directions import feature_directions, residual_stream
    from hormesis.toy.experiment import Fall, ToyResult, read_members, run
    from hormesis.toy.figures import draw
    from hormesis.toy.model import Decoder
    from hormesis.toy.statistics import Difference, benjamini_hochberg, difference, holm
    from hormesis.toy.storage import read_result, write_result, write_sweep
    from hormesis.toy.style import NotebookFigure, save_figure
    from hormesis.toy.sweep import Variant, effects, option_variants, run_variants, size_variants
    from hormesis.toy.sweep_figures import draw_options, draw_readings, draw_sizes
    from hormesis.toy.training import Members, TrainedMembers, TrainingProgress, train
    from hormesis.toy.verdict import describe

__all__ = [
    "DEFAULT_SHARES", "Decoder", "Difference", "Fall", "Members", "ModelConfig", "NotebookFigure", "RandomBaseline",
    "ReadingConfig", "Setting", "ToyResult", "TrainedMembers", "TrainingConfig", "TrainingProgress", "Variant",
    "World", "WorldConfig", "benjamini_hochberg", "build_world", "changed", "describe", "difference", "draw",
    "draw_options", "draw_readings", "draw_sizes", "effects", "entanglements", "feature_directions", "holm",
    "option_variants", "random_baseline", "read_members", "read_result", "residual_stream", "run",
    "run_variants", "save_figure", "size_variants", "spread_baseline", "train", "welch_bound",
    "write_result", "write_sweep",
]  # fmt: skip

# PyTorch and the figures are imported when a name is first used: `hormesis --help` reads this file too.
_HOMES = {
    "chains": ("World", "build_world"),
    "directions": ("feature_directions", "residual_stream"),
    # Closed forms, of no world in particular: the language-model rooms measure by the same.
    "..representation.geometry.entanglement": (
        "RandomBaseline",
        "entanglements",
        "random_baseline",
        "spread_baseline",
        "welch_bound",
    ),
    "experiment": ("Fall", "ToyResult", "read_members", "run"),
    "figures": ("draw",),
    "model": ("Decoder",),
    "statistics": ("Difference", "benjamini_hochberg", "difference", "holm"),
    "storage": ("read_result", "write_result", "write_sweep"),
    "style": ("NotebookFigure", "save_figure"),
    "sweep": ("Variant", "effects", "option_variants", "run_variants", "size_variants"),
    "sweep_figures": ("draw_options", "draw_readings", "draw_sizes"),
    "training": ("Members", "TrainedMembers", "TrainingProgress", "train"),
    "verdict": ("describe",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}" if home[0] != "." else home, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
