"""The documents of an index as a tree: folders, documents, and the sections of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwqa.index.records import DocumentRecord
from hwqa.schema import Document
from hwqa.ui.addresses import document_address, section_address


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """A section in the outline of its document."""

    title: str
    address: str
    depth: int
    """How many headings of the document stand above it, from 0."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document in the tree."""

    path: str
    title: str
    address: str
    as_of: str
    sections: int
    """How many it has."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the corpus with its documents; `name` is its path, empty for the corpus itself."""

    name: str
    documents: tuple[DocumentEntry, ...]


def tree(records: Sequence[DocumentRecord]) -> tuple[Folder, ...]:
    """The folders by path, each with its documents by path."""
    folders: dict[str, list[DocumentEntry]] = {}
    for record in records:
        address = document_address(record.path)
        entry = DocumentEntry(record.path, record.title, address, record.as_of, len(record.headings))
        folders.setdefault(record.path.rpartition("/")[0], []).append(entry)
    return tuple(Folder(name, tuple(documents)) for name, documents in sorted(folders.items()))


def outline(document: Document) -> tuple[SectionEntry, ...]:
    """The sections of a document in order, each once; a heading that spans all of it is left out."""
    sections = {section.anchor: section for section in reversed(document.sections) if section.anchor}
    ordered = sorted(sections.values(), key=lambda section: section.lines)
    if len(ordered) > 1 and all(section.heading_path[0] == ordered[0].heading_path[0] for section in ordered):
        ordered = ordered[1:]
    top = min((len(section.heading_path) for section in ordered), default=1)
    return tuple(
        SectionEntry(
            section.heading_path[-1], section_address(document.path, section.anchor), len(section.heading_path) - top
        )
        for section in ordered
    )
