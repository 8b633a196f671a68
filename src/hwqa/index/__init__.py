"""The index of a corpus: Chroma collections, BM25, and the records of what they point to."""

from __future__ import annotations

from hwqa.index.parsing import Parser, default_parser
from hwqa.index.records import DocumentRecord
from hwqa.index.store import Index
from hwqa.index.sync import SyncReport

__all__ = ["DocumentRecord", "Index", "Parser", "SyncReport", "default_parser"]
