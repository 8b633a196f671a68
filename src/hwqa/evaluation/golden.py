"""Golden sets: questions in YAML, JSONL or CSV, with the facts of a right answer and the sections that hold them.

```yaml
- id: memory-of-the-x9
  question: How much memory has the X9?
  answerable: true
  facts: [192 GB, [HBM3, high-bandwidth memory]]
  not_facts: [141 GB]
  sources: [["gpu/x9.md#X9 › Specifications", "guides/memory.md#X9"]]
  category: lookup
  tags: [memory]
```

Each fact and each source is one text, or a list of alternatives, any of which suffices. `golden_tables` says how JSONL
and CSV hold the same.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NoReturn, cast

import yaml

from hwqa.errors import GoldenError
from hwqa.evaluation.golden_tables import csv_nodes, jsonl_nodes
from hwqa.schema import TRAIL_SEPARATOR, Message

SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv")
REQUIRED = ("id", "question", "answerable", "category")
REQUIRED_OF_ANSWERABLE = ("facts", "sources")
KEYS = (*REQUIRED, *REQUIRED_OF_ANSWERABLE, "history", "not_facts", "tags")
MESSAGE_KEYS = ("role", "content")
_LITERALS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "timestamp"))
_KINDS = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A section that holds the answer, named so that it survives an edit of the file."""

    path: str
    trail: tuple[str, ...] = ()
    """The headings, or the innermost of them; empty for the whole file."""

    @classmethod
    def parse(cls, text: str) -> Source:
        """The source written as `file#heading trail`.

        >>> Source.parse("gpu/x9.md#X9 › Specifications").trail
        ('X9', 'Specifications')
        """
        path, _, trail = text.partition("#")
        headings = (" ".join(heading.split()) for heading in trail.split(TRAIL_SEPARATOR.strip()))
        return cls(path.strip(), tuple(heading for heading in headings if heading))

    def __str__(self) -> str:
        return self.path + ("#" + TRAIL_SEPARATOR.join(self.trail) if self.trail else "")


