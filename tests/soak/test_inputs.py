"""A few of the bad inputs of the soak: an error with its fix, and nothing touched."""

from __future__ import annotations

from benchmarks.soak import inputs


def test_bad_inputs_end_in_errors_that_say_what_to_do() -> None:
    found = inputs.run(0.03)
    assert found.tried >= 20
    assert found.faults == 0, "\n".join(found.examples)
