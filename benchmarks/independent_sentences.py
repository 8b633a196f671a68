"""The gate on sentences that were written by somebody who had not read its code.

    python -m benchmarks.independent_sentences
    python -m benchmarks.independent_sentences third --lines odd
    python -m benchmarks.independent_sentences third --lines even

`independent`: 419 sentences over 16 questions of two corpora, the project's own and one on cargo bikes and heat pumps:
true ones in many phrasings, and false ones (swapped, invented, converted and compared wrongly, denied, widened, without
any number). `third`: 320 sentences over 40 questions, by another hand. Its even lines are held out: of them totals are
printed, and no sentence. `docs/benchmarks/gate.md` says how each came out before any mend.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hwqa.embedding import open_embedder
from hwqa.grounding import Gate
from hwqa.grounding.entailing import Encode
from hwqa.names import NameFinder
from hwqa.schema import Evidence, Mention

SETS = Path(__file__).parent.parent / "tests" / "grounding"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sentence and what the gate made of it."""

    context: str
    kind: str
    sentence: str
    supported: bool
    passed: bool
    objections: tuple[str, ...]


def outcomes(
    encode: Encode, every: int = 1, *, name: str = "independent", lines: str = "all"
) -> Iterator[Outcome]:
    """An outcome for each sentence of the set, or for every so many; `lines` of the file: all, odd or even ones."""
    number = 0
    begin, step = {"all": (0, 1), "odd": (0, 2), "even": (1, 2)}[lines]
    for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[begin::step]:
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
    parser = argparse.ArgumentParser(description="The gate on sentences by other hands.")
    parser.add_argument("name", nargs="?", default="independent", choices=["independent", "third"])
    parser.add_argument("--lines", default="all", choices=["all", "odd", "even"])
    chosen = parser.parse_args()
    found = list(outcomes(open_embedder().encode, name=chosen.name, lines=chosen.lines))
    is_held_out = chosen.name == "third" and chosen.lines != "odd"
    for outcome in found:
        if outcome.passed != outcome.supported and not is_held_out:
            what = "PASSED" if outcome.passed else "REMOVED"
            print(f"{what} [{outcome.context}, {outcome.kind}] {outcome.sentence} {'; '.join(outcome.objections)}")
    true = [outcome.passed for outcome in found if outcome.supported]
    false = [outcome.passed for outcome in found if not outcome.supported]
    print(f"{true.count(False)} of {len(true)} true sentences removed ({true.count(False) / len(true):.1%})")
    print(f"{false.count(True)} of {len(false)} false sentences passed ({false.count(True) / len(false):.1%})")


if __name__ == "__main__":
    main()
