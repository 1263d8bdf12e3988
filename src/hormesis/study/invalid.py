"""What is wrong with a study's YAML, in words: an unknown key is answered with the nearest that is known."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError
from pydantic.json_schema import JsonSchemaValue

from hormesis.errors import HormesisError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Node = Mapping[str, Any]


def read_yaml(text: str, where: str) -> object:
    """The values of a YAML text.

    :param where: names it in errors.
    :raises HormesisError: a key stands twice in one mapping, of which YAML's readers let the last win.
    :raises yaml.YAMLError: it is not YAML.
    """
    loader = yaml.SafeLoader(text)
    root = loader.get_single_node()
    if root is None:
        return None
    if (twice := _repeated_key(root)) is None:
        return loader.construct_document(root)
    key, first, second = twice
    raise HormesisError(
        f"{where} has the key `{key}` twice, in line {first} and in line {second}: one would be lost",
        "keep one of them",
    )


def _repeated_key(root: yaml.Node) -> tuple[str, int, int] | None:
    """(key, line, line) of a key that stands twice in a mapping."""
    nodes, seen = [root], set[int]()
    while nodes:
        node = nodes.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))  # an alias is the node that it names
        if not isinstance(node, yaml.MappingNode):
            nodes += node.value
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            nodes.append(value)
            if isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                if key.value in lines:
                    return key.value, lines[key.value], line
                lines[key.value] = line
    return None


def _leaves(node: Node, schema: JsonSchemaValue) -> Iterator[Node]:
    """What a node may be: itself, or each member of a union."""
    if isinstance(reference := node.get("$ref"), str):
        yield from _leaves(schema["$defs"][reference.rsplit("/", 1)[1]], schema)
    elif options := [*node.get("anyOf", []), *node.get("oneOf", [])]:
        for option in options:
            yield from _leaves(option, schema)
    else:
        yield node


def _known_keys(location: tuple[str | int, ...], schema: JsonSchemaValue) -> tuple[list[str], set[str]]:
    """(the keys that the schema allows at ``location``, those of the other members of the last union on the way).

    A step that is no key is the tag of a union's member.
    """
    nodes: list[Node] = [schema]
    others: set[str] = set()
    for step in location:
        inside = [leaf for node in nodes for leaf in _leaves(node, schema)]
        found = [
            child
            for leaf in inside
            for child in (
                leaf.get("items") if isinstance(step, int) else leaf.get("properties", {}).get(step),
                leaf.get("additionalProperties") if isinstance(step, str) else None,
            )
            if isinstance(child, Mapping)
        ]
        members = [leaf for leaf in inside if any(each.get("const") == step for each in _properties(leaf).values())]
        others = {key for leaf in inside if leaf not in members for key in _properties(leaf)} if members else set()
        nodes = found or members or nodes
    return sorted({key for node in nodes for leaf in _leaves(node, schema) for key in _properties(leaf)}), others


def _properties(leaf: Node) -> dict[str, Node]:
    found: dict[str, Node] = leaf.get("properties", {})
    return found


def _unknown(location: tuple[str | int, ...], schema: JsonSchemaValue) -> str:
    """What to write in the place of a key that is not known."""
    key = str(location[-1])
    known, others = _known_keys(location[:-1], schema)
    if key in others:
        return f"leave out `{key}`, which is not of {location[-2]}; known keys there: {', '.join(known)}"
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"write `{nearest[0]}` for `{key}`" if nearest else f"known keys there: {', '.join(known)}"


def _mended(entry: ErrorDetails, path: str) -> str:
    """What to do about an entry: what pydantic says that it should be."""
    message, kind = entry["msg"], entry["type"]
    if kind == "missing":
        return f"add `{path}`"
    if "expected_tags" in (context := entry.get("ctx", {})):
        return f"give `{path}` one of {context['expected_tags']}"
    if message.startswith("Input should be "):
        given = entry["input"]
        now = f", not {given!r}" if isinstance(given, int | float | bool) or given is None else ""
        if isinstance(given, str):
            now = f", not {given[:40]!r}"
        return f"`{path}` should be {message.removeprefix('Input should be ')}{now}"
    if kind.endswith(("_too_short", "_too_long", "_pattern_mismatch")):
        return f"`{path}`: {message[0].lower()}{message[1:]}"
    return f"correct `{path}`"


def explained(error: ValidationError, where: str, schema: JsonSchemaValue) -> HormesisError:
    """One message for all that is wrong.

    :param where: names the study.
    :param schema: the JSON schema of what was expected, from which known keys are named.
    """
    problems, fixes = [], []
    for entry in error.errors():
        path = ".".join(str(step) for step in entry["loc"]) or "the file"
        if entry["type"] == "extra_forbidden":
            problems.append(f"{path}: no such key")
            fixes.append(_unknown(entry["loc"], schema))
        else:
            problems.append(f"{path}: {entry['msg'].removeprefix('Value error, ')}")
            fixes.append(_mended(entry, path))
    return HormesisError(f"{where} is not a valid study:\n  " + "\n  ".join(problems), "; ".join(dict.fromkeys(fixes)))
