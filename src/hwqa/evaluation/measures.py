"""The measures: what each of them is called, means and is taken from, and the functions that compute it.

Every score runs from 0 to 1, or is None where the measure does not apply to the case. A case that raised takes the
worst score of each measure that would have applied to it: 0, or 1 where lower is better.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hwqa.evaluation.claims import Claim, Quoted, carried, claims, is_denied, is_input, quoted, reckoned, without_marks
from hwqa.evaluation.golden import Case, Source
from hwqa.markdown import plain_text
from hwqa.schema import TRAIL_SEPARATOR, Answer, Citation, Passage
from hwqa.sentences import sentence_spans
from hwqa.units import Quantity, find_quantities, same

DEPTHS = (1, 3, 5, 10)
"""Ranks at which recall is taken."""
SHARED_WORDS = 0.5
"""Share of a claim's words that a quote must hold to support a claim without figures."""

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*\+*")
_WORD_OR_BREAK = re.compile(rf"{_WORD.pattern}|[,;:]")

ReadText = Callable[[str], str | None]
"""Path of a document → its text with lines broken by newline, or None when there is no such document."""
Scores = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as reports explain it."""

    name: str
    title: str
    better: Literal["higher", "lower"]
    definition: str
    reference: str = ""

    @property
    def worst(self) -> float:
        """The score of a case that raised."""
        return 0.0 if self.better == "higher" else 1.0


_RANKED = "Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, chapter 8"
_ALCE = "after ALCE (Gao et al., EMNLP 2023), decided by figures and quotes in place of an entailment model"
RETRIEVAL = (
    *(
        Measure(
            f"recall@{k}",
            f"Recall at {k}",
            "higher",
            f"share of the case's sources that the first {k} passages hit",
            _RANKED,
        )
        for k in DEPTHS
    ),
    Measure(
        "mrr",
        "Mean reciprocal rank",
        "higher",
        "one divided by the rank of the first passage that hits a source; 0 when none does",
        "Voorhees, The TREC-8 question answering track report, 1999",
    ),
)
ANSWER = (
    Measure("fact_coverage", "Fact coverage", "higher", "share of the case's facts that the answer gives"),
    Measure("wrong_facts", "Wrong facts", "lower", "share of the case's wrong facts that the answer gives"),
    Measure(
        "citation_precision",
        "Citation precision",
        "higher",
        "share of the citations in claims that support their claim; one that does not exist supports nothing",
        _ALCE,
    ),
    Measure(
        "citation_recall",
        "Citation recall",
        "higher",
        "share of the claims that their citations together support",
        _ALCE,
    ),
    Measure(
        "numeric_fidelity",
        "Numeric fidelity",
        "higher",
        "share of the numbers in claims that stand in a quote, its table's header or its headings that it cites, "
        "or that the answer's calculation derives from it",
    ),
    Measure(
        "quotes_verbatim", "Verbatim quotes", "higher", "share of the quotes that stand at their lines in the file"
    ),
    Measure(
        "abstention_precision",
        "Abstention precision",
        "higher",
        "of the questions that were declined, the share that the documents cannot answer",
        "after SQuAD 2.0 (Rajpurkar et al., ACL 2018)",
    ),
    Measure(
        "abstention_recall",
        "Abstention recall",
        "higher",
        "of the questions that the documents cannot answer, the share that was declined",
        "after SQuAD 2.0 (Rajpurkar et al., ACL 2018)",
    ),
    Measure(
        "refused_answerable",
        "Answerable refused",
        "lower",
        "of the questions that the documents can answer, the share that was declined",
    ),
)
MEASURES = (*RETRIEVAL, *ANSWER)


def retrieval_scores(case: Case, passages: Sequence[Passage]) -> dict[str, float | None]:
    """The retrieval measures of the passages that were found, best first."""
    return {f"recall@{k}": recall_at(k, case.sources, passages) for k in DEPTHS} | {
        "mrr": reciprocal_rank(case.sources, passages)
    }


def answer_scores(case: Case, answer: Answer, read: ReadText) -> dict[str, float | None]:
    """The answer measures of a case."""
    question = "\n".join((case.question, *(message.content for message in case.history)))
    abstained = answer.status == "not_in_docs"
    made = claims(answer.text, question)
    if abstained:
        # what is left uncited names the sections that are nearest
        made = [claim for claim in made if claim.marks or (claim.figures and TRAIL_SEPARATOR.strip() not in claim.text)]
    derived = reckoned(answer.calculation)
    cited = [
        quoted(citation, read(citation.path), derived if is_input(citation, answer.calculation) else ())
        for citation in answer.citations
    ]
    # what was reckoned from the question alone has no source to cite
    made = [claim for claim in made if claim.marks or not _is_reckoned(claim, derived)]
    sources = [source for item in case.sources for source in item]
    return {
        "fact_coverage": fact_coverage(case.facts, answer.text),
        "wrong_facts": wrong_facts(case.not_facts, answer.text),
        "citation_precision": citation_precision(made, cited, sources),
        "citation_recall": citation_recall(made, cited, sources),
        "numeric_fidelity": numeric_fidelity(made, cited),
        "quotes_verbatim": quotes_verbatim(answer.citations, read),
        **abstention(case.answerable, abstained=abstained),
    }


def failed_retrieval(case: Case) -> dict[str, float | None]:
    """The retrieval measures of a case whose search raised."""
    return {measure.name: measure.worst if case.sources else None for measure in RETRIEVAL}


def failed_answer(case: Case) -> dict[str, float | None]:
    """The answer measures of a case whose answer raised: an answerable question would have had claims and citations."""
    applies = dict.fromkeys((measure.name for measure in ANSWER), case.answerable) | {
        "fact_coverage": bool(case.facts),
        "wrong_facts": bool(case.not_facts),
        "abstention_precision": False,
        "abstention_recall": not case.answerable,
    }
    return {measure.name: measure.worst if applies[measure.name] else None for measure in ANSWER}


# --- retrieval --------------------------------------------------------------------------------------------------


def hits(path: str, heading_path: Sequence[str], source: Source) -> bool:
    """Whether a section is the source or stands under it.

    The paths are equal, and the headings of the source stand in the section's heading path, one directly after the
    other: at its end when the section is the source itself, further up when it is a part of it. Case and white space
    do not matter. A source without headings is the whole file.

    >>> hits("x9.md", ("Backbones", "X9", "Specifications", "Memory"), Source.parse("x9.md#X9 › Specifications"))
    True
    """
    if path != source.path:
        return False
    held = [_heading(heading) for heading in heading_path]
    wanted = [_heading(heading) for heading in source.trail]
    return any(held[start : start + len(wanted)] == wanted for start in range(len(held) - len(wanted) + 1))


def recall_at(k: int, sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """Share of the sources of which the first k passages hit an alternative; None without sources.

    With two sources, of which the passage at rank 2 hits one, recall at 1 is 0 and at 3 is 1/2.
    """
    if not sources:
        return None
    return sum(any(_hits_one(passage, item) for passage in passages[:k]) for item in sources) / len(sources)


def reciprocal_rank(sources: Sequence[Sequence[Source]], passages: Sequence[Passage]) -> float | None:
    """One divided by the rank of the first passage that hits a source, 0 when none does; None without sources."""
    if not sources:
        return None
    for rank, passage in enumerate(passages, start=1):
        if any(_hits_one(passage, item) for item in sources):
            return 1 / rank
    return 0.0


def _hits_one(passage: Passage, alternatives: Sequence[Source]) -> bool:
    return any(hits(passage.path, passage.heading_path, source) for source in alternatives)


# --- facts ------------------------------------------------------------------------------------------------------


def gives(text: str, fact: Sequence[str]) -> bool:
    """Whether the text says the fact in one of its phrasings.

    A phrasing that is a quantity (`192 GB`, `up to 5.3 TB/s`, `$6,400`) is found by value: units are converted, and
    either side may be the correctly rounded other; `not 192 GB` does not give it. Any other phrasing, and a number
    without unit, is found as whole words, whatever case, Markdown, hyphens and punctuation: `PCIe 5.0` in
    `**PCIe-5.0** x16`.
    """
    return any(not (spot.denied and spot.is_quantity) for spot in _spots(text, fact))


def asserts(text: str, fact: Sequence[str]) -> bool:
    """Whether the text says the fact, as `gives` finds it, at a place where it does not deny it."""
    return any(not spot.denied for spot in _spots(text, fact))


@dataclass(frozen=True, slots=True)
class _Spot:
    denied: bool
    is_quantity: bool


def _spots(text: str, fact: Sequence[str]) -> Iterator[_Spot]:
    """The places at which a text has one of the fact's phrasings."""
    said = without_marks(plain_text(text))
    quantities = find_quantities(said)
    sentences = [_normalise(said[start:end], _WORD_OR_BREAK) for start, end in sentence_spans(said)]
    for phrasing in fact:
        wanted = whole_quantity(phrasing)
        if wanted is not None:
            for each in quantities:
                if same(each, wanted) or same(wanted, each):
                    yield _Spot(is_denied(said, each.start), is_quantity=True)
            if wanted.unit:
                continue
        words_of = normalise(phrasing).split()
        if words_of:
            pattern = re.compile(rf"(?<!\S){'(?: [,;:])? '.join(map(re.escape, words_of))}(?!\S)")
            for sentence in sentences:
                for match in pattern.finditer(sentence):
                    yield _Spot(is_denied(sentence, match.start()), is_quantity=False)


