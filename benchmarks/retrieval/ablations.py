"""What each choice in hwqa's retrieval is worth: variants with one thing changed, compared question by question.

    python -m benchmarks.retrieval.ablations --corpus npm --variant 'budget 128'
    python -m benchmarks.retrieval.ablations --write          # all on all, into docs/benchmarks/ablations.md

Only own, npm and ml-engineering are looked at. A variant is hwqa with another parser (how documents become chunks, and
what is read of them), another search, or other parts of BM25.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval import report
from benchmarks.retrieval.corpora import DATA, HERE, ROOT, Corpus, fingerprint, load_corpora
from benchmarks.retrieval.measures import BUDGET, Page, scores
from benchmarks.retrieval.spans import Span
from benchmarks.retrieval.systems import ours
from benchmarks.retrieval.variants import BASE, VARIANTS, search_with
from rich.console import Console

from hwqa.markdown import read_document

PAGE = ROOT / "docs" / "benchmarks" / "ablations.md"
BEGIN = "<!-- begin: written by `python -m benchmarks.retrieval.ablations --write`; what stands outside is kept -->"
CORPORA = ("own", "npm", "ml-engineering")
"""By name, not by role: variants are chosen on these, whatever else is marked for tuning later."""
DEPTH = 10
MEASURES = ("section recall@5", "section mrr", "evidence recall@5", f"evidence recall@{BUDGET} characters")


def retrieved(name: str, corpus: Corpus, asked: Sequence[str], console: Console) -> list[list[Span]]:
    """What the variant finds for each question; kept until something changes that it depends on."""
    code = ours.version() + (HERE / "variants.py").read_text("utf-8") + Path(ours.__file__).read_text("utf-8")
    file = (
        DATA
        / "ablations"
        / f"{corpus.name}-{name.replace(' ', '-')}-{fingerprint(corpus.documents(), code, *asked)}.json"
    )
    if not file.exists():
        console.print(f"{corpus.name}: {name}", style="dim")
        found = search_with(VARIANTS[name], corpus.folder, asked, DEPTH)
        file.parent.mkdir(parents=True, exist_ok=True)
        for old in file.parent.glob(f"{corpus.name}-{name.replace(' ', '-')}-{'?' * 16}.json"):
            old.unlink()
        file.write_text(json.dumps([[span.to_json() for span in row] for row in found]), "utf-8")
    return [[Span(*span) for span in row] for row in json.loads(file.read_text("utf-8"))]


def measure(corpus: Corpus, names: Sequence[str], console: Console) -> report.Result:
    """The scores of the variants on the answerable questions of a corpus."""
    questions = [question for question in corpus.questions() if question.needs]
    pages = {
        path: Page.of(text, [section.lines for section in read_document(path, text).sections])
        for path, text in corpus.documents().items()
    }
    asked = [question.text for question in questions]
    scored = {}
    for name in names:
        rows = retrieved(name, corpus, asked, console)
        scored[name] = [scores(question.needs, row, pages) for question, row in zip(questions, rows, strict=True)]
    return report.Result(corpus.name, questions, scored)


def grid(result: report.Result) -> report.Grid:
    """A row for each variant: its scores, and how they differ from hwqa's."""
    rows = []
    for name in result.systems:
        cells: list[tuple[str, report.Mark]] = [(name, "")]
        cells += [(f"{100 * result.mean(name, measure).mean:.1f}", "") for measure in MEASURES]
        cells.append((f"{result.mean(name, report.COST).mean:,.0f}", ""))
        cells += [
            ("", "") if name == BASE else report._points(result.difference(name, BASE, measure)) for measure in MEASURES
        ]
        rows.append(cells)
    title = f"{result.name}: {len(result.questions)} questions; differences to hwqa in points with 95 % interval"
    return report.Grid(title, ["variant", *MEASURES, report.COST, *(f"Δ {each}" for each in MEASURES)], rows)


def tables(results: Sequence[report.Result]) -> str:
    """What the variants are, and a table for each set of questions."""
    parts = ["| variant | what is changed |\n| --- | --- |"]
    parts[0] += "".join(f"\n| {name} | {VARIANTS[name].what} |" for name in results[0].systems)
    parts += [
        f"## {result.name}: {len(result.questions)} questions\n\n{grid(result).to_markdown()}" for result in results
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    corpora = {name: corpus for name, corpus in load_corpora().items() if name in CORPORA}
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="python -m benchmarks.retrieval.ablations",
    )
    parser.add_argument("--corpus", action="append", choices=list(corpora), help="may be given several times")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), help="may be given several times")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}: all on all")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200)
    chosen = arguments.corpus or list(corpora)
    names = [BASE, *(name for name in arguments.variant or VARIANTS if name != BASE)]
    results = [measure(corpora[name], names, console) for name in chosen]
    if len(results) > 1:
        results.append(report.pool("together", results))
    for result in results:
        console.print(grid(result).to_rich())
    if arguments.write:
        PAGE.write_text(report.insert(PAGE.read_text("utf-8"), tables(results), BEGIN), "utf-8")


if __name__ == "__main__":
    main()
