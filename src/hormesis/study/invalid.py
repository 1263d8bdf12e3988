"""What is wrong with a study's YAML, in words: an unknown key is answered with the nearest that is known."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic.json_schema import JsonSchemaValue

from hormesis.errors import HormesisError


def _known_keys(location: tuple[str | int, ...], schema: JsonSchemaValue) -> list[str]:
    """The keys that the schema allows at ``location``; steps that are union tags are passed over."""
    nodes: list[Mapping[str, object]] = [schema]

    def resolved(node: Mapping[str, object]) -> list[Mapping[str, object]]:
        if isinstance(reference := node.get("$ref"), str):
            return resolved(schema["$defs"][reference.rsplit("/", 1)[1]])
        options = [*node.get("anyOf", []), *node.get("oneOf", [])]  # type: ignore[misc]
        return [leaf for option in options for leaf in resolved(option)] if options else [node]

    for step in location:
        inside = [leaf for node in nodes for leaf in resolved(node)]
        found = [
            child
            for leaf in inside
            for child in (
                leaf.get("items") if isinstance(step, int) else leaf.get("properties", {}).get(step),  # type: ignore[attr-defined]
                leaf.get("additionalProperties") if isinstance(step, str) else None,
            )
            if isinstance(child, Mapping)
        ]
        nodes = found or nodes
    leaves = [leaf for node in nodes for leaf in resolved(node)]
    return sorted({key for leaf in leaves for key in leaf.get("properties", {})})  # type: ignore[attr-defined]


def explained(error: ValidationError, where: str, schema: JsonSchemaValue) -> HormesisError:
    """One message for all that is wrong.

    :param where: names the study.
    :param schema: the JSON schema of what was expected, from which known keys are named.
    """
    problems, fixes = [], []
    for entry in error.errors():
        path = ".".join(str(step) for step in entry["loc"]) or "the file"
        if entry["type"] == "extra_forbidden":
            key, known = str(entry["loc"][-1]), _known_keys(entry["loc"][:-1], schema)
            nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            problems.append(f"{path}: no such key")
            fixes.append(f"write `{nearest[0]}` for `{key}`" if nearest else f"known keys there: {', '.join(known)}")
        else:
            problems.append(f"{path}: {entry['msg'].removeprefix('Value error, ')}")
    fix = "; ".join(fixes) or "correct these entries"
    return HormesisError(f"{where} is not a valid study:\n  " + "\n  ".join(problems), fix)
