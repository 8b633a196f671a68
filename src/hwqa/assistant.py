"""The retrieval chain: a question in, a checked answer with its citations out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwqa.answer_cache import AnswerCache, answer_key, open_answer_cache
from hwqa.automatic import resolve
from hwqa.comparison.like_for_like import Comparison
from hwqa.comparison.side_by_side import compare_products
from hwqa.compose import Draft, compose
from hwqa.config import Settings
from hwqa.coverage import Coverage, cover
from hwqa.errors import ModelError, QuestionError
from hwqa.evidence import shown_to_model
from hwqa.grounding import UNSUPPORTED, Checked, Gate
from hwqa.lengths import LENGTHS
from hwqa.question import Query, Reader
from hwqa.relations import with_relative
from hwqa.remembering import remembered
from hwqa.reranking import Rerank, open_reranker, reranked
from hwqa.retrieval import Retrieved, chosen, relatives, retrieve
from hwqa.schema import Answer, Evidence, Message, Passage, Timings, Update
from hwqa.search import WEIGHTS, Weights, search
from hwqa.selection.report import SelectionReport, report
from hwqa.sizing import Sizer, asks_for_sizing, sized
from hwqa.tables import table_json
from hwqa.vocabulary import VOCABULARY_FILE, Vocabulary
from hwqa.writing import Writer, closed, removal

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable
    from numpy.typing import NDArray

    from hwqa.embedding import Embedder
    from hwqa.index import Index, SyncReport
    from hwqa.streaming import Meter

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all and what is being done."""

_RANKED = 240
"""Characters of a statement that are compared with the question: what it is about stands at its beginning."""
_NAMED = 8
"""Attributes that a refusal names."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer may rest on."""

    retrieved: Retrieved
    passages: tuple[Passage, ...]
    coverage: Coverage

    @property
    def query(self) -> Query:
        """The question as the chain understands it."""
        return self.retrieved.query


