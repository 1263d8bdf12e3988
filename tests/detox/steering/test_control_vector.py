"""A shift of the stream is a control vector as llama.cpp reads one; biases that others may drop are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from hormesis.detox import METHODS
from hormesis.detox.steering.bake import added_biases
from hormesis.detox.steering.control_vector import write_control_vector
from hormesis.detox.steering.residual import ResidualAddition
from hormesis.errors import HormesisError
from hormesis.models import LanguageModel
from hormesis.representation import ResidualDirection
from hormesis.workbench.artefacts import Made
from tests.evaluate.tiny import tiny_iti, tiny_model, tiny_tokenizer
from tests.representation import tiny as families


def shift(layer: int) -> ResidualAddition:
    vector = torch.nn.functional.normalize(torch.arange(1.0, 33), dim=0)
    return ResidualAddition(ResidualDirection(layer, vector, 2.0, "mean-difference", 2))


def test_it_is_the_displacement_of_one_layer(tmp_path: Path) -> None:
    from gguf import GGUFReader

    file = tmp_path / "mild.gguf"
    write_control_vector(shift(1), 1.5, file)
    read = GGUFReader(str(file))
    (tensor,) = read.tensors
    assert tensor.name == "direction.1"
    assert torch.allclose(torch.from_numpy(tensor.data.copy()), 3.0 * shift(1).direction.vector)
    assert bytes(read.fields["general.architecture"].parts[-1]) == b"controlvector"


def test_what_is_none_is_refused(tmp_path: Path) -> None:
    for intervention, strength, said in (
        (shift(0), 1.0, "first layer"),
        (shift(1), None, "no shift"),
        (tiny_iti(), 1.0, "no shift"),
    ):
        with pytest.raises(HormesisError, match=said):
            write_control_vector(intervention, strength, tmp_path / "no.gguf")
    assert not (tmp_path / "no.gguf").exists()


def test_baking_says_which_biases_others_may_drop(tmp_path: Path) -> None:
    lm = LanguageModel.of(tiny_model(), tiny_tokenizer())
    made = Made(METHODS["iti"], tiny_iti(), tmp_path, 2.0, None)
    said = made.bake(lm, tmp_path / "baked")
    assert said is not None and "olmo2" in said and "vLLM" in said and "o_proj.bias" in said
    assert added_biases(lm.model, tmp_path / "baked") == tuple(
        f"model.layers.{layer}.self_attn.o_proj.bias" for layer in range(2)
    )
    native = families.tiny_model("gpt2")
    native.save_pretrained(tmp_path / "native")
    assert added_biases(native, tmp_path / "native") == ()