@dataclass(frozen=True, slots=True)
class Case:
    """A question of a golden set and what a right answer to it gives."""

    id: str
    question: str
    answerable: bool
    """Whether the documents hold the answer."""
    category: str
    facts: tuple[tuple[str, ...], ...] = ()
    """What the answer must say; of each fact the accepted phrasings, one of which may be a number such as `192 GB`."""
    not_facts: tuple[tuple[str, ...], ...] = ()
    """What the answer must not say; in the same form."""
    sources: tuple[tuple[Source, ...], ...] = ()
    """What has to be found; of each item the sections that hold it, any of which suffices."""
    history: tuple[Message, ...] = ()
    tags: tuple[str, ...] = ()
    place: str = field(default="", compare=False)
    """File and line of the case."""

    def to_json(self) -> dict[str, Any]:
        """The case in the form of a golden set."""
        return {
            "id": self.id,
            "question": self.question,
            "history": [{"role": message.role, "content": message.content} for message in self.history],
            "answerable": self.answerable,
            "facts": [list(fact) for fact in self.facts],
            "not_facts": [list(fact) for fact in self.not_facts],
            "sources": [[str(source) for source in item] for item in self.sources],
            "category": self.category,
            "tags": list(self.tags),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Case:
        """The case that `to_json` wrote."""
        return cls(
            id=said["id"],
            question=said["question"],
            answerable=said["answerable"],
            category=said["category"],
            facts=tuple(tuple(fact) for fact in said["facts"]),
            not_facts=tuple(tuple(fact) for fact in said["not_facts"]),
            sources=tuple(tuple(Source.parse(source) for source in item) for item in said["sources"]),
            history=tuple(Message(turn["role"], turn["content"]) for turn in said["history"]),
            tags=tuple(said["tags"]),
        )


def load_cases(paths: Iterable[Path | str]) -> list[Case]:
    """The cases of files and folders in order; a folder gives its golden sets, also of subfolders, by name.

    Raises:
        GoldenError: A path is missing or empty, a file is malformed, or two cases have one id.
    """
    cases: dict[str, Case] = {}
    for file in _files(paths):
        for case in parse_cases(_read(file), str(file)):
            if case.id in cases:
                _refuse_id(case, cases[case.id])
            cases[case.id] = case
    if not cases:
        raise GoldenError("no golden set was named; name a YAML, JSONL or CSV file or a folder of them")
    return list(cases.values())


def parse_cases(text: str, name: str) -> list[Case]:
    """The cases of one file's text, each checked; `name` tells the format by its end and stands in the messages.

    Raises:
        GoldenError: The text is malformed; the message begins with `name:line:`.
    """
    suffix = PurePosixPath(name).suffix
    read = jsonl_nodes if suffix == ".jsonl" else csv_nodes if suffix == ".csv" else _yaml_nodes
    reader = _Reader(name)
    cases: dict[str, Case] = {}
    for node in read(text, name):
        case = reader.case(node)
        if case.id in cases:
            _refuse_id(case, cases[case.id])
        cases[case.id] = case
    if not cases:
        _refuse(f"{name}:1", "the file holds no case; write a list of cases")
    return list(cases.values())


def _yaml_nodes(text: str, name: str) -> list[yaml.Node]:
    # libyaml reads ten times as fast, where PyYAML has it; the words of an error are those of PyYAML's own reader
    with contextlib.suppress(yaml.YAMLError, AttributeError):
        return _listed(yaml.compose(text, Loader=yaml.CSafeLoader), name)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        # of a bracket or quote that is never closed, the line where it opens is the one to mend
        unclosed = re.match("while (?:parsing a flow|scanning a quoted)", error.context or "")
        mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
        problem = " ".join((error.problem or error.context or "it cannot be read").split())
        raise GoldenError(f"{name}:{mark.line + 1 if mark else 1}: not YAML: {problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise GoldenError(f"{name}:{line}: a character that YAML does not allow: {error.reason}") from error
    return _listed(root, name)


def _listed(root: yaml.Node | None, name: str) -> list[yaml.Node]:
    return [] if root is None else _Reader(name).items(root, "a golden set")


def _files(paths: Iterable[Path | str]) -> Iterator[Path]:
    seen = set()
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
            if not found:
                raise GoldenError(
                    f"{path} holds no golden set; put YAML, JSONL or CSV files there or name another folder"
                )
        elif path.exists():
            found = [path]
        else:
            raise GoldenError(f"golden set {path} does not exist; name a YAML, JSONL or CSV file or a folder of them")
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise GoldenError(f"{file} cannot be read: {error.strerror or error}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GoldenError(f"{file}:{line}: not UTF-8; save the file in this encoding") from error


def _refuse(place: str, problem: str) -> NoReturn:
    raise GoldenError(f"{place}: {problem}")


def _refuse_id(case: Case, earlier: Case) -> NoReturn:
    _refuse(case.place, f"id {case.id!r} is already that of the case at {earlier.place}; choose another")


class _Reader:
    """Reads YAML nodes, which know their lines, into cases."""

    def __init__(self, name: str) -> None:
        self._name = name

    def place(self, node: yaml.Node) -> str:
        return f"{self._name}:{node.start_mark.line + 1}"

    def refuse(self, node: yaml.Node, problem: str) -> NoReturn:
        _refuse(self.place(node), problem)

    def case(self, node: yaml.Node) -> Case:
        entries = self.entries(node, KEYS, REQUIRED, "a case")
        answerable = self.truth(entries["answerable"], "answerable")
        for key in REQUIRED_OF_ANSWERABLE if answerable else ():
            if key not in entries:
                self.refuse(node, f"key {key!r} is missing; an answerable case needs it")
        facts = self.facts(entries.get("facts"), "facts")
        sources = self.sources(entries.get("sources"))
        if answerable and not facts and not sources:
            self.refuse(node, "an answerable case needs a fact or a source, else nothing of it is measured")
        return Case(
            id=self.text(entries["id"], "id"),
            question=self.text(entries["question"], "question"),
            answerable=answerable,
            category=self.text(entries["category"], "category"),
            facts=facts,
            not_facts=self.facts(entries.get("not_facts"), "not_facts"),
            sources=sources,
            history=self.history(entries.get("history")),
            tags=self.texts(entries.get("tags"), "tags"),
            place=self.place(node),
        )

    def entries(self, node: yaml.Node, keys: Iterable[str], required: Iterable[str], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self.refuse(node, f"{what} must be a mapping of {', '.join(keys)}; this is {_kind(node)}")
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(keys)}"
                self.refuse(key_node, f"key {key!r} is unknown; {hint}")
            if key in entries:
                self.refuse(key_node, f"key {key!r} stands twice in one mapping; keep one")
            entries[key] = value
        for key in required:
            if key not in entries:
                self.refuse(node, f"key {key!r} is missing; {what} needs it")
        return entries

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self.refuse(node, f"{what} must be a list; this is {_kind(node)}")
        return cast("list[yaml.Node]", node.value)

    def text(self, node: yaml.Node, what: str, *, literal: bool = False) -> str:
        if not isinstance(node, yaml.ScalarNode) or not (_kind(node) == "text" or (literal and node.tag in _LITERALS)):
            remedy = "; put it in quotes" if isinstance(node, yaml.ScalarNode) and node.value.strip() else ""
            self.refuse(node, f"{what} must be text; this is {_kind(node)}{remedy}")
        if not node.value.strip():
            self.refuse(node, f"{what} must not be empty")
        return cast("str", node.value.strip())

    def truth(self, node: yaml.Node, what: str) -> bool:
        if _kind(node) != "true or false":
            self.refuse(node, f"{what} must be true or false; this is {_kind(node)}")
        return bool(yaml.constructor.SafeConstructor.bool_values[node.value.lower()])

    def texts(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        return () if node is None else tuple(self.text(item, f"an item of {what}") for item in self.items(node, what))

    def facts(self, node: yaml.Node | None, what: str) -> tuple[tuple[str, ...], ...]:
        """Each fact as its phrasings; a number or date without quotes is taken as written."""
        facts = []
        for item in () if node is None else self.items(node, what):
            if isinstance(item, yaml.SequenceNode):
                phrasings = tuple(self.text(each, f"a phrasing in {what}", literal=True) for each in item.value)
                if not phrasings:
                    self.refuse(item, f"an item of {what} is an empty list; name a phrasing")
                facts.append(phrasings)
            elif isinstance(item, yaml.MappingNode):
                self.refuse(item, f"an item of {what} must be text or a list of phrasings; this is a mapping")
            else:
                facts.append((self.text(item, f"an item of {what}", literal=True),))
        return tuple(facts)

    def sources(self, node: yaml.Node | None) -> tuple[tuple[Source, ...], ...]:
        """Each item as the sections that hold it."""
        sources = []
        for item in () if node is None else self.items(node, "sources"):
            if isinstance(item, yaml.SequenceNode):
                if not item.value:
                    self.refuse(item, "an item of sources is an empty list; name a section")
                sources.append(tuple(self.source(each) for each in item.value))
            else:
                sources.append((self.source(item),))
        return tuple(sources)

    def source(self, node: yaml.Node) -> Source:
        text = self.text(node, "a source")
        source = Source.parse(text)
        path = PurePosixPath(source.path)
        if not source.path or path.is_absolute() or ".." in path.parts or "\\" in source.path:
            self.refuse(node, f"source {text!r} must be `file#heading trail` with a path relative to the corpus")
        if "#" in text and not source.trail:
            self.refuse(node, f"source {text!r} names no heading after the #")
        return source

    def history(self, node: yaml.Node | None) -> tuple[Message, ...]:
        messages = []
        for item in () if node is None else self.items(node, "history"):
            entries = self.entries(item, MESSAGE_KEYS, MESSAGE_KEYS, "a message of history")
            role = self.text(entries["role"], "role")
            if role not in ("user", "assistant"):
                self.refuse(entries["role"], f"role must be user or assistant, not {role!r}")
            messages.append(
                Message(cast("Literal['user', 'assistant']", role), self.text(entries["content"], "content"))
            )
        return tuple(messages)


def _kind(node: yaml.Node) -> str:
    return _KINDS.get(node.tag.rpartition(":")[2], node.tag)
