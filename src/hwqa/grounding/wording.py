"""Claims without figures: whether the evidence says them in similar words, and with the same polarity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hwqa.grounding.sources import Source
from hwqa.grounding.terms import content_words, is_among
from hwqa.units import find_names

BAR = 0.6
"""Share of a claim's content words that one statement of the evidence, with its headings, must hold."""

HEAVY_BAR = 0.75
"""Share of the words that carry a claim's meaning that one statement must hold, when all evidence holds them all."""
_TOLD_TOGETHER = 4
"""A claim of more such words may be told by several statements together."""

_ABSTENTION = re.compile(
    r"^\W*(?:(?:unfortunately|however|but|sadly|note that)\W+)?(?:"
    r"(?:the |these |those |my |any of the |none of the )?(?:\w+ )?(?:documents?|sources?|corpus|evidence"
    r"|context|passages?|excerpts?|material|documentation)"
    r"(?: \w+){0,3}? (?:do(?:es)? not|don't|doesn't|did not|has no|have no|hold nothing|holds nothing"
    r"|contains? no\w*|gives? no\w*|says? nothing|lacks?|is silent|are silent|nothing)\b"
    r"|(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't) (?:know|find|say|tell|answer|determine)"
    r"|(?:i|we) found (?:no|nothing|not enough)\b"
    r"|(?:there is|there are) (?:nothing|not enough|no (?:\w+ )?(?:information|figures?|data|mention|statement|value"
    r"|evidence|entry|entries|source|sources|number|answer|indication))\b"
    r"|(?:there is|there are) no\b[^.;]{0,80}\bin the (?:\w+ )?(?:documents?|sources?|corpus|evidence|context)\b"
    r"|no (?:information|figures?|data|documents?|sources?|value|price|evidence)\b"
    r"|(?:this|that|it|the question|the answer) (?:is not|isn't|cannot be|can't be|could not be) (?:stated"
    r"|answered|given|covered|found|documented|in the)\b)",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"[;]|\b(?:but|however|although|though|yet|except|still|nevertheless|so|therefore|because)\b|,\s+(?:and|it"
    r"|which)\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(
    r"^\W*(?:here (?:is|are)\b|below\b|the following\b|following\b|in (?:short|summary|brief|detail)\b"
    r"|to (?:summari[sz]e|compare)\b"
    r"|summary\b|overview\b|comparison\b|for comparison\b|compared\b|sources?\b|notes?\b|details?\b|for\b"
    r"|against\b|pros\b|cons\b"
    r"|advantages\b|disadvantages\b|strengths\b|weaknesses\b|key (?:figures|points|differences|facts)\b"
    r"|answer\b|caveats?\b|the documents (?:also )?(?:give|say|list|hold|name|state)\b"
    r"|(?:the )?(?:main |key )?(?:differences?|figures?|specifications?|specs|options|points|reasons)\b"
    r"|let(?:'s| us)\b|based on\b|according to\b|as (?:follows|for)\b)",
    re.IGNORECASE,
)
_IS_MORE = re.compile(
    r"([\w-]+) (?:is|are) (?:the )?(\w{3,}er|less|more)\b(?:[^.;,]{0,30}?\bthan (?:the )?([\w-]+))?", re.IGNORECASE
)
_ACRONYM = re.compile(r"\b([A-Z]{3,}[a-z]?)\b")
FIELD_TERMS = frozenset(
    "GPU GPUs CPU CPUs NPU NPUs LLM LLMs API APIs TDP HBM RAM SRAM DRAM VRAM FLOPS TFLOPS"
    " PFLOPS TOPS USD ASIC ASICs SDK PCB GDDR LPDDR DDR".split()
)
"""Words of the field that a sentence may use for what the source words otherwise."""
_PROPER = re.compile(r"(?<=[^\s.:!?*\"'(] )([A-Z][a-z]+[A-Za-z]*)\b")
"""A capitalised word inside a sentence: a name."""
_FILLER = re.compile(
    r"\W*(?:sure|of course|certainly|great question|good question|happy to help|thanks?|thank you)\b[^,;:]{0,30}\W*",
    re.IGNORECASE,
)
_COMPARATIVE = re.compile(
    r"\b(?:more|less|fewer|better|worse|best|worst|most|least|only|never|always|not|no|cannot|superior|inferior"
    r"|\w{3,}(?:er|est) than)\b",
    re.IGNORECASE,
)


def is_abstention(text: str) -> bool:
    """Whether a sentence says that the documents do not tell, and nothing else."""
    return _ABSTENTION.search(text) is not None and _TURN.search(text) is None


