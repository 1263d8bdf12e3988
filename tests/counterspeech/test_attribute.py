"""Each rule of attribution, on an invented library."""

from __future__ import annotations

import pytest

from hormesis.counterspeech import Answer, EvidenceStore, attribute
from hormesis.counterspeech.names import Authors
from hormesis.counterspeech.quotation import LONGEST
from hormesis.errors import HormesisError

NINE = "I have seen nine lighthouses burn, and I have rebuilt every one of them"
PROMISE = "Whoever plants an orchard plants a promise to people not yet born."


@pytest.mark.parametrize(
    ("quotation", "author", "verdict"),
    [
        (NINE, "Edwin Marlow", "VERIFIED"),
        (NINE, "E. A. Marlow", "VERIFIED"),
        (NINE, "Marlow", "VERIFIED"),
        (NINE, "Clara Marlow", "MISATTRIBUTED"),  # another of that surname
        (NINE, None, "VERIFIED"),
        (NINE.upper(), None, "VERIFIED"),
        (f"“{NINE.replace('nine', '<b>nine</b>')}…”", None, "VERIFIED"),
        (f"“{NINE}” — Edwin Marlow, 1901", None, "VERIFIED"),
        (f"“{NINE}” — Clara Marlow", None, "MISATTRIBUTED"),
        ("> I have seen nine light-\n> houses burn, and I have rebuilt", None, "VERIFIED"),
        (NINE.replace("lighthouses", "light\u00adhouses"), None, "VERIFIED"),
        (NINE.replace("burn", "bu\u0433n").replace("\u0433", "r"), None, "VERIFIED"),
        (NINE.replace("lighthouses", "lighthоuses"), None, "VERIFIED"),  # a Cyrillic o
        (NINE.replace("rebuilt", "not rebuilt"), None, "ALTERED"),
        (NINE.replace("rebuilt", "n\u200bot rebuilt"), None, "ALTERED"),
        (NINE.replace("rebuilt", "nоt rebuilt"), None, "ALTERED"),  # a Cyrillic o
        (NINE.replace("rebuilt", "[not] rebuilt"), None, "ALTERED"),
        (NINE.replace("rebuilt", "[sic] rebuilt"), None, "VERIFIED"),
        ("[T]he river is not the enemy of the field.", None, "VERIFIED"),
        ("The river is the enemy of the field.", None, "ALTERED"),
        ("We paid $4.4 million for the northern wall", None, "VERIFIED"),
        ("We paid $44 million for the northern wall", None, "ALTERED"),
        ("We paid €4.4 million for the northern wall", None, "ALTERED"),
        ("and 85 of it was built by volunteers", None, "ALTERED"),
        ("it was built by volunteers. It stands there still", None, "VERIFIED"),  # over the applause
        ("stands there still for our children. I have seen nine lighthouses", None, "VERIFIED"),  # over a paragraph
        ("The harbour of Orlin … in the winter of the great storm.", None, "ALTERED"),  # the gap hides a "never"
        ("We paid $4.4 million … it was built by volunteers", None, "VERIFIED"),
        ("it was built by volunteers … We paid $4.4 million", None, "ALTERED"),  # out of order
        ("The council can not agree on the toll of the bridges", None, "ALTERED"),
        ("We shall keep the bridges open while the council cannot agree on the toll.", None, "ALTERED"),
        ("We shall keep the bridge open while the council can agree on the toll.", None, "ALTERED"),  # no stemming
        (PROMISE, "The Gardener", "VERIFIED"),
        (PROMISE, "On Orchards", "VERIFIED"),  # the work
        (PROMISE, "Tobias Finch", "DISPUTED"),
        (PROMISE, "* OR author:Marlow", "MISATTRIBUTED"),
        ("It was a long year for the valley.", "Clara Marlow", "VERIFIED"),
        ("It was a long year for the valley.", "Nobody Here", "MISATTRIBUTED"),
        ("a long year", "Clara Marlow", "TOO_SHORT"),  # in two documents
        ("plants a promise", "Clara Marlow", "VERIFIED"),  # in one alone
        ("a lamp that is shared gives no less light to its owner", "Tamsin Vole", "NOT_FOUND"),
        ("a lamp that is shared gives no less light to its owner", "Edwin Marlow", "VERIFIED"),
        ("A quiet sea never made a clever sailor", None, "DISPUTED"),
        ("A quiet sea made a clever sailor", None, "NOT_FOUND"),
        ("The moon keeps a ledger of every debt that the tide forgives.", "Clara Marlow", "NOT_FOUND"),
        ("?!—“”", None, "TOO_SHORT"),
        ("\x00\x01\udcff", None, "TOO_SHORT"),
        ('NEAR("bells" ship, 5) AND words:*', None, "NOT_FOUND"),
        ("Тихое море никогда не делало моряка умелым", None, "NOT_FOUND"),
        ("平静的大海永远造就不了优秀的水手", None, "NOT_FOUND"),
    ],
)
def test_rules(store: EvidenceStore, quotation: str, author: str | None, verdict: str) -> None:
    answer = attribute(store, quotation, author)
    assert answer.verdict == verdict, answer
    assert answer.searched == 3
    if verdict == "ALTERED":
        assert answer.differences or answer.notes, answer
    for each in answer.passages:
        assert each.sentence