def whole_quantity(phrasing: str) -> Quantity | None:
    """The quantity that a phrasing is, or None when it is or holds something else.

    >>> whole_quantity("about 5 TB/s").unit, whole_quantity("PCIe 5.0"), whole_quantity("80 GB of HBM3")
    ('TB/s', None, None)
    """
    found = find_quantities(phrasing)
    if len(found) != 1 or found[0].kind == "version":
        return None
    rest = phrasing[: found[0].start] + phrasing[found[0].end :]
    limited = bool(found[0].relation) or found[0].approximate
    return found[0] if not re.search(r"\w", rest) or (limited and not phrasing[found[0].end :].strip(" .")) else None


def normalise(text: str) -> str:
    """Lower-case words parted by single spaces; a full stop, plus or apostrophe between characters stays.

    >>> normalise("The **TensorRT-LLM** 1.2, PCIe 5.0!")
    'the tensorrt llm 1.2 pcie 5.0'
    """
    return _normalise(text, _WORD)


def _normalise(text: str, kept: re.Pattern[str]) -> str:
    return " ".join(kept.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'")))


def fact_coverage(facts: Sequence[Sequence[str]], text: str) -> float | None:
    """Share of the facts that the text gives; None without facts."""
    return sum(gives(text, fact) for fact in facts) / len(facts) if facts else None


def wrong_facts(not_facts: Sequence[Sequence[str]], text: str) -> float | None:
    """Share of the wrong facts that the text gives, those that it denies aside; None without wrong facts."""
    return sum(asserts(text, fact) for fact in not_facts) / len(not_facts) if not_facts else None


# --- citations --------------------------------------------------------------------------------------------------


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


# --- abstention -------------------------------------------------------------------------------------------------


def abstention(answerable: bool, *, abstained: bool) -> dict[str, float | None]:
    """Precision, recall and refusals of one case; their means over cases are the measures of the set.

    Of ten answerable cases one is declined, of five unanswerable four are: precision 4/5, recall 4/5, refused 1/10.
    """
    return {
        "abstention_precision": float(not answerable) if abstained else None,
        "abstention_recall": None if answerable else float(abstained),
        "refused_answerable": float(abstained) if answerable else None,
    }


def _is_reckoned(claim: Claim, derived: Sequence[Quantity]) -> bool:
    return bool(claim.figures) and all(any(same(figure, other) for other in derived) for figure in claim.figures)


def _heading(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _bears_on(claim: Claim, citation: Quoted, sources: Sequence[Source]) -> bool:
    if any(hits(citation.path, citation.heading_path, source) for source in sources):
        return True
    if claim.figures:
        return any(citation.holds(figure) for figure in claim.figures)
    return citation.shares(claim.text) >= SHARED_WORDS
