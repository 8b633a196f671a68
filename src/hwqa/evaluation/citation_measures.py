"""Whether an answer's claims are supported by what they cite."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.evaluation.claims import Claim, Quoted, ReadText, carried
from hwqa.evaluation.golden import Source
from hwqa.evaluation.ranking_measures import hits
from hwqa.schema import Citation

SHARED_WORDS = 0.5
"""Share of a claim's words that a quote must hold to support a claim without figures."""
_BASES = {
    "dense": re.compile(r"\bdense\b|\bwithout sparsity\b", re.I),
    "sparse": re.compile(r"\bsparse\b|(?<!without )\bsparsity\b", re.I),
}


def supports_together(claim: Claim, citations: Sequence[Quoted], sources: Sequence[Source]) -> bool:
    """Whether the citations together support the claim.

    There is at least one; each number of the claim stands in one of them, as `Quoted.holds` says; and one of them is
    from a source of the case, or holds a number of the claim, or (for a claim without numbers) half of its words.
    """
    held = all(any(citation.holds(figure) for citation in citations) for figure in claim.figures)
    return held and any(_bears_on(claim, citation, sources) for citation in citations)


def citation_precision(made: Sequence[Claim], citations: Sequence[Quoted], sources: Sequence[Source]) -> float | None:
    """Share of the marks in claims whose citation supports its claim; None when no claim has a mark.

    A citation supports its claim when the claim's citations support it together and this one bears on it: it is from a
    source of the case, or holds one of the claim's numbers, or half of the words of a claim without numbers. ALCE also
    counts a citation as imprecise when the others suffice without it; here a second source for the same is welcome.

    A claim "80 GB [1] at 700 W [2]" with a right quote for both, and a claim "48 GB [2][9]" where quote 2 says 700 W
    and 9 does not exist: 2 of 4.
    """
    marks = sum(len(claim.marks) for claim in made)
    if not marks:
        return None
    right = 0
    for claim in made:
        cited = carried(claim, citations)
        if supports_together(claim, cited, sources):
            numbers = {citation.number for citation in cited if _bears_on(claim, citation, sources)}
            right += len(numbers)
    return right / marks


def citation_recall(made: Sequence[Claim], citations: Sequence[Quoted], sources: Sequence[Source]) -> float | None:
    """Share of the claims that their citations together support; None without claims."""
    if not made:
        return None
    return sum(supports_together(claim, carried(claim, citations), sources) for claim in made) / len(made)


def numeric_fidelity(made: Sequence[Claim], citations: Sequence[Quoted]) -> float | None:
    """Share of the numbers in claims that stand in what the claim cites; None without numbers."""
    pairs = [(figure, carried(claim, citations)) for claim in made for figure in claim.figures]
    if not pairs:
        return None
    return sum(any(citation.holds(figure) for citation in cited) for figure, cited in pairs) / len(pairs)


def quotes_verbatim(citations: Sequence[Citation], read: ReadText) -> float | None:
    """Share of the quotes that stand verbatim at their lines in the document; None without citations."""
    return sum(is_verbatim(each, read(each.path)) for each in citations) / len(citations) if citations else None


def is_verbatim(citation: Citation, text: str | None) -> bool:
    """Whether the quote begins in the first and ends in the last line that the citation names, blank lines aside."""
    first, last = citation.lines
    lines = (text or "").split("\n")
    quote = citation.quote.strip()
    if not quote or not 1 <= first <= last <= len(lines):
        return False
    span = "\n".join(lines[first - 1 : last]).strip()
    head, tail = span.split("\n", 1)[0], span.rsplit("\n", 1)[-1]
    start = span.find(quote)
    while start >= 0:
        if start <= len(head) and start + len(quote) >= len(span) - len(tail):
            return True
        start = span.find(quote, start + 1)
    return False


def basis_fidelity(made: Sequence[Claim], citations: Sequence[Quoted]) -> float | None:
    """Share of the claims that call a figure dense or sparse, but not both, whose citations do not say the other only.

    None when no claim does. "989 TFLOPS (dense) [1]" with a quote that says `dense`, or nothing of it, is right; with
    one that says `sparse` alone it is wrong.
    """
    called = []
    for claim in made:
        bases = _bases(f"{claim.label} {claim.text}")
        if claim.figures and claim.marks and len(bases) == 1:
            held = [_bases(each.text) for each in carried(claim, citations) if any(map(each.holds, claim.figures))]
            said = set().union(*held)
            called.append(not said or bool(said & bases))
    return sum(called) / len(called) if called else None


def _bases(text: str) -> set[str]:
    return {name for name, pattern in _BASES.items() if pattern.search(text)}


def _bears_on(claim: Claim, citation: Quoted, sources: Sequence[Source]) -> bool:
    if any(hits(citation.path, citation.heading_path, source) for source in sources):
        return True
    if claim.figures:
        return any(citation.holds(figure) for figure in claim.figures)
    return citation.shares(claim.text) >= SHARED_WORDS