def test_what_differs_is_named_and_the_place_is_exact(store: EvidenceStore) -> None:
    altered = attribute(store, NINE.replace("nine", "seven"))
    assert altered.differences == (("seven", "nine"),)
    assert attribute(store, "The harbour of Orlin was … closed to any ship").differences == (("", "never"),)
    assert _cut(store, attribute(store, NINE)) == NINE
    assert _cut(store, attribute(store, "our children. I HAVE SEEN nine")) == "our children.\n\nI have seen nine"
    whole = attribute(store, "nine lighthouses burn, and I").passages[0]
    assert whole.sentence == f"{NINE} with these hands."
    assert (whole.year, whole.url, whole.licence) == (1901, "https://example.org/h", "Public domain")


def test_a_speaker_who_quotes_is_named_as_quoting(store: EvidenceStore) -> None:
    said = "a lamp that is shared gives no less light to its owner"
    assert attribute(store, said, "Edwin Marlow").notes == ("quoting Tamsin Vole",)
    assert "quoting Tamsin Vole" in attribute(store, said, "Tamsin Vole").notes[0]


def test_words_of_several_authors_name_the_earliest_first(store: EvidenceStore) -> None:
    answer = attribute(store, "It was a long year for the valley.")
    assert [each.document for each in answer.passages] == ["orchards", "bells"]


def test_three_runs_are_one(store: EvidenceStore) -> None:
    assert len({repr(attribute(store, NINE.replace("every", "each"), "Finch")) for _ in range(3)}) == 1


def test_a_quotation_without_end_is_refused(store: EvidenceStore) -> None:
    with pytest.raises(HormesisError, match="at most 20,000"):
        attribute(store, "word " * LONGEST)


@pytest.mark.parametrize(
    ("claim", "author", "fits"),
    [
        ("Teddy Roosevelt", "Theodore Roosevelt", True),
        ("Teddy Roosevelt", "Franklin D. Roosevelt", False),
        ("Roosevelt", "Franklin D. Roosevelt", True),
        ("FDR", "Franklin D. Roosevelt", True),
        ("F.D.R.", "Franklin D. Roosevelt", True),
        ("George Bush", "George W. Bush", True),
        ("George H. W. Bush", "George W. Bush", False),
        ("John Quincy Adams", "John Adams", False),
        ("John Adams", "John Quincy Adams", False),
        ("President Adams", "John Adams", True),
        ("James", "King James Bible", False),
        ("The Bible", "King James Bible", True),
        ("Thomas Jefferson", "Continental Congress (drafted by Thomas Jefferson)", True),
        ("United Nations", "United Nations General Assembly", True),
        ("Lyn Hay", "Ann Roe, Lyn Hay and Bo Low (Press)", True),
    ],
)
def test_given_names_must_be_compatible(claim: str, author: str, fits: bool) -> None:
    authors = Authors(["John Adams", "John Quincy Adams", "George W. Bush", "George H. W. Bush", author], {})
    assert authors.compatible(claim, author) is fits


def _cut(store: EvidenceStore, answer: Answer) -> str:
    passage = answer.passages[0]
    source = next(each for each in store.documents() if each.id == passage.document)
    return source.text[passage.start : passage.end]
