// Runs when the page is shown first; `element` and `trigger` belong to the frame that tools.py gives.
// The list of conversations, the dialogs and the buttons below answers; what they show comes as JSON and is set as text.
// Three events reach Python: "show" a conversation or version, ask "again", and "prefer", when settings have changed.

const home = new URL(window.gradio_config?.root ?? location.href).pathname.replace(/\/?$/, "/");
const body = document.body;
const nav = element.querySelector(".hw-history");
const list = element.querySelector(".hw-history-list");
const dialog = element.querySelector("dialog");
const told = element.querySelector(".hw-told");
const turns = () => document.getElementById("hw-turns");
const wide = matchMedia("(min-width: 1200px)");
const rated = new Map(); // answers judged since the page was loaded
let current = new URLSearchParams(location.search).get("c"); // the conversation that is shown
let awaited = current !== null; // whether it is still to come
let seen = ""; // what the list was drawn for

const call = async (path, method = "GET", content = undefined) => {
  const options = { method, headers: {}, credentials: "same-origin" };
  if (content !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(content);
  }
  let response;
  try {
    response = await fetch(home + path, options);
  } catch {
    throw new Error("The server does not answer. Is it still running?");
  }
  const type = response.headers.get("content-type") ?? "";
  const data = type.includes("json") ? await response.json() : await response.text();
  if (!response.ok) throw new Error(data.error ?? `The server answered with ${response.status}.`);
  return data;
};

const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

let fading = 0;
const tell = (text, wrong = false) => {
  told.textContent = text;
  told.classList.toggle("hw-wrong", wrong);
  clearTimeout(fading);
  fading = setTimeout(() => { told.textContent = ""; }, wrong ? 8000 : 3000);
};
const guarded = (act) => async (...given) => {
  try {
    return await act(...given);
  } catch (error) {
    tell(error.message, true);
  }
};

const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not allowed where the page did not come over HTTPS
    const area = make("textarea", { class: "hw-unseen-area", "aria-hidden": "true" });
    area.value = text;
    (dialog.open ? dialog : body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  tell("Copied.");
};

// --- the list of conversations ---

const when = (seconds) => {
  const then = new Date(seconds * 1000);
  const now = new Date();
  if (then.toDateString() === now.toDateString()) {
    return then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  }
  const year = then.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return then.toLocaleDateString([], { day: "numeric", month: "short", year });
};

const small = (label, path, act) => {
  const button = make("button", { type: "button", class: "hw-action", "aria-label": label, title: label, onclick: act });
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  icon.append(line);
  button.append(icon);
  return button;
};

const row = (item) => {
  const line = make("li", { class: "hw-history-item", "data-id": item.id });
  const draw = () => {
    const open = make("button", { type: "button", class: "hw-history-open-item", onclick: () => show(item.id) },
      make("span", { class: "hw-history-title" }, item.title),
      make("span", { class: "hw-history-when" }, when(item.changed)));
    if (item.id === current) open.setAttribute("aria-current", "true");
    const tools = make("span", { class: "hw-history-tools" },
      small("Rename", "M4 20h4L19 9l-4-4L4 16zM13 7l4 4", rename),
      small("Export as Markdown", "M12 4v11M8 11l4 4 4-4M5 20h14", () => {
        make("a", { href: `${home}chat/conversations/${item.id}/export`, download: "" }).click();
      }),
      small("Delete", "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13", remove));
    line.replaceChildren(open, tools);
  };
  const rename = () => {
    const field = make("input", { type: "text", "aria-label": "Title", maxlength: "80", class: "hw-history-field" });
    field.value = item.title;
    let over = false;
    const end = guarded(async (keep) => {
      if (over) return;
      over = true;
      if (keep && field.value.trim() && field.value !== item.title) {
        await call(`chat/conversations/${item.id}`, "POST", { title: field.value }).finally(draw);
        await refresh();
      } else draw();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
      event.stopPropagation();
    });
    field.addEventListener("blur", () => end(true));
    line.replaceChildren(field);
    field.select();
  };
  const remove = () => {
    const yes = make("button", { type: "button", class: "hw-plain hw-danger", onclick: guarded(async () => {
      await call(`chat/conversations/${item.id}`, "DELETE");
      if (item.id === current) document.getElementById("hw-clear").click();
      await refresh();
      tell("Deleted.");
    }) }, "Delete");
    const no = make("button", { type: "button", class: "hw-plain", onclick: draw }, "Keep");
    line.replaceChildren(make("span", { class: "hw-history-sure" }, "Delete for good?"), yes, no);
    yes.focus();
  };
  draw();
  return line;
};

