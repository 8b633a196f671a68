"""Finding the quantities in a text, in the forms that people write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from hwqa.units.forms import (
    ABOUT_BEFORE,
    ABOUT_INSIDE,
    AFTERTHOUGHT,
    APPROXIMATE,
    BEFORE,
    DATES,
    DENOMINATOR,
    FRACTIONS,
    FUNCTION_WORDS,
    NAME_BEFORE,
    NUMBER_WORDS,
    ONES,
    ORDINAL,
    PLAIN_NUMBER,
    PLURAL_AFTER,
    QUALIFIED_UNIT,
    RANGE,
    RELATIONS,
    SCALE,
    SCALE_LETTERS,
    SCALE_WORDS,
    SHARED_UNIT,
    SLASHED,
    SPACE,
    TENS,
    TIMES,
    UNIT_WORD,
    VERSION,
    VULGAR,
    WORDS,
    YEAR_BEFORE,
)
from hwqa.units.names import Span, find_names, ignored_spans
from hwqa.units.quantity import MONTHS, Kind, Quantity, Relation
from hwqa.units.symbols import SYMBOLS, canonical_unit, conversion, dimension


class _Tail(NamedTuple):
    """What follows a number: its scale, unit and where they end."""

    power: int
    unit: str
    end: int
    open_relation: bool


_MEASURED_AFTER = re.compile(
    r"\s?[–−—]\s?\d|[ \u00a0\u202f](?:kg|g|km|m|cm|dB|l|ml|Nm|bar|rpm|mAh|Ah|lb|ft|mph|km/h|m/s)(?![\w])"
)
"""What follows a number that is no version: the other end of a range, or a unit that hwqa does not convert."""
_WORD_BEFORE = 64
"""Characters in front of a number in which the word before it is looked for: a long text has many numbers."""


def find_quantities(text: str, names: Iterable[Span] = ()) -> list[Quantity]:
    """Every quantity of the text, in order; digits that belong to names, links or marks are none.

    Args:
        text: A sentence, a table cell or a whole passage, plain or Markdown.
        names: Spans (start, end) known to be names, such as the mentions of products.

    >>> [(str(q.low), q.unit) for q in find_quantities("The H200 holds 141 GB at 4.8TB/s [1] for ~$28k.")]
    [('141', 'GB'), ('4.8', 'TB/s'), ('2.8E+4', '$')]
    """
    known = list(names)
    found = _dates(text, known)
    taken = [*known, *ignored_spans(text), *((quantity.start, quantity.end) for quantity in found)]
    for match in VERSION.finditer(text):
        if not _overlaps(match.span(), taken):
            number = Decimal(match["number"])
            found.append(Quantity("version", number, number, start=match.start(), end=match.end(), raw=match[0]))
    taken += [
        (name.start, name.end) for name in find_names(text) if not name.text[-1].isalpha() or name.text[0].isalpha()
    ]
    for match in ORDINAL.finditer(text):
        if not _overlaps(match.span(), taken):
            number = Decimal(match[1])
            found.append(Quantity("ordinal", number, number, start=match.start(), end=match.end(), raw=match[0]))
            taken.append(match.span())
    found += _shared_units(text, _numbers(text, taken))
    taken += [(quantity.start, quantity.end) for quantity in found]
    found += _words(text, taken)
    return sorted(found, key=lambda quantity: quantity.start)


def _overlaps(span: Span, spans: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in spans)


def _numbers(text: str, taken: Sequence[Span]) -> list[Quantity]:
    found: list[Quantity] = []
    position = 0
    while match := PLAIN_NUMBER.search(text, position):
        position = match.end()
        if _overlaps(match.span("number"), taken):
            continue
        first = _quantity(text, match)
        if first is None:
            continue
        position = max(position, first.end)
        second, joined = _second_end(text, first, match)
        if second is None:
            found.append(first)
        else:
            found += joined
            position = second.end
    return found


def _shared_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """The quantities, with the unit that `24 or 32 GB` writes once given to both numbers."""
    for at in range(len(found) - 2, -1, -1):
        first, second = found[at], found[at + 1]
        if (
            first.kind == "count"
            and second.kind in ("measure", "percent")
            and SHARED_UNIT.fullmatch(text, first.end, second.start)
            and first.end - first.start == len(first.raw)
        ):
            found[at] = replace(first, unit=second.unit, kind=second.kind)
    return found


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    currency = canonical_unit(re.sub(r"[\s\u2009\u202f]", "", match["currency"])) if match["currency"] else None
    if match["currency"] and currency is None:
        currency = "$"
    value = _decimal(match["number"])
    tail = _tail(text, match.end(), currency)
    if tail is None:
        return None
    if tail.power:
        value = value.scaleb(tail.power)
    if match["sign"]:
        value = -value
    start = match.start()
    about, relation = _before(text, start)
    if tail.open_relation:
        relation = "≥"
    about = about or AFTERTHOUGHT.match(text, tail.end) is not None
    kind = _kind(text, match, tail, bool(currency))
    return Quantity(kind, value, value, tail.unit, about, relation, start, tail.end, text[start : tail.end])


def _kind(text: str, match: re.Match[str], tail: _Tail, money: bool) -> Kind:
    if money or tail.unit[:1] in ("$", "€", "£", "¥"):
        return "money"
    if tail.unit == "%":
        return "percent"
    if tail.unit == "×":
        return "ratio"
    if tail.unit:
        return "measure"
    number = match["number"]
    if tail.power:
        return "count"
    earliest = max(0, match.start() - _WORD_BEFORE)
    if re.fullmatch(r"(?:19[5-9]|20\d)\d", number) and (
        YEAR_BEFORE.search(text, earliest, match.start()) or not PLURAL_AFTER.match(text, tail.end)
    ):
        return "date"
    before = NAME_BEFORE.search(text, earliest, match.start())
    if before and before[1].lower().rstrip(".") not in FUNCTION_WORDS and not _MEASURED_AFTER.match(text, tail.end):
        return "version"
    return "count"


def _tail(text: str, end: int, currency: str | None) -> _Tail | None:
    """Scale and unit after a number; None when the number is the head of a name such as `3D`."""
    power, unit, open_relation = 0, currency or "", False
    if (scale := SCALE.match(text, end)) is not None:
        letter = scale["letter"]
        if letter is None:
            power, end = SCALE_WORDS[scale["word"].lower()], scale.end()
        elif letter in SCALE_LETTERS:
            power, end = SCALE_LETTERS[letter], scale.end()
    elif currency and (scale := re.compile(rf"{SPACE}?([mMbB])(?!\w)").match(text, end)) is not None:
        power, end = {"m": 6, "b": 9}[scale[1].lower()], scale.end()
    if text.startswith("+", end) and not text[end + 1 : end + 2].isdigit():
        open_relation, end = True, end + 1
    if currency:
        unit, end = _denominated(text, end, unit)
        return _Tail(power, unit, end, open_relation)
    if not power and (times := TIMES.match(text, end)) is not None:
        return _Tail(0, "×", times.end(), open_relation)
    unit, end = _unit(text, end)
    if not unit and not power and end < len(text) and (text[end].isalpha() or text[end] == "_"):
        return None
    if (after := re.compile(rf"{SPACE}or (?:more|higher|above)\b").match(text, end)) is not None:
        return _Tail(power, unit, after.end(), True)
    return _Tail(power, unit, end, open_relation)


def _unit(text: str, end: int) -> tuple[str, int]:
    match = UNIT_WORD.match(text, end)
    if match is None:
        if (qualified := QUALIFIED_UNIT.match(text, end)) is not None:
            return canonical_unit(qualified["word"]) or "", qualified.end()
        squared = re.compile(rf"{SPACE}square milli(?:metres|meters)\b").match(text, end)
        return ("mm²", squared.end()) if squared else ("", end)
    word = match["word"]
    slashed = SLASHED.match(text, match.end())
    if slashed is not None and (whole := canonical_unit(word + "/s")) is not None:
        return whole, slashed.end()
    unit = canonical_unit(word)
    if unit is None and (qualified := QUALIFIED_UNIT.match(text, end)) is not None:
        return canonical_unit(qualified["word"]) or "", qualified.end()
    if unit is None or _is_no_unit(word, match["glue"], text, match.start()):
        return "", end
    if unit in ("token", "ktoken", "Mtoken"):
        rated, rated_end = _denominated(text, match.end(), unit)
        return (rated, rated_end) if rated != unit else ("", end)
    if "/" in unit:
        return unit, match.end()
    return _denominated(text, match.end(), unit)


def _is_no_unit(word: str, glue: str, text: str, start: int) -> bool:
    if word in ("X", "x", "×"):
        return True
    if word == "s" and not glue:
        return re.search(r"(?:19|20)?\d0$", text[:start]) is not None
    return glue == "-" and word in ("s", "h", "B", "W", "V", "J", "min", "T")


def _denominated(text: str, end: int, unit: str) -> tuple[str, int]:
    """The unit with what it is given per: `$`, ` per GPU-hour` → `$/h`; words that are no units stay in the text."""
    if unit[:1] in ("$", "€") and (hourly := re.compile(r" (?:hourly|an hour)\b").match(text, end)) is not None:
        return unit + "/h", hourly.end()
    match = DENOMINATOR.match(text, end)
    if match is None:
        return unit, end
    below = canonical_unit(match["word"])
    if match["million"]:
        below = "Mtoken" if below == "token" else None
        return (f"{unit}/{below}", match.end("word")) if below else (unit, end)
    if below is not None and below in SYMBOLS and below not in ("×", "%"):
        if match["second"] and below != "W":
            return unit, end
        return f"{unit}/{below}", match.end("word")
    if match["second"]:
        return unit + "/h", match.end()
    again = re.compile(rf"(?:/|{SPACE}per{SPACE})(hour|hr|h|s|second|sec)\b").match(text, match.end("word"))
    if again is not None and match["word"] not in ("s",):
        return f"{unit}/{canonical_unit(again[1])}", again.end()
    return unit, end


def _before(text: str, start: int) -> tuple[bool, Relation]:
    """Whether the words before a number call it approximate, and the relation that they give it."""
    match = BEFORE.search(text, max(0, start - 40), start)
    if match is None:
        return False, ""
    if not match["relation"]:
        return match["about"] is not None, ""
    about = match["about"] or ABOUT_BEFORE.search(text, max(0, match.start() - 24), match.start())
    return about is not None, RELATIONS[match["relation"].lower()]


def _second_end(text: str, first: Quantity, match: re.Match[str]) -> tuple[Quantity | None, list[Quantity]]:
    """The other end of a range that begins with `first`, and the quantities that the two together are."""
    none: tuple[None, list[Quantity]] = (None, [])
    joint = RANGE.match(text, first.end)
    if joint is None or first.kind in ("version", "ratio") or text[first.end - 1 : first.end] == "+":
        return none
    between = re.search(r"\bbetween\s+\S*$", text[: match.start("number")], re.IGNORECASE) is not None
    started = re.search(r"\bfrom\s+(?:\w+\s+)?\S?$", text[: match.start("number")], re.IGNORECASE) is not None
    if (joint["to"] or "").lower() == "and" and not between:
        return none
    begin = joint.end()
    about = ABOUT_INSIDE.match(text, begin)
    following = PLAIN_NUMBER.match(text, about.end() if about else begin)
    if following is None or following["sign"]:
        return none
    second = _quantity(text, following)
    if second is None or second.kind == "version":
        return none
    if first.unit == "" and first.low == _decimal(match["number"]):
        power = int(second.low.as_tuple().exponent) - int(_decimal(following["number"]).as_tuple().exponent)
        low = first.low.scaleb(power) if power else first.low
        first = replace(first, low=low, high=low, unit=second.unit, kind=second.kind)
    elif first.unit.startswith(("$", "€")) and second.unit.startswith(first.unit):
        bare = first.low == _decimal(match["number"])
        power = int(second.low.as_tuple().exponent) - int(_decimal(following["number"]).as_tuple().exponent)
        low = first.low.scaleb(power) if power and bare and first.low < second.low.scaleb(-power) else first.low
        first = replace(first, low=low, high=low, unit=second.unit)
    elif second.unit == "" and first.unit.startswith(("$", "€")):
        bare = first.low == _decimal(match["number"])
        power = int(second.low.as_tuple().exponent) - int(_decimal(following["number"]).as_tuple().exponent)
        if bare and power and first.low < second.low.scaleb(-power):
            first = replace(first, low=first.low.scaleb(power), high=first.low.scaleb(power))
        # what the range is per stands behind its second end: `$1.50–1.85/h`
        unit, end = _denominated(text, second.end, first.unit)
        second = replace(second, unit=unit, kind="money", end=end, raw=text[second.start : end])
        first = replace(first, unit=unit)
    if dimension(first.unit) != dimension(second.unit) or first.kind != second.kind:
        return none
    if started:
        return second, [replace(first, relation=""), second]
    factor = conversion(first.unit, second.unit)
    if factor is None or first.low * factor >= second.low:
        return none
    relation: Relation = first.relation
    whole = replace(
        second,
        low=first.low * factor if factor != 1 else first.low,
        approximate=first.approximate or second.approximate or about is not None,
        relation=relation,
        start=first.start,
        raw=text[first.start : second.end],
    )
    return second, [whole]


def _dates(text: str, taken: Sequence[Span]) -> list[Quantity]:
    found = []
    for match in DATES.finditer(text):
        if _overlaps(match.span(), taken):
            continue
        if match["iso"]:
            number = match["iso"].replace("-", "")
        elif match["month"]:
            month = next(at for at, name in enumerate(MONTHS, 1) if name[:3].lower() == match["month"][:3].lower())
            day = match["day"] or match["day2"]
            number = f"{match['year']}{month:02d}" + (f"{int(day):02d}" if day else "")
        else:
            number = (match["qyear"] or match["qyear2"]) + (match["quarter"] or match["quarter2"])
        about = re.search(rf"(?:{APPROXIMATE}){SPACE}*$", text[: match.start()], re.IGNORECASE) is not None
        value = Decimal(number)
        found.append(
            Quantity("date", value, value, approximate=about, start=match.start(), end=match.end(), raw=match[0])
        )
    return found


def _words(text: str, taken: Sequence[Span]) -> list[Quantity]:
    found = []
    for match in WORDS.finditer(text):
        if _overlaps(match.span(), taken):
            continue
        about, relation = _before(text, match.start())
        kind: Kind = "ratio"
        end = match.end()
        if match["word"] or match["one"] or match["tens"]:
            value = _spelled(match)
            unit = "×" if match["times"] else ""
            kind = "ratio" if match["times"] else "count"
            if not match["times"]:
                scale = SCALE.match(text, end)
                if scale is not None and scale["word"]:
                    value, end = value.scaleb(SCALE_WORDS[scale["word"].lower()]), scale.end()
                measured, measured_end = _unit(text, end)
                if measured and measured not in ("×",):
                    unit, end = measured, measured_end
                    kind = {"%": "percent", "$": "money", "€": "money"}.get(measured[0], "measure")  # type: ignore[assignment]
        elif match["vulgar"]:
            above, below = VULGAR[match["vulgar"]]
            value, about, unit = Decimal(above) / below, below == 3, "×"
        elif match["part"] or match["parts"]:
            above, below = FRACTIONS[(match["part"] or match["parts"][:3].replace("thr", "three")).lower()]
            value, about, unit = (Decimal(above) / below), True, "×"
        else:
            factor = {"twice": "2", "triple": "3", "quadruple": "4", "half": "0.5"}
            value, unit = Decimal(next(number for name, number in factor.items() if match[name])), "×"
        found.append(Quantity(kind, value, value, unit, about, relation, match.start(), end, text[match.start() : end]))
    return found


def _spelled(match: re.Match[str]) -> Decimal:
    if match["tens"]:
        return Decimal(TENS[match["tens"].lower()] + (ONES[match["ones"].lower()] if match["ones"] else 0))
    return Decimal(NUMBER_WORDS[match["word"].lower()] if match["word"] else 1)


def _decimal(number: str) -> Decimal:
    text = re.sub(r"[\s'’\u00a0\u2009\u202f]", "", number)
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return Decimal(text.replace(",", "."))
    text = text.replace(",", "").replace("**", "^")
    power = re.search(r"[×x·]10\^([+-]?\d+)$", text)
    if power:
        return Decimal(text[: power.start()]).scaleb(int(power[1]))
    return Decimal(text)
