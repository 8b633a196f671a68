"""The statements of passages that answer a question, quoted with their marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from hwqa.arguments import argues, argument_sides
from hwqa.evidence import EvidenceList, passage_statements
from hwqa.intents import asks_why
from hwqa.lengths import NORMAL, Length
from hwqa.lexical import tokenize
from hwqa.names import NameFinder, key
from hwqa.question import Query
from hwqa.schema import Passage, Statement
from hwqa.search import is_reference
from hwqa.words import content_words

Rank = Callable[[Sequence[str]], Sequence[float]]
"""Texts → how near each is to the question, from −1 to 1."""

MOST_RANKED = 24
"""Statements that are compared with the question by their embedding; the others share too few words with it."""
FIRST = 0.5
"""What the first argument of a list has ahead; the second has half of it, and so on."""
NAMED = 0.5
"""What an argument has ahead that names the product which the question is about."""
_BRACKETED = re.compile(r"\([^()]*\)")
"""Brackets, which hold sources."""
_LEADING = 120
"""Characters of an argument within which it names the product that it is about."""
_HEADED = 2
"""First passages whose heading may be what the question asks for."""
_HEADING = 0.75
"""Share of a heading's words that a question repeats which asks for what stands under it."""
_LEAST_WORDS = 2
_LEAST_ITEMS = 3
_MOST_ITEMS = 8
_LIST_ITEM = re.compile(r"^[ ]{0,3}(?:[-*+]|\d+[.)])\s", re.M)
_MOST_NEARER = 2
_MOST_WEIGHED = 16
RELATED = 0.4
"""Least similarity to the question of a statement that is added to facts."""
PROSE = 0.08
"""What a sentence has ahead of a table row when no attribute is asked for."""
REASONED = 0.3
"""The same where a reason is asked for."""
ABOUT = 0.05
"""What a statement has ahead that names, or stands under, what the question names."""
NEAR = 0.75
"""Share of the best statement's score that further statements must reach."""
_PRONOUN = re.compile(r"(it|its|they|their|this|these)\b", re.I)


