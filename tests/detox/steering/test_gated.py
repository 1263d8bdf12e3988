"""A gate lets the shift through where the head's probe fires, and only there."""

from __future__ import annotations

import torch

from hormesis.detox.steering.gated import GatedIntervention, add_where_fired
from hormesis.representation import fit_probes, mass_mean_directions
from tests.representation.tiny import labelled_activations


def test_only_firing_heads_are_shifted() -> None:
    hidden = torch.tensor([[[1.0, 0.0, -1.0, 0.0]], [[-1.0, 0.0, -1.0, 0.0]]])  # two heads of width 2
    weights, intercepts = torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0.0, 0.0])
    shifted = add_where_fired(hidden, torch.full((2, 1, 1), 2.0), torch.ones(4), weights, intercepts)
    assert (shifted - hidden).squeeze(1).tolist() == [[2.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]


def test_toxic_texts_are_shifted_more_often_than_others() -> None:
    activations, labels, split = labelled_activations(texts=600)
    probes = fit_probes(activations, labels, split)
    gated = GatedIntervention.of(mass_mean_directions(activations, labels, split, probes.top(2)), probes)
    for k, (layer, head) in enumerate(gated.directions.heads):
        rows = activations.values[torch.from_numpy(split.test), layer, head]
        fires = (rows @ gated.weights[k] + gated.intercepts[k] > 0).numpy()
        truth = labels[split.test]
        assert fires[truth].mean() > fires[~truth].mean() + 0.3
