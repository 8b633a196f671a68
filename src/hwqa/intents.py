"""What a question is after, by its English: one figure, a comparison, a ranking, arguments, or an explanation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from hwqa.selection.figures import Condition

Intent = Literal["lookup", "specifications", "compare", "rank", "for", "against", "for and against", "explain"]
Direction = Literal["most", "least", ""]


_COMPARE = re.compile(
    r"\b(vs\.?|versus|compared?|comparison|differ\w*|better|worse|faster|slower|against each other|stack up)\b", re.I
)
_MOST = re.compile(
    r"\b(most|highest|largest|biggest|greatest|fastest|longest|maximum|max|best|more|higher|larger|bigger|faster)\b",
    re.I,
)
_LEAST = re.compile(
    r"\b(least|lowest|smallest|fewest|cheapest|slowest|shortest|minimum|min|less|lower|smaller|fewer|cheaper)\b", re.I
)
_SUPERLATIVE = re.compile(
    r"\b(most|highest|largest|biggest|greatest|fastest|longest|shortest|maximum|best|least|lowest|smallest|fewest|cheapest|slowest)\b",
    re.I,
)
_BOUNDING = re.compile(
    r"\b(?:at (?:least|most|best)|(?:no|not) (?:more|less|fewer) than|"
    r"(?:more|less|fewer|higher|lower|larger|smaller|bigger|faster|cheaper) than(?=\s*[$€£]?\d)|"
    r"or (?:more|less|fewer|higher|lower|larger|smaller|bigger|better|faster|cheaper)\b)",
    re.I,
)
"""Words of bounds, which ask for neither end of a ranking."""
_SET = re.compile(
    r"\b(which|rank|list|name|find|cheapest|cards?|chips?|gpus?|cpus?|accelerators?|devices?|systems?|hardware)\b", re.I
)
"""Words that ask for things of a kind, rather than about one of them."""
_LISTING = re.compile(
    r"^\W*(?:which|what|list|name|show(?: me)?|find)\b(?: all| the| me)* (?:[\w-]+ ){0,2}?"
    r"(?:cards?|chips?|gpus?|cpus?|accelerators?|devices?|processors?|systems?|boards?|modules?)\b"
    r"(?: (?:that|which|do|can))? "
    r"(?:have|has|with|supports?|supporting|comes? with|uses?|using|offers?|are|is|runs?)\b|"
    r"^\W*(?!(?:how|why|do|does|is|are|can|should|when|where)\b)(?:[\w-]+ ){0,3}?"
    r"(?:cards|chips|gpus|cpus|accelerators|devices|processors|systems|boards|modules)\b"
    r"(?: (?:that|which|do|can))? (?:have|with|support|supporting|using|running|run)\b",
    re.I,
)
"""A question for the things that have something."""
_EXTREME_OF_KIND = re.compile(
    rf"{_SUPERLATIVE.pattern}(?: [\w-]+)? (?:cards?|chips?|gpus?|cpus?|accelerators?|devices?|processors?|products?)\b",
    re.I,
)
_RATIO = re.compile(
    r"\b(?:per|for (?:each|every)|by the) (?:watt|W|kW|kilowatt|joule|dollar|euro|USD|GB|gigabyte)\b|/(?:W|\$)"
)
"""A ratio of two figures, which no attribute's order answers."""
_MODEL_SIZE = re.compile(r"\b\d+(?:\.\d+)?\s?[bB]\b|\bfits?\b")
"""A question on the size of a model asks for a calculation, not for a ranking."""
_FOR = re.compile(
    r"\b(advantages?|strengths?|benefits?|pros?|strong points?|upsides?|good (?:at|about|for)|pluses|"
    r"(?:a|the|big) plus|(?:do|can|will|would) (?:i|we|you|one) gain|what(?:'s| is) (?:good|great|nice)|"
    r"worth (?:it|buying|having)|speaks? (?:in )?(?:favou?r|for)|argues? for|"
    r"reasons? (?:to (?:use|choose|buy|pick)|for)|"
    r"why (?:use|choose|buy|pick|would i use))\b",
    re.I,
)
_AGAINST = re.compile(
    r"\b(disadvantages?|weakness(?:es)?|weak points?|drawbacks?|cons|downsides?|problems?|limitations?|shortcomings?|"
    r"bad about|annoying|hurts?|trade-?offs?|minus(?:es)?|pain(?:s|ful)?|give up|"
    r"(?:do|can|will|would) (?:i|we|you|one) lose|catch(?:es)?|weak (?:sides?|spots?)|limits|"
    r"risks?|arguments?\b.{0,20} against|speaks? against|argues? against|caveats?|reasons? (?:not to|against)|"
    r"why (?:not|avoid)|wrong with)\b",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:gain|lose|get|win)\b.{0,30}\b(?:by|from|when|if)\b.{0,30}\b(?:mov\w+|switch\w*|upgrad\w+|going|chang\w+|replac\w+)\b|"
    r"\bupgrad\w+ from\b|\b(?:worth|why) (?:switching|upgrading|moving)\b",
    re.I,
)
"""A question for what changes between two products."""
_BOTH = re.compile(
    r"\bfor and against\b|\bpros and cons\b|\bgood and bad\b|\bgood (?:points )?and (?:the )?bad\b|"
    r"\bworth (?:it|buying|having)\b|"
    r"^\W*(?:(?:so|and|but|then)\W+)?should (?:i|we|one) (?:get|buy|use|choose|take|pick|rent)\b|"
    r"\b(?:win|gain) and (?:what .{0,15})?lose\b",
    re.I,
)
"""Questions for both sides."""
_IDENTITY = re.compile(
    r"\b(?:another name|other name|same (?:thing|card|chip|product)|identical|rebrand\w*|renamed)\b", re.I
)
"""Whether two names mean one thing is told by sentences."""
_REASON = re.compile(r"^\s*(why|how (?:do|can|would|to|many)\b)", re.I)
"""A question for reasons, ways or a number of things is answered in words, though it name two products."""
_WHY = re.compile(
    r"^\W*(?:(?:so|and|but|then)\W+)?why\b|,\s*why\W*$|\bhow come\b|\bfor what reason\b|"
    r"\bwhat(?:'s| is| are| was)? (?:the )?(?:explanations?|reasons?)\b|\bwhat explains\b",
    re.I,
)
"""A question for a reason is not answered by the figure that it names."""
_SPECIFICATIONS = re.compile(r"\b(spec|specs|specifications?|data ?sheet|key (?:figures|facts|numbers))\b", re.I)


