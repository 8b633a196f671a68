"""The gate: a draft goes in as it is written, what the evidence supports comes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hwqa.grounding.checking import Ground, Verdict, check_on
from hwqa.grounding.entailing import Encode
from hwqa.grounding.figures import outside_brackets
from hwqa.grounding.names import Mentions, Subject, compatible, mentions_of, named, remembered
from hwqa.grounding.neutral import neutralised
from hwqa.grounding.pieces import MARK, Piece, Splitter, marks_of, numbers_of
from hwqa.grounding.row_names import with_row_names
from hwqa.grounding.rows import Table, is_delimiter
from hwqa.grounding.sources import Reading, read, table_cells
from hwqa.grounding.verbatim import plain
from hwqa.grounding.wording import is_abstention, is_connective
from hwqa.schema import Evidence
from hwqa.units import find_names, find_quantities

UNSUPPORTED = "*(not in the cited sources)*"
"""What stands behind a sentence that is shown though its sources do not say it."""

_PRONOUN_FIRST = re.compile(
    r"\W*(?:it|its|they|their|both|these|this (?:one|card|chip|part|device|gpu))\b", re.IGNORECASE
)
_PLURAL_FIRST = re.compile(r"\W*(?:they|their|both|these)\b", re.IGNORECASE)
_FIRST_OR_LAST = re.compile(
    r"\W*the (?:(?P<former>former|first one)|latter|other(?: one)?|second one|same \w+)\b", re.IGNORECASE
)
_HEADING_LEVEL = re.compile(r"\s{0,3}(#{1,6})")


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of a draft after the check."""

    text: str
    """Kept: what the reader may see, with the marks that survived. Removed: what the draft said."""
    kept: bool
    objections: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()
    """Numbers of the evidence that the kept text cites, in order."""


