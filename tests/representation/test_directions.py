from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hormesis.errors import HormesisError
from hormesis.representation import (
    Directions,
    HeadActivations,
    fit_probes,
    mass_mean_directions,
    probe_weight_directions,
)
from tests.representation.tiny import labelled_activations

SITES = ((2, 1), (0, 0), (0, 3))


def test_mass_mean_points_from_toxic_to_non_toxic() -> None:
    activations, labels, split = labelled_activations()
    found = mass_mean_directions(activations, labels, split, SITES)
    z = activations.values[split.fit, 0, 0].double()
    toxic = torch.from_numpy(labels[split.fit])
    difference = z[~toxic].mean(0) - z[toxic].mean(0)
    torch.testing.assert_close(found.vectors[1].double(), difference / difference.norm(), rtol=1e-5, atol=1e-6)
    expected = float((z @ found.vectors[1].double()).std(correction=0))
    assert float(found.scales[1]) == pytest.approx(expected, rel=1e-5)
    assert found.heads == SITES


def test_every_informed_direction_lowers_the_probes_score() -> None:
    activations, labels, split = labelled_activations()
    probes = fit_probes(activations, labels, split)
    for found in (
        mass_mean_directions(activations, labels, split, ((0, 0),)),
        probe_weight_directions(activations, probes, ((0, 0),)),
    ):
        assert float(found.vectors[0] @ probes.weights[0, 0]) < 0


def test_rows_outside_fit_change_neither_direction_nor_scale() -> None:
    activations, labels, split = labelled_activations()
    values = activations.values.clone()
    values[split.validation] = 1e3
    values[split.test] = -1e3
    found, other = (
        mass_mean_directions(these, labels, split, SITES) for these in (activations, HeadActivations(values))
    )
    assert torch.equal(found.vectors, other.vectors)
    assert torch.equal(found.scales, other.scales)


def test_a_head_that_tells_nothing_apart_has_no_direction() -> None:
    activations, labels, split = labelled_activations()
    activations.values[:, 0, 3] = 1.0
    with pytest.raises(HormesisError, match=r"\(0, 3\)"):
        mass_mean_directions(activations, labels, split, SITES)


def test_one_class_and_no_head_are_refused() -> None:
    activations, labels, split = labelled_activations()
    with pytest.raises(HormesisError, match="no head"):
        mass_mean_directions(activations, labels, split, ())
    labels[split.fit] = True
    with pytest.raises(HormesisError, match="fit rows are toxic"):
        mass_mean_directions(activations, labels, split, SITES)


def test_directions_check_themselves() -> None:
    activations, labels, split = labelled_activations()
    found = mass_mean_directions(activations, labels, split, SITES)
    with pytest.raises(HormesisError, match="unit"):
        replace(found, vectors=found.vectors * 2)
    with pytest.raises(HormesisError, match="out of range"):
        replace(found, heads=((0, 0), (0, 1), (7, 0)))
    with pytest.raises(HormesisError, match="twice"):
        replace(found, heads=((0, 0), (0, 1), (0, 0)))
    with pytest.raises(HormesisError, match="one vector"):
        replace(found, scales=found.scales[:2])


def test_a_file_that_points_elsewhere_is_refused() -> None:
    activations, labels, split = labelled_activations()
    found = mass_mean_directions(activations, labels, split, SITES)
    settings = found.settings() | {"points_to": "toxic"}
    with pytest.raises(HormesisError, match="'toxic'"):
        Directions.from_artefact(settings, found.tensors())
