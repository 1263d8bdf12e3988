"""What a scorer does with texts whose answer is known: plain talk, mentions of groups, quoted hate, profanity, threats.

An AUROC on a held-out part of the texts that a scorer was fitted on says that it tells those texts apart, perhaps by
their length or their site. :func:`check_behaviour` asks what it calls toxic, function by function, on short sentences
of our own and on snippets of the texts at hand, cut to the length that models write; a
:class:`~hormesis.measurements.BehaviourTable` says what is wrong with it.
"""

from __future__ import annotations

from hormesis.evaluate.behaviour.check import check_behaviour as check_behaviour
from hormesis.evaluate.behaviour.functions import BehaviourFunction as BehaviourFunction
from hormesis.evaluate.behaviour.functions import behaviour_functions as behaviour_functions
from hormesis.evaluate.behaviour.functions import functions_digest as functions_digest
from hormesis.evaluate.behaviour.functions import snippets as snippets
