// The documents' pages: they work without it; it filters the matrix, and says when an address leads nowhere.
{
  const missing = document.querySelector("[data-missing]");
  const look = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && document.getElementById(name);
    if (missing) missing.hidden = !name || target !== null || name.startsWith("hw:");
    const cell = target && (target.closest("tr")?.querySelector(".hw-cell") || target);
    if (cell && target.matches("mark")) cell.scrollIntoView({ block: "center", inline: "nearest" });
  };
  addEventListener("hashchange", look);
  look();

  const here = document.querySelector(".tree a[aria-current]");
  if (here && matchMedia("(min-width: 900px)").matches) {
    here.closest(".side").scrollTop = here.offsetTop - 120;
  }

  const table = document.querySelector(".matrix table");
  if (table) {
    const rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells];
    const words = (name) => document.querySelector(`[data-filter="${name}"]`).value.toLowerCase().split(/\s+/).filter(Boolean);
    const holds = (text, wanted) => wanted.every((word) => text.toLowerCase().includes(word));
    const filter = () => {
      const byRow = words("rows");
      const byColumn = words("columns");
      let shown = 0;
      for (const row of rows) {
        row.hidden = !holds(row.cells[0].textContent, byRow);
        shown += !row.hidden;
      }
      let columns = 0;
      heads.forEach((head, place) => {
        const hidden = place > 0 && !holds(head.textContent, byColumn);
        columns += place > 0 && !hidden;
        if (head.hidden === hidden) return;
        head.hidden = hidden;
        for (const row of rows) row.cells[place].hidden = hidden;
      });
      document.querySelector("[data-shown]").textContent =
        byRow.length || byColumn.length ? `${shown} products, ${columns} attributes shown` : "";
      document.querySelector("[data-nothing]").hidden = shown > 0 && columns > 0;
    };
    let timer = 0;
    for (const field of document.querySelectorAll("[data-filter]")) {
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(filter, 120);
      });
    }
    const link = document.querySelector("[data-compare]");
    const choose = () => {
      const names = [...table.querySelectorAll("input:checked")].map((box) => `the ${box.value}`);
      link.hidden = names.length < 2;
      if (names.length < 2) return;
      const question = `Compare ${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}.`;
      link.href = `${link.dataset.root}?ask=${encodeURIComponent(question)}`;
    };
    table.addEventListener("change", choose);
    // a browser that comes back to the page checks the boxes again, and fills the fields, without saying so
    addEventListener("pageshow", () => {
      choose();
      filter();
    });
  }
}
