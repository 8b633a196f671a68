"""The real assistant over a small corpus, measured from golden files to the page."""

from __future__ import annotations

from pathlib import Path

from hwqa.assistant import Assistant
from hwqa.evaluation import load_cases, run_eval

GOLDEN = """
- id: memory
  question: How much memory does the Alpha X1 have?
  answerable: true
  facts: [48 GB]
  not_facts: [96 GB]
  sources: [alpha.md#Alpha X1]
  category: lookup
- id: follow-up
  question: And its power?
  history: [{role: user, content: "What is the memory bandwidth of the Alpha X2?"}]
  answerable: true
  facts: [450 W]
  not_facts: [300 W]
  sources: [alpha.md#Alpha X2]
  category: follow-up
- id: unknown
  question: Who won the football world cup of 1974?
  answerable: false
  facts: []
  sources: []
  category: not-in-docs
"""


def test_the_real_assistant_is_measured_twice_alike(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "golden.yaml").write_text(GOLDEN, encoding="utf-8")
    cases = load_cases([tmp_path])
    first = run_eval(cases, assistant, out=tmp_path / "first")
    again = run_eval(cases, assistant, baseline=tmp_path / "first")
    means = {summary.measure.name: summary.estimate.mean for summary in first.summaries}
    assert first.run.errors == 0
    for name in ("recall@3", "fact_coverage", "numeric_fidelity", "quotes_verbatim", "abstention_recall"):
        assert means[name] == 1, name
    assert means["wrong_facts"] == means["refused_answerable"] == 0
    assert again.comparison is not None
    assert again.comparison.paired == 3
    assert not any(each.improved or each.worsened for each in again.comparison.differences)