_THINGS = re.compile(
    r"\b(cards|chips|gpus|cpus|accelerators|devices|processors|systems|boards|modules|products|anything|hardware)\b",
    re.I,
)
"""Things of a kind, in the plural."""
_WHICH_ONE = re.compile(
    r"\b(?:which|what)\b.{1,40}\b(?:should|shall|would|do) (?:i|we|one|you) (?:\w+ly )?"
    r"(?:buy|get|use|choose|pick|take|go for|recommend|suggest)\b|"
    r"\b(?:recommend|suggest|advise)\b.{0,40}\b(?:me|us|an?|some)\b",
    re.I,
)
_ADVICE = re.compile(
    r"\b(?:should (?:i|we|one)|recommend\w*|advi[sc]e|suggest\w*|i (?:need|want|am looking for)|we (?:need|want)|"
    r"(?:to|can|could) (?:buy|get|pick|choose)|looking for)\b",
    re.I,
)
"""Words of who wants one, rather than a list."""


def direction_of(text: str) -> Direction:
    """Which end of a ranking the question asks for; a bound asks for neither."""
    unbounded = _unbounded(text)
    return "least" if _LEAST.search(unbounded) else "most" if _MOST.search(unbounded) else ""


def asks_for_things(text: str) -> bool:
    """Whether the question has words for things of a kind, rather than for one of them."""
    return bool(_SET.search(text))


def asks_for_extreme_of_kind(text: str) -> bool:
    """Whether the question asks for the most or least of all things of a kind: `the cheapest card`."""
    return bool(_EXTREME_OF_KIND.search(_unbounded(text)))


def asks_for_all(text: str) -> bool:
    """Whether the question asks for all things that have something, in no order."""
    return bool(_LISTING.search(text)) and not _SUPERLATIVE.search(text)


def asks_why(text: str) -> bool:
    """Whether the question asks for a reason."""
    return bool(_WHY.search(text))


def asks_for_advice(text: str) -> bool:
    """Whether the question asks which thing to take.

    >>> asks_for_advice("Which GPU should I buy for inference?"), asks_for_advice("Which GPU has FP8?")
    (True, False)
    """
    return bool(_WHICH_ONE.search(text) and asks_for_things(text))


def asks_for_list(text: str) -> bool:
    """Whether the question is content with all that meet it: it speaks of things in the plural, and asks for no advice.

    >>> asks_for_list("Which cards have 48 GB?"), asks_for_list("I need a card with 48 GB")
    (True, False)
    """
    return bool(_THINGS.search(text)) and not (_SUPERLATIVE.search(_unbounded(text)) or _ADVICE.search(text))


def _unbounded(text: str) -> str:
    return _BOUNDING.sub(" ", text)


def intent_of(text: str, products: Sequence[str], attributes: Sequence[str], conditions: Sequence[Condition]) -> Intent:
    """What the question is after, given the names and bounds that were found in it."""
    if len(products) > 1 and _CHANGE.search(text):
        return "compare"
    pro, against = bool(_FOR.search(text)), bool(_AGAINST.search(text))
    if (pro and against) or _BOTH.search(text):
        return "for and against"
    if pro or against:
        return "for" if pro else "against"
    if (len(products) > 1 and _IDENTITY.search(text)) or asks_why(text):
        return "explain"
    if len(products) > 1 and (attributes or not _REASON.search(text)):
        return "compare"
    ratio = not conditions and _RATIO.search(_unbounded(text))
    if not products and attributes and _SUPERLATIVE.search(text) and not ratio:
        return "rank"
    if not products and conditions and not _MODEL_SIZE.search(text) and (len(conditions) > 1 or _SET.search(text)):
        return "rank"
    if products and attributes:
        return "lookup"
    if products and _SPECIFICATIONS.search(text):
        return "specifications"
    if products and _COMPARE.search(text):
        return "compare"
    return "explain"
