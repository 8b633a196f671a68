"""Results as plain text for terminals and programs: each figure with its mark, each mark with its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hwqa.comparison.like_for_like import Comparison
    from hwqa.schema import Answer, Citation, Lines, Passage
    from hwqa.selection.report import SelectionReport
    from hwqa.sizing import Calculation, Given, Step

_FITS = {"yes": "yes", "tight": "only on paper", "no": "no"}


def source_lines(citation: Citation) -> tuple[str, str]:
    """The mark with the trail and place of its source, and the quote in one line."""
    place = _place(citation.path, citation.lines)
    return f"[{citation.number}] {citation.trail} ({place})", f"    {' '.join(citation.quote.split())}"


def sources_text(citations: Sequence[Citation]) -> str:
    """The sources under a heading; empty where there are none."""
    lines = [line for citation in citations for line in source_lines(citation)]
    return "\n".join(["", "", "Sources", *lines]) if lines else ""


def answer_text(answer: Answer) -> str:
    """The answer, its sources, and what the reader must be told besides."""
    notes = "".join(f"\n\nNote: {warning}" for warning in answer.warnings)
    return f"{answer.text}{sources_text(answer.citations)}{notes}"


def passage_text(passage: Passage) -> str:
    """The passage under its trail and place."""
    first, last = passage.lines
    return (
        f"{passage.rank}. {passage.trail}  ({passage.path}:{first}-{last}, score {passage.score:.4f})\n\n"
        f"{passage.text}\n"
    )


def comparison_text(comparison: Comparison) -> str:
    """The comparison as a Markdown table, then what speaks for and against each product; without the sources."""
    header = ["Attribute", *comparison.products, "Difference"]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in comparison.rows:
        cells = [
            "; ".join(f"{fact.value} [{comparison.marks[fact.id]}]" for fact in facts) or "not in the documents"
            for facts in row.cells
        ]
        difference = row.difference
        if difference is None:
            ratio = "" if row.comparable else "not comparable"
        else:
            ratio = "equal" if difference.ratio == 1 else f"{difference.more}: {difference.ratio} ×"
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in (row.label, *cells, ratio)) + " |")
    for product, arguments in comparison.arguments.items():
        for side in ("for", "against"):
            said = [each for each in arguments if each.side == side]
            if said:
                lines += ["", f"{side.capitalize()} the {product}:", ""]
                lines += [f"- {each.text} [{each.citation}]" for each in said]
    return "\n".join(lines)


def shown_citations(chosen: SelectionReport, text: str) -> list[Citation]:
    """The citations of a choice whose marks stand in its text: it leaves out most of what was dropped."""
    return [citation for citation in chosen.citations if f"[{citation.number}]" in text]


def calculation_text(calculation: Calculation) -> str:
    """The steps of a sizing, each device with its steps, then every input with its source."""
    return "\n".join(_calculated(calculation))


def calculation_title(calculation: Calculation) -> str:
    """What is sized, in one line."""
    users = f"{calculation.concurrency} sequences" if calculation.concurrency > 1 else "one sequence"
    return (
        f"{calculation.model}, weights in {calculation.precision}, KV cache in {calculation.kv_precision}, "
        f"{users} of {calculation.context:,} tokens"
    )


def placement_titles(calculation: Calculation) -> list[str]:
    """How each device stands, in one line each and in the order of the calculation."""
    titles = []
    for placement in calculation.placements:
        counted = "" if placement.devices is None else f"; reckoned for {placement.devices}"
        fewest, full, even = (
            number or "no number" for number in (placement.least, placement.least_full, placement.least_tensor)
        )
        titles.append(
            f"{placement.device}: fits one: {_FITS[placement.fits]}; fewest by capacity: {fewest} ({full} if all "
            f"memory is filled), with heads divided evenly: {even}{counted}"
        )
    return titles


def input_lines(calculation: Calculation) -> Iterator[str]:
    """Every figure that the calculation starts from, with its mark and its source or why it is taken."""
    for number, given in enumerate(calculation.inputs, 1):
        of = f" of {given.of}" if given.of else ""
        source = f"{given.fact.path}:{given.fact.lines[0]}" if given.fact else ""
        origin = "; ".join(part for part in (source, given.assumption) if part)
        yield f"[{number}] {given.name}{of}: {given.text} ({origin})"


def step_marks(calculation: Calculation, step: Step) -> str:
    """The marks of the figures that a step starts from: `[1][4]`."""
    numbers = {_identity(given): number for number, given in enumerate(calculation.inputs, 1)}
    return "".join(f"[{numbers[_identity(given)]}]" for given in step.inputs)


def _calculated(calculation: Calculation) -> Iterator[str]:
    yield calculation_title(calculation)
    yield from _steps(calculation, calculation.steps)
    for title, placement in zip(placement_titles(calculation), calculation.placements, strict=True):
        yield f"\n{title}"
        yield from _steps(calculation, placement.steps)
        yield from (f"Note: {warning}" for warning in placement.warnings)
    if not calculation.placements:
        yield "\nNo device of the documents holds it."
    yield "\nInputs"
    yield from input_lines(calculation)
    yield from (f"Note: {warning}" for warning in calculation.warnings)


def _steps(calculation: Calculation, steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        yield f"- {step.name}: {step.text} = {step.numbers} ({step.formula}) {step_marks(calculation, step)}".rstrip()


def _identity(given: Given) -> tuple[str, str, str]:
    return given.name, given.of, given.text


def _place(path: str, lines: Lines) -> str:
    first, last = lines
    return f"{path}:{first}" if first == last else f"{path}:{first}-{last}"
