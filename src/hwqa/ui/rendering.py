"""Markdown of others → HTML that cannot do anything: no tag of theirs, no script, no request to another host."""

# ruff: noqa: ARG002 - markdown-it gives rules their signature

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import cache
from html import escape, unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from hwqa.blocks import html_as_seen, tokens_text

_WEB = ("https://", "http://", "mailto:")


class SafeRenderer(RendererHTML):
    """Renders tokens of markdown-it; raw HTML shows as the text that a reader would see, pictures as their alt text.

    Links lead to the web only, in a new tab, and tell the other side nothing. Where `env["links"]` is a text, only
    links that occur in it lead anywhere.
    """

    def ready(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """HTML that was made, and escaped, before."""
        return tokens[index].content

    def html_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The text of an HTML block, line by line."""
        seen = html_as_seen(tokens[index].content).replace("\0", "")
        lines = [" ".join(unescape(line).split()) for line in seen.split("\n")]
        return "".join(f"<p>{escape(line)}</p>\n" for line in lines if line)

    def html_inline(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """Nothing: a reader does not see tags."""
        return ""

    def image(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The picture's alt text: fetching it would tell another host who reads what."""
        text = tokens_text(tokens[index].children or []) or "picture"
        return f'<span class="hw-picture">{escape(text)}</span>'

    def link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The start of a link to the web; of any other link, a plain span."""
        address = str(tokens[index].attrGet("href") or "")
        allowed = env.get("links")
        if not address.lower().startswith(_WEB) or (allowed is not None and address not in allowed):
            return "<span>"
        return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">'

    def link_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The end of what `link_open` began."""
        opened = next(place for place in range(index, -1, -1) if tokens[place].type == "link_open")  # links do not nest
        return "</span>" if self.link_open(tokens, opened, options, env) == "<span>" else "</a>"

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The start of a table that scrolls by itself where it is wider than its place."""
        return '<div class="hw-table" tabindex="0" role="region" aria-label="Table"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
        """The end of a table."""
        return "</table></div>\n"


@cache
def safe_parser() -> MarkdownIt:
    """CommonMark with tables, its raw HTML taken as text, rendered by `SafeRenderer`."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}, renderer_cls=SafeRenderer)
    return parser.enable("table").disable(["reference", "html_block", "html_inline"])


def render_tokens(tokens: Sequence[Token], env: MutableMapping[str, Any]) -> str:
    """Block tokens, the children of inline tokens filled in, as HTML."""
    parser = safe_parser()
    return str(parser.renderer.render(tokens, parser.options, env))