const refresh = guarded(async () => {
  const { conversations } = await call("chat/conversations");
  if (list.querySelector("input")) return; // a title is being written
  list.replaceChildren(...conversations.map(row));
  nav.classList.toggle("hw-none", conversations.length === 0);
});

const show = (conversation) => {
  if (!wide.matches) toggle(false);
  awaited = true;
  trigger("show", { conversation });
};

const toggle = (open) => {
  nav.hidden = !open;
  body.classList.toggle("hw-history-open", open);
  document.querySelector('#hw-header [data-tool="history"]')?.setAttribute("aria-expanded", String(open));
  if (wide.matches) localStorage.setItem("hwqa-history", open ? "open" : "closed");
  if (open) refresh();
};

// --- dialogs ---

const opened = (title, ...content) => {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".hw-dialog-body").replaceChildren(...content);
  if (!dialog.open) dialog.showModal();
};

const share = guarded(async (turn) => {
  const { path } = await call("chat/share", "POST", { turn });
  const address = location.origin + home + path;
  const field = make("input", { type: "text", readonly: true, "aria-label": "Link to this answer", value: address });
  opened("Share this answer",
    make("p", {}, "Anyone who can reach this server and has the link can read the question, the answer as it is now, "
      + "and its sources. The rest of the conversation stays yours."),
    make("div", { class: "hw-link" }, field,
      make("button", { type: "button", class: "hw-main", onclick: () => copied(address) }, "Copy link"),
      make("a", { href: address, target: "_blank", rel: "noopener", class: "hw-plain" }, "Open")));
  field.select();
});

const choice = (name, value, label, note, checked, act) => {
  const field = make("input", { type: "radio", name, value, onchange: act });
  field.checked = checked;
  return make("label", { class: "hw-choice" }, field,
    make("span", {}, make("span", { class: "hw-choice-label" }, label), note ? make("small", {}, note) : ""));
};

let polling = 0;
const drawIndex = (place, state) => {
  const parts = [make("p", {}, `${state.documents.toLocaleString()} documents, ${state.passages.toLocaleString()} passages. `
    + (state.running ? "" : state.stale ? "The documents have changed since they were indexed." : "Up to date."))];
  if (state.running) {
    const bar = make("progress", { "aria-label": "Indexing" });
    if (state.total) { bar.max = state.total; bar.value = state.done; }
    parts.push(bar, make("small", { role: "status" }, state.what + (state.total ? ` ${state.done} of ${state.total}` : "")));
  } else {
    if (state.error) parts.push(make("p", { class: "hw-wrong", role: "alert" }, state.error));
    else if (state.said) parts.push(make("p", { role: "status" }, `Done: ${state.said}.`));
    if (state.may_reindex) {
      parts.push(make("button", { type: "button", class: "hw-main", onclick: guarded(async () => {
        drawIndex(place, await call("chat/index", "POST", {}));
      }) }, "Index anew"));
    } else parts.push(make("small", {}, "Whoever runs the server can bring it up to date with hwqa index."));
  }
  place.replaceChildren(...parts);
  clearTimeout(polling);
  if (state.running && dialog.open) {
    polling = setTimeout(guarded(async () => drawIndex(place, await call("chat/index"))), 400);
  }
};

const settings = guarded(async () => {
  const [given, state] = await Promise.all([call("chat/settings"), call("chat/index")]);
  const choose = guarded(async (content) => {
    await call("chat/settings", "POST", content);
    trigger("prefer", {});
  });
  const models = given.models.map((model) => choice("hw-set-model", model.spec, model.label, model.note,
    model.spec === given.model, () => choose({ model: model.spec })));
  const lengths = given.lengths.map((each) => choice("hw-set-length", each.name, each.label, "",
    each.name === given.length, () => choose({ length: each.name })));
  const index = make("div", { class: "hw-index" });
  opened("Settings",
    make("fieldset", {}, make("legend", {}, "Who writes the answer"), ...models,
      ...given.others.map((other) => make("p", { class: "hw-quiet" }, other)),
      make("p", { class: "hw-quiet" },
        "Keys stay in the environment of the server: this page neither shows, asks for nor keeps any.")),
    make("fieldset", { class: "hw-row" }, make("legend", {}, "Length of answers"), ...lengths),
    make("fieldset", {}, make("legend", {}, "Index of the documents"), index));
  drawIndex(index, state);
});

// --- the buttons below an answer ---

const REASONS = ["A figure is wrong", "The source does not say that", "Something is missing", "Not what I asked"];

