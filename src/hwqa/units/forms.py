"""The forms in which people write numbers, units, dates and the words around them, as patterns."""

from __future__ import annotations

import re

from hwqa.units.quantity import MONTHS, Relation

SPACE = "[ \\u00a0\\u2009\\u202f]"
NUMBER = (
    r"(?:\d{1,3}(?:[,'’\u00a0\u2009\u202f]\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d{1,3}(?: \d{3})+(?![\d.,]*\d)(?=[ -]?[A-Za-z]{1,7}(?:/s)?\b)"
    r"|\d+,\d{1,2}(?=[ \u00a0\u202f]?[A-Z]{1,2}(?:/s|\b))"
    r"|\d+(?:\.\d+)?|(?<![\d.])\.\d+)"
    rf"(?:[eE][+-]?\d{{1,2}}(?!\w)|{SPACE}?[×x·]{SPACE}?10(?:\^|\*\*)[+-]?\d{{1,2}}(?!\d))?"
)
CURRENCY = r"(?:(?:\b(?:US|C|A|HK))?\$|[€£¥]|\b(?:USD|EUR|GBP|RMB|CNY)\b)"
APPROXIMATE = (
    r"~|≈|∼|\b(?:about|around|roughly|approximately|approx\.?|ca\.?|circa|nearly|almost|some|close to|an estimated"
    r"|estimated at|in the order of|on the order of|just under|just over|somewhat over|a little over)"
)
RELATIONS: dict[str, Relation] = {}
for _relation, _phrases in (
    ("≥", "at least|no less than|not less than|no fewer than|a minimum of|minimum of|starting at|from|≥|>=|⩾"),
    ("≤", "up to|at most|no more than|not more than|a maximum of|maximum of|as much as|as many as|≤|<=|⩽"),
    (">", "more than|over|above|greater than|in excess of|upwards of|exceeds|exceeding|>"),
    ("<", "less than|under|below|fewer than|<"),
):
    RELATIONS |= dict.fromkeys(_phrases.split("|"), _relation)  # type: ignore[arg-type]
