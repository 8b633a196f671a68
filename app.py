"""The chat: `python app.py`, or `gradio app.py` to reload it when a file changes.

The settings come from `HWQA_*` variables and `hwqa.toml`, as for `hwqa serve`.
"""

from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import HwqaError
from hwqa.ui import build, launch
from hwqa.ui.choices import found_models
from hwqa.ui.examples import suggest

try:
    settings = Settings.load()
    assistant = Assistant.open(settings=settings)
    demo = build(assistant, settings=settings, examples=suggest(assistant), models=found_models(settings))
    if __name__ == "__main__":
        launch(demo, settings)
except HwqaError as error:
    raise SystemExit(f"Error: {error}") from error
