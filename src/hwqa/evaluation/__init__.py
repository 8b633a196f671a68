"""Evaluation: golden sets, measures, runs and their reports."""

from hwqa.evaluation.asking import Asker, Result
from hwqa.evaluation.baseline import Baseline
from hwqa.evaluation.command import run_eval
from hwqa.evaluation.comparison import Comparison, compare, compare_runs
from hwqa.evaluation.dataset import write_dataset
from hwqa.evaluation.gate import Condition, failures
from hwqa.evaluation.golden import Case, Source, load_cases, parse_cases
from hwqa.evaluation.journal import Journal, answering_state
from hwqa.evaluation.measures import MEASURES, Measure
from hwqa.evaluation.report import Report
from hwqa.evaluation.run import Run, evaluate
from hwqa.evaluation.trec import Trec, trec, write_trec

__all__ = [
    "MEASURES",
    "Asker",
    "Baseline",
    "Case",
    "Comparison",
    "Condition",
    "Journal",
    "Measure",
    "Report",
    "Result",
    "Run",
    "Source",
    "Trec",
    "answering_state",
    "compare",
    "compare_runs",
    "evaluate",
    "failures",
    "load_cases",
    "parse_cases",
    "run_eval",
    "trec",
    "write_dataset",
    "write_trec",
]
