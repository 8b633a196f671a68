// Runs when the conversation is shown first; `element`, `trigger` and `watch` belong to it.
// A mark or card carries data-cite="turn.number", an example data-ask; both reach Python as events of `element`.

const body = document.body;
const turns = () => document.getElementById("hw-turns");
const panel = () => document.getElementById("hw-sources");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const narrow = matchMedia("(max-width: 899px)");
const pointing = matchMedia("(hover: hover)"); // where focus opens no keyboard over the page
let opener = null; // what the reader clicked last, to give the focus back to
let asked = false; // whether the panel is about to show what the reader clicked
let latest = null; // the turn shown last

const open = (link) => {
  if (!panel().contains(link)) opener = link;
  asked = true;
  body.classList.add("hw-sources-open");
  trigger("cite", { cite: link.dataset.cite, claim: link.dataset.claim || "" });
};

const close = () => {
  body.classList.remove("hw-sources-open");
  if (opener && opener.isConnected) opener.focus();
};

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-cite]");
  if (link) {
    event.preventDefault();
    open(link);
    return;
  }
  const example = event.target.closest("[data-ask]");
  if (example) trigger("ask", { question: example.textContent });
  if (event.target.closest("[data-close]")) close();
  // these go away, or have done their work: what comes next is another question
  if (event.target.closest("#hw-ask, #hw-stop, #hw-clear, [data-ask]") && pointing.matches) {
    document.querySelector("#hw-question textarea")?.focus({ preventScroll: true });
  }
});

// What happens is told to screen readers in one place that stays: the turn itself is drawn anew with each step.
const news = document.createElement("p");
news.className = "hw-unseen";
news.setAttribute("role", "status");
document.getElementById("hw-columns").append(news);
const MOST_READ = 600; // characters of an answer that are read out by themselves
const announce = (turn) => {
  const busy = turn.getAttribute("aria-busy") === "true";
  const stage = turn.querySelector('[aria-current="step"], .hw-waiting');
  const said = turn.querySelector(".hw-prose")?.innerText ?? "";
  const ending = turn.querySelector(".hw-note, .hw-error")?.innerText ?? "";
  const text = busy ? stage?.innerText ?? "" : [ending, `Answer: ${said.slice(0, MOST_READ)}`].filter(Boolean).join(" ");
  if (text && news.textContent !== text) news.textContent = text;
};

// Alt with ↓ or ↑: the next or previous source, or the first one of the last answer where none is open
const step = (name) => {
  const shown = panel().querySelector(".hw-source");
  const link = shown ? shown.querySelector(`[data-step="${name}"]`) : [...turns().querySelectorAll("a.hw-all")].pop();
  if (!link) return;
  if (shown) open(link);
  else open([...link.closest(".hw-turn").querySelectorAll("a.hw-mark")].shift() || link);
};

document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    step(event.key === "ArrowDown" ? "next" : "previous");
  }
  if (event.key === "Escape" && body.classList.contains("hw-sources-open") && narrow.matches) close();
});

// the answer's marks of the source that the panel shows stand out
const light = () => {
  const shown = panel().querySelector(".hw-card[aria-current]");
  for (const mark of turns().querySelectorAll("a.hw-mark")) {
    mark.classList.toggle("hw-on", shown !== null && mark.dataset.cite === shown.dataset.cite);
  }
};

// the panel has changed: bring what is marked into view
new MutationObserver(() => {
  light();
  const source = panel().querySelector(".hw-source");
  if (!source) {
    if (asked) panel().scrollTop = 0;
    asked = false;
    return;
  }
  const mark = source.querySelector(".hw-cell") || source.querySelector("mark");
  if (mark) {
    const box = mark.getBoundingClientRect();
    const frame = panel().getBoundingClientRect();
    panel().scrollTop += box.top - frame.top - frame.height / 3;
    const table = mark.closest(".hw-table");
    if (table) {
      const room = table.getBoundingClientRect();
      table.scrollLeft += box.right > room.right ? Math.min(box.right - room.right + 8, box.left - room.left - 8) : 0;
    }
  }
  if (asked) document.getElementById("hw-source-title").focus({ preventScroll: true });
  asked = false;
}).observe(document.getElementById("hw-panel"), { childList: true, subtree: true, characterData: true });

// the question of a turn is at the top of the view: Gradio's own frames lie between, so offsets do not tell where it is
const bring = (name) => {
  const turn = element.querySelector(`.hw-turn[data-turn="${name}"]`); // drawn anew meanwhile, perhaps
  if (!turn) return;
  const room = Number.parseFloat(getComputedStyle(turns()).paddingTop);
  const top = turns().scrollTop + turn.getBoundingClientRect().top - turns().getBoundingClientRect().top - room;
  turns().scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
};

// a new question goes to the top of the view; while its answer grows, the reader's place stays
watch("value", () => {
  const turn = element.querySelector(".hw-turn");
  const name = turn ? turn.dataset.turn : null;
  if (name !== null && name !== latest) {
    body.classList.remove("hw-sources-open");
    if (turn.getAttribute("aria-busy") === "true") document.dispatchEvent(new Event("hwqa:asked"));
    requestAnimationFrame(() => bring(turn.dataset.turn));
  }
  latest = name;
  if (turn) announce(turn);
  light(); // drawing the turn again has cleared its marks
});
