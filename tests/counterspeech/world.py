"""A small invented library."""

from __future__ import annotations

from hormesis.counterspeech.documents import Dispute, Document

HARBOUR = (
    "The harbour of Orlin was never closed to any ship in the winter of the great storm. We paid $4.4 million for "
    "the northern wall, and 85% of it was built by volunteers. (Applause.) It stands there still for our children.\n\n"
    "I have seen nine lighthouses burn, and I have rebuilt every one of them with these hands. "
    'As Tamsin Vole said, "a lamp that is shared gives no less light to its owner," and I believe her.'
)
DOCUMENTS = (
    Document(
        "harbour", HARBOUR, "Edwin Arthur Marlow", "On the Harbour", 1901, "https://example.org/h", "Public domain"
    ),
    Document(
        "orchards",
        "Whoever plants an orchard plants a promise to people not yet born. The river is not the enemy of the field."
        "\n\n"
        "We shall keep the bridges open while the council can agree on the toll. It was a long year for the valley.",
        "Clara Marlow",
        "On Orchards",
        1932,
        disputed_with="Tobias Finch",
        aliases=("The Gardener",),
    ),
    Document(
        "bells",
        "The bells of Orlin ring for every ship that comes home. It was a long year for the valley.\n\n"
        "Nobody counts the bells, and everybody hears the one that is missing.",
        "Orlin Town Council",
        "The Bells",
        1950,
    ),
)
DISPUTES = (Dispute("A quiet sea never made a clever sailor.", "Clara Marlow", "misattributed", "an almanac of 1870"),)
