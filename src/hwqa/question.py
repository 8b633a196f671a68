"""What a question names: products, attributes, topics and intent, by a vocabulary learned from the documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from hwqa.abbreviations import Abbreviations
from hwqa.conversation import continued
from hwqa.intents import (
    Direction,
    Intent,
    asks_for_advice,
    asks_for_all,
    asks_for_extreme_of_kind,
    asks_for_list,
    asks_for_things,
    direction_of,
    intent_of,
)
from hwqa.meant import by_speed, by_unit, heads_of_compounds
from hwqa.names import Found, NameFinder, key, singular
from hwqa.schema import Mention, Message
from hwqa.selection.bounds import bounds_in, measured_of
from hwqa.selection.columns import meant_attribute
from hwqa.selection.figures import Condition
from hwqa.selection.prices import meant_prices
from hwqa.selection.ratios import Ratio, asked_ratio
from hwqa.selection.requirements import Requirements, Understood, requirements
from hwqa.spelling import Spelling, names_shaped, other_spellings
from hwqa.spoken import Names, blanked
from hwqa.units import find_quantities
from hwqa.vocabulary import Vocabulary
from hwqa.words import WORD

_THING = re.compile(r"(accelerator|card|chip|device|system|hardware|model|inference)s?", re.I)
"""Words for things at large: in a title they do not make it the topic of a question."""
_NOT_FROM = re.compile(
    r"\b(?:non|not?(?: from| by| an?)?|without|except(?: for| from)?|excluding|other than|besides|apart from|but no|"
    r"(?:any|every)(?:one|thing|body) but)[\s-]+"
    r"(?:any |an? |the )?$",
    re.I,
)
"""What stands in front of a topic whose products are not wanted."""
_TIMES = re.compile(r"(?<![\w.])(\d{1,4})[x×](?=[A-Z]{1,3}\w*\d)")
"""A number of devices that is written together with their name: `8xH100`."""
_WORDLIKE = 4
"""Letters from which a name with a number is read as a word, which may be misspelt."""
_BEGINNING = 5
"""Letters of a name's beginning that stand for the name, where no document uses them as a word."""
_MEMBER = re.compile(r"[ -]?((?:[A-Za-z]{1,4}-?)?\d{1,4}[A-Za-z]{0,2})\b(?![.,]?\d)")
"""What may follow a family's name to name a member of it."""
_STRANGER = re.compile(r"(?<![\w.,])([^\W\d_]+)[ -](\d{3,5}[A-Za-z]{0,2})(?![\w%]|[.,]\d)")
"""A word with a number that may name a member of the word's family."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the chain understands it."""

    text: str
    """The question, able to stand alone, with the spelling of names mended."""
    expanded: str = ""
    """The same, followed by the other forms of its abbreviations: what is searched for by words."""
    products: tuple[str, ...] = ()
    """Products that it names, by their first names, in order of mention."""
    spoken: tuple[str, ...] = ()
    """The products' names as the question has them."""
    companions: tuple[str, ...] = ()
    """Products of another kind that it names beside them: the model that is to run on the device."""
    attributes: tuple[str, ...] = ()
    """Attributes that it asks for, in order of mention."""
    asked: tuple[str, ...] = ()
    """The attributes' names as the question has them."""
    topics: tuple[str, ...] = ()
    """Paths of the documents whose title, vendor and folder it names in the most words."""
    headings: frozenset[str] = frozenset()
    """Keys of the headings that it names, where it names neither a product nor a topic."""
    intent: Intent = "explain"
    direction: Direction = ""
    """Which end of a ranking is asked for."""
    conditions: tuple[Condition, ...] = ()
    """Bounds that products must meet."""
    excluded: tuple[str, ...] = ()
    """Paths of the documents whose products the question leaves out: `non-` in front of a vendor."""
    wish: Requirements | None = None
    """What products must be and how they are ordered, where the question asks for a ranking or for all that have
    something."""
    advice: bool = False
    """Whether it asks which thing to take, and says nothing of what that must be."""
    usual: tuple[str, ...] = ()
    """Attributes that have figures, that with most figures first."""
    names: tuple[str, ...] = ()
    """Parts of the question that look like names and that the vocabulary does not know."""
    listed: frozenset[str] = frozenset()
    """Keys of all names of attributes that the vocabulary knows."""
    ambiguous: Mapping[str, tuple[str, ...]] | None = None
    """A name in the question → the products that it may mean, where there are several."""


