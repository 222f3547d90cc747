// The form of a text: rows of tags, pages, and beside them what the headset shows of the draft.
(() => {
  "use strict";

  const WAIT = 350; // milliseconds without a key before the draft is laid out anew

  const desk = document.querySelector(".text-desk");
  if (!desk) return;
  const form = desk.closest("form");
  const pages = desk.querySelector(".text-pages");
  const tags = desk.querySelector(".text-tags");
  const body = desk.querySelector("[data-preview-body]");
  const state = desk.querySelector("[data-preview-state]");
  const addPage = desk.querySelector("[data-add-page]");

  desk.querySelectorAll("[data-without-script]").forEach((element) => element.remove());

  // Pages

  function number() {
    const items = [...pages.children];
    items.forEach((item, index) => {
      const area = item.querySelector("textarea");
      item.querySelector("[data-number]").textContent = index + 1;
      item.querySelector("[data-note]").textContent =
        index < Number(pages.dataset.untouched) ? "se muestra tal cual" : "";
      area.id = `page-${index + 1}`;
      area.setAttribute("aria-label", `Líneas de la página ${index + 1}`);
      item.querySelector('[data-move="-1"]').disabled = index === 0;
      item.querySelector('[data-move="1"]').disabled = index === items.length - 1;
      item.querySelector("[data-remove]").disabled = items.length === 1;
    });
    const isFull = items.length >= Number(addPage.dataset.most);
    addPage.disabled = isFull;
    pages.querySelectorAll("[data-insert]").forEach((button) => (button.disabled = isFull));
  }

  function changed() {
    number();
    form.dispatchEvent(new Event("change", { bubbles: true }));
    layOutSoon();
  }

  function insertPage(before) {
    const item = document.getElementById("new-page").content.firstElementChild.cloneNode(true);
    pages.insertBefore(item, before);
    changed();
    item.querySelector("textarea").focus();
  }

  function movePage(item, button) {
    const step = Number(button.dataset.move);
    pages.insertBefore(item, step < 0 ? item.previousElementSibling : item.nextElementSibling.nextElementSibling);
    changed();
    (button.disabled ? item.querySelector("textarea") : button).focus();
  }

  function removePage(item) {
    const area = item.querySelector("textarea");
    if (area.value.trim() && !window.confirm("¿Quitar esta página con lo que tiene escrito?")) return;
    const neighbour = item.nextElementSibling || item.previousElementSibling;
    item.remove();
    changed();
    neighbour.querySelector("textarea").focus();
  }

  pages.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    if ("move" in button.dataset) movePage(item, button);
    else if ("insert" in button.dataset) insertPage(item.nextElementSibling);
    else if ("remove" in button.dataset) removePage(item);
  });
  addPage.addEventListener("click", () => insertPage(null));

  // Tags

  function emptied(row) {
    row.querySelectorAll("input").forEach((input) => (input.value = ""));
    return row;
  }

  tags.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove-tag]")) return;
    const row = event.target.closest("li");
    if (tags.children.length === 1) emptied(row);
    else row.remove();
    form.dispatchEvent(new Event("change", { bubbles: true }));
    desk.querySelector("[data-add-tag]").focus();
  });
  desk.querySelector("[data-add-tag]").addEventListener("click", () => {
    const row = tags.appendChild(emptied(tags.lastElementChild.cloneNode(true)));
    row.querySelectorAll("input").forEach((input, index) =>
      input.setAttribute("aria-label", `${index ? "Valor" : "Clave"} de la etiqueta ${tags.children.length}`),
    );
    row.querySelector("input").focus();
  });

  // The headset's pages

  let timer = 0;
  let running = null;

  function layOutSoon() {
    clearTimeout(timer);
    timer = setTimeout(layOut, WAIT);
  }

  function say(words, kind) {
    state.hidden = !words;
    state.textContent = words;
    state.className = `tc-badge tc-${kind}`;
  }

  async function layOut() {
    running?.abort();
    const request = (running = new AbortController());
    const draft = new FormData();
    draft.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    pages.querySelectorAll("textarea").forEach((area) => draft.append("pages", area.value));
    say("Actualizando…", "busy");
    try {
      const answer = await fetch(desk.dataset.preview, {
        method: "POST",
        body: draft,
        headers: { "X-Requested-With": "XMLHttpRequest" },
        redirect: "error",
        signal: request.signal,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      body.innerHTML = await answer.text(); // written by the server's templates, which escape
      say("", "busy");
      showPage(document.activeElement);
    } catch (error) {
      if (error.name !== "AbortError") say("Sin actualizar: revisa la conexión o entra de nuevo", "bad");
    }
  }

  // Brings into sight where the page that is being written begins.
  function showPage(area) {
    const index = [...pages.querySelectorAll("textarea")].indexOf(area);
    const starts = body.querySelector("[data-starts]")?.dataset.starts.split(",") ?? [];
    const figure = index >= 0 && body.querySelector(`#vr-${starts[index]}`);
    if (figure && body.scrollHeight > body.clientHeight + 1) {
      const offset = figure.getBoundingClientRect().top - body.getBoundingClientRect().top;
      body.scrollTop += offset;
    }
  }

  pages.addEventListener("input", layOutSoon);
  pages.addEventListener("focusin", (event) => showPage(event.target));
  body.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#page-"]');
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.hash.slice(1))?.focus();
  });

  number();
})();
