from pathlib import Path
from typing import Any

import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests

from hwqa import HardwareRetriever
from hwqa.config import Settings
from tests.conftest import CACHE, SMALL_CORPUS


class TestHardwareRetriever(RetrieversIntegrationTests):
    """LangChain's own tests of retrievers."""

    @pytest.fixture(autouse=True)
    def _index(self, small_index: Path) -> None:
        type(self)._folder = small_index

    _folder: Path

    @property
    def retriever_constructor(self) -> Any:
        return HardwareRetriever.open

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"corpus": SMALL_CORPUS, "index": self._folder, "settings": Settings.load(cache=CACHE)}

    @property
    def retriever_query_example(self) -> str:
        return "memory of the X1"


def test_a_document_says_where_it_stands(small_index: Path) -> None:
    retriever = HardwareRetriever.open(corpus=SMALL_CORPUS, index=small_index, k=1)
    (document,) = retriever.invoke("memory of the X1")
    assert document.metadata["source"] == "alpha.md"
    assert document.metadata["heading_path"] == ["Alpha accelerators", "Alpha X1"]
    assert "48 GB" in document.page_content
