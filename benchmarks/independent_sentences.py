"""The gate on sentences that were written before its code was read.

    python -m benchmarks.independent_sentences

419 sentences over 16 questions of two corpora, the project's own and one on cargo bikes and heat pumps: true ones in
many phrasings, and false ones (swapped, invented, converted and compared wrongly, denied, widened, without any number).
What passes or is removed against its label is printed; `docs/benchmarks/gate.md` says how it came out before any mend.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hwqa.embedding import open_embedder
from hwqa.grounding import Gate
from hwqa.grounding.entailing import Encode
from hwqa.names import NameFinder
from hwqa.schema import Evidence, Mention

SET = Path(__file__).parent.parent / "tests" / "grounding" / "independent.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sentence and what the gate made of it."""

    context: str
    kind: str
    sentence: str
    supported: bool
    passed: bool
    objections: tuple[str, ...]


def outcomes(encode: Encode, every: int = 1) -> Iterator[Outcome]:
    """An outcome for each sentence of the set, or for every so many."""
    number = 0
    for line in SET.read_text(encoding="utf-8").splitlines():
        context = json.loads(line)
        find = NameFinder(context["products"])

        def mentions(text: str, find: NameFinder = find) -> list[Mention]:
            return [Mention(product, found.start, found.end) for found in find(text) for product in found.values]

        evidence = [
            Evidence(
                number=item["number"],
                path=item["path"],
                heading_path=tuple(item["trail"]),
                anchor="",
                lines=(1, 1),
                quote=item["quote"],
                text=item["text"],
                kind=item["kind"],
            )
            for item in context["evidence"]
        ]
        for each in context["sentences"]:
            number += 1
            if number % every:
                continue
            gate = Gate(evidence, mentions=mentions, encode=encode)
            pieces = [*gate.feed(each["sentence"] + "\n"), *gate.close()]
            shown = [piece for piece in pieces if piece.text.strip()]
            passed = bool(shown) and all(piece.kept for piece in shown)
            objections = tuple(objection for piece in pieces for objection in piece.objections)
            yield Outcome(context["context"], each["kind"], each["sentence"], each["supported"], passed, objections)


def main() -> None:
    found = list(outcomes(open_embedder().encode))
    for outcome in found:
        if outcome.passed != outcome.supported:
            what = "PASSED" if outcome.passed else "REMOVED"
            print(f"{what} [{outcome.context}, {outcome.kind}] {outcome.sentence} {'; '.join(outcome.objections)}")
    true = [outcome.passed for outcome in found if outcome.supported]
    false = [outcome.passed for outcome in found if not outcome.supported]
    print(f"{true.count(False)} of {len(true)} true sentences removed ({true.count(False) / len(true):.1%})")
    print(f"{false.count(True)} of {len(false)} false sentences passed ({false.count(True) / len(false):.1%})")


if __name__ == "__main__":
    main()
