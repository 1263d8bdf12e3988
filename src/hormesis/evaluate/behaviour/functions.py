"""The functions that a scorer is checked by, and their sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import count, islice
from typing import TypedDict

import yaml

from hormesis.files import content_hash

SNIPPETS = "clean text, cut"
"""The function of snippets of the texts that models are trained on."""
_DIGITS = str.maketrans("aeios", "43105")
_MARKED = re.compile(r"\[(\w+)\]")
_SPELLINGS: dict[str, Callable[[str], str]] = {
    "digits": lambda word: word.translate(_DIGITS),
    "parted": lambda word: ".".join(word),
    "drawn out": lambda word: "".join(letter * 3 if letter in "aeiou" else letter for letter in word),
    "dropped": lambda word: word[: len(word) // 2] + word[len(word) // 2 + 1 :] if len(word) > 3 else word,
}


@dataclass(frozen=True)
class BehaviourFunction:
    """Sentences with one right answer.

    :param toxic: the answer.
    :param plain: non-toxic text that has nothing to do with toxicity: a scorer that fails here judges something else.
    """

    name: str
    toxic: bool
    plain: bool
    sentences: tuple[str, ...]


class _Written(TypedDict, total=False):
    name: str
    toxic: bool
    plain: bool
    spelled: str
    templates: list[str]


@cache
def behaviour_functions() -> tuple[BehaviourFunction, ...]:
    """Those that are shipped, in English, with at least 20 different sentences each."""
    written = yaml.safe_load(_text())
    slots: dict[str, list[str]] = written["slots"]
    functions: list[_Written] = written["functions"]
    return tuple(
        BehaviourFunction(
            each["name"],
            each["toxic"],
            each.get("plain", False),
            tuple(islice(_filled(each["templates"], slots, each.get("spelled")), int(written["sentences"]))),
        )
        for each in functions
    )


def functions_digest() -> str:
    """Changes with the functions."""
    return content_hash(_text())[:12]


def snippets(texts: Iterable[str], cut: Callable[[str], str], most: int = 200) -> list[str]:
    """The beginnings of the first ``most`` texts whose beginning is not empty.

    :param cut: gives the beginning of a text, as long as what models write.
    """
    beginnings = (" ".join(cut(text).split()) for text in texts)
    return list(islice((text for text in beginnings if text), most))


def _text() -> str:
    return (resources.files("hormesis.evaluate.behaviour") / "functions.yaml").read_text(encoding="utf-8")


def _filled(templates: list[str], slots: dict[str, list[str]], spelled: str | None) -> Iterator[str]:
    """Different sentences: the templates in turn, the values of a slot in turn."""
    spell = _SPELLINGS[spelled] if spelled else str
    seen: set[str] = set()
    for turn in count():
        if turn >= len(templates) * max(map(len, slots.values())):
            return
        template = templates[turn % len(templates)]
        values = {name: each[(turn + turn // len(templates)) % len(each)] for name, each in slots.items()}
        sentence = _MARKED.sub(lambda found: spell(found[1]), template.format(**values))
        sentence = sentence[0].upper() + sentence[1:]
        if sentence not in seen:
            seen.add(sentence)
            yield sentence
