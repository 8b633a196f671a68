"""Number formats and bases (dense, sparse) of the quantities of a sentence, also where it lists them in order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hwqa.grounding.terms import DENSE, NUMBER_FORMAT, SPARSE, basis_in, formats_in
from hwqa.units import Quantity, dimension

_VERSUS = re.compile(
    r"\s*(?:[\w/-]+\s+){0,3}?(?:vs\.?|versus|against|compared (?:with|to)|rather than|instead of|not"
    r"|/)\s*(?:only |just |about |~|≈|\$|€)*\s*",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\s*(?:[\w/-]+\s+){0,2}?(?:,|and|or|/|&|vs\.?|versus|against|, and)\s*(?:about |~|\$|€)*\s*", re.IGNORECASE
)


def clause_at(clauses: Sequence[tuple[int, int]], position: int) -> tuple[int, int]:
    """Where the clause that holds the position begins and ends."""
    return next(((start, end) for start, end in clauses if start <= position < end), clauses[-1])


def runs_of(text: str, quantities: Sequence[Quantity]) -> list[tuple[list[int], bool]]:
    """Runs of quantities of one dimension that only connectives part, and whether `versus` parts them."""
    runs: list[tuple[list[int], bool]] = []
    for at, quantity in enumerate(quantities):
        if runs:
            run, versus = runs[-1]
            last = quantities[run[-1]]
            gap = text[last.end : quantity.start]
            if gap.strip().lower() == "to" and re.search(r"\bfrom\s+\S{0,2}$", text[: last.start]):
                gap = " vs "
            if dimension(last.unit) == dimension(quantity.unit) and last.kind == quantity.kind:
                if _VERSUS.fullmatch(gap):
                    runs[-1] = ([*run, at], True)
                    continue
                if _LISTED.fullmatch(gap):
                    runs[-1] = ([*run, at], versus)
                    continue
        runs.append(([at], False))
    return runs


def formats_at(
    text: str, quantities: Sequence[Quantity], at: int, clauses: Sequence[tuple[int, int]]
) -> frozenset[str]:
    """The number formats that a sentence names with its quantity at that position."""
    quantity = quantities[at]
    found = list(NUMBER_FORMAT.finditer(text))
    if not found:
        return frozenset()
    for run, versus in runs_of(text, quantities):
        if at in run and versus and len(run) == len(found) > 1 and found[-1].end() <= quantities[run[0]].start:
            return formats_in(found[run.index(at)][0])
    start, end = clause_at(clauses, quantity.start)
    inside = [match for match in found if start <= match.start() < end]
    if inside:
        return formats_in(" ".join(match[0] for match in inside))
    before = [match for match in found if match.end() <= quantity.start]
    if before:
        last = [before[-1]]
        for match in reversed(before[:-1]):
            if re.fullmatch(r"\s*(?:,|and|or|/|&)\s*", text[match.end() : last[-1].start()]):
                last.append(match)
            else:
                break
        return formats_in(" ".join(match[0] for match in last))
    return formats_in(found[0][0]) if len(quantities) == 1 or at == 0 else frozenset()


def bases_of(text: str, quantities: Sequence[Quantity], clauses: Sequence[tuple[int, int]]) -> list[str]:
    """The basis of each quantity of a sentence: `dense`, `sparse` or empty."""
    whole = basis_in(text)
    rising = [
        run for run, _ in runs_of(text, quantities) if re.search(r"\bfrom\s+\S{0,2}$", text[: quantities[run[0]].start])
    ]
    ordered = _bases_in_order(text, quantities)
    found = []
    for at, quantity in enumerate(quantities):
        if at in ordered:
            found.append(ordered[at])
            continue
        start, end = clause_at(clauses, quantity.start)
        shifts = any(at in run[:-1] for run in rising)
        own = basis_in(text[quantity.end : quantities[at + 1].start] if shifts else text[start:end])
        if own in ("", "both") and whole == "both":
            limit = quantities[at + 1].start if at + 1 < len(quantities) else len(text)
            behind = basis_in(text[quantity.end : limit])
            begin = quantities[at - 1].end if at else 0
            own = behind if behind in ("dense", "sparse") else basis_in(text[begin : quantity.start])
        found.append(own if own else whole if whole != "both" and not shifts else "")
    return found


def _bases_in_order(text: str, quantities: Sequence[Quantity]) -> dict[int, str]:
    """The bases of `the sparse figure is twice the dense one: 9,000 against 4,500 TFLOPS`, by position."""
    named_bases = sorted(
        [(match.start(), "dense") for match in DENSE.finditer(text)]
        + [(match.start(), "sparse") for match in SPARSE.finditer(text)]
    )
    for run, versus in runs_of(text, quantities):
        first = quantities[run[0]].start
        if versus and len(run) == 2 and [start < first for start, _ in named_bases] == [True, True]:
            return {at: basis for at, (_, basis) in zip(run, named_bases, strict=True)}
    return {}