_RELATION = "|".join(
    # the `>` that ends a tag is no relation
    rf"\b{re.escape(phrase)}\b" if phrase[0].isalpha() else rf"(?<![\w\"'/]){re.escape(phrase)}"
    for phrase in sorted(RELATIONS, key=len, reverse=True)
)
BEFORE = re.compile(rf"(?:(?P<relation>{_RELATION}){SPACE}*)?(?:(?P<about>{APPROXIMATE}){SPACE}*)?$", re.IGNORECASE)
PLAIN_NUMBER = re.compile(
    rf"(?:(?<![\w])(?<!\d[.,:/])|(?<=\d[x×]))(?P<currency>{CURRENCY}{SPACE}?)?(?P<sign>(?<![\w)\]])[−-])?(?P<number>{NUMBER})"
)
SCALE_WORDS = {"thousand": 3, "million": 6, "billion": 9, "bn": 9, "trillion": 12}
SCALE_LETTERS = {"k": 3, "K": 3, "M": 6, "B": 9, "T": 12, "bn": 9, "mn": 6}
SCALE = re.compile(
    rf"(?P<letter>bn|mn|[kKMBT])(?![\w²]|/s\b)|{SPACE}?-?(?P<word>thousand|million|billion|bn|trillion)\b",
    re.IGNORECASE,
)
UNIT_WORD = re.compile(
    rf"(?P<glue>{SPACE}?|-)(?P<word>dB\(A\)|N·m|[A-Za-zµμ°Ω]+(?:\^?[23](?!\d)|[²³])?|US\$|[%×€£¥$])(?![^\W_])"
)
QUALIFIED_UNIT = re.compile(
    rf"{SPACE}(?:(?:[A-Z]{{2,5}}\d{{1,2}}|dense|sparse|tensor|matrix|vector|peak|AI){SPACE}){{1,3}}"
    r"(?P<word>[kMGTPE](?:FLOPS|FLOPs|OPS))(?!\w)"
)
"""`989 FP16 TFLOPS`: a number format or another qualifier stands between number and unit."""
SLASHED = re.compile(r"/(?:s|sec)(?!\w)", re.IGNORECASE)
DENOMINATOR = re.compile(
    rf"(?:{SPACE}?/{SPACE}?|{SPACE}(?:per|a|an|each){SPACE}|-per-)(?:(?:1{SPACE}?)?(?P<million>million|M){SPACE}?)?"
    r"(?P<word>[A-Za-zµ]+[²³]?)(?:[-/ ](?:per )?(?P<second>hours?|hr|h)\b)?"
)
TIMES = re.compile(rf"(?:[x×](?=[A-Z\d(])|{SPACE}?[x×](?={SPACE}[A-Z\d(])|[x×X](?!\w)|{SPACE}times\b|-?{SPACE}?fold\b)")
RANGE = re.compile(rf"(?P<dash>{SPACE}?[–—-]{SPACE}?)|{SPACE}(?P<to>to|and){SPACE}", re.IGNORECASE)
SHARED_UNIT = re.compile(
    r"\s?(?:,|/|&|,? and|,? or|vs\.?|versus|against|compared (?:to|with)|instead of|rather than)\s?"
)
ABOUT_INSIDE = re.compile(rf"(?:{APPROXIMATE}){SPACE}*", re.IGNORECASE)
AFTERTHOUGHT = re.compile(rf"{SPACE}(?:or so|or thereabouts|give or take)\b")
ABOUT_BEFORE = re.compile(rf"(?:{APPROXIMATE}){SPACE}*$", re.IGNORECASE)
MONTH = "(?:" + "|".join(f"{name}|{name[:3]}\\.?" for name in MONTHS) + "|Sept\\.?)"
DATES = re.compile(
    r"(?<![\w.,/-])(?:(?P<iso>(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?![\w-])"
    rf"|(?:(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\.?{SPACE}(?:of )?)?(?P<month>{MONTH}){SPACE}"
    rf"(?:(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?,?{SPACE})?"
    r"(?P<year>(?:19|20)\d\d)(?!\w)"
    rf"|Q(?P<quarter>[1-4])[ /-]?(?P<qyear>20\d\d)(?!\w)|(?P<qyear2>20\d\d)[ -]?Q(?P<quarter2>[1-4])(?!\w))",
    re.IGNORECASE,
)
NUMBER_WORDS = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
} | {
    "a dozen": 12,
    "one dozen": 12,
    "fifteen": 15,
    "sixteen": 16,
    "a hundred": 100,
    "one hundred": 100,
    "a thousand": 1000,
}
TENS = {
    word: number
    for number, word in zip(
        range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety".split(), strict=True
    )
}
ONES = {word: number for number, word in enumerate("one two three four five six seven eight nine".split(), start=1)}
VULGAR = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8)}
COMPARED = (
    r"(?=\s+(?:more|less|of|lower|higher|fewer|faster|slower|cheaper|larger|smaller|greater|bigger|as|the|that)\b"
    r"|\s*[.,;:)]|$)"
)
WORDS = re.compile(
    r"(?P<vulgar>[½¼¾⅓⅔⅛])|\b(?:(?P<twice>twice|twofold|two-fold|doubl(?:es|ed|ing)|double(?=\s+(?:the|that|its|what|of|as)\b))"
    r"|(?P<triple>thrice|threefold|three-fold|tripl(?:es|ed|ing)|triple(?=\s+(?:the|that|its|what|of|as)\b))"
    r"|(?P<quadruple>fourfold|four-fold|quadrupl(?:es|ed|ing)|quadruple(?=\s+(?:the|that|its|what|of|as)\b))"
    r"|(?P<half>halv(?:es|ed|ing)|half(?=\s+(?:the(?!\s+year)|that|its|their|what|of(?!\s+(?:20|the\s+year))|as)\b))"
    rf"|(?:a|one|by a|the other)[ -](?P<part>third|quarter|fifth|sixth|seventh|eighth|ninth|tenth){COMPARED}"
    rf"|(?P<parts>two[ -]thirds|three[ -]quarters|three[ -]fourths)"
    r"|(?P<one>one(?=[- ](?:year|month|week|day|hour|minute)\b))"
    rf"|(?P<tens>{'|'.join(TENS)})(?:[- ](?P<ones>{'|'.join(ONES)}))?(?!\w)"
    rf"|(?P<word>{'|'.join(NUMBER_WORDS)})(?![\w])(?P<times>\s+times\b)?)",
    re.IGNORECASE,
)
FRACTIONS = {
    "third": (1, 3),
    "quarter": (1, 4),
    "fifth": (1, 5),
    "sixth": (1, 6),
    "seventh": (1, 7),
    "eighth": (1, 8),
    "ninth": (1, 9),
    "tenth": (1, 10),
    "two": (2, 3),
    "three": (3, 4),
}
ORDINAL = re.compile(r"(?<![\w.,])(\d{1,3})(?:st|nd|rd|th)\b", re.IGNORECASE)
VERSION = re.compile(r"(?<![\w.])v(?P<number>\d+(?:\.\d+)?)(?![\w.]*\w)", re.IGNORECASE)
NAME_BEFORE = re.compile(rf"(?:^|[\s(/\"'*_])([a-z]*[A-Z][\w.+-]*|version|release|gen|generation|series)[*_]*{SPACE}$")
FUNCTION_WORDS = frozenset(
    "the a an with at in on all only about over up for each its it both these those of and or from to by than vs"
    " roughly around nearly almost some just between more less under below above as is has have are was were that"
    " this their every any per if when while where but not no using use uses needs takes holds gives price".split()
)
YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|by|until|till|during|after|before|early|late|mid|year|from|of|to|spring|summer|autumn|fall|winter)|mid-)\s*$",
    re.IGNORECASE,
)
PLURAL_AFTER = re.compile(r"(?:[ -][a-z]+)?[ -][A-Za-z]*[A-Za-z]s\b")
