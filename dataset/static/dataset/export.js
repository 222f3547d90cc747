/* Says that the ZIP is being prepared: nothing in a page tells when a download begins. */
const PREPARING_MS = 8000; // for so long a second press would be a mistake

const form = document.getElementById("export-form");

form?.addEventListener("submit", () => {
  const button = form.querySelector("button[type=submit]");
  const status = document.getElementById("export-status");
  status.textContent = "El servidor prepara el ZIP. La descarga empezará sola; puedes seguir en otra página.";
  // Not before the form has been read: a disabled button would not send it.
  setTimeout(() => (button.disabled = true));
  setTimeout(() => (button.disabled = false), PREPARING_MS);
});