class Assistant:
    """Answers questions from a corpus of Markdown documents.

    >>> assistant = Assistant.open(corpus="corpus", index="index")  # doctest: +SKIP
    >>> assistant.ask("How much memory does the H200 have?").text  # doctest: +SKIP
    'The memory capacity of the NVIDIA H200 SXM is 141 GB (HBM3e) [1].'
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        settings: Settings,
        *,
        report: SyncReport | None = None,
        model: BaseChatModel | None = None,
        weights: Weights = WEIGHTS,
    ) -> None:
        """Take the parts; `open` loads them. A `model` given here is used instead of the one that settings name."""
        self.index = index
        self.settings, self.choice = resolve(settings) if model is None else (settings, None)
        """The settings, a model in place of `auto`; and how that model was chosen, None when it was named."""
        self.report = report
        """What the sync at opening changed; None when the index was up to date."""
        self._embedder = embedder
        self._model = model
        self._weights = weights
        self._reader: tuple[str, Reader] | None = None
        self._sizer: tuple[str, Sizer] | None = None
        self._retrieved: tuple[tuple[str, str], Retrieved] | None = None

    @classmethod
    def open(
        cls,
        corpus: str | Path | None = None,
        index: str | Path | None = None,
        model: str | BaseChatModel | None = None,
        *,
        settings: Settings | None = None,
        progress: Progress | None = None,
        sync: bool = True,
    ) -> Assistant:
        """The assistant is ready to answer: its index is up to date with the corpus.

        Args:
            corpus: Folder of the documents.
            index: Folder of the index, or the URL of a Chroma server.
            model: `provider:name`, `none`, `auto`, or a LangChain chat model.
            settings: Everything else; read from the environment when None.
            progress: Told how far indexing is.
            sync: Whether to bring a missing or stale index up to date first.

        Raises:
            CorpusError, IndexingError, EmbedderError, ConfigError: One line each, with the remedy.
        """
        from hwqa.embedding import open_embedder  # noqa: PLC0415 - the runtime of the encoder is loaded when needed
        from hwqa.index import Index  # noqa: PLC0415 - Chroma is loaded when needed

        settings = settings or Settings.load()
        named = {
            "corpus": corpus,
            "index": None if index is None else str(index),
            "model": model if isinstance(model, str) else None,
        }
        changes = {name: value for name, value in named.items() if value is not None}
        if changes:
            settings = Settings.load(**{**settings.model_dump(), **changes})
        embedder = open_embedder(settings.embedder, settings.cache, progress=progress)
        opened = Index.open(settings.index, embedder)
        report = opened.sync(settings.corpus, progress=progress) if sync and opened.is_stale(settings.corpus) else None
        chat = None if model is None or isinstance(model, str) else model
        return cls(opened, embedder, settings, report=report, model=chat)

    @property
    def corpus(self) -> Path:
        """The folder of the documents."""
        return self.settings.corpus

    @property
    def model_name(self) -> str:
        """`provider:name` of the chat model, or `none`."""
        if self._model is not None:
            return str(getattr(self._model, "model_name", None) or getattr(self._model, "model", None) or "custom")
        return self.settings.model

    @property
    def opener(self) -> Callable[[], Assistant] | None:
        """What opens the same assistant in another process and can be pickled; None where the model is an object."""
        return None if self._model is not None else partial(_opened_again, self.settings, self._weights)

    def with_model(self, spec: str, base_url: str | None = None, length: str | None = None) -> Assistant:
        """The same assistant with another chat model: `provider:name` or `none`; and another length of answers."""
        same = spec.partition(":")[0] == self.settings.model.partition(":")[0]
        # A server of another provider's protocol would not understand the request.
        changes = {
            "model": spec,
            "base_url": base_url or (self.settings.base_url if same else None),
            "answer_length": length or self.settings.answer_length,
        }
        model = self._model if spec == self.settings.model else None
        settings = self.settings.model_copy(update=changes)
        return Assistant(self.index, self._embedder, settings, report=self.report, model=model, weights=self._weights)

    def varied(self, changes: Mapping[str, Any], weights: Weights) -> Assistant:
        """The same index under changed settings and other weights of the ranking; for trials, such as `hwqa eval`'s.

        Raises:
            ConfigError: A setting has a value that cannot be used.
        """
        settings = Settings.load(**{**self.settings.model_dump(), **changes})
        return Assistant(self.index, self._embedder, settings, report=self.report, weights=weights)

    def ask(self, question: str, history: Sequence[Message] = ()) -> Answer:
        """The answer to the question, which may refer to the conversation before it.

        Raises:
            QuestionError: The question is empty or too long.
        """
        answer = None
        for update in self.stream(question, history):
            answer = update.answer
        assert answer is not None, "the last update carries the answer"  # noqa: S101 - what stream promises
        return answer

    def search(self, question: str, limit: int = 8, history: Sequence[Message] = ()) -> list[Passage]:
        """At most `limit` passages for the question, best first.

        Raises:
            QuestionError: The question is empty or too long.
        """
        self._check(question)
        found = self._retrieve(self.reader.stand_alone(question, remembered(history)))
        return search(self.index, found.scored, found.query, limit)

    def stream(self, question: str, history: Sequence[Message] = ()) -> Iterator[Update]:
        """The steps towards the answer; the text grows sentence by sentence, each checked before it is shown.

        Closing the iterator stops the chat model.

        Raises:
            QuestionError: The question is empty or too long.
        """
        self._check(question)
        began = time.perf_counter()
        history = remembered(history)
        yield Update("reading")
        key = self._key(question, history)
        if (kept := self._kept(key, question, began)) is not None:
            yield Update("done", kept.text, kept.citations, kept)
            return
        standalone = self.reader.stand_alone(question, history)
        yield Update("searching")
        found = self._find(standalone)
        searched = time.perf_counter()
        yield Update("writing")
        writer = Writer(self.reader.mentions)
        failure = ""
        meter = None
        composed = self._composed(found) if found.coverage.answerable else None
        model = "none"
        if composed is not None:
            if self.model_name != "none":
                from hwqa.streaming import Meter  # noqa: PLC0415 - needed for chat models only

                meter = Meter()
                try:
                    yield from self._written(standalone, history, found, composed, writer, meter)
                    model = self.model_name
                except ModelError as error:
                    failure = str(error)
                    writer = Writer(self.reader.mentions)
            if not writer.has_claims:
                model = "none"
                for piece in self._gate(composed.evidence, composed.text):
                    writer.add(piece, composed.evidence)
            yield Update("checking", writer.text, tuple(writer.citations))
        status, text = closed(writer, composed, found.coverage, found.passages, history)
        answered = composed if status != "not_in_docs" else None
        ended = time.perf_counter()
        answer = Answer(
            question=question,
            standalone_question=standalone,
            status=status,
            text=text,
            citations=tuple(writer.citations) if answered else (),
            table=table_json(answered.table, writer.citations) if answered and model == "none" else None,
            calculation=answered.calculation if answered else None,
            warnings=tuple(self._warnings(failure, writer.removed, text)),
            removed_sentences=writer.removed,
            removed=tuple(writer.withheld),
            model=model,
            timings=Timings(
                retrieval=1000 * (searched - began), answer=1000 * (ended - searched), total=1000 * (ended - began)
            ),
            failure=failure,
            confidence=found.coverage.score,
            usage=meter.usage if meter else None,
        )
        # Asked and answered: what broke off, or rests on documents that have changed meanwhile, is not kept.
        if self._answers and key and composed is not None and not failure and key == self._key(question, history):
            self._answers.store(key, answer)
        yield Update("done", text, answer.citations, answer)

    def compare(self, names: Sequence[str]) -> Comparison:
        """The products of these names side by side, like for like, with the source of each figure.

        Raises:
            QuestionError: Fewer than two products are named, or the documents do not know one of them.
        """
        return compare_products(self.index, self.reader, names)

    def select(self, constraints: str) -> SelectionReport:
        """The products that meet the constraints, in their order, why the others do not, and what would change it.

        Raises:
            QuestionError: The constraints are empty or too long, or name nothing that the documents give.
        """
        self._check(constraints)
        selection = chosen(self.index, self.reader.requirements(constraints), self.reader.mentions)
        if not selection.requirements.asks:
            known = ", ".join(list(self.reader.vocabulary.units)[:_NAMED])
            raise QuestionError(f"{constraints!r} names nothing that the documents give figures of; they give {known}")
        return report(selection)

    def as_runnable(self) -> Runnable[Any, Answer]:
        """The assistant as a LangChain runnable: a question, or `{"question", "history"}`, in; an `Answer` out."""
        from langchain_core.runnables import RunnableLambda  # noqa: PLC0415 - only users of LangChain's chains need it

        def run(given: Any) -> Answer:
            if isinstance(given, str):
                return self.ask(given)
            return self.ask(given["question"], given.get("history", ()))

        return RunnableLambda(run, name="hwqa")

    @property
    def reader(self) -> Reader:
        """Reads questions with the vocabulary of the documents as they are indexed now."""
        state = self.index.state
        if self._reader is None or self._reader[0] != state:
            content = self.index.cached(VOCABULARY_FILE, self._learn)
            self._reader = state, Reader(Vocabulary.from_bytes(content), self.index.frequency)
        return self._reader[1]

    @property
    def sizer(self) -> Sizer:
        """Sizes models on devices with the figures of the documents as they are indexed now."""
        state = self.index.state
        if self._sizer is None or self._sizer[0] != state:
            self._sizer = state, Sizer(self.index.facts(), self.reader.vocabulary)
        return self._sizer[1]

    def _learn(self) -> bytes:
        return Vocabulary.learned(self.index.documents(), self.index.facts()).to_bytes()

    def _check(self, question: str) -> None:
        if not question.strip():
            raise QuestionError("the question is empty: ask, for example, 'How much memory does it have?'")
        if len(question) > self.settings.question_limit:
            raise QuestionError(
                f"the question has {len(question):,} characters, at most {self.settings.question_limit:,} are read: "
                "shorten it, or set HWQA_QUESTION_LIMIT"
            )

    def _retrieve(self, standalone: str) -> Retrieved:
        """What is retrieved for the question; the last one's is at hand for who asks and then searches."""
        asked, last = (self.index.state, standalone), self._retrieved
        if last is None or last[0] != asked:
            last = self._retrieved = asked, self._retrieved_now(standalone)
        return last[1]

    def _retrieved_now(self, standalone: str) -> Retrieved:
        query = self.reader.read(standalone)
        related = relatives(self.index, query, self.reader.mentions)
        if related is not None and related.relatives and not related.is_asked:
            query = self.reader.read(with_relative(query.text, query.spoken[0], related.relatives))
        named = (*query.products, *query.companions)
        calculation = sized(query.text, named, self.sizer) if asks_for_sizing(query.text) else None
        vector = self._embedder.encode_query(query.text)
        found = retrieve(
            self.index,
            query,
            vector,
            calculation=calculation,
            weights=self._weights,
            mentions=self.reader.mentions,
        )
        found = replace(found, related=related)
        if not self.settings.reranker:
            return found
        return replace(found, scored=reranked(found.scored, query.text, self._rerank))

    @cached_property
    def _rerank(self) -> Rerank:
        return open_reranker(self.settings.reranker)

    def _find(self, standalone: str) -> Found:
        found = self._retrieve(standalone)
        passages = search(self.index, found.scored, found.query, self.settings.passages)
        coverage = cover(found, passages, self.index.frequency, self.reader.vocabulary)
        return Found(found, tuple(passages), coverage)

    def _composed(self, found: Found) -> Draft:
        got = found.retrieved
        rank = self._rank(got.vector)
        length = LENGTHS[self.settings.answer_length]
        return compose(
            found.query,
            got.facts,
            found.passages,
            rank,
            arguments=got.arguments,
            choice=got.choice,
            calculation=got.calculation,
            length=length,
            sides=got.sides,
            related=got.related,
        )

    def _rank(self, vector: NDArray[np.float32]) -> Callable[[Sequence[str]], Sequence[float]]:
        def rank(texts: Sequence[str]) -> Sequence[float]:
            if not texts:
                return []
            similarities: list[float] = (
                self._embedder.encode_apart([text[:_RANKED] for text in texts]) @ vector
            ).tolist()
            return similarities

        return rank

    def _gate(self, evidence: Sequence[Evidence], text: str) -> Iterator[Checked]:
        gate = Gate(evidence, mentions=self.reader.mentions)
        yield from gate.feed(text)
        yield from gate.close()

    def _written(
        self,
        standalone: str,
        history: Sequence[Message],
        found: Found,
        composed: Draft,
        writer: Writer,
        meter: Meter,
    ) -> Iterator[Update]:
        """Let the chat model write; a draft of which nothing passes the gate is asked for once more."""
        from hwqa.drafting import Asked, written  # noqa: PLC0415 - likewise
        from hwqa.models import open_chat_model  # noqa: PLC0415 - LangChain is loaded for chat models only
        from hwqa.streaming import stream_text  # noqa: PLC0415 - LangChain is loaded for chat models only

        settings = self.settings
        model = self._model or open_chat_model(
            settings.model, base_url=settings.base_url, temperature=settings.temperature, timeout=settings.model_timeout
        )
        yield from written(
            lambda messages: stream_text(model, messages, meter),
            Asked(standalone, tuple(history), LENGTHS[settings.answer_length]),
            shown_to_model(composed.evidence, found.retrieved.facts, found.passages),
            lambda evidence: Gate(
                evidence,
                mentions=self.reader.mentions,
                encode=self._embedder.encode,
                marks_unsupported=self.settings.unsupported == "mark",
            ),
            writer,
        )

    @cached_property
    def _answers(self) -> AnswerCache | None:
        return open_answer_cache(self.settings)

    def _key(self, question: str, history: Sequence[Message]) -> str:
        """What the answer is kept under; empty when it is not kept: without a model it is soon composed anew."""
        if self._answers is None or self._model is not None or self.model_name == "none" or not self.index.state:
            return ""
        from hwqa.models import identity  # noqa: PLC0415 - needed for chat models only

        model = identity(self.model_name, self.settings.base_url)
        return answer_key(question, history, self.index.state, self.settings, model) if model else ""

    def _kept(self, key: str, question: str, began: float) -> Answer | None:
        """The answer that was kept under the key; None when there is none."""
        answer = self._answers.find(key) if self._answers and key else None
        if answer is None:
            return None
        took = 1000 * (time.perf_counter() - began)
        warnings = tuple(self._warnings("", answer.removed_sentences, answer.text))
        return replace(answer, question=question, warnings=warnings, timings=Timings(total=took))

    def _warnings(self, failure: str, removed: int, text: str) -> Iterator[str]:
        if failure:
            yield failure
        if removed:
            yield removal(removed)
        if marked := text.count(UNSUPPORTED):
            sentences = "sentence" if marked == 1 else "sentences"
            yield f"{marked} {sentences} shown although the cited sources do not say so."
        if self.report is not None:
            for path, reason in self.report.skipped:
                yield f"{path} is not searched: {reason}"


def _opened_again(settings: Settings, weights: Weights) -> Assistant:
    """The assistant over an index that is up to date."""
    return Assistant.open(settings=settings, sync=False).varied({}, weights)
