"""hwqa's search as a LangChain retriever."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from hwqa.assistant import Assistant
from hwqa.schema import Passage


class HardwareRetriever(BaseRetriever):
    """Finds the passages of the documents that answer a question.

    >>> retriever = HardwareRetriever.open(corpus="corpus", index="index", k=3)  # doctest: +SKIP
    >>> retriever.invoke("memory bandwidth of the H200")[0].metadata["heading_path"]  # doctest: +SKIP
    ['NVIDIA data-centre GPUs, Ada and Hopper', 'Products', 'NVIDIA H200 SXM']
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int = 8
    """At most this many documents are returned."""

    @classmethod
    def open(cls, *, k: int = 8, **arguments: Any) -> HardwareRetriever:
        """The retriever over an index that is up to date; `arguments` are those of `Assistant.open`."""
        return cls(assistant=Assistant.open(**arguments), k=k)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain passes it
        k: int | None = None,
    ) -> list[Document]:
        return [_document(passage) for passage in self.assistant.search(query, self.k if k is None else k)]


def _document(passage: Passage) -> Document:
    return Document(
        id=passage.chunk_ids[0],
        page_content=passage.text,
        metadata={
            "source": passage.path,
            "heading_path": list(passage.heading_path),
            "anchor": passage.anchor,
            "lines": list(passage.lines),
            "score": passage.score,
        },
    )
