"""The systems that are compared. Each module has one function that reads a folder and ranks pieces of its files:

    retrieve(folder, questions, depth, variant) -> list of spans for each question, best first

The peers run in a virtual environment of their own (`requirements.txt`), hwqa in the project's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from benchmarks.retrieval.spans import Span


class Retrieve(Protocol):
    """What each system's module has under this name, in lower case."""

    def __call__(self, folder: Path, questions: Sequence[str], depth: int, variant: str) -> list[list[Span]]: ...


@dataclass(frozen=True, slots=True)
class System:
    """A contestant."""

    module: str
    """Module of this package."""
    variant: str
    what: str
    """One line for the report."""
    depth: int = 20
    """Results that it is asked for."""

    @property
    def source(self) -> Path:
        """The file of the module."""
        return Path(__file__).parent / f"{self.module}.py"

    @property
    def retrieve(self) -> Retrieve:
        """The module's function."""
        return cast(Retrieve, import_module(f"{__name__}.{self.module}").retrieve)


PEERS = {
    "langchain": System(
        "langchain_chroma", "", "LangChain's tutorial: recursive splitter, 1,000 characters with 200 overlap, Chroma"
    ),
    "bm25": System("bm25", "", "BM25 alone: bm25s with its own tokenizer over LangChain's chunks"),
    "llamaindex": System(
        "llamaindex",
        "sentences",
        "LlamaIndex's defaults: sentence splitter, 1,024 tokens with 200 overlap, vector index",
    ),
    "llamaindex-markdown": System("llamaindex", "markdown", "LlamaIndex with its Markdown node parser"),
    "haystack": System(
        "haystack_hybrid", "", "Haystack's hybrid tutorial: BM25 and embeddings, joined by reciprocal rank fusion"
    ),
    "txtai": System("txtai_hybrid", "sections", "txtai's hybrid search over its Textractor's sections"),
    "txtai-paragraphs": System("txtai_hybrid", "paragraphs", "txtai's hybrid search over its Textractor's paragraphs"),
}
"""Name → system, in the order of the report."""
OURS = {
    # Its passages join what stands together among the candidates, of which there are more for a longer list; so it is
    # asked for no more than the measures count.
    "hwqa": System("ours", "", "hwqa as it answers questions", depth=10),
    "hwqa-dense": System("ours", "dense", "its chunks ranked by embeddings alone"),
    "hwqa-lexical": System("ours", "lexical", "its chunks ranked by BM25 alone"),
    "hwqa-fused": System("ours", "fused", "both of these, fused by reciprocal ranks"),
    "hwqa-no-lexical": System("ours", "no-lexical", "hwqa without BM25", depth=10),
    "hwqa-no-names": System("ours", "no-names", "hwqa blind to products, facts, arguments and topics", depth=10),
    "hwqa-any-match": System(
        "ours", "any-match", "hwqa counting the best match of words in full, however poor", depth=10
    ),
    "hwqa-lexical-20": System("ours", "lexical-20", "hwqa with a weight of words of 0.2", depth=10),
    "hwqa-lexical-60": System("ours", "lexical-60", "hwqa with a weight of words of 0.6", depth=10),
    "hwqa-no-scope": System("ours", "no-scope", "hwqa blind to headings and documents that are named", depth=10),
    "hwqa-no-facts": System("ours", "no-facts", "hwqa blind to the facts that are asked for", depth=10),
    "hwqa-no-arguments": System("ours", "no-arguments", "hwqa blind to lists of arguments", depth=10),
}
SYSTEMS = {**OURS, **PEERS}
