"""The look of Gradio's own parts: system fonts, calm colours, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradio.themes import Base  # noqa: TID251 - the chat is where Gradio belongs

_FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Helvetica Neue", "Arial", "sans-serif")
_MONOSPACE = ("ui-monospace", "SF Mono", "Cascadia Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")


def build_theme() -> Base:
    """The theme; its colours are the variables of `colours.css`, so that both have one source."""
    from gradio.themes import Base, sizes  # noqa: PLC0415, TID251 - Gradio takes seconds to load

    theme = Base(font=_FONT, font_mono=_MONOSPACE, radius_size=sizes.radius_md, spacing_size=sizes.spacing_md)
    colours = {
        "body_background_fill": "var(--hw-ground)",
        "body_text_color": "var(--hw-text)",
        "body_text_color_subdued": "var(--hw-quiet)",
        "background_fill_primary": "var(--hw-surface)",
        "background_fill_secondary": "var(--hw-ground)",
        "block_background_fill": "transparent",
        "block_border_color": "transparent",
        "block_label_background_fill": "transparent",
        "block_label_text_color": "var(--hw-quiet)",
        "block_title_text_color": "var(--hw-quiet)",
        "block_info_text_color": "var(--hw-quiet)",
        "border_color_primary": "var(--hw-line)",
        "border_color_accent": "var(--hw-accent)",
        "color_accent": "var(--hw-accent)",
        "color_accent_soft": "var(--hw-accent-soft)",
        "link_text_color": "var(--hw-accent)",
        "input_background_fill": "var(--hw-surface)",
        "input_background_fill_focus": "var(--hw-surface)",
        "input_border_color": "var(--hw-line-strong)",
        "input_border_color_focus": "var(--hw-accent)",
        "input_placeholder_color": "var(--hw-quiet)",
        "button_primary_background_fill": "var(--hw-accent)",
        "button_primary_background_fill_hover": "var(--hw-accent-strong)",
        "button_primary_text_color": "var(--hw-on-accent)",
        "button_primary_text_color_hover": "var(--hw-on-accent)",
        "button_primary_border_color": "transparent",
        "button_primary_border_color_hover": "transparent",
        "button_secondary_background_fill": "var(--hw-surface)",
        "button_secondary_background_fill_hover": "var(--hw-accent-soft)",
        "button_secondary_text_color": "var(--hw-text)",
        "button_secondary_text_color_hover": "var(--hw-text)",
        "button_secondary_border_color": "var(--hw-line-strong)",
        "button_secondary_border_color_hover": "var(--hw-line-strong)",
    }
    dark = {f"{name}_dark": value for name, value in colours.items() if hasattr(theme, f"{name}_dark")}
    return theme.set(**colours, **dark, block_border_width="0px", block_shadow="none", block_padding="0px")


_STYLES = ("colours.css", "page.css", "prose.css", "parts.css")
_SCRIPTS = ("page.js", "preview.js", "sorting.js", "tables.js", "sizing.js", "drawing.js", "arriving.js")
"""What the page is made of besides Gradio's own parts; each script is a block of its own within one function."""


def stylesheet() -> str:
    """The page's own style sheets, one after the other."""
    return _joined(_STYLES)


def script() -> str:
    """The page's own scripts, which run when the conversation is shown first."""
    return _joined(_SCRIPTS)


def _joined(names: Sequence[str]) -> str:
    folder = files("hwqa.ui")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
