// The form that asks what a model needs: its answer is a turn of the chat.
{
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      dialog.showModal();
      dialog.querySelector("input").focus();
    }
    const closer = event.target.closest("[data-close-dialog]");
    if (closer) closer.closest("dialog").close();
    if (event.target.matches("dialog.hw-form")) event.target.close(); // beside the form
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches("[data-size]")) return;
    trigger("size", Object.fromEntries(new FormData(event.target)));
  });
}
