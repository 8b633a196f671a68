// The tools above a table of an answer: turned round, or copied with its sources.
{
  const marks = (cell) => [...cell.querySelectorAll("a.hw-mark")];
  const plain = (cell) => {
    const copy = cell.cloneNode(true);
    for (const mark of copy.querySelectorAll("a.hw-mark")) mark.remove();
    return copy.textContent.replace(/\s+/g, " ").replace(/ ([;,.])/g, "$1").trim();
  };
  const grid = (table) => [...table.rows].map((row) => [...row.cells]);

  const markdown = (table) => {
    const escape = (text) => text.replace(/\\/g, "\\\\").replace(/\|/g, "\\|");
    const lines = grid(table).map((row) => `| ${row.map((cell) => escape(cell.textContent.replace(/\s+/g, " ").trim())).join(" | ")} |`);
    lines.splice(1, 0, `|${"---|".repeat(table.rows[0].cells.length)}`);
    const sources = new Map(marks(table).map((mark) => [mark.textContent, `${mark.textContent} ${mark.dataset.trail} (${mark.dataset.place})`]));
    return [...lines, "", ...sources.values()].join("\n") + "\n";
  };

  const csv = (table) => {
    // a cell that a spreadsheet would take for a formula is told to be text
    const safe = (text) => (/^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text);
    const field = (text) => (/[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
    const rows = grid(table).map((row, place) => {
      const sources = place ? [...new Set(row.flatMap(marks).map((mark) => mark.dataset.place))].join("; ") : "Sources";
      return [...row.map(plain), sources].map((text) => field(safe(text))).join(",");
    });
    return rows.join("\r\n") + "\r\n";
  };

  const copy = async (text) => {
    if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea"); // without HTTPS there is no clipboard to write to directly
    field.value = text;
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) throw new Error("not copied");
  };

  const turn = (table) => {
    const cells = grid(table);
    const head = document.createElement("thead").appendChild(document.createElement("tr"));
    const body = document.createElement("tbody");
    const header = (cell, sorts) => {
      const made = head.appendChild(document.createElement("th"));
      made.scope = "col";
      const label = cell.querySelector("[data-sort]") || cell;
      const into = sorts ? made.appendChild(document.createElement("button")) : made;
      if (sorts) {
        into.type = "button";
        into.dataset.sort = "";
      }
      into.append(...[...label.childNodes].map((node) => node.cloneNode(true)));
    };
    cells.forEach((row, place) => {
      const figures = row.slice(1).filter((cell) => cell.dataset.turned !== undefined).length;
      const others = row.slice(1).some((cell) => cell.dataset.turned === undefined && /\d/.test(plain(cell)));
      header(row[0], place === 0 || !(figures && others));
    });
    for (let column = 1; column < cells[0].length; column += 1) {
      const row = body.appendChild(document.createElement("tr"));
      cells.forEach((line, place) => {
        const made = row.appendChild(document.createElement("td"));
        const from = line[column].querySelector("[data-sort]") || line[column];
        made.append(...[...from.childNodes].map((node) => node.cloneNode(true)));
        if (!place) return;
        for (const [own, other] of [["order", "turned"], ["turned", "order"]]) {
          if (line[column].dataset[other] !== undefined) made.dataset[own] = line[column].dataset[other];
        }
      });
    }
    const corner = head.cells[0].querySelector("button") || head.cells[0];
    const other = { Attribute: "Product", Product: "Attribute" }[corner.textContent.trim()];
    corner.textContent = other || "Name";
    table.replaceChildren(head.parentElement, body);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-table]") : null;
    if (!button) return;
    const table = button.closest(".hw-table-tools").nextElementSibling.querySelector("table");
    const status = button.parentElement.querySelector("[role=status]");
    if (button.dataset.table === "turn") {
      turn(table);
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      return;
    }
    try {
      await copy(button.dataset.table === "csv" ? csv(table) : markdown(table));
      status.textContent = "Copied.";
    } catch {
      status.textContent = "The browser does not allow copying: mark the table and copy it.";
    }
    setTimeout(() => (status.textContent = ""), 4000);
  });
}
