"""Where the sentences of a Markdown paragraph end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

_END = re.compile(
    r"""(?:[.!?…]+["'”’»)\]*_`~]*(?:\[\^?[\w,– -]{1,20}\])*(?=\s))"""  # western: white space must follow
    r"""|(?:[。！？｡]+["'”’»）」』】*_]*)"""
)
_LINE_END = re.compile(r"\n(?=([^\n]*))")
_HARD_BREAK = re.compile(r"(?:  |\\|<br ?/?>)\Z", re.IGNORECASE)
_STARTS_LINE = re.compile(r"[\s>]*(?:[-*+•]\s|\d{1,9}[.)]\s|\||(\*\*|__)[^*\n]{1,100}(?:[:：]\1|\1[:：])\s)")
_CODE = re.compile(r"(?<!`)(`+)(?!`).{1,2000}?(?<!`)\1(?!`)", re.DOTALL)
_UNBROKEN = re.compile(
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*[^()\n]{0,300}\)|<[A-Za-z/!][^<>\n]{0,1000}>|\bhttps?://\S*[^\s.,;:!?)\]>'*_]"
)
_LONGEST_BRACKET = 600

_NEVER_LAST = frozenset("e.g i.e eg ie vs approx cf viz ca resp incl excl mr mrs ms dr prof st".split())
_BEFORE_NUMBER = frozenset(
    "fig figs eq eqs no nos p pp vol ch sec sect tab ref refs ver rev v art min max avg "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_OFTEN_INSIDE = frozenset("inc ltd corp co jr sr al u.s u.k u.n e.u a.m p.m ph.d est dept".split())
_OPENERS = frozenset(
    "the it its this these that they in a an we you he she i for but and however on as by with both each there when "
    "while at from to of all if no not so such some most many more other another only also here what which who how "
    "our their his her one two since because although though after before during unlike like".split()
)
_WORD_BEFORE = re.compile(r"[\w.&-]*\Z")
_WORD_AFTER = re.compile(r"[\w'’.+-]*")
_OPENING_MARKS = re.compile(r"""[\s"'“‘«(\[*_`~<>!$€£¥≈~≤≥<>+−–—-]*""")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end offset of each sentence, white space around it left out; together they hold every other character.

    A sentence ends at its full stop, at a hard line break, and before a line that opens with a list marker, a table's
    bar or a `**Label**:`. Nothing ends inside code, links, addresses, brackets, numbers and abbreviations.

    >>> [("4.8 TB/s, i.e. 4,800 GB/s. Next."[a:b]) for a, b in sentence_spans("4.8 TB/s, i.e. 4,800 GB/s. Next.")]
    ['4.8 TB/s, i.e. 4,800 GB/s.', 'Next.']
    """
    spans = []
    start = 0
    for end in sorted({*_breaks(text), len(text)}):
        piece = text[start:end]
        if piece.strip():
            spans.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
            start = end
    return spans


def _breaks(text: str) -> Iterator[int]:
    inside = _protected(text)
    begin = 0  # of the current sentence, as far as known
    for match in _END.finditer(text):
        if inside[min(match.end(), len(text) - 1)]:
            continue
        # within brackets only a sentence that the brackets enclose as a whole ends
        enclosed = text[begin : match.start()].lstrip()[:1] in {"(", "["}
        if (enclosed or not inside[match.start()]) and _ends(text, match, begin):
            begin = match.end()
            yield match.end()
    for match in _LINE_END.finditer(text):
        following = match[1]
        if not following.strip(" \t>"):
            continue
        if _STARTS_LINE.match(following) or (
            not inside[match.start()]
            and _HARD_BREAK.search(text, max(0, match.start() - 6), match.start())
            and not _OPENING_MARKS.sub("", following, count=1)[:1].islower()
        ):
            yield match.end()


def _protected(text: str) -> list[bool]:
    """For each character, whether it stands within code, a link, an address or brackets."""
    change = [0] * (len(text) + 1)
    codes = [match.span() for match in _CODE.finditer(text)]
    spans = codes + [match.span() for match in _UNBROKEN.finditer(text)]
    in_code = [0] * (len(text) + 1)
    for first, end in codes:
        in_code[first] += 1
        in_code[end] -= 1
    opened: list[int] = []
    for position, coded in enumerate(accumulate(in_code[:-1])):
        character = text[position]
        if coded or character not in "()[]":
            continue
        if character in "([":
            opened.append(position)
        elif opened:
            first = opened.pop()
            if position - first <= _LONGEST_BRACKET:
                spans.append((first, position))
    for first, end in spans:
        change[first] += 1
        change[end] -= 1
    return [depth > 0 for depth in accumulate(change[:-1])]


def _ends(text: str, stop: re.Match[str], begin: int) -> bool:
    """Whether a sentence ends at this full stop, judged by the words on both sides."""
    if stop[0][0] in "。！？｡":
        return True
    rest = text[stop.end() : stop.end() + 200]
    after = _OPENING_MARKS.sub("", rest, count=1)
    following = _WORD_AFTER.match(after)
    word_after = following[0] if following else ""
    if after[:1].islower() and not re.match(r"[a-z]+[A-Z0-9.][\w.]", word_after):
        return False
    if not stop[0].startswith(".") or stop[0].startswith(".."):
        return True
    before = _WORD_BEFORE.search(text, max(begin, stop.start() - 40), stop.start())
    word = before[0].lower() if before else ""
    if word in _NEVER_LAST:
        return False
    if word in _BEFORE_NUMBER:
        return not after[:1].isdigit()
    opener = word_after.lower() in _OPENERS
    if word in _OFTEN_INSIDE:
        return opener
    if len(word) == 1 and word.isalpha() and before and before[0].isupper():
        # an initial, unless it is a unit: "700 W. Measured at the wall."
        return opener or text[begin : before.start()].rstrip()[-1:].isdigit()
    # an enumerator such as "1." opens its sentence
    return not (word.isdigit() and not text[begin : stop.start() - len(word)].strip(" \t\n*_"))