const judge = guarded(async (bar, button, rating) => {
  const turn = bar.dataset.id;
  await call("chat/feedback", "POST", { turn, rating });
  rated.set(turn, rating);
  press();
  bar.parentElement.querySelector(".hw-feedback")?.remove();
  const field = make("textarea", { rows: "2", maxlength: "2000",
    "aria-label": rating === "up" ? "What was good" : "What is wrong",
    placeholder: rating === "up" ? "What was good? (optional)" : "What is wrong? (optional)" });
  const form = make("form", { class: "hw-feedback" });
  const chips = rating === "up" ? [] : REASONS.map((reason) => make("button", {
    type: "button", class: "hw-chip", "aria-pressed": "false", onclick: (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(on));
    } }, reason));
  form.append(make("div", { class: "hw-chips" }, ...chips), field, make("div", { class: "hw-feedback-end" },
    make("button", { type: "submit", class: "hw-main" }, "Send"),
    make("button", { type: "button", class: "hw-plain", onclick: () => form.remove() }, "Close"),
    make("small", {}, "Kept on this server with the question, the answer and its sources.")));
  form.addEventListener("submit", guarded(async (event) => {
    event.preventDefault();
    const pressed = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.textContent);
    const reason = [...pressed, field.value.trim()].filter(Boolean).join("; ");
    if (reason) await call("chat/feedback", "POST", { turn, rating, reason });
    form.remove();
    button.focus();
    tell("Thank you.");
  }));
  bar.after(form);
  form.scrollIntoView({ block: "nearest" });
  if (rating === "down") chips[0].focus(); else field.focus();
});

const press = () => {
  for (const bar of turns().querySelectorAll(".hw-actions")) {
    for (const button of bar.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", String(rated.get(bar.dataset.id) === button.dataset.act));
    }
  }
};

const edit = (bar) => {
  const turn = bar.closest(".hw-turn");
  const title = turn.querySelector(".hw-question");
  if (turn.querySelector(".hw-edit")) return;
  const field = make("textarea", { rows: "2", "aria-label": "The question" });
  field.value = [...title.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent).join("");
  const form = make("form", { class: "hw-edit" }, field, make("div", { class: "hw-feedback-end" },
    make("button", { type: "submit", class: "hw-main" }, "Ask this instead"),
    make("button", { type: "button", class: "hw-plain", onclick: () => close() }, "Cancel")));
  const close = () => {
    form.remove();
    title.hidden = false;
    bar.querySelector('[data-act="edit"]')?.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    trigger("again", { turn: bar.dataset.id, question: field.value });
    close();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  title.hidden = true;
  title.after(form);
  field.focus();
};

const acts = {
  up: (bar, button) => judge(bar, button, "up"),
  down: (bar, button) => judge(bar, button, "down"),
  copy: guarded(async (bar) => copied(await call(`chat/turns/${bar.dataset.id}`))),
  share: (bar) => share(bar.dataset.id),
  retry: (bar) => trigger("again", { turn: bar.dataset.id }),
  edit,
  version: (bar, button) => trigger("show", { version: button.dataset.version }),
};

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const button = event.target.closest(".hw-actions [data-act]");
  if (button) acts[button.dataset.act](button.closest(".hw-actions"), button);
  const tool = event.target.closest("[data-tool]")?.dataset.tool;
  if (tool === "history") toggle(nav.hidden);
  if (tool === "settings") settings();
  if (tool === "close" || event.target === dialog) dialog.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !nav.hidden && !wide.matches && !dialog.open) toggle(false);
});

// the conversation has changed: its address and its place in the list are kept up
const follow = () => {
  press();
  const bars = turns().querySelectorAll(".hw-actions");
  const last = bars[bars.length - 1];
  const conversation = last?.dataset.conversation || null;
  if (conversation === null && awaited) return;
  awaited = false;
  const busy = turns().querySelector('[aria-busy="true"]') !== null;
  const state = `${conversation} ${last?.dataset.id} ${busy}`;
  if (state === seen) return;
  seen = state;
  if (conversation !== current) {
    current = conversation;
    const address = new URL(location.href);
    if (conversation) address.searchParams.set("c", conversation);
    else address.searchParams.delete("c");
    history.replaceState(history.state, "", address);
  }
  if (!nav.hidden) refresh();
};

// Gradio draws the parts of the page one after the other: this one may come before the conversation
const begin = () => {
  if (!turns()) return requestAnimationFrame(begin);
  new MutationObserver(follow).observe(turns(), { childList: true, subtree: true });
  if (current !== null) trigger("show", { conversation: current });
  if (wide.matches && localStorage.getItem("hwqa-history") === "open") toggle(true);
};
begin();
