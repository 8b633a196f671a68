"""Each measure against a value worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import ir_measures
import pytest
from tests.evaluation.cards import DOCUMENT, answer, citation, passage

from hwqa.evaluation import MEASURES, Case, Source
from hwqa.evaluation.citation_measures import (
    basis_fidelity,
    citation_precision,
    citation_recall,
    is_verbatim,
    numeric_fidelity,
    quotes_verbatim,
)
from hwqa.evaluation.claims import claims, marks_of, quoted, table_header
from hwqa.evaluation.fact_measures import all_facts, asserts, fact_coverage, gives, whole_quantity, wrong_facts
from hwqa.evaluation.measures import (
    abstention,
    answer_scores,
    failed_answer,
    failed_retrieval,
    retrieval_scores,
)
from hwqa.evaluation.ranking_measures import hits, ndcg_at, precision_at, recall_at, reciprocal_rank
from hwqa.evaluation.sizing_measures import sizing_error
from hwqa.schema import Citation

MEMORY = citation(1, "The X9 holds 192 GB of HBM3 memory.")
BANDWIDTH = citation(2, "| Memory bandwidth | 5.3 TB/s | |")
POWER = citation(3, "| Power | 750 W | |")
LINUX = citation(4, "The Y4 runs only on Linux.")
CITED = [quoted(each, DOCUMENT) for each in (MEMORY, BANDWIDTH, POWER, LINUX)]
X9 = (Source.parse("cards.md#X9"),)


@pytest.mark.parametrize(
    ("source", "headings", "expected"),
    [
        ("cards.md#Cards › X9", ("Cards", "X9"), True),
        ("cards.md#X9", ("Cards", "X9"), True),
        ("cards.md#x9", ("Cards", "X9", "Power"), True),
        ("cards.md#Cards › X9", ("All", "Cards", "X9", "Power"), True),
        ("cards.md#Cards › X9", ("Cards", "New", "X9"), False),
        ("cards.md#X9 › Power", ("Cards", "X9"), False),
        ("cards.md#X9", ("Cards", "X90"), False),
        ("other.md#X9", ("Cards", "X9"), False),
        ("cards.md", ("Anything",), True),
    ],
)
def test_a_section_hits_a_source(source: str, headings: tuple[str, ...], expected: bool) -> None:
    assert hits("cards.md", headings, Source.parse(source)) is expected


def test_recall_counts_sources_and_the_rank_of_the_first_hit_is_inverted() -> None:
    # of the sources X9 and Z1, the second passage hits X9 and the fourth Z1
    found = [passage("Y4"), passage("X9"), passage("X9"), passage("Z1")]
    sources = [[Source.parse("cards.md#X9")], [Source.parse("cards.md#Z1"), Source.parse("other.md")]]
    assert [recall_at(k, sources, found) for k in (1, 3, 5)] == [0, 1 / 2, 1]
    assert reciprocal_rank(sources, found) == 1 / 2
    assert reciprocal_rank(sources, found[:1]) == 0
    either = [[Source.parse("cards.md#Z1"), Source.parse("cards.md#Y4")]]
    assert (recall_at(1, either, found), reciprocal_rank(either, found)) == (1, 1)
    assert recall_at(3, [], found) is None
    assert reciprocal_rank([], found) is None


def test_precision_and_discounted_gain_by_hand_and_by_ir_measures() -> None:
    found = [passage("X9"), passage("Y4"), passage("Z1"), passage("X9")]
    sources = [[Source.parse("cards.md#X9")], [Source.parse("cards.md#Z1")]]
    # ranks 1, 3 and 4 hit a source; rank 4 hits none that rank 1 did not
    assert (precision_at(5, sources, found), precision_at(1, sources, found)) == (3 / 5, 1)
    by_hand = (1 + 1 / 2) / (1 + 1 / math.log2(3))
    assert ndcg_at(10, sources, found) == pytest.approx(by_hand) == pytest.approx(0.920, abs=5e-4)
    judged = [ir_measures.Qrel("q", name, 1) for name in ("x9", "z1")]
    ranked = [ir_measures.ScoredDoc("q", name, -rank) for rank, name in enumerate(("x9", "y4", "z1", "x9 again"))]
    assert ir_measures.calc_aggregate([ir_measures.nDCG @ 10], judged, ranked)[ir_measures.nDCG @ 10] == pytest.approx(
        by_hand
    )
    # one passage that hits both sources at rank 1 is no better than the best order
    both = [[Source.parse("cards.md#X9")], [Source.parse("cards.md")]]
    assert ndcg_at(10, both, found) == 1
    assert ndcg_at(10, sources, []) == precision_at(5, sources, []) == 0
    assert ndcg_at(10, [], found) is precision_at(5, [], found) is None


def test_an_answer_gives_all_facts_or_not() -> None:
    assert all_facts([["192 GB"], ["HBM3"]], "192 GB of HBM3") == 1
    assert all_facts([["192 GB"], ["HBM3"]], "192 GB") == 0
    assert all_facts([], "192 GB") is None


@pytest.mark.parametrize(
    ("facts", "text", "expected"),
    [
        ([["80 GB"]], "It needs 84 GB [1] and draws 700 W.", 0.05),
        ([["80 GB"]], "It draws 700 W.", 1),
        ([["80 GB"]], "It needs 0.08 TB.", 0),
        ([["80 GB"]], "It needs 900 GB.", 1),
        ([["80 GB"], ["50 tokens/s"]], "It needs 88 GB and writes 40 tokens/s.", (0.1 + 0.2) / 2),
        ([["80 GB"], ["X9", "Y4"]], "It needs 88 GB.", 0.1),
        ([["80 GB", "100 GB"]], "It needs 95 GB.", 0.05),
        ([["80 GB"]], "It needs 60 to 90 GB.", 0),
        ([["80 GB"]], "It needs 90 to 120 GB.", 0.125),
        ([["80-90 GB"]], "It needs 99 GB.", 0.1),
        ([["80 GB"]], "It does not need 80 GB but 100 GB.", 0.25),
        ([["five", "X9"]], "It needs five.", None),
        ([], "It needs 84 GB.", None),
    ],
)
def test_the_error_of_a_sizing_by_hand(facts: list[list[str]], text: str, expected: float | None) -> None:
    found = sizing_error(facts, text)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_the_error_of_a_sizing_is_taken_of_sizing_questions(cases: list[Case]) -> None:
    sizing = replace(cases[0], category="sizing")
    text = "The X9 needs 96 GB [1]."
    assert answer_scores(cases[0], answer(text), lambda path: None)["sizing_error"] is None
    assert answer_scores(sizing, answer(text), lambda path: None)["sizing_error"] == 0.5
    assert (failed_answer(sizing)["sizing_error"], failed_answer(cases[0])["sizing_error"]) == (1, None)


def test_what_is_called_dense_is_not_cited_from_a_sparse_figure() -> None:
    document = (
        "| Attribute | Value | Basis |\n|---|---|---|\n| Peak | 400 TFLOPS | dense |\n| Peak | 800 TFLOPS | sparse |"
    )
    rows = document.split("\n")
    cited = [quoted(Citation(n, "a.md", (), "", (n + 2, n + 2), rows[n + 1]), document) for n in (1, 2)]

    def score(text: str) -> float | None:
        return basis_fidelity(claims(text), cited)

    assert score("It has 400 TFLOPS (dense) [1].") == 1
    assert score("It has 400 TFLOPS (sparse) [1]. It has 800 TFLOPS with sparsity [2].") == 1 / 2
    assert score("It has 800 TFLOPS without sparsity [2].") == 0
    assert score("| What | X9 |\n|---|---|\n| Peak (dense) | 800 TFLOPS [2] |") == 0
    # both named in one sentence, none named, no figure: nothing that could be told apart
    assert score("400 TFLOPS dense [1], 800 TFLOPS sparse [2].") is None
    assert score("It has 400 TFLOPS [1]. Dense is plain [1].") is None
    # a quote that does not speak of it is no contradiction
    assert basis_fidelity(claims("It holds 192 GB dense [1]."), CITED) == 1


@pytest.mark.parametrize(
    ("text", "fact", "expected"),
    [
        ("It has **192** GB [1].", ["192 GB"], True),
        ("It moves 5,300 GB/s.", ["5.3 TB/s"], True),
        ("It moves 5.3 TB/s.", ["5.325 TB/s"], True),
        ("It moves 5 TB/s.", ["5.3 TB/s"], False),
        ("It has 192 GiB.", ["192 GB"], False),
        ("It holds up to 192 GB.", ["192 GB"], True),
        ("It does not have 192 GB.", ["192 GB"], False),
        ("| What | X9 |\n|---|---|\n| Price | not published |\n| Memory | 192 GB |", ["192 GB"], True),
        ("It has not 80 GB but 192 GB.", ["192 GB"], True),
        ("About $28k.", ["$28,000"], True),
        ("The MI192 is a card.", ["192"], False),
        ("At 969 tokens/s.", ["969"], True),
        ("It has 96 cores.", ["96"], True),
        ("It uses **HBM-3** memory", ["HBM2", "HBM 3"], True),
        ("It uses HBM3E", ["HBM3"], False),
        ("It runs on PCIe 5.0 [2] x16.", ["PCIe 5.0 x16"], True),
        ("It runs vLLM, but not TensorRT-LLM", ["TensorRT LLM"], True),
        ("| a | b |\n|---|---|\n| Memory | 192 GB [1] |", ["192 GB"], True),
        ("", ["192 GB"], False),
    ],
)
def test_a_text_gives_a_fact(text: str, fact: list[str], expected: bool) -> None:
    assert gives(text, fact) is expected


@pytest.mark.parametrize(
    ("text", "fact", "expected"),
    [
        ("It has 80 GB.", "80 GB", True),
        ("It has 192 GB, not 80 GB.", "80 GB", False),
        ("It has 192 GB rather than 80 GB.", "80 GB", False),
        ("It has no less than 80 GB.", "80 GB", True),
        ("It supports CUDA.", "CUDA", True),
        ("It does not run CUDA, only ROCm.", "CUDA", False),
        ("It does not run CUDA, only ROCm.", "ROCm", True),
        ("It has no NVLink. CUDA runs on it.", "CUDA", True),
    ],
)
def test_what_is_denied_is_not_asserted(text: str, fact: str, expected: bool) -> None:
    assert asserts(text, [fact]) is expected


def test_coverage_is_the_share_of_facts() -> None:
    text = "It has 192 GB of HBM3, not 80 GB, at 700 W [1]."
    assert fact_coverage([["192 GB"], ["HBM3", "HBM"], ["750 W"], ["$1"]], text) == 2 / 4
    assert wrong_facts([["80 GB"], ["700 W"]], text) == 1 / 2
    assert fact_coverage([], text) is None
    assert wrong_facts([], text) is None


@pytest.mark.parametrize(
    ("phrasing", "unit"),
    [("192 GB", "GB"), ("up to 5.3 TB/s", "TB/s"), ("$6,400", "$"), ("80 GB of HBM", None), ("PCIe 5.0", None)],
)
def test_a_phrasing_that_is_a_quantity_is_told_from_words(phrasing: str, unit: str | None) -> None:
    quantity = whole_quantity(phrasing)
    assert (quantity.unit if quantity else None) == unit


def test_claims_are_the_sentences_and_cells_that_say_something() -> None:
    text = """# The X9 in 2024

