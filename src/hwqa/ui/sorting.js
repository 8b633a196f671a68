// Tables that sort by their headers: a button in a header orders the rows, once more turns the order round.
{
  document.body.classList.add("hw-live");

  const value = (cell) => {
    if (!cell) return null;
    if (cell.dataset.order !== undefined) return Number(cell.dataset.order);
    const text = cell.textContent.trim();
    return text === "" || text === "–" ? null : text;
  };

  // figures come before words, and what is not known comes last in either direction
  const compare = (first, second, sign) => {
    if (first === null || second === null) return (first === null) - (second === null);
    if (typeof first !== typeof second) return typeof first === "number" ? -1 : 1;
    if (typeof first === "number") return sign * (first - second);
    return sign * first.localeCompare(second, undefined, { numeric: true, sensitivity: "base" });
  };

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-sort]") : null;
    if (!button) return;
    const header = button.closest("th");
    const table = header.closest("table");
    const column = header.cellIndex;
    const rows = [...table.tBodies[0].rows];
    const cells = rows.map((row) => value(row.cells[column]));
    // figures from the greatest, words from A
    const first = cells.some((cell) => typeof cell === "number") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const order = header.getAttribute("aria-sort") === first ? other : first;
    for (const each of header.parentElement.cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const places = rows.map((_, place) => place);
    places.sort((a, b) => compare(cells[a], cells[b], sign) || a - b);
    table.tBodies[0].append(...places.map((place) => rows[place]));
  });
}