class Quotes:
    """Picks statements for a question and quotes them; each goes into the list of evidence."""

    def __init__(self, query: Query, rank: Rank, evidence: EvidenceList, length: Length = NORMAL) -> None:
        """Take the question, how texts are ranked for it, the evidence cited so far, and how much may be quoted."""
        self._length = length
        self._query = query
        self._rank = rank
        self._evidence = evidence

    def arguments(self, passages: Sequence[Passage]) -> str:
        """What the documents list for or against the subject."""
        sides = argument_sides(self._query)
        names = NameFinder({name: (name,) for name in (*self._query.products, *self._query.spoken)})
        parts: list[str] = []
        for side in sides:
            found = {
                (passage.path, statement.lines, statement.quote): (passage, statement)
                for passage in passages
                if argues(passage.heading_path, side)
                for statement in passage_statements(passage)
                if statement.kind != "row"
            }
            listed = list(found.values())
            if not listed:
                continue
            near = self._rank([statement.text for _, statement in listed])
            # Writers put the weightiest argument first.
            place: Counter[tuple[str, ...]] = Counter()
            scores = []
            for similarity, (passage, statement) in zip(near, listed, strict=True):
                place[passage.path, *passage.heading_path] += 1
                about = NAMED if names(statement.text) else 0.0
                scores.append(similarity + about + FIRST / place[passage.path, *passage.heading_path])
            best = sorted(zip(scores, listed, strict=True), key=lambda item: -item[0])[: self._length.statements + 2]
            items = "\n".join(f"- {self._quoted(passage, statement)}" for _, (passage, statement) in best)
            parts.append(f"{side.capitalize()}:\n\n{items}" if len(sides) > 1 else items)
        return "\n\n".join(parts)

    def sides(self, passages: Sequence[Passage], product: str) -> str:
        """The argument for the product, and that against it, that stand nearest to the question; each under its side.

        Only arguments that name it count, and each is quoted for one product.
        """
        spoken = [name for name in self._query.spoken if key(name) in key(product)]
        named = NameFinder({name: (name,) for name in (product, *spoken)})
        others = NameFinder({name: (name,) for name in self._query.products if name != product})
        cited = {(item.path, item.lines) for item in self._evidence.items}
        parts = []
        for side in ("for", "against"):
            found = [
                (passage, statement)
                for passage in passages
                if argues(passage.heading_path, side)
                for statement in passage_statements(passage)
                if statement.kind == "sentence"
                and statement.label
                and named(_BRACKETED.sub(" ", statement.text)[:_LEADING])
                if (passage.path, statement.lines) not in cited and _can_stand(statement)
            ]
            near = self._rank([statement.text for _, statement in found])
            # what sets the product against the other one says most about the choice
            scores = [
                score + (NAMED if others(statement.text) else 0.0)
                for score, (_, statement) in zip(near, found, strict=True)
            ]
            if found:
                best = found[max(range(len(found)), key=scores.__getitem__)]
                parts.append(f"{side.capitalize()} the {product}:\n\n- {self._quoted(*best)}")
        return "\n\n".join(parts)

    def statements(self, passages: Sequence[Passage], most: int | None = None) -> str:
        """The statements nearest to the question, at most `most` or as many as the length allows."""
        if most is None and (items := self._list_asked_for(passages)):
            return items
        most = self._length.statements if most is None else most
        listed = [
            (passage, statement)
            for passage in passages
            for statement in passage_statements(passage)
            if _can_stand(statement)
        ]
        if not listed:
            return ""
        named = self._named()
        asked = set(content_words(self._query.text))
        shared = [asked & set(content_words(f"{passage.trail} {statement.text}")) for passage, statement in listed]
        first = sorted(range(len(listed)), key=lambda place: -len(shared[place]))[:MOST_RANKED]
        listed, shared = [listed[place] for place in first], [shared[place] for place in first]
        near = self._rank(
            [
                f"{passage.heading_path[-1] if passage.heading_path else ''}: {statement.text}"
                for passage, statement in listed
            ]
        )
        scored = []
        prose_ahead = REASONED if asks_why(self._query.text) else PROSE
        for similarity, words, (passage, statement) in zip(near, shared, listed, strict=True):
            overlap = len(words) / max(len(asked), 1)
            prose = prose_ahead if statement.kind == "sentence" else 0.0
            about = ABOUT if named(f"{passage.trail} {statement.text}") else 0.0
            scored.append((0.6 * similarity + 0.4 * overlap + 0.05 / passage.rank + prose + about, passage, statement))
        scored.sort(key=lambda item: -item[0])
        best = scored[0][0]
        kept = [(passage, statement) for score, passage, statement in scored if score >= NEAR * best][:most]
        # The best first; the others as the documents tell them.
        kept = [kept[0], *sorted(kept[1:], key=lambda pair: (pair[0].rank, pair[1].lines))]
        if len(kept) == 1:
            return self._quoted(*kept[0])
        return "\n".join(f"- {self._quoted(*pair)}" for pair in kept)

    def _list_asked_for(self, passages: Sequence[Passage]) -> str:
        """The items of the section whose heading the question repeats, if it is a list; else empty."""
        asked = set(content_words(self._query.text))
        for passage in () if self._query.direction or self._query.products else passages[:_HEADED]:
            heading = set(content_words(passage.heading_path[-1])) if len(passage.heading_path) > 1 else set()
            if len(heading) < _LEAST_WORDS or len(heading & asked) < _HEADING * len(heading):
                continue
            lines = [line for line in passage.own_text.splitlines() if line.strip()]
            marked = len(_LIST_ITEM.findall(passage.own_text))
            is_list = marked >= _LEAST_ITEMS and marked >= _HEADING * len(lines)
            items = [each for each in passage_statements(passage) if each.kind == "sentence"] if is_list else []
            if items and not _is_entry(items[0].quote):
                return "\n".join(f"- {self._quoted(passage, each)}" for each in items[:_MOST_ITEMS])
        return ""

    def told(self, passages: Sequence[Passage]) -> str:
        """All statements of the passages, quoted in their order."""
        return " ".join(self._quoted(passage, each) for passage in passages for each in passage_statements(passage))

    def supplement(self, told: str, passages: Sequence[Passage], *, nearer: bool = True) -> str:
        """The statements that speak of what the question also asks and what was told does not say.

        With `nearer` also those that stand nearer to the question than all that is cited of its subject.
        """
        query = self._query
        known = (told, *query.products, *query.spoken, *query.attributes, *query.asked)
        said = {token for item in self._evidence.items for token in tokenize(f"{item.trail} {item.text}")}
        said |= set(tokenize(" ".join(known)))
        # a compound counts as said, or as held, when a part of it is: `dual-slot` holds `slots`
        words = {word: set(tokenize(word)) for word in content_words(query.text)}
        open_words = [tokens for tokens in words.values() if not tokens & said]
        if not open_words and len(query.products) < 2:
            return ""
        cited = {(item.path, item.lines) for item in self._evidence.items}
        named = self._named()
        found = []
        between = self._between(passages, cited)
        for passage in passages if open_words else ():
            for statement in passage_statements(passage):
                if (passage.path, statement.lines) in cited or not named(f"{passage.trail} {statement.text}"):
                    continue
                held = set(tokenize(statement.text))
                shared = sum(bool(tokens & held) for tokens in open_words)
                if shared * 2 >= len(open_words):
                    found.append((shared, passage, statement))
        found.sort(key=lambda item: (-item[0], item[1].rank))
        found = [item for item in found if _can_stand(item[2])][:MOST_RANKED]
        near = self._rank([_said(passage, statement) for _, passage, statement in found])
        best = sorted(zip(near, found, strict=True), key=lambda item: (-item[1][0], -item[0]))
        kept = [(passage, statement) for score, (_, passage, statement) in best if score >= RELATED]
        others = self._nearer(passages, cited) if open_words and nearer else []
        first = [*between, *(pair for pair in others if pair not in between)]
        kept = [*first, *(pair for pair in kept if pair not in first)][: self._length.supplements]
        if not kept:
            return ""
        return "\n".join(f"- {self._quoted(*pair)}" for pair in kept)

    def _nearer(
        self, passages: Sequence[Passage], cited: set[tuple[str, tuple[int, int]]]
    ) -> list[tuple[Passage, Statement]]:
        """The statements about the named product that are nearer to the question than all that is cited of it.

        A question whose words name one attribute may be about another: "how many heads share one, since it uses …".
        """
        if not self._query.products:
            return []
        named = self._named()
        about = [
            (passage, statement)
            for passage in passages
            for statement in passage_statements(passage)
            if _can_stand(statement) and named(f"{passage.trail} {statement.text}")
        ]
        asked = set(content_words(self._query.text))
        about.sort(key=lambda pair: -len(asked & set(content_words(_said(*pair)))))
        about = [pair for place, pair in enumerate(about) if place < _MOST_WEIGHED or _is_cited(*pair, cited)]
        near = self._rank([_said(*pair) for pair in about])
        told = [_is_cited(*pair, cited) for pair in about]
        if not any(told):
            return []
        bar = max(score for score, is_told in zip(near, told, strict=True) if is_told)
        nearer = [(score, pair) for score, pair in zip(near, about, strict=True) if score > bar]
        return [pair for _, pair in sorted(nearer, key=lambda item: -item[0])[:_MOST_NEARER]]

    def _between(
        self, passages: Sequence[Passage], cited: set[tuple[str, tuple[int, int]]]
    ) -> list[tuple[Passage, Statement]]:
        """The statement that names several of the compared products and has most of what is asked about them.

        A row of a table says little without its header; what it holds stands in the comparison.
        """
        products = self._query.products
        asked = set(content_words(self._query.text)) - set(content_words(" ".join((*products, *self._query.spoken))))
        names = NameFinder({name: (name,) for name in (*products, *self._query.spoken)})
        found = []
        for passage in passages if len(products) > 1 else ():
            for statement in passage_statements(passage):
                named = {
                    product
                    for name in names(statement.text)
                    for product in products
                    if key(statement.text[name.start : name.end]) in key(product)
                }
                shared = len(asked & set(content_words(statement.text)))
                if (
                    len(named) > 1
                    and shared
                    and statement.kind != "row"
                    and (passage.path, statement.lines) not in cited
                ):
                    found.append((shared, passage, statement))
        found.sort(key=lambda item: -item[0])
        return [(passage, statement) for _, passage, statement in found[:1]]

    def _named(self) -> Callable[[str], bool]:
        """Whether a text is about what the question names; any text is where it names nothing."""
        names = (*self._query.products, *self._query.companions, *self._query.spoken)
        finder = NameFinder({name: (name,) for name in names})
        return (lambda text: bool(finder(text))) if names else (lambda _: True)

    def _quoted(self, passage: Passage, statement: Statement) -> str:
        text = " ".join(statement.text.split())
        mark = self._evidence.statement(passage, statement)
        if statement.kind == "row":
            return f"{_row_text(passage, statement)} {mark}."
        if _PRONOUN.match(text) and passage.heading_path:
            text = f"{passage.heading_path[-1]}: {text}"
        return f"{text.rstrip('.')} {mark}."


