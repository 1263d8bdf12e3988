"""What every part of a study's YAML is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the YAML: frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)
