"""A shift of the residual stream as llama.cpp reads one: a GGUF file of directions, one a layer.

llama.cpp adds ``direction.L`` to the output of layer L, counted from 0, at every token, for every architecture that it
runs: also where a checkpoint's biases would be dropped. It keeps no direction for layer 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hormesis.errors import HormesisError
from hormesis.files import write_file
from hormesis.optional import needed_for

if TYPE_CHECKING:
    from hormesis.detox.intervention import Intervention


def write_control_vector(intervention: Intervention, strength: float | None, file: Path) -> None:
    """Write ``strength`` · displacement as a GGUF control vector, to be applied at scale 1.

    :raises HormesisError: the intervention is no shift of the stream after one layer, that layer is the first, no
        strength is known, or the package ``gguf`` is missing.
    """
    from hormesis.detox.steering.residual import ResidualAddition

    if not isinstance(intervention, ResidualAddition) or strength is None:
        raise HormesisError(
            f"{intervention.name} at strength {strength} is no shift of the residual stream: no control vector is",
            "take caa or pca, with --strength or --text FILE to calibrate it",
        )
    direction = intervention.direction
    if direction.layer == 0:
        raise HormesisError(
            "llama.cpp has no control vector for the first layer", "fit it at another: --layer 1 or more"
        )
    with needed_for("writing a GGUF file"):
        from gguf import GGUFWriter
    with write_file(file) as temporary:
        writer = GGUFWriter(str(temporary), "controlvector")
        family = direction.architecture.model_type if direction.architecture else ""
        writer.add_string("controlvector.model_hint", family)
        writer.add_int32("controlvector.layer_count", 1)
        shift = (strength * intervention.displacement).float().cpu().numpy()
        writer.add_tensor(f"direction.{direction.layer}", np.ascontiguousarray(shift))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