def _can_stand(statement: Statement) -> bool:
    """Whether a statement says something by itself: it announces nothing, asks nothing, is no reference."""
    return not statement.text.rstrip().endswith((":", "?")) and not _is_entry(statement.quote)


def _is_entry(quote: str) -> bool:
    """Whether a quote is an entry of a list of references."""
    return is_reference(f"- {quote.lstrip('-*+ ')}")


def _is_cited(passage: Passage, statement: Statement, cited: set[tuple[str, tuple[int, int]]]) -> bool:
    return (passage.path, statement.lines) in cited


def _said(passage: Passage, statement: Statement) -> str:
    """The statement as an answer says it."""
    return _row_text(passage, statement) if statement.kind == "row" else statement.text


def _row_text(passage: Passage, statement: Statement) -> str:
    """A table row as a clause: what the section and the first cell name, then the other cells under their headers."""
    cells = dict(zip((name.casefold() for name in statement.header), statement.cells, strict=False))
    subject = passage.heading_path[-1] if passage.heading_path else ""
    if "value" in cells:
        qualifiers = [cells.get(name, "") for name in ("basis", "note")]
        qualified = f" ({'; '.join(filter(None, qualifiers))})" if any(qualifiers) else ""
        return f"{subject}: {statement.cells[0]} {cells['value']}{qualified}"
    rest = [
        f"{name} {cell}" if name else cell
        for name, cell in list(zip(statement.header, statement.cells, strict=False))[1:]
        if cell and name.casefold() not in ("source", "sources")
    ]
    return f"{statement.cells[0]}: {', '.join(rest)}"