class Gate:
    """Checks a draft against the evidence while it is written.

    `feed` takes the draft in any portions and returns what is settled by now; `close` returns the rest. The pieces
    are the same whatever the portions. Joined, the texts that were kept are the answer.

    - A sentence, list item or table cell is kept when what it cites supports it.
    - Marks of evidence that does not exist are taken out; all others become `[n]`. Links lose their targets, HTML
      its effect.
    - Headings and lead-ins wait until something under them is kept; else they vanish.
    - With `marks_unsupported` a sentence without numbers that its sources neither say nor deny stays, without its marks
      and with `UNSUPPORTED` behind it. A number is never shown so.
    """

    def __init__(
        self,
        evidence: Sequence[Evidence],
        *,
        mentions: Mentions | None = None,
        encode: Encode | None = None,
        marks_unsupported: bool = False,
    ) -> None:
        """Take the evidence that the draft may cite, and what finds the products that a text names."""
        self._marks_unsupported = marks_unsupported
        self.mentions = remembered(with_row_names(mentions or mentions_of(evidence), evidence))
        self.removed = 0
        """How many sentences and cells were removed so far."""
        self._evidence = {item.number: item for item in evidence}
        self._readings: dict[int, Reading] = {}
        self._encode = encode
        self._splitter = Splitter()
        self._pending: list[tuple[Piece, str]] = []
        self._code: list[Piece] = []
        self._table: Table | None = None
        self._section: tuple[Subject, ...] = ()
        self._list_label: tuple[Subject, ...] = ()
        self._spoken: tuple[Subject, ...] = ()
        self._spoken_removed = False
        self._lost_since_lead_in = False
        self._lost_marker = ""
        self._at_line_start = True
        self._after_blank = True
        """Whether what was shown last is a blank line, or nothing was shown yet."""

    def feed(self, delta: str) -> list[Checked]:
        """Take the next portion of the draft; return the pieces that are settled by it."""
        return [checked for piece in self._splitter.feed(delta) for checked in self._piece(piece)]

    def close(self) -> list[Checked]:
        """Take the end of the draft; return the last pieces."""
        found = [checked for piece in self._splitter.close() for checked in self._piece(piece)]
        found += self._end_code()
        self._pending.clear()
        return found

    # pieces --------------------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece) -> list[Checked]:
        if piece.kind == "code":
            return self._in_code(piece)
        found = self._end_code()
        if piece.kind != "row":
            self._table = None
        if piece.kind == "blank":
            self._list_label = self._list_label if self._pending else ()
            return found + self._blank(piece)
        text = self._marked(neutralised(piece.text, self._source_text()))
        if not text.strip():
            return found + self._line_end(piece)
        if piece.kind == "heading":
            return found + self._heading(piece, text)
        if piece.kind == "row":
            return found + self._row(piece, text)
        return found + self._sentence(piece, text)

    def _sentence(self, piece: Piece, text: str) -> list[Checked]:
        body = plain(text)
        places = named(MARK.sub("", body), self.mentions)
        subjects = tuple(dict.fromkeys(place.subject for place in places))
        spoken = outside_brackets(MARK.sub("", body), [[place] for place in places])
        if self._is_lead_in(body):
            self._drop_lead_ins()
            self._pending.append((piece, text))
            self._lost_since_lead_in = False
            if subjects and piece.kind == "item":
                self._list_label = subjects
            elif subjects:
                self._list_label = self._spoken = subjects
            else:
                self._list_label = self._spoken
            self._spoken_removed = False if subjects else self._spoken_removed
            return []
        verdict = self._verdict(body, bool(spoken))
        if subjects:
            self._spoken, self._spoken_removed = subjects, not verdict.supported
        if not verdict.supported and self._marks_unsupported and self._may_be_marked(body, verdict):
            return self._keep(piece, self._with_marker(piece, _as_unsupported(text)))
        if not verdict.supported:
            return self._lose(piece, text, verdict.objections)
        return self._keep(piece, self._with_marker(piece, text))

    def _may_be_marked(self, body: str, verdict: Verdict) -> bool:
        """Whether an unsupported sentence may be shown as such: it cites, states no number, and nothing denies it."""
        text = MARK.sub("", body)
        rest = text
        for place in reversed(named(text, self.mentions)):
            rest = rest[: place.start] + rest[place.end :]
        states_number = any(letter.isdecimal() for letter in rest) or bool(find_quantities(rest))
        return bool(marks_of(body)) and not states_number and not verdict.refuted

    def _verdict(self, body: str, names_products: bool) -> Verdict:
        cited = [self._reading(number) for number in marks_of(body)]
        about = self._about(body) if not names_products else ()
        pronoun = _PRONOUN_FIRST.match(MARK.sub("", body)) is not None
        if not names_products and pronoun and self._spoken_removed and cited:
            return Verdict(False, ("the sentence that says what it speaks of was not supported",))
        said_of_each = self._said_of_each(body) if not names_products else ()
        for subjects in said_of_each[:-1]:
            verdict = check_on(body, Ground(cited, self.mentions, self._everything, (subjects,), is_about=True))
            if not verdict.supported:
                return verdict
        is_about = bool(said_of_each) or (bool(about) and not pronoun)
        ground = Ground(
            cited, self.mentions, self._everything, said_of_each[-1:] or about, self._encode, is_about=is_about
        )
        return check_on(body, ground)

    def _said_of_each(self, body: str) -> tuple[Subject, ...]:
        """The products of `both have 80 GB`: a figure said of several must be that of each."""
        text = MARK.sub("", body)
        if not _PLURAL_FIRST.match(text) or len(find_quantities(text, self._spans(text))) != 1:
            return ()
        several = tuple(dict.fromkeys([*self._spoken, *self._own_subjects(body)]))
        return several if len(several) > 1 else ()

    def _about(self, body: str) -> tuple[Subject, ...]:
        """The product that a sentence without a name speaks of: for `it` that before, else that of list or heading."""
        text = MARK.sub("", body)
        if (place := _FIRST_OR_LAST.match(text)) and self._spoken:
            return (self._spoken[0 if place["former"] else -1],)
        if _PRONOUN_FIRST.match(text) and self._spoken:
            return (frozenset().union(*self._spoken),)
        for subjects in (self._list_label, self._section):
            if subjects:
                return subjects if len(subjects) == 1 else (frozenset().union(*subjects),)
        return ()

    def _own_subjects(self, body: str) -> list[Subject]:
        """The products of the cited items that speak of one product only, and that was not spoken of yet."""
        found: list[Subject] = []
        for number in marks_of(body):
            subjects = {subject for source in self._reading(number).sources for subject in source.subjects}
            if len(subjects) == 1 and not any(compatible(one, other) for one in self._spoken for other in subjects):
                found += subjects
        return found

    def _is_lead_in(self, body: str) -> bool:
        text = MARK.sub("", body)
        if not text.rstrip("*_ \n").endswith(":") or find_quantities(text, self._spans(text)) or is_abstention(text):
            return False
        return is_connective(text) or self._only_names(text)

    def _only_names(self, text: str) -> bool:
        """Whether nothing stands in the text but products' names: the label of a list."""
        rest = text
        for place in reversed(named(text, self.mentions)):
            rest = rest[: place.start] + rest[place.end :]
        return len(re.findall(r"[^\W\d_]{2,}", rest)) <= 2 and len(rest) < len(text) and not find_names(rest)

    def _heading(self, piece: Piece, text: str) -> list[Checked]:
        body = MARK.sub("", plain(text))
        subjects = tuple(dict.fromkeys(place.subject for place in named(body, self.mentions)))
        objections = self._number_objections(re.sub(r"^\W*\d+[.)]\s", "", body))
        if objections:
            return self._lose(piece, text, objections)
        level = len(match[1]) if (match := _HEADING_LEVEL.match(text)) else 6
        while self._pending and (self._pending[-1][0].kind != "heading" or _level(self._pending[-1][1]) >= level):
            self._pending.pop()
        self._section, self._list_label = subjects, ()
        self._lost_since_lead_in = False
        if subjects:
            self._spoken, self._spoken_removed = subjects, False
        self._pending.append((piece, text))
        return []

    def _row(self, piece: Piece, text: str) -> list[Checked]:
        if self._table is None:
            self._table = Table(text, self.mentions, self._section or self._list_label)
            if objections := self._number_objections(" ; ".join(table_cells(MARK.sub("", text)))):
                self._table.rejected = objections
                return self._lose(piece, text, objections)
            self._pending.append((piece, MARK.sub("", text) if not self._table.header_marks else text))
            return []
        if self._table.rejected:
            return [] if is_delimiter(text) else self._lose(piece, text, self._table.rejected)
        if is_delimiter(text):
            self._pending.append((piece, text))
            return []
        row, lost = self._table.check(text, self._cell_verdict)
        found = [Checked(cell, False, objections) for cell, objections in lost]
        self.removed += len(lost)
        if row is None:
            return found
        return [*self._keep(piece, row), *found]

    def _cell_verdict(self, sentence: str, marks: Sequence[int], about: tuple[Subject, ...]) -> Verdict:
        cited = [self._reading(number) for number in marks if number in self._evidence]
        names = bool(named(sentence, self.mentions))
        ground = Ground(
            cited, self.mentions, self._everything, () if names else about, self._encode, is_about=not names
        )
        return check_on(sentence, ground)

    def _number_objections(self, text: str) -> tuple[str, ...]:
        """Why a heading that states numbers is not borne out by all evidence together; empty when it states none."""
        if not find_quantities(text, self._spans(text)):
            return ()
        return check_on(text, Ground(self._everything(), self.mentions, self._everything, self._section)).objections

    def _blank(self, piece: Piece) -> list[Checked]:
        if self._pending:
            self._pending.append((piece, piece.text))
            return []
        if self._after_blank:
            return []
        self._at_line_start = self._after_blank = True
        return [Checked(piece.text, True)]

    def _in_code(self, piece: Piece) -> list[Checked]:
        closing = bool(self._code) and re.match(r"\s*(?:```|~~~)", piece.text) is not None
        self._code.append(piece)
        return self._end_code() if closing else []

    def _end_code(self) -> list[Checked]:
        """The block of code, kept when every line of it stands in the evidence."""
        if not self._code:
            return []
        block, self._code = self._code, []
        inner = [piece.text.strip() for piece in block if not re.match(r"\s*(?:```|~~~)", piece.text)]
        whole = self._source_text()
        text = "".join(piece.text for piece in block)
        if not any(inner) or any(line and line not in whole for line in inner):
            return self._lose(block[0], text, ("the code is not in the evidence",)) if any(inner) else []
        return self._keep(block[0], text)

    # keeping and losing --------------------------------------------------------------------------------------------

    def _keep(self, piece: Piece, text: str) -> list[Checked]:
        if piece.kind not in ("item", "row") and not piece.inside_item and self._lost_since_lead_in:
            self._drop_lead_ins()
        found = [Checked(waiting, True, (), marks_of(waiting)) for _, waiting in self._pending]
        self._pending.clear()
        self._lost_marker = ""
        self._at_line_start = text.endswith("\n")
        self._after_blank = False
        return [*found, Checked(text, True, (), marks_of(text))]

    def _lose(self, piece: Piece, text: str, objections: tuple[str, ...]) -> list[Checked]:
        self.removed += 1
        self._lost_since_lead_in = True
        if piece.marker:
            self._lost_marker = piece.marker
        return [Checked(text, False, objections), *self._line_end(piece)]

    def _line_end(self, piece: Piece) -> list[Checked]:
        """The line break of a removed piece, when text stands in front of it."""
        if piece.text.endswith("\n") and not self._at_line_start and not self._pending:
            self._at_line_start = True
            return [Checked("\n", True)]
        return []

    def _with_marker(self, piece: Piece, text: str) -> str:
        """The text with the list marker of its item, when the item's first sentence was removed."""
        if piece.inside_item and self._lost_marker:
            return self._lost_marker + text
        return text

    def _drop_lead_ins(self) -> None:
        """Forget the lead-ins that wait and what follows them; headings in front of them stay."""
        at = next((at for at, (piece, _) in enumerate(self._pending) if piece.kind not in ("heading", "blank")), None)
        if at is not None:
            later = [entry for entry in self._pending[at:] if entry[0].kind == "heading"]
            self._pending = [*self._pending[:at], *later]
        self._lost_since_lead_in = False

    # evidence ------------------------------------------------------------------------------------------------------

    def _reading(self, number: int) -> Reading:
        if number not in self._readings:
            self._readings[number] = read(self._evidence[number], self.mentions)
        return self._readings[number]

    def _everything(self) -> list[Reading]:
        return [self._reading(number) for number in self._evidence]

    def _source_text(self) -> str:
        return "\n".join(f"{item.trail}\n{item.text}\n{item.quote}" for item in self._evidence.values())

    def _marked(self, text: str) -> str:
        """The text with its marks as `[n]`, those of unknown evidence taken out."""

        def known(match: re.Match[str]) -> str:
            numbers = dict.fromkeys(number for number in numbers_of(match) if number in self._evidence)
            return "".join(f"[{number}]" for number in numbers)

        marked = MARK.sub(known, text)
        if marked != text:
            marked = re.sub(r"[ \t]+(?=[.,;!?](?:\s|$))", "", marked)
            marked = re.sub(r"(?<=\S)  +(?=\S)", " ", marked)
        return marked

    def _spans(self, text: str) -> list[tuple[int, int]]:
        return [(place.start, place.end) for place in named(text, self.mentions)]


def _as_unsupported(text: str) -> str:
    """The text without its marks and with the note behind it, white space at its end kept."""
    bare = re.sub(r"[ \t]+(?=[.,;!?](?:\s|$))", "", MARK.sub("", text))
    body = bare.rstrip()
    return f"{body} {UNSUPPORTED}{bare[len(body) :]}"


def _level(heading: str) -> int:
    match = _HEADING_LEVEL.match(heading)
    return len(match[1]) if match else 6