class Reader:
    """Reads questions with a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, frequency: Callable[[str], int] = lambda word: 1) -> None:  # noqa: ARG005
        """Take the vocabulary and `frequency`, which says how many texts of the documents use a word."""
        self.vocabulary = vocabulary
        self._frequency = frequency
        self._products = NameFinder(vocabulary.products)
        self._attributes = NameFinder(vocabulary.attributes)
        self._headings = NameFinder(vocabulary.headings)
        self._listed = frozenset(key(name) for names in vocabulary.attributes.values() for name in names)
        self._abbreviations = Abbreviations(vocabulary.abbreviations, frequency)
        self._topics = NameFinder({word: (word,) for word in vocabulary.topics})
        self._words = {
            word.casefold()
            for names in vocabulary.products.values()
            for name in names
            for word in WORD.findall(name)
            if len(word) >= 4
        } | {word for word in vocabulary.topics if len(word) >= 5 and word.isalnum()}
        self._spelling = Spelling(self._words)

    def mentions(self, text: str) -> list[Mention]:
        """The products that `text` names and where; an ambiguous name gives a mention for each product it may mean."""
        return [Mention(product, found.start, found.end) for found in self._products(text) for product in found.values]

    def mend(self, question: str) -> str:
        """The question with misspelt names replaced by the documents' own; a digit is never changed."""
        question = _TIMES.sub(r"\1 × ", question)
        if not self._words:
            return question

        def mended(match: re.Match[str]) -> str:
            word = match.group()
            folded = word.casefold()
            other = next((name for name in other_spellings(folded) if name in self._words), "")
            if other and folded not in self._words:
                return other
            if len(word) < 4 or folded in self._words or self._frequency(folded) or self._frequency(singular(folded)):
                return word
            begun = list(self._spelling.beginning(folded)) if len(folded) >= _BEGINNING else []
            if len(begun) == 1:
                return begun[0]
            allowed = 1 if len(word) < 8 else 2
            # Of a part number nearly every letter tells: only swapped ones are mended, lest `BR100` become the B100.
            told = any(map(str.isdigit, folded)) and sum(map(str.isalpha, folded)) < _WORDLIKE
            best = self._spelling.nearest(folded, allowed, swapped_only=told)
            return best if best is not None and best[0] == folded[0] else word

        return WORD.sub(mended, question)

    def read(self, question: str) -> Query:
        """What `question` asks for."""
        text = self.mend(question)
        found, other_members = self._known_products(text)
        products = tuple(dict.fromkeys(product for name in found for product in name.values))
        products = products or self._only_ones(text)
        products += tuple(self._variants(text, products, [text[name.start : name.end] for name in found]))
        named, products = products, self._of_one_kind(products)
        without_products = blanked(text, [(name.start, name.end) for name in found])
        named_attributes = self._attributes(without_products)
        qualifying = heads_of_compounds(without_products, named_attributes, self.vocabulary.attributes)
        named_attributes = [name for name in named_attributes if name not in qualifying]
        attributes = self._attributes_meant(without_products, named_attributes, of_one=len(products) == 1)
        attributes = meant_prices(without_products, attributes, self.vocabulary.units)
        conditions = tuple(bounds_in(without_products, attributes, self.vocabulary.units))
        measured = [(condition.quantity.start, condition.quantity.end) for condition in conditions]
        taken = [(name.start, name.end) for name in (*found, *named_attributes)] + measured
        taken += [(start, start + len(name)) for name in other_members if (start := text.find(name)) >= 0]
        rest = blanked(text, taken)
        topics, excluded = self._wanted_topics(rest)
        direction = direction_of(text)
        named_topics = tuple(sorted(path for path, count in topics.items() if count == max(topics.values())))
        # `Which one runs X fastest?` asks for products, and X is what they are to run.
        run = not products or (self._are_run(products) and asks_for_things(without_products))
        unknown = tuple(dict.fromkeys((*other_members, *names_shaped(rest), *self._strangers(rest))))
        spans = [(start, start + len(name)) for name in unknown if (start := without_products.find(name)) >= 0]
        # the Pro of a name is no argument
        said = blanked(without_products, spans)
        ratio = asked_ratio(without_products, self._attributes, self.vocabulary.units)
        intent = intent_of(said, () if run else products, attributes, conditions)
        if ratio is not None and intent == "explain" and run:
            intent = "rank"
        wanted = intent == "rank" or (intent == "explain" and run and asks_for_all(text)) or ratio is not None
        advice = not (wanted or products or attributes or conditions) and asks_for_advice(text)
        wish = self._wish(text, attributes, (named_topics, excluded), ratio) if wanted or advice else None
        if wish is not None and ratio is not None:
            wish = replace(wish, products=frozenset(products), paths=() if products else wish.paths)
        return Query(
            text=text,
            expanded=self._abbreviations.expanded(text),
            products=products,
            spoken=tuple(dict.fromkeys(text[name.start : name.end] for name in found)),
            companions=tuple(product for product in named if product not in products),
            attributes=attributes,
            asked=tuple(dict.fromkeys(text[name.start : name.end] for name in named_attributes)),
            topics=named_topics,
            headings=frozenset(
                () if products or topics else (found.values[0] for found in self._headings(without_products))
            ),
            intent=intent,
            direction=direction,
            conditions=conditions,
            excluded=excluded,
            wish=wish,
            advice=advice,
            usual=tuple(self.vocabulary.units),
            names=unknown,
            listed=self._listed,
            ambiguous={text[name.start : name.end]: name.values for name in found if len(name.values) > 1} or None,
        )

    def _wanted_topics(self, text: str) -> tuple[Counter[str], tuple[str, ...]]:
        """The documents that the text's topics belong to, each as often as it is named; and those it leaves out."""
        topics: Counter[str] = Counter()
        excluded: dict[str, None] = {}
        for word, name in {name.values[0]: name for name in reversed(self._topics_in(text))}.items():
            if _NOT_FROM.search(text[: name.start]):
                excluded |= dict.fromkeys(self.vocabulary.topics[word])
            elif not _THING.fullmatch(word):
                topics.update(self.vocabulary.topics[word])
        return topics, tuple(excluded)

    def _known_products(self, text: str) -> tuple[list[Found], tuple[str, ...]]:
        """The products named, and the names of members of their families that the vocabulary does not know.

        A family's name with a number that belongs to none of its products, as `Atlas 9`, names another product.
        """
        taken = {quantity.start for quantity in find_quantities(text) if quantity.unit}
        taken |= {attribute.start for attribute in self._attributes(text)}
        known: list[Found] = []
        others: list[str] = []
        for found in self._products(text):
            further = _MEMBER.match(text, found.end)
            named = text[found.start : found.end]
            if (
                further is not None
                and further.start(1) not in taken
                and not any(map(str.isdigit, named))
                and not self._products(further.group(1))
                and (not further.group(1)[0].islower() or not self._frequency(further.group(1).casefold()))
            ):
                others.append(text[found.start : further.end()])
            else:
                known.append(found)
        return known, tuple(others)

    def _only_ones(self, text: str) -> tuple[str, ...]:
        """The product of a maker that has just one, where the text names the maker and no product."""
        named = {self._sole[topic.values[0]] for topic in self._topics_in(text) if topic.values[0] in self._sole}
        return tuple(named) if len(named) == 1 else ()

    @cached_property
    def _sole(self) -> dict[str, str]:
        """Topic → the only product whose name begins with it, of the kind that is listed first."""
        first = next(iter(self.vocabulary.kinds.values()), tuple(self.vocabulary.products))
        names = {product: product.casefold() for product in first}
        found = {}
        for topic in self.vocabulary.topics:
            own = [product for product, name in names.items() if name.startswith(f"{topic} ")]
            if len(own) == 1:
                found[topic] = own[0]
        return found

    @cached_property
    def _called(self) -> dict[str, list[str]]:
        """Path of a document → the words of its title, vendor and folder."""
        called: dict[str, list[str]] = {}
        for word, paths in self.vocabulary.topics.items():
            for path in paths:
                called.setdefault(path, []).append(word)
        return called

    def _strangers(self, text: str) -> Iterable[str]:
        """Words of product names with a number that no document holds: `rtx 5070` where only others are known."""
        measured = {quantity.start for quantity in find_quantities(text) if quantity.unit}
        for match in _STRANGER.finditer(text):
            word, number = match.groups()
            of_family = word.casefold() in self._words or word.casefold() in self.vocabulary.topics
            if of_family and match.start(2) not in measured and not self._frequency(number.casefold()):
                yield match.group()

    def _attributes_meant(self, text: str, named: Sequence[Found], *, of_one: bool) -> tuple[str, ...]:
        """The attributes that the question asks for, by name, by the word of speed beside it, or by their unit."""
        units = self.vocabulary.units
        rates = by_speed(text, named, self.vocabulary.attributes, units, of_one=of_one)
        attributes = dict.fromkeys(rates.get(value, value) for name in named for value in name.values)
        attributes.update(dict.fromkeys(by_unit(text, units)))
        if not attributes and (meant := meant_attribute(text, units, self.vocabulary.attributes)):
            return (meant,)
        return tuple(attributes)

    def _are_run(self, products: Sequence[str]) -> bool:
        """Whether the products are of a kind listed later than the first: what those of the first kind run."""
        later = {product for kind in list(self.vocabulary.kinds.values())[1:] for product in kind}
        return all(product in later for product in products)

    def _of_one_kind(self, products: tuple[str, ...]) -> tuple[str, ...]:
        """The products of the kind that is listed first: what runs on them is a matter for the passages."""
        for members in self.vocabulary.kinds.values():
            own = tuple(product for product in products if product in members)
            if own:
                return own
        return products

    def _variants(self, text: str, products: Sequence[str], spoken: Sequence[str]) -> Iterable[str]:
        """Products that share a name with one found and whose further words stand elsewhere: `H100 PCIe and SXM`.

        A name whose words all stand in one that was found, `spoken`, names nothing else.
        """
        said = [{word.casefold() for word in WORD.findall(name)} for name in spoken]
        words = {word.casefold() for word in WORD.findall(text)}
        numbered = {
            word.casefold()
            for product in products
            for name in self.vocabulary.products[product]
            for word in WORD.findall(name)
            if any(map(str.isdigit, word))
        } & words
        for product, names in self.vocabulary.products.items():
            if product in products or not numbered:
                continue
            for name in names:
                own = {word.casefold() for word in WORD.findall(name)}
                if len(own) > 1 and own & numbered and own <= words and not any(own <= name for name in said):
                    yield product
                    break

    def _topics_in(self, text: str) -> list[Found]:
        """The topics in `text`; a word that goes on behind a full stop, as in `name.cpp`, is another name."""
        return [name for name in self._topics(text) if not re.match(r"\.\w", text[name.end : name.end + 2])]

    def requirements(self, text: str) -> Requirements:
        """What a wish for products asks for: bounds, features, availability, and the order."""
        text = self.mend(text)
        query = self.read(text)
        return query.wish or self._wish(text, query.attributes, (query.topics, query.excluded))

    def _wish(
        self,
        text: str,
        attributes: Sequence[str],
        topics: tuple[Sequence[str], Sequence[str]],
        ratio: Ratio | None = None,
    ) -> Requirements:
        # The kind that is listed first is what the documents are about; others are what its products run or serve.
        kinds = tuple(self.vocabulary.kinds.values()) or (tuple(self.vocabulary.products),)
        own = frozenset(kinds[0])

        def products(part: str) -> list[Found]:
            return [name for name in self._products(part) if own.intersection(name.values)]

        without = blanked(text, [(name.start, name.end) for name in products(text)])
        names = Understood(
            conditions=tuple(bounds_in(without, attributes, self.vocabulary.units)),
            topics=tuple(topics[0]),
            excluded=tuple(topics[1]),
            ratio=ratio,
            attributes_of=lambda clause: meant_prices(
                without,
                list(dict.fromkeys(value for name in self._attributes(clause) for value in name.values)),
                self.vocabulary.units,
            ),
            known=lambda word: bool(self._topics_in(word) or products(word)),
            kinds=kinds,
            meant=tuple(attributes),
            families=self.vocabulary.topics,
            called=self._called,
            measured=frozenset(self.vocabulary.units),
            measured_of=lambda name: measured_of(name, list(self.vocabulary.units)),
        )
        return replace(requirements(without, names), lists=asks_for_list(text))

    def stand_alone(self, question: str, history: Sequence[Message]) -> str:
        """The question with what it takes from the conversation written out, as `hwqa.conversation` says.

        >>> vocabulary = Vocabulary({"X1": ("X1",), "Y2": ("Y2",)}, {"Power": ("Power", "TDP")}, {}, {}, {}, {})
        >>> Reader(vocabulary).stand_alone("And its TDP?", [Message("user", "How much memory does the X1 have?")])
        "the X1's TDP?"
        >>> Reader(vocabulary).stand_alone("what about Y2?", [Message("user", "What is the TDP of the X1?")])
        'What is the TDP of the Y2?'
        """
        turns: list[tuple[str, str]] = []
        for message in history:
            if message.role == "user" and message.content.strip():
                turns.append((continued(message.content, turns, self.names), ""))
            elif message.role != "user" and turns:
                turns[-1] = (turns[-1][0], message.content)
        return continued(question, turns, self.names)

    @cached_property
    def names(self) -> Names:
        """What the vocabulary knows, for reading a conversation."""
        return Names(
            mend=self.mend,
            products=self._products,
            attributes=self._attributes,
            topics=self._topics,
            kind_of=self._kind_of,
            asks_for_a_set=lambda text: not self._products(text) and self.read(text).intent == "rank",
            asks_for_a_kind=asks_for_extreme_of_kind,
            asked=lambda text: self.read(text).attributes,
            strangers=self._strangers_in,
            frequency=self._frequency,
        )

    def _strangers_in(self, text: str) -> list[str]:
        """The unknown names in the text, those that are topics left out."""
        return [name for name in self.read(text).names if not self._topics(name)]

    def _kind_of(self, product: str) -> str:
        return next((kind for kind, members in self.vocabulary.kinds.items() if product in members), "")


def ranked_attribute(query: Query) -> str:
    """The attribute by which the products of a ranking are ordered: the first named one that is not only a bound."""
    bounds = [condition.attribute for condition in query.conditions]
    return next((name for name in query.attributes if name not in bounds), (*query.attributes, *bounds)[0])
