// An address with ?ask=… puts its question into the field; asking it is left to the reader. What was typed and not
// asked outlasts a reload of the tab, which Gradio does by itself when a server comes back.
{
  const KEPT = "hwqa-draft";
  const asked = new URLSearchParams(location.search).get("ask");
  const draft = asked ?? sessionStorage.getItem(KEPT);
  const fill = (tries) => {
    const field = document.querySelector("#hw-question textarea");
    if (!field) {
      if (tries) setTimeout(() => fill(tries - 1), 100);
      return;
    }
    if (draft && !field.value) {
      field.value = draft.slice(0, 8000);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (asked !== null) field.focus();
    }
    field.addEventListener("input", () => sessionStorage.setItem(KEPT, field.value));
  };
  fill(50);
  document.addEventListener("hwqa:asked", () => sessionStorage.removeItem(KEPT));
  if (asked !== null) {
    const address = new URL(location.href);
    address.searchParams.delete("ask");
    history.replaceState(null, "", address);
  }
}

// Whether the server still answers: a line says when it does not, and when it was started anew.
{
  const EVERY = 10_000;
  let known = null; // what the server that served this page calls itself
  let banner = null;

  const say = (text, reload) => {
    if (!banner) {
      banner = document.createElement("div");
      banner.className = "hw-offline";
      banner.setAttribute("role", "alert");
    }
    document.body.classList.add("hw-gone");
    banner.textContent = text;
    if (reload) {
      const button = banner.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = "Reload";
      button.addEventListener("click", () => location.reload());
    }
    const place = document.getElementById("hw-columns");
    if (place && !banner.isConnected) place.prepend(banner);
  };

  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("hwqa-assets/alive", { cache: "no-store", signal: AbortSignal.timeout(8000) });
      const name = answer.ok ? await answer.text() : null;
      if (known === null) known = name;
      if (name !== null && name !== known) say("hwqa was started anew. Reload the page to go on.", true);
      else if (banner) {
        banner.remove();
        document.body.classList.remove("hw-gone");
      }
    } catch {
      say("hwqa does not answer. What you see stays here; it is tried again every few seconds.", false);
    }
  };
  setInterval(look, EVERY);
  addEventListener("offline", look);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
  look();
}
