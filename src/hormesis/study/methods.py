"""What a study says of a method beside its options: its name, the concept it is fitted on, and strengths by cost."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import Field, create_model, field_validator, model_validator

from hormesis.config import Config, Name, OneOf
from hormesis.detox import METHODS, MethodOptions, columns_of
from hormesis.detox.registry import MethodColumns


class TargetCosts(Config):
    """Where strengths are found that cost what is asked for."""

    documents: int = Field(default=100, ge=10, description="of the clean text that `held_out.calibration` sets aside")


class MethodArms(MethodOptions):
    """A method, as a study tries it."""

    name: Name | None = Field(default=None, description="in measurements, if not the method's own name")
    concept: Name | None = Field(
        default=None, description="one of `concepts` to fit it on; null: the study's `concept`"
    )
    at_costs: TargetCosts | None = Field(
        default=None,
        description="its `strengths` are costs in nats a token, and each model's own strengths are found that cost so"
        " much; written `strengths: {costs: [0.02, 0.05]}`",
    )

    @model_validator(mode="before")
    @classmethod
    def _costs_are_strengths(cls, values: Any) -> Any:
        asked = values.get("strengths") if isinstance(values, dict) else None
        if not isinstance(asked, dict):
            return values
        if "strengths" not in METHODS[values["method"]].options.model_fields:
            raise ValueError(f"{values['method']} has no strength that could be found for a cost")
        if unknown := sorted(set(asked) - {"costs", *TargetCosts.model_fields}):
            raise ValueError(f"`strengths` has no key {unknown[0]!r}: write {{costs: [0.02, 0.05]}}, or a list")
        rest = {key: value for key, value in asked.items() if key != "costs"}
        return {**values, "strengths": asked.get("costs"), "at_costs": rest}

    @field_validator("name")
    @classmethod
    def _is_no_other_method(cls, name: str | None) -> str | None:
        if name is not None and name in METHODS:
            raise ValueError(f"`{name}` names a method; give this one another `name`")
        return name

    @model_validator(mode="after")
    def _costs_are_positive(self) -> MethodArms:
        if self.at_costs is not None and not all(cost > 0 for cost in self.measured_strengths):
            raise ValueError("costs are nats a token above 0, e.g. [0.02, 0.05, 0.1]")
        return self

    @property
    def arm(self) -> str:
        """The method as measurements name it."""
        return self.name or self.method

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_again, (self.method, self.model_dump(exclude_unset=True))  # no module holds its class by name


def _read_again(method: str, values: dict[str, Any]) -> MethodArms:
    return arms_of(METHODS[method].options).model_validate(values)


@cache
def arms_of(options: type[MethodOptions]) -> type[MethodArms]:
    """``options`` with what a study says beside them."""
    bases: Any = (options, MethodArms)
    arms: type[MethodArms] = create_model(f"{options.__name__}Arms", __base__=bases, __doc__=options.__doc__)
    return arms


StudyMethod = Annotated[MethodArms, OneOf(METHODS, "method", lambda each: arms_of(each.options))]
"""A method in a study's YAML."""


def columns_of_arm(method: MethodArms | None) -> MethodColumns:
    """What measurement rows carry of a method under the name that a study gives it; None is the model as it is."""
    if method is None:
        return columns_of("base")
    own = columns_of(method.method)
    return own if method.name is None else {**own, "label": f"{own['label']} ({method.name})"}


def check_methods(methods: tuple[MethodArms, ...], concepts: set[str], *, calibration: float) -> None:
    """Check what holds among the methods of a study.

    :param concepts: the names of ``concepts``.
    :param calibration: the share that is set aside for it.
    :raises ValueError: two of one name, a concept that there is not, or costs without text to measure them on.
    """
    names = [method.arm for method in methods]
    if "base" in names:
        raise ValueError("`base` is the model as it is, which is always measured: leave it out of `methods`")
    if len(set(names)) != len(names):
        raise ValueError("a method is listed twice; put all its strengths into one entry, or give one another `name`")
    for method in methods:
        if method.concept is not None and method.concept not in concepts:
            listed = ", ".join(sorted(concepts)) or "none"
            raise ValueError(f"{method.arm} is fitted on the concept {method.concept}; `concepts` lists: {listed}")
        if method.at_costs is not None and calibration <= 0:
            raise ValueError(
                f"the strengths of {method.arm} are found on text that nothing else uses: set"
                " `held_out.calibration`, e.g. 0.02"
            )
