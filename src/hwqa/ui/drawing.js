// The chart of an answer: its data comes from Python, plotly's script from this server, when it is first wanted.
{
  const SCRIPT = "hwqa-assets/plotly.js";
  const drawn = new WeakMap(); // box → what is drawn in it
  let loading = null;
  const plotly = () => {
    loading ||= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = SCRIPT;
      script.onload = () => done(window.Plotly);
      script.onerror = () => {
        loading = null;
        failed(new Error("not loaded"));
      };
      document.head.append(script);
    });
    return loading;
  };
  const turn = (place) => document.querySelector(`#hw-turns .hw-turn[data-turn="${place}"]`);
  const look = (figure) => figure.looks[document.body.classList.contains("dark") ? "dark" : "light"];

  document.addEventListener("click", async (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-chart]");
    if (button) {
      const box = button.closest(".hw-turn").querySelector(".hw-chart");
      const tools = button.parentElement;
      if (button.getAttribute("aria-expanded") === "true") {
        box.hidden = true;
        tools.querySelector("[data-png]").hidden = true;
        button.setAttribute("aria-expanded", "false");
        button.textContent = "Show as a chart";
        return;
      }
      tools.querySelector("[role=status]").textContent = "Drawing …";
      plotly().catch(() => {});
      trigger("chart", { turn: button.dataset.chart });
    }
    const download = event.target.closest("[data-png]");
    if (download) {
      const figure = drawn.get(download.closest(".hw-turn").querySelector(".hw-chart"));
      const layout = { ...figure.layout, ...figure.looks.light }; // as it is published: its own size, on white
      const { width, height } = figure.layout;
      const library = await plotly();
      const picture = await library.toImage({ data: figure.data, layout }, { format: "png", scale: 2, width, height });
      const link = document.createElement("a");
      link.href = picture;
      link.download = "hwqa-chart.png";
      link.click();
    }
  });

  const draw = async () => {
    const data = document.querySelector("#hw-chart-data [data-chart-of]");
    if (!data) return;
    const article = turn(data.dataset.chartOf);
    const tools = article && article.querySelector(".hw-chart-tools");
    if (!tools) return;
    const status = tools.querySelector("[role=status]");
    if (!data.dataset.figure) {
      status.textContent = "No two figures of it can stand side by side, so there is nothing to draw.";
      return;
    }
    try {
      const figure = JSON.parse(data.dataset.figure);
      const library = await plotly();
      const box = article.querySelector(".hw-chart");
      box.hidden = false;
      drawn.set(box, figure);
      const isSource = (note) => note.text && note.text.startsWith("Source:");
      const notes = figure.layout.annotations || [];
      const title = { ...figure.layout.title, xref: "container", x: 0, pad: { t: 14, l: 16 } };
      const layout = {
        ...figure.layout,
        ...look(figure),
        title,
        annotations: notes.filter((note) => !isSource(note)),
        margin: { ...figure.layout.margin, b: 62 },
        width: Math.max(box.clientWidth, 640),
        height: figure.layout.height - 34,
        autosize: false,
      };
      await library.newPlot(box, figure.data, layout, { displayModeBar: false, responsive: false });
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", `Chart: ${title.text || "the figures of the answer"}; its text has the same figures`);
      const button = tools.querySelector("[data-chart]");
      button.setAttribute("aria-expanded", "true");
      button.textContent = "Hide the chart";
      tools.querySelector("[data-png]").hidden = false;
      status.textContent = "";
    } catch {
      status.textContent = "The chart could not be drawn.";
    }
  };
  const holder = document.getElementById("hw-chart-data");
  if (holder) new MutationObserver(draw).observe(holder, { childList: true, subtree: true, attributes: true });
}
