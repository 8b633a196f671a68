"""The measures: what each of them is called, means and is taken from, and the functions that compute it.

Every score runs from 0 to 1, or is None where the measure does not apply to the case. A case that raised takes the
worst score of each measure that would have applied to it: 0, or 1 where lower is better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hwqa.evaluation.citation_measures import (
    basis_fidelity,
    citation_precision,
    citation_recall,
    numeric_fidelity,
    quotes_verbatim,
)
from hwqa.evaluation.claims import Claim, ReadText, claims, is_input, quoted, reckoned
from hwqa.evaluation.fact_measures import all_facts, fact_coverage, wrong_facts
from hwqa.evaluation.golden import Case
from hwqa.evaluation.ranking_measures import ndcg_at, precision_at, recall_at, reciprocal_rank
from hwqa.evaluation.sizing_measures import CATEGORY, sizing_error
from hwqa.schema import TRAIL_SEPARATOR, Answer, Passage
from hwqa.units import Quantity, same

DEPTHS = (1, 3, 5, 10)
"""Ranks at which recall is taken."""
PRECISION_DEPTH = 5
GAIN_DEPTH = 10

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
_NUGGETS = "after the nuggets of Voorhees, Overview of the TREC 2003 question answering track"
_SQUAD = "after SQuAD 2.0 (Rajpurkar et al., ACL 2018)"
_OWN = "hwqa's own: docs/evaluation.md"
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
    Measure(
        f"precision@{PRECISION_DEPTH}",
        f"Precision at {PRECISION_DEPTH}",
        "higher",
        f"share of the first {PRECISION_DEPTH} passages that hit a source of the case",
        _RANKED,
    ),
    Measure(
        f"ndcg@{GAIN_DEPTH}",
        f"nDCG at {GAIN_DEPTH}",
        "higher",
        f"sources that the first {GAIN_DEPTH} passages hit, those found late discounted, against the best order",
        "Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20(4), 2002",
    ),
)
ANSWER = (
    Measure("fact_coverage", "Fact coverage", "higher", "share of the case's facts that the answer gives", _NUGGETS),
    Measure(
        "all_facts",
        "All facts given",
        "higher",
        "share of the answers that give every fact of their case; of a conflict both sides, of a ranking every member",
        _NUGGETS,
    ),
    Measure("wrong_facts", "Wrong facts", "lower", "share of the case's wrong facts that the answer gives", _NUGGETS),
    Measure(
        "sizing_error",
        "Sizing error",
        "lower",
        "of sizing questions, how far the nearest figure given is from each expected one, as a share of it, at most 1",
        "mean absolute percentage error (Hyndman and Koehler, International Journal of Forecasting 22(4), 2006)",
    ),
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
        _ALCE,
    ),
    Measure(
        "basis_fidelity",
        "Dense and sparse kept apart",
        "higher",
        "share of the claims that call a figure dense or sparse whose quotes do not call it the other",
        _OWN,
    ),
    Measure(
        "quotes_verbatim",
        "Verbatim quotes",
        "higher",
        "share of the quotes that stand at their lines in the file",
        _OWN,
    ),
    Measure(
        "abstention_precision",
        "Abstention precision",
        "higher",
        "of the questions that were declined, the share that the documents cannot answer",
        _SQUAD,
    ),
    Measure(
        "abstention_recall",
        "Abstention recall",
        "higher",
        "of the questions that the documents cannot answer, the share that was declined",
        _SQUAD,
    ),
    Measure(
        "refused_answerable",
        "Answerable refused",
        "lower",
        "of the questions that the documents can answer, the share that was declined",
        _SQUAD,
    ),
)
MEASURES = (*RETRIEVAL, *ANSWER)


def retrieval_scores(case: Case, passages: Sequence[Passage]) -> dict[str, float | None]:
    """The retrieval measures of the passages that were found, best first."""
    return {f"recall@{k}": recall_at(k, case.sources, passages) for k in DEPTHS} | {
        "mrr": reciprocal_rank(case.sources, passages),
        f"precision@{PRECISION_DEPTH}": precision_at(PRECISION_DEPTH, case.sources, passages),
        f"ndcg@{GAIN_DEPTH}": ndcg_at(GAIN_DEPTH, case.sources, passages),
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
        "all_facts": all_facts(case.facts, answer.text),
        "wrong_facts": wrong_facts(case.not_facts, answer.text),
        "sizing_error": sizing_error(case.facts, answer.text) if case.category == CATEGORY else None,
        "citation_precision": citation_precision(made, cited, sources),
        "citation_recall": citation_recall(made, cited, sources),
        "numeric_fidelity": numeric_fidelity(made, cited),
        "basis_fidelity": basis_fidelity(made, cited),
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
        "all_facts": bool(case.facts),
        # few claims name a basis: whether the lost answer would have had one is not known
        "basis_fidelity": False,
        "wrong_facts": bool(case.not_facts),
        "sizing_error": case.category == CATEGORY and sizing_error(case.facts, "") is not None,
        "abstention_precision": False,
        "abstention_recall": not case.answerable,
    }
    return {measure.name: measure.worst if applies[measure.name] else None for measure in ANSWER}


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
