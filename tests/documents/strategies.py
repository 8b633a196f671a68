"""Markdown documents, composed of blocks as people write them and as they should not."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.sampled_from(
    (
        "memory bandwidth 4.8 TB/s 1,979 e.g. llama.cpp MI300X **bold** *it* `x = 1` [link](http://a.b/c_(d)) <br> a|b "
        "![alt](i.png) \\| 80 GB: ≈ “quote” (see Fig. 2) end. Next! Why? 硬件。 &amp; [ref][1] [^1] U.S. ~$15,000 _u_ "
        "** ` [ ( \\ http://a.b/c. <!-- c --> 1. - > # | \u00a0 \u2028 \x0b \x0c \x85 \u200b \ufeff \x00 \r"
    ).split(" ")
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
BREAK = st.sampled_from(["\n", "  \n", "\\\n", "\n  ", "\n\t\t"])


@st.composite
def paragraphs(draw: st.DrawFn) -> str:
    lines = draw(st.lists(SENTENCE, min_size=1, max_size=4))
    text = lines[0]
    for line in lines[1:]:
        text += draw(BREAK) + line
    return text


HEADINGS = st.one_of(
    st.builds(lambda level, text, end: "#" * level + " " + text + end, st.integers(1, 6), SENTENCE,
              st.sampled_from(["", " ##", "  "])),
    st.builds(lambda text, mark: f"{text}\n{mark}", SENTENCE, st.sampled_from(["===", "---", "-"])),
    st.just("#"),
)  # fmt: skip
LABELS = st.builds(
    "{}{}{}".format, st.just("**Advantages"), st.sampled_from(["**", ":**", "**:"]), st.sampled_from(["", "  ", "\\"])
)
CODE = st.builds(
    lambda fence, body, close: f"{fence}py\n{body}\n{fence if close else ''}",
    st.sampled_from(["```", "~~~~"]),
    st.lists(st.sampled_from(["# not a heading", "x = 1", "", "    y", "- a", "| a |"]), max_size=6).map("\n".join),
    st.booleans(),
)
INDENTED = SENTENCE.map(lambda text: "    " + text)
HTML = st.sampled_from(
    [
        "<div>\ntext\n</div>",
        "<!-- a comment\n\n# no heading -->",
        "<table>\n<tr><th>a</th></tr>\n<tr><td>1</td></tr>\n</table>",
        "<details><summary>More</summary>",
        "<script>\nx\n\ny\n</script>",
        "<!--",
    ]
)
OTHER = st.sampled_from(
    ["---", "* * *", "[1]: http://a.b/c 'title'", "[x]: <y>\n[z]: w", "", " \t ", "\x0c", ">", "-", "1."]
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 4))
    cell = SENTENCE.map(lambda text: text.replace("|", "\\|").replace("\n", " "))
    rows = draw(st.lists(st.lists(cell, min_size=0, max_size=width + 1), min_size=1, max_size=12))
    lead = draw(st.sampled_from(["", "Specifications:\n\n", "Specifications:\n"]))
    head = "|" + " h |" * width + "\n|" + "---|" * width
    return lead + head + "".join("\n| " + " | ".join(row) + " |" for row in rows)


def _indent(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(rest + line if line.strip() else line for line in lines[1:])])


@st.composite
def items(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    marker = draw(st.sampled_from(["- ", "* ", "1. ", "-\t", "-   ", "+ ", "-\n"]))
    indent = draw(st.sampled_from(["  ", "    ", "\t", "\t\t", "   ", " ", "        "]))
    join = draw(st.sampled_from(["\n", "\n\n"]))
    return "\n".join(
        _indent(join.join(draw(st.lists(inner, min_size=1, max_size=3))), marker, indent)
        for _ in range(draw(st.integers(1, 3)))
    )


LEAVES = st.one_of(paragraphs(), HEADINGS, LABELS, CODE, INDENTED, HTML, OTHER, tables())
BLOCKS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(items(inner), inner.map(lambda text: _indent(text, "> ", draw_prefix(text)))),
    max_leaves=6,
)


def draw_prefix(text: str) -> str:
    """A quote's later lines: with their mark, or lazily without."""
    return "> " if len(text) % 3 else ""


FRONT_MATTER = st.sampled_from(
    [
        "",
        "",
        "---\ntitle: A title\nas_of: 2024-05\n---\n",
        "---\n: [\n---\n",
        "---\n---\n",
        "---\ntext\n---\n",
        "---\na: 1\n",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    blocks = draw(st.lists(BLOCKS, max_size=7))
    text = draw(FRONT_MATTER) + draw(st.sampled_from(["\n\n", "\n", "\n\n\n"])).join(blocks)
    text += draw(st.sampled_from(["", "\n", "\n\n", "   "]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text
