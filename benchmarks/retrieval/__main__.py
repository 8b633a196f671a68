"""Retrieval of hwqa beside its peers, over the same documents and questions, with the same embedding model.

python -m benchmarks.retrieval --corpus npm --system hwqa --system langchain
python -m benchmarks.retrieval                     # all systems on the corpora for tuning
python -m benchmarks.retrieval --role held-out     # all systems on the corpora that were kept aside
python -m benchmarks.retrieval --write             # everything, into docs/benchmarks/retrieval.md
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval import report
from benchmarks.retrieval.corpora import DATA, ROOT, Corpus, load_corpora
from benchmarks.retrieval.measures import RULES, Page, scores
from benchmarks.retrieval.runs import KEPT, keep, retrieved
from benchmarks.retrieval.spans import Span
from benchmarks.retrieval.systems import PEERS, SYSTEMS
from rich.console import Console

from hwqa.markdown import read_document

PEERS_PYTHON = DATA / "venv" / "bin" / "python"
PAGE = ROOT / "docs" / "benchmarks" / "retrieval.md"
EVERYTHING = ("hwqa", *PEERS)


def main() -> None:
    corpora = load_corpora()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="python -m benchmarks.retrieval"
    )
    parser.add_argument("--corpus", action="append", choices=list(corpora), help="may be given several times")
    parser.add_argument("--role", choices=["tune", "held-out", "all"], default="tune", help="when no corpus is named")
    parser.add_argument(
        "--system", action="append", help=f"of {', '.join(SYSTEMS)}, or @NAME of what was kept; the first is compared"
    )
    parser.add_argument("--keep", metavar="NAME", help="keep what the first system found as @NAME")
    parser.add_argument("--peers", type=Path, default=PEERS_PYTHON, help="Python of the peers' environment")
    parser.add_argument("--kinds", action="store_true", help="show recall by kind of question, too")
    parser.add_argument(
        "--misses",
        metavar="MEASURE",
        help="list the questions that the first system scores lower on "
        "than full marks, with the measure's value of every system, e.g. 'evidence recall@5'",
    )
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}: all on all")
    arguments = parser.parse_args()
    if arguments.write:
        write(list(corpora.values()), arguments.peers)
        return
    named = arguments.corpus or [name for name, each in corpora.items() if arguments.role in (each.role, "all")]
    systems = arguments.system or list(EVERYTHING)
    if unknown := [name for name in systems if name not in SYSTEMS and not name.startswith(KEPT)]:
        parser.error(f"there is no system {', '.join(unknown)}")
    console = Console(width=None if sys.stdout.isatty() else 260)
    results = []
    for name in named:
        result, found = measure(corpora[name], systems, arguments.peers, arguments.keep)
        show(console, result, kinds=arguments.kinds)
        results.append(result)
        if arguments.misses:
            misses(console, corpora[name], result, found, arguments.misses)
    if len(results) > 1:
        show(console, report.pool("together", results), kinds=arguments.kinds)


def show(console: Console, result: report.Result, *, kinds: bool) -> None:
    """Prints the scores, and the differences of the first system to the others."""
    first, *others = result.systems
    console.print(report.score_grid(result).to_rich())
    if others:
        console.print(report.difference_grid(result, first, others).to_rich())
    if kinds:
        for rule in RULES:
            console.print(report.kinds_grid(result, f"{rule} recall@5").to_rich())


def write(corpora: Sequence[Corpus], peers: Path) -> None:
    """Measures everything and writes the page."""
    results = {corpus.name: measure(corpus, EVERYTHING, peers)[0] for corpus in corpora}
    foreign = [corpus for corpus in corpora if "path" not in corpus.source and "squad" not in corpus.source]
    for role in ("tune", "held-out"):
        name = f"foreign documentation, {role}"
        results[name] = report.pool(name, [results[each.name] for each in foreign if each.role == role])
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    tables = report.written(list(results.values()), corpora, "hwqa", list(PEERS))
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    PAGE.write_text(report.insert(page, tables), "utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}", file=sys.stderr)


def measure(
    corpus: Corpus, systems: Sequence[str], peers: Path, kept: str | None = None
) -> tuple[report.Result, dict[str, list[list[Span]]]]:
    """The scores of the systems, and what each found for the answerable questions.

    What the first system found is kept under the name `kept`.
    """
    questions = corpus.questions()
    texts = [question.text for question in questions]
    pages = {
        path: Page.of(text, [section.lines for section in read_document(path, text).sections])
        for path, text in corpus.documents().items()
    }
    answerable = [number for number, question in enumerate(questions) if question.needs]
    found = {}
    for name in systems:
        spans = retrieved(name, corpus, texts, peers)
        found[name] = [spans[number] for number in answerable]
        if kept and name == systems[0]:
            keep(kept, corpus, texts, spans)
    asked = [questions[number] for number in answerable]
    scored = {
        name: [scores(question.needs, row, pages) for question, row in zip(asked, rows, strict=True)]
        for name, rows in found.items()
    }
    return report.Result(corpus.name, asked, scored), found


def misses(
    console: Console, corpus: Corpus, result: report.Result, found: dict[str, list[list[Span]]], name: str
) -> None:
    """Prints the questions that the first system does not fully answer, what they need and what it found."""
    documents = corpus.documents()
    first = next(iter(result.systems))
    for number, question in enumerate(result.questions):
        if result.systems[first][number][name] < 1:
            marks = "  ".join(f"{system} {scores[number][name]:.2f}" for system, scores in result.systems.items())
            console.print(f"\n[bold]{question.id}[/] ({question.kind}) {question.text}\n  {marks}", highlight=False)
            for item in question.needs:
                console.print("  needs " + " or ".join(f"{path}:{a}-{b}" for path, a, b in item), highlight=False)
            for rank, span in enumerate(found[first][number][:8], start=1):
                text = documents[span.path]
                lines = text.count("\n", 0, span.start) + 1, text.count("\n", 0, span.end) + 1
                console.print(f"    {rank} {span.path}:{lines[0]}-{lines[1]}", highlight=False)


if __name__ == "__main__":
    main()
