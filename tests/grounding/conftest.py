"""The real embedder, for what is said beside figures."""

import pytest

from hwqa.embedding import open_embedder


@pytest.fixture(scope="session")
def encode():
    return open_embedder().encode