Yes. The X9 has 192 GB [1]. [2] It draws 750 W [3]. Is it good? It compares so:

| Attribute | X9 | Note |
|---|---|---|
| Memory | 192 GB [1]; 96 GB [2] | whole 2 sockets |
| Price | not in the documents | |

The documents do not give a price. The documents give nothing on a card with 48 GB. It is cheap."""
    found = [(claim.text, claim.marks) for claim in claims(text, "Is there a card with 48 GB?")]
    assert found == [
        ("The X9 has 192 GB.", (1, 2)),
        ("It draws 750 W.", (3,)),
        ("192 GB", (1,)),
        ("96 GB", (2,)),
        ("whole 2 sockets", (1, 2)),
        ("It is cheap.", ()),
    ]


def test_marks_are_read_in_all_their_forms() -> None:
    assert marks_of("a [1][3], b [2-4, 7]; [5](https://example.org) [a]") == (1, 3, 2, 4, 7)


def test_the_header_of_a_rows_table_is_found() -> None:
    lines = DOCUMENT.split("\n")
    assert table_header(lines, 10) == "| Attribute | Value | Basis |"
    assert table_header(lines, 5) == ""
    assert table_header(lines, 99) == ""


def test_units_and_precisions_of_a_quoted_row_may_stand_in_the_header() -> None:
    document = "| Model | 16 bits (GB) |\n|---|---|\n| 7 billion | 14 |"
    row = quoted(Citation(1, "a.md", (), "", (3, 3), "| 7 billion | 14 |"), document)
    held = {
        figure.raw: row.holds(figure)
        for figure in claims("Seven: 7 billion in 16 bits take 14 GB, 15 GB [1].")[0].figures
    }
    assert held == {"7 billion": True, "16 bits": True, "14 GB": True, "15 GB": False}


def test_citations_of_right_claims_are_precise_and_recalled() -> None:
    made = claims("The X9 holds 192 GB [1] at 5.3 TB/s [2]. The Y4 runs only on Linux [4].")
    assert citation_precision(made, CITED, X9) == 1
    assert citation_recall(made, CITED, X9) == 1
    assert numeric_fidelity(made, CITED) == 1


def test_precision_recall_and_fidelity_of_a_mixed_answer() -> None:
    # four claims: right; wrong number; source 9 does not exist; nothing cited
    made = claims("It holds 192 GB [1]. It draws 700 W [3]. It moves 5.3 TB/s [9]. It costs 2 dollars.")
    assert len(made) == 4
    assert citation_precision(made, CITED, X9) == 1 / 3
    assert citation_recall(made, CITED, X9) == 1 / 4
    assert numeric_fidelity(made, CITED) == 1 / 4


def test_a_citation_that_adds_nothing_is_imprecise_unless_it_is_an_expected_source() -> None:
    made = claims("It holds 192 GB [1][4].")
    assert citation_precision(made, CITED, X9) == 1 / 2
    assert citation_precision(made, CITED, (*X9, Source.parse("cards.md#Y4"))) == 1
    assert citation_recall(made, CITED, X9) == 1


def test_a_claim_without_numbers_needs_half_of_its_words_in_the_quote() -> None:
    assert citation_recall(claims("The Y4 runs only on Linux [4]."), CITED, ()) == 1
    assert citation_recall(claims("The Y4 supports gaming consoles brilliantly [4]."), CITED, ()) == 0


def test_measures_that_do_not_apply_are_none() -> None:
    assert citation_recall([], CITED, X9) is None
    assert citation_precision(claims("It is very cheap."), CITED, X9) is None
    assert numeric_fidelity(claims("It is very cheap."), CITED) is None
    assert quotes_verbatim([], lambda path: None) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (MEMORY, True),
        (citation(1, "| Power | 750 W | |", shift=1), False),
        (citation(1, "| Power | 750 W | |", shift=-1), False),
        (Citation(1, "cards.md", (), "", (1, 14), "The X9 holds 192 GB of HBM3 memory."), False),
        (Citation(1, "cards.md", (), "", (3, 5), "The X9 holds 192 GB of HBM3 memory."), False),
        (Citation(1, "cards.md", (), "", (5, 8), "The X9 holds 192 GB of HBM3 memory."), False),
        (Citation(1, "cards.md", (), "", (4, 6), "holds 192 GB"), True),
        (Citation(1, "cards.md", (), "", (5, 5), "holds 192  GB"), False),
        (Citation(1, "cards.md", (), "", (9, 10), "5.3 TB/s | |\n| Power"), True),
        (Citation(1, "cards.md", (), "", (99, 99), "x"), False),
        (Citation(1, "cards.md", (), "", (5, 5), ""), False),
    ],
)
def test_a_quote_stands_at_its_lines(given: Citation, expected: bool) -> None:
    assert is_verbatim(given, DOCUMENT) is expected


def test_the_share_of_quotes_that_stand_at_their_lines() -> None:
    read = {"cards.md": DOCUMENT}.get
    missing = Citation(3, "gone.md", (), "", (1, 1), "Cards")
    assert quotes_verbatim([MEMORY, citation(2, "| Power | 750 W | |", shift=1), missing, LINUX], read) == 2 / 4


def test_abstention_applies_to_what_it_is_a_share_of() -> None:
    outcomes = [(True, False)] * 9 + [(True, True)] + [(False, True)] * 4 + [(False, False)]
    scores = [abstention(answerable, abstained=abstained) for answerable, abstained in outcomes]
    means = {}
    for name in scores[0]:
        values = [value for score in scores if (value := score[name]) is not None]
        means[name] = sum(values) / len(values)
    assert means == {"abstention_precision": 4 / 5, "abstention_recall": 4 / 5, "refused_answerable": 1 / 10}


def test_an_abstention_that_names_the_nearest_sections_makes_no_uncited_claim(cases: list[Case]) -> None:
    text = "The documents do not answer this question. The nearest that they hold:\n\n- Cards › X9 › 80 GB variant"
    scores = answer_scores(cases[2], answer(text, status="not_in_docs"), lambda path: DOCUMENT)
    assert scores["citation_recall"] is None
    assert scores["abstention_precision"] == scores["abstention_recall"] == 1
    assert scores["refused_answerable"] is None


def test_a_case_that_raised_has_the_worst_score_of_what_would_have_applied(cases: list[Case]) -> None:
    lookup, _, unanswerable = cases
    assert set(failed_retrieval(lookup).values()) == {0}
    assert set(failed_retrieval(unanswerable).values()) == {None}
    failed = failed_answer(lookup)
    assert failed["fact_coverage"] == failed["citation_recall"] == failed["quotes_verbatim"] == 0
    assert failed["wrong_facts"] == failed["refused_answerable"] == 1
    assert failed["abstention_precision"] is failed["abstention_recall"] is None
    assert failed_answer(unanswerable)["abstention_recall"] == 0


def test_every_measure_says_what_it_means_and_where_it_comes_from() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        assert measure.title, measure.name
        assert measure.definition, measure.name
        assert measure.reference, measure.name


def test_every_score_is_a_known_measure(cases: list[Case]) -> None:
    given = answer("192 GB [1].", MEMORY)
    scores = retrieval_scores(cases[0], []) | answer_scores(cases[0], given, lambda path: DOCUMENT)
    assert list(scores) == [measure.name for measure in MEASURES]
    assert set(failed_retrieval(cases[0]) | failed_answer(cases[0])) == set(scores)
