"""A thousand drafts of misbehaving chat models, and what of their lies reaches the reader.

    python -m benchmarks.misbehaving_models [--drafts 1000] [--seed 1] [--write]

A real server on loopback speaks OpenAI's protocol and writes drafts from the evidence in each prompt
(`misbehaviour/drafts.py`), over the golden questions of the project that are not held out. Two checks that share
nothing with the gate look at the finished answers: each number must stand in what its sentence cites
(`misbehaviour/numbers.py`), and no statement that was told as a lie may stand in an answer that the model wrote.
`--write` puts the table into docs/benchmarks/gate.md.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.misbehaviour.drafts import survivors
from benchmarks.misbehaviour.kinds import KINDS, Liar
from benchmarks.misbehaviour.numbers import unsupported
from tests.chat_server import ChatServer

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.evaluation import load_cases
from hwqa.evaluation.golden import Case

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks" / "gate.md"
BEGIN = "<!-- begin: written by `python -m benchmarks.misbehaving_models --write`; what stands outside is kept -->"
END = "<!-- end -->"
SILENCE = 0.5
"""Seconds that the model may be silent: a server that hangs shall not hold up the run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question to a misbehaving model."""

    case: str
    kind: str
    drafts: tuple[str, ...]
    lies: int
    text: str
    model: str
    status: str
    failure: str
    removed: int
    survived: tuple[str, ...]
    """Lies that stand in an answer that the model wrote."""
    unsupported: tuple[str, ...]
    """Numbers that nothing cited holds, with their sentences and quotes."""


def run(assistant: Assistant, liar: Liar, cases: Sequence[Case], drafts: int, seed: int) -> Iterator[Outcome]:
    """An outcome for each question, until so many drafts were written.

    Args:
        assistant: Asks the server that `liar` is the script of.
        liar: Writes the drafts.
        cases: Questions to ask; those that the documents answer, else the model is not asked.
        drafts: How many to write at least.
        seed: Of the choice of questions and of the drafts.
    """
    chance = random.Random(seed)  # noqa: S311 - a choice of questions, not a secret
    kinds = list(KINDS)
    written = number = 0
    while written < drafts:
        case, kind = chance.choice(cases), kinds[number % len(kinds)]
        liar.begin(kind, seed * 1_000_003 + number)
        number += 1
        answer = assistant.ask(case.question, case.history)
        written += len(liar.told)
        if not liar.told:
            continue
        # an answer that the model wrote is made of its last draft: nothing of the one before was left
        survived = survivors(liar.told[-1:], answer.text) if answer.model != "none" else []
        yield Outcome(
            case.id,
            kind,
            tuple(draft.text for draft in liar.told),
            sum(len(draft.lies) for draft in liar.told),
            answer.text,
            answer.model,
            answer.status,
            answer.failure,
            answer.removed_sentences,
            tuple(survived),
            tuple(
                f"{found.number} in {found.sentence!r} cites {found.quotes}"
                for found in unsupported(answer, assistant.corpus)
            ),
        )


def questions() -> list[Case]:
    """The golden questions that are neither held out nor kept fresh, and that the documents answer."""
    files = [file for file in sorted((ROOT / "tests" / "golden").glob("*.yaml")) if file.stem != "fresh"]
    return [case for case in load_cases(files) if case.answerable]


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes by kind, as a Markdown table."""
    lines = [
        "| the model … | drafts | lies told | answers with its sentences | composed instead | sentences removed "
        "| lies that reached the reader | unsupported numbers |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for kind in [*KINDS, ""]:
        own = [outcome for outcome in outcomes if outcome.kind == kind or not kind]
        if not own:
            continue
        count = Counter[str]()
        for outcome in own:
            count["drafts"] += len(outcome.drafts)
            count["lies"] += outcome.lies
            count["kept"] += outcome.model != "none"
            count["composed"] += outcome.model == "none"
            count["removed"] += outcome.removed
            count["survived"] += len(outcome.survived)
            count["unsupported"] += len(outcome.unsupported)
        names = ("drafts", "lies", "kept", "composed", "removed", "survived", "unsupported")
        lines.append(f"| {kind or 'all'} | " + " | ".join(f"{count[name]:,}" for name in names) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--drafts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", help="only kinds whose names hold one of these words")
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus")
    parser.add_argument("--index", default=str(ROOT / "index"))
    parser.add_argument("--out", type=Path, help="file for the outcomes as JSON lines")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    if given.kinds:
        for name in [name for name in KINDS if not any(word in name for word in given.kinds)]:
            del KINDS[name]
    liar = Liar()
    outcomes = []
    with ChatServer(liar) as server:
        settings = Settings.load(
            corpus=given.corpus,
            index=given.index,
            model="openai:test",
            base_url=server.base_url,
            model_timeout=SILENCE,
            answer_cache=False,
        )
        for outcome in run(Assistant.open(settings=settings), liar, questions(), given.drafts, given.seed):
            outcomes.append(outcome)
            for what, found in (("LIE", outcome.survived), ("NUMBER", outcome.unsupported)):
                for leak in found:
                    print(f"{what} [{outcome.kind}] {outcome.case}: {leak}", flush=True)
    if given.out:
        given.out.write_text("".join(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes), "utf-8")
    print(table(outcomes))
    if given.write:
        part = f"{BEGIN}\n\nSeed {given.seed}.\n\n{table(outcomes)}\n\n{END}"
        page = PAGE.read_text("utf-8")
        if BEGIN not in page:
            raise SystemExit(f"{PAGE} has no place for the table: put these lines into it\n{BEGIN}\n{END}")
        PAGE.write_text(
            re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: part, page, flags=re.DOTALL), "utf-8"
        )


if __name__ == "__main__":
    main()
