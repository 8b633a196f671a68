"""The chat: `python app.py`, or `gradio app.py` to load it anew when its code or style changes.

The settings come from `HWQA_*` variables and `hwqa.toml`, as for `hwqa serve`.
"""

import os
from pathlib import Path

import hwqa
from hwqa.assistant import Assistant
from hwqa.config import Settings
from hwqa.errors import HwqaError

if "GRADIO_WATCH_DIRS" in os.environ:
    # `gradio app.py` would look through this whole folder, .venv and all, twenty times a second: 89 % of a processor
    os.environ["GRADIO_WATCH_DIRS"] = str(Path(hwqa.__file__).parent)

from hwqa.ui import build, launch
from hwqa.ui.choices import found_models
from hwqa.ui.examples import suggest

# A Hugging Face Space serves the port in a container, and shows the page in a frame of its own site.
host = None if "HWQA_HOST" in os.environ else os.environ.get("GRADIO_SERVER_NAME")

try:
    settings = Settings.load(host=host, embedded="SPACE_ID" in os.environ or None)
    assistant = Assistant.open(settings=settings)
    settings = assistant.settings
    demo = build(assistant, settings=settings, examples=suggest(assistant), models=found_models(settings))
    if __name__ == "__main__":
        launch(demo, settings)
except HwqaError as error:
    raise SystemExit(f"Error: {error}") from error
