"""What a reader can do with a turn: judge it, share, copy, ask it again, edit it, look at its other versions."""

from __future__ import annotations

from html import escape

from hwqa.ui.conversation import Turn

_ICONS = {
    "up": "M7 10v10H3V10zm0 0 4-7c1.5 0 2.5 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.8 20H7",
    "down": "M17 14V4h4v10zm0 0-4 7c-1.5 0-2.5-1-2.5-2.5V15H5a2 2 0 0 1-2-2.3l1.2-7A2 2 0 0 1 6.2 4H17",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "share": "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1-1",
    "retry": "M4 11a8 8 0 1 1 1.5 6M4 20v-4h4",
    "edit": "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
}


def render_actions(turn: Turn) -> str:
    """The buttons below a turn as HTML, none while it is written; empty where it is not kept."""
    if not turn.id:
        return ""
    buttons = []
    if turn.answer is not None:
        buttons += [_button("up", "Good answer"), _button("down", "Bad answer")]
        buttons += [_button("copy", "Copy"), _button("share", "Share")]
    if not turn.running:
        buttons += [_button("retry", "Ask again"), _button("edit", "Edit the question"), *_versions(turn)]
    return (
        f'<div class="hw-actions" role="group" aria-label="What to do with this answer" data-id="{escape(turn.id)}" '
        f'data-conversation="{escape(turn.conversation)}">{"".join(buttons)}</div>'
    )


def icon(name: str) -> str:
    """A picture of a button as SVG, for those who see."""
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICONS[name]}"/></svg>'


def _button(action: str, label: str) -> str:
    pressed = ' aria-pressed="false"' if action in ("up", "down") else ""
    return (
        f'<button type="button" class="hw-action" data-act="{action}" aria-label="{label}" title="{label}"{pressed}>'
        f"{icon(action)}</button>"
    )


def _versions(turn: Turn) -> list[str]:
    """Buttons that lead to the versions before and after this one."""
    if len(turn.versions) < 2 or turn.id not in turn.versions:
        return []
    place = turn.versions.index(turn.id)
    parts = ['<span class="hw-versions">']
    for other, label, sign in ((place - 1, "Earlier version", "‹"), (place + 1, "Later version", "›")):
        here = 0 <= other < len(turn.versions)
        name = f' data-act="version" data-version="{escape(turn.versions[other])}"' if here else " disabled"
        parts.append(
            f'<button type="button" class="hw-action" aria-label="{label}" title="{label}"{name}>{sign}</button>'
        )
    parts.insert(2, f"<span>{place + 1} of {len(turn.versions)}</span>")
    return [*parts, "</span>"]