def is_connective(text: str) -> bool:
    """Whether a sentence only leads to what follows: `Here is a comparison:`."""
    plain = text.strip().strip("*_ ")
    if _FILLER.fullmatch(plain):
        return True
    if _COMPARATIVE.search(plain):
        return False
    if plain.endswith(":"):
        return _LEAD_IN.match(plain) is not None or (len(content_words(plain)) <= 3 and not find_names(plain))
    return (
        _LEAD_IN.match(plain) is not None
        and re.match(r"\W*here (?:is|are)\b|\W*below\b", plain, re.IGNORECASE) is not None
    )


def wording_objection(
    text: str,
    sources: Sequence[Source],
    cites: str,
    *,
    ignore: Iterable[str] = (),
    heavy: frozenset[str] | None = None,
) -> str:
    """Why the words are not supported by any statement of the evidence; empty when they are.

    Args:
        text: The sentence as plain text.
        sources: The statements of the cited evidence.
        cites: Their marks, for the objection.
        ignore: Words that name products, which are checked otherwise.
        heavy: The stems that carry the sentence's meaning, when each is known to be in the evidence.
    """
    ignored = list(ignore)
    words = content_words(text) - content_words(" ".join(ignored))
    if not words:
        return ""
    whole = " ".join(f"{source.trail} {source.text}" for source in sources).casefold()
    for name in [*_PROPER.findall(text), *_ACRONYM.findall(text)]:
        if name in FIELD_TERMS:
            continue
        if name.casefold() not in whole and not any(name in other for other in ignored):
            return f"'{name}' is not in {cites}"
    scored = []
    for source in sources:
        held = content_words(source.text) | content_words(source.trail)
        share = len(words & held) / len(words)
        close = share >= BAR if heavy is None else _holds(heavy, held)
        scored.append((close, len(words & content_words(source.text)) / len(words), share, source))
    near = [entry for entry in scored if entry[0]]
    if not near:
        everything = (
            frozenset().union(*(content_words(s.text) | content_words(s.trail) for s in sources))
            if sources
            else frozenset()
        )
        if heavy is not None:
            if len(heavy) <= _TOLD_TOGETHER:
                return f"{cites} does not say this"
        elif len(words & everything) / len(words) < 0.85:
            return f"{cites} does not say this"
        best = _covering(words, sources)
    else:
        best = [max(near, key=lambda entry: (entry[1], entry[2]))[3]]
    if any(is_turned_round(_without(text, ignored), _without(source.text, ignored)) for source in best):
        return f"{cites} says the opposite"
    return ""


def _holds(heavy: Iterable[str], held: Iterable[str]) -> bool:
    """Whether one statement with its headings holds what carries the claim's meaning."""
    stems = list(heavy)
    known = list(held)
    return sum(is_among(stem, known) for stem in stems) >= HEAVY_BAR * len(stems)


def _covering(words: Iterable[str], sources: Sequence[Source]) -> list[Source]:
    """The statements that together hold the words, each chosen for what those before do not hold."""
    left = set(words)
    found: list[Source] = []
    while left:
        best = max(sources, key=lambda source: sum(is_among(word, content_words(source.text)) for word in left))
        held = {word for word in left if is_among(word, content_words(best.text))}
        if not held:
            break
        found.append(best)
        left -= held
    return found


def _without(text: str, names: Iterable[str]) -> str:
    """The text without the names."""
    for name in names:
        text = text.replace(name, " ")
    return text


def is_turned_round(claim: str, source: str) -> bool:
    """Whether one text turns the other's comparison round.

    >>> is_turned_round("Decoding is slower than prefill.", "Prefill is slower than decoding.")
    True
    """
    return any(
        comparative == other and first != second and (first == object_told or against == second)
        for first, comparative, against in _compared(claim)
        for second, other, object_told in _compared(source)
    )


def _compared(text: str) -> list[tuple[str, str, str]]:
    """The comparisons of a text: what is more, the comparative, and than what; the last may be empty."""
    found = []
    for match in _IS_MORE.finditer(text):
        first, second = content_words(match[1]), content_words(match[3] or "")
        if first:
            found.append((next(iter(first)), match[2].casefold(), next(iter(second), "")))
    return found


_COMPARING = re.compile(
    r"\b(?:more|less|fewer|most|least|best|worst|better|worse|than|behind|ahead|exceed\w*|beats?|outperform\w*"
    r"|same|equal\w*|trail\w*|lag\w*|(?:\w{3,}(?:[^e]er|est)))\b",
    re.IGNORECASE,
)


def says_comparison(text: str, sources: Sequence[Source], ignore: Iterable[str] = ()) -> bool:
    """Whether the statement nearest to the sentence compares with the same words; names of products are none."""
    names = list(ignore)
    text = _without(text, names)
    words = content_words(text)
    best = max(sources, key=lambda source: len(words & content_words(source.text)), default=None)
    if best is None:
        return False
    said = {word.casefold() for word in _COMPARING.findall(text)} - {"than"}
    held = {word.casefold() for word in _COMPARING.findall(_without(best.text, names))}
    return bool(said & held)
