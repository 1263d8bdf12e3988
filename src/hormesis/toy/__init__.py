"""The toy: does rarity entangle a feature? A small world of its own, independent of the language-model rooms.

Mental model, in the order of the files:

* ``chains``: a *world* is a few cyclic Markov chains over shared states. A sequence is fixed by its chain and its
  first state; the last chain is *rare*. The lowest possible loss (*floor*) is known exactly.
* ``model``, ``training``: a *member* is one small decoder, for one share of the rare chain and one seed. All
  members of a setting train at once, as one model with stacked parameters (``torch.func.vmap``).
* ``directions``, ``probe``: a *reading* turns members into one direction for each feature; what a feature is, and
  how and where its direction is found, are options.
* ``entanglement``: E of a feature is its largest |cosine| with another's direction. Random directions and the Welch
  bound say what to compare it with: twelve random directions in four dimensions have E = 0.842.
* ``setting``, ``experiment``: a *setting* is all of the above; :func:`run` gives a :class:`ToyResult`.
* ``sweep``, ``statistics``: many settings, effects with intervals, p-values corrected for their number.
* ``figures``, ``sweep_figures`` (in one ``style``), ``verdict``, ``storage``, ``command``: drawn, said, written, typed.

In a notebook::

    from hormesis.toy import Setting, draw, run
    draw(run(Setting(shares=(0.05, 1 / 3), seeds=8)))
"""

from hormesis.toy.chains import World, WorldConfig, build_world
from hormesis.toy.directions import ReadingConfig, feature_directions, residual_stream
from hormesis.toy.entanglement import RandomBaseline, entanglement, random_baseline, spread_baseline, welch_bound
from hormesis.toy.experiment import Fall, ToyResult, read_members, run
from hormesis.toy.figures import draw
from hormesis.toy.model import Decoder, ModelConfig
from hormesis.toy.setting import DEFAULT_SHARES, Setting
from hormesis.toy.statistics import Difference, benjamini_hochberg, difference, holm
from hormesis.toy.storage import read_result, write_result, write_sweep
from hormesis.toy.style import NotebookFigure, save_figure
from hormesis.toy.sweep import Variant, changed, effects, option_variants, run_variants, size_variants
from hormesis.toy.sweep_figures import draw_options, draw_readings, draw_sizes
from hormesis.toy.training import Members, TrainedMembers, TrainingConfig, TrainingProgress, train
from hormesis.toy.verdict import verdict

__all__ = [
    "DEFAULT_SHARES", "Decoder", "Difference", "Fall", "Members", "ModelConfig", "NotebookFigure", "RandomBaseline",
    "ReadingConfig", "Setting", "ToyResult", "TrainedMembers", "TrainingConfig", "TrainingProgress", "Variant",
    "World", "WorldConfig", "benjamini_hochberg", "build_world", "changed", "difference", "draw",
    "draw_options", "draw_readings", "draw_sizes", "effects", "entanglement", "feature_directions", "holm",
    "option_variants", "random_baseline", "read_members", "read_result", "residual_stream", "run",
    "run_variants", "save_figure", "size_variants", "spread_baseline", "train", "verdict", "welch_bound",
    "write_result", "write_sweep",
]  # fmt: skip
