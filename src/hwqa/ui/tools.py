"""The frame of the list of conversations and of the dialogs; `tools.js` fills it."""

from __future__ import annotations

from importlib.resources import files

_MENU = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 6h16M4 12h16M4 18h10"/></svg>'
_GEAR = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h9M19 7h1M4 17h1M11 17h9"/>'
    '<circle cx="16" cy="7" r="2.5"/><circle cx="8" cy="17" r="2.5"/></svg>'
)

HISTORY = f"""<button type="button" class="hw-head-button" data-tool="history" aria-label="Conversations"
 title="Conversations" aria-expanded="false" aria-controls="hw-history">{_MENU}</button>"""
"""Opens the list of conversations, which comes from the side where the button is."""

HEAD = f"""<button type="button" class="hw-head-button" data-tool="settings" aria-label="Settings" title="Settings"
 aria-haspopup="dialog">{_GEAR}</button>"""

TOOLS = """
<nav class="hw-history" id="hw-history" aria-label="Conversations" hidden>
  <div class="hw-history-head"><h2>Conversations</h2>
    <button type="button" class="hw-plain" data-tool="history" aria-label="Close the list">✕</button></div>
  <ul class="hw-history-list"></ul>
  <p class="hw-history-empty">Your conversations are kept here, for this browser alone.</p>
</nav>
<dialog class="hw-dialog" id="hw-dialog" aria-labelledby="hw-dialog-title">
  <header><h2 id="hw-dialog-title"></h2>
    <button type="button" class="hw-plain" data-tool="close" aria-label="Close">✕</button></header>
  <div class="hw-dialog-body"></div>
</dialog>
<p class="hw-told" role="status" aria-live="polite"></p>
"""


def tools_script() -> str:
    """The script, which runs when the page is shown first."""
    return _read("tools.js")


def tools_stylesheet() -> str:
    """The style of all that the script draws, and of the buttons below answers."""
    return _read("tools.css")


def _read(name: str) -> str:
    return files("hwqa.ui").joinpath(name).read_text(encoding="utf-8")
