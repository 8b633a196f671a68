// A mark under the pointer or in focus shows its trail and quote beforehand; Escape puts them away.
{
  const bubble = document.createElement("div");
  bubble.className = "hw-preview";
  bubble.id = "hw-preview";
  bubble.setAttribute("role", "tooltip");
  bubble.hidden = true;
  const trail = bubble.appendChild(document.createElement("p"));
  const quote = bubble.appendChild(document.createElement("blockquote"));
  let mark = null; // what the bubble is about
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    if (mark) mark.removeAttribute("aria-describedby");
    mark = null;
    bubble.hidden = true;
  };

  // beside the mark; away when the mark has been scrolled out of the page
  const place = () => {
    const box = mark.getClientRects()[0] || mark.getBoundingClientRect();
    if (!mark.isConnected || box.bottom < 0 || box.top > innerHeight) {
      hide();
      return;
    }
    const { width, height } = bubble.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), innerWidth - width - 8);
    const above = box.top - height - 6;
    bubble.style.left = `${left}px`;
    bubble.style.top = `${above > 8 ? above : box.bottom + 6}px`;
  };

  const show = (link) => {
    hide();
    const frame = document.getElementById("hw-columns");
    if (!frame || !link.isConnected) return;
    frame.appendChild(bubble);
    trail.textContent = link.dataset.trail;
    quote.textContent = link.dataset.quote;
    mark = link;
    bubble.hidden = false;
    link.setAttribute("aria-describedby", bubble.id);
    place();
  };

  const of = (event) => (event.target instanceof Element ? event.target.closest("a[data-quote]") : null);

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = of(event);
    const inside = event.target instanceof Element && event.target.closest(".hw-preview");
    clearTimeout(timer);
    if (link && link !== mark) timer = setTimeout(() => show(link), mark ? 0 : 120);
    else if (!link && !inside && mark) timer = setTimeout(hide, 250); // the pointer may be on its way into the bubble
  });
  document.addEventListener("focusin", (event) => {
    const link = of(event);
    if (link && link.matches(":focus-visible")) show(link);
    else if (mark) hide();
  });
  document.addEventListener("click", hide, true);
  document.addEventListener("scroll", (event) => (mark && event.target !== bubble ? place() : null), true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && mark) hide();
  });
}
