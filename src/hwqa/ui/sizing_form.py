"""The form that asks what a model needs: its HTML, and its fields as a question that the chat answers."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from hwqa.errors import SizingError
from hwqa.sizing.precision import PRECISIONS
from hwqa.sizing.request import parameters, tokens

if TYPE_CHECKING:
    from hwqa.sizing import Sizer

_MOST_USERS = 100_000
_CONTEXTS = ("2k", "8k", "32k", "128k")


def sizing_question(fields: Mapping[str, str], sizer: Sizer) -> str:
    """The question that the fields make, such that reading it gives the sizing that they mean.

    Args:
        fields: `model` (a name, or a number of parameters such as 70B), `precision`, `context`, `users` and `device`;
            what is missing or empty is left open.
        sizer: Knows the models and devices of the documents.

    Raises:
        SizingError: A field cannot be read, or the documents know no such model or device.
    """
    model = _model(fields.get("model", "").strip(), sizer)
    precision = fields.get("precision", "").strip()
    if precision and precision not in PRECISIONS:
        raise SizingError(f"there is no number format {precision!r}: choose one of the list")
    context = fields.get("context", "").strip()
    count = tokens(context) if context else None
    if context and count is None:
        raise SizingError(f"{context!r} is no number of tokens: write, for example, 8192 or 32k")
    users = fields.get("users", "").strip() or "1"
    if not users.isdecimal() or not 0 < int(users) <= _MOST_USERS:
        raise SizingError(f"{users!r} is no number of users: write a number from 1 to {_MOST_USERS:,}")
    what = model
    what += f" in {precision}" if precision else ""
    what += f" with {count:,} tokens of context" if count else ""
    what += f" for {int(users):,} users" if int(users) > 1 else ""
    device = fields.get("device", "").strip()
    if not device:
        return f"What does {what} need, and on which devices does it fit?"
    name = _known(device, sizer.devices)
    if name is None:
        raise SizingError(f"the documents give no memory of a device {device!r}: choose one of the list")
    return f"Does {what} fit the {name}, how many of them does it need, and how fast is it at best?"


def _model(text: str, sizer: Sizer) -> str:
    if not text:
        raise SizingError("name a model, or its number of parameters such as 70B")
    if (name := _known(text, sizer.model_names)) is not None:
        return name
    count = parameters(text)
    if count is None or count < 1e6:
        raise SizingError(
            f"the documents know no model {text!r}: choose one of the list, or write 70B for its parameters"
        )
    return f"a {count / 1e9:g}B model"


def _known(text: str, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name.casefold() == text.casefold()), None)


def render_form(sizer: Sizer) -> str:
    """The button that opens the form, and the form; nothing where the documents know neither models nor devices."""
    if not sizer.devices:
        return ""

    def options(names: tuple[str, ...]) -> str:
        return "".join(f'<option value="{escape(name)}"></option>' for name in sorted(names, key=str.casefold))

    precisions = "".join(f'<option value="{name}">{name}</option>' for name in PRECISIONS)
    return f"""<button type="button" class="hw-quiet-button" data-dialog="hw-size">Size a model</button>
<dialog id="hw-size" class="hw-form" aria-labelledby="hw-size-title">
<form method="dialog" data-size>
<h2 id="hw-size-title">What do I need for …</h2>
<label>Model, or its number of parameters
<input name="model" list="hw-models" required maxlength="100" autocomplete="off" placeholder="a name, or 70B"></label>
<datalist id="hw-models">{options(sizer.model_names)}</datalist>
<div class="hw-fields">
<label>Weights in
<select name="precision"><option value="">as published</option>{precisions}</select></label>
<label>Context, tokens
<input name="context" list="hw-contexts" value="8k" required maxlength="20" autocomplete="off"
pattern="[0-9][0-9.,]*[kKmM]?" title="a number such as 8192 or 32k"></label>
<datalist id="hw-contexts">{options(_CONTEXTS)}</datalist>
<label>Users at once
<input name="users" type="number" value="1" min="1" max="{_MOST_USERS}" required></label>
</div>
<label>Device <span class="hw-optional">(any, where empty)</span>
<input name="device" list="hw-devices" maxlength="100" autocomplete="off"
placeholder="the fewest that hold it"></label>
<datalist id="hw-devices">{options(sizer.devices)}</datalist>
<div class="hw-form-buttons">
<button type="button" class="hw-quiet-button" data-close-dialog>Cancel</button>
<button type="submit" class="hw-primary">Calculate</button>
</div>
</form>
</dialog>"""
