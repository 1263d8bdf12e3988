from __future__ import annotations

import numpy as np
import pytest
import torch

from hormesis.detox import InferenceTimeIntervention, random_direction, random_heads, shuffled_labels
from hormesis.representation import fit_probes, mass_mean_directions, probe_weight_directions
from tests.representation.tiny import labelled_activations


@pytest.fixture
def controls() -> tuple[InferenceTimeIntervention, dict[str, InferenceTimeIntervention]]:
    activations, labels, split = labelled_activations()
    probes = fit_probes(activations, labels, split)
    reference = InferenceTimeIntervention(mass_mean_directions(activations, labels, split, probes.top(4)))
    made = (
        random_direction(reference, seed=1),
        random_heads(reference, activations, labels, probes, seed=1),
        shuffled_labels(reference, activations, labels, split, seed=1),
    )
    return reference, {control.name: control for control in made}


def test_every_control_pushes_by_the_intervention_s_rule(
    controls: tuple[InferenceTimeIntervention, dict[str, InferenceTimeIntervention]],
) -> None:
    reference, made = controls
    assert set(made) == {"iti-random-direction", "iti-random-heads", "iti-shuffled-labels"}
    for control in made.values():
        torch.testing.assert_close(control.directions.vectors.norm(dim=1), torch.ones(4))
    torch.testing.assert_close(made["iti-random-direction"].directions.scales, reference.directions.scales)


def test_a_quiet_head_is_not_pushed_by_the_norm_of_a_loud_one() -> None:
    activations, labels, split = labelled_activations()
    activations.values[:, 0] *= 0.01
    reference = InferenceTimeIntervention(mass_mean_directions(activations, labels, split, ((1, 0), (1, 1))))
    probes = fit_probes(activations, labels, split)
    drawn = [random_heads(reference, activations, labels, probes, seed=seed).directions for seed in range(8)]
    pushed = [pair for each in drawn for pair in zip(each.heads, each.scales.tolist(), strict=True)]
    quiet, loud = ([scale for (layer, _), scale in pushed if layer == wanted] for wanted in (0, 2))
    assert max(quiet) < 0.1 * min(loud)


def test_each_control_differs_in_what_its_name_says(
    controls: tuple[InferenceTimeIntervention, dict[str, InferenceTimeIntervention]],
) -> None:
    reference, made = controls
    chosen = reference.directions.heads
    assert made["iti-random-direction"].directions.heads == chosen
    cosines = (made["iti-random-direction"].directions.vectors * reference.directions.vectors).sum(1)
    assert float(cosines.abs().max()) < 0.95
    assert not set(made["iti-random-heads"].directions.heads) & set(chosen)
    shuffled = made["iti-shuffled-labels"].directions
    assert shuffled.heads != chosen or not torch.equal(shuffled.vectors, reference.directions.vectors)


def test_controls_repeat_for_a_seed_and_leave_the_labels_alone() -> None:
    activations, labels, split = labelled_activations()
    kept = labels.copy()
    reference = InferenceTimeIntervention(mass_mean_directions(activations, labels, split, ((0, 0), (1, 1))))
    first, again, other = (
        shuffled_labels(reference, activations, labels, split, seed=seed).directions for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(labels, kept)
    assert torch.equal(first.vectors, again.vectors)
    assert not torch.equal(first.vectors, other.vectors)


def test_random_heads_take_the_interventions_own_only_where_others_run_out() -> None:
    activations, labels, split = labelled_activations()
    sites = tuple((layer, head) for layer in range(3) for head in range(4))
    reference = InferenceTimeIntervention(mass_mean_directions(activations, labels, split, sites[:8]))
    probes = fit_probes(activations, labels, split)
    drawn = random_heads(reference, activations, labels, probes, seed=0).directions.heads
    assert set(sites[8:]) <= set(drawn)
    assert len(drawn) == 8


def test_controls_take_directions_of_the_kind_that_they_control() -> None:
    activations, labels, split = labelled_activations()
    probes = fit_probes(activations, labels, split)
    reference = InferenceTimeIntervention(probe_weight_directions(activations, probes, probes.top(4)))
    made = random_heads(reference, activations, labels, probes, seed=1).directions
    assert made.kind == "probe-weight" and made.heads != reference.directions.heads
    assert torch.equal(made.vectors, probe_weight_directions(activations, probes, made.heads).vectors)
    assert shuffled_labels(reference, activations, labels, split, seed=1).directions.kind == "probe-weight"
