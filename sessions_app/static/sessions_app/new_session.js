// The form of a new session: narrows the texts, shows their pages, is sent once.
"use strict";

{
  const selects = [...document.querySelectorAll("#selects select")];
  const texts = [...document.querySelectorAll("#texts [data-tags]")];

  const hasWantedTags = (text) => {
    const tags = JSON.parse(text.dataset.tags);
    return selects.every((select) => !select.value || tags[select.name] === select.value);
  };

  const narrow = () => {
    for (const text of texts) {
      text.hidden = !hasWantedTags(text);
      if (text.hidden) text.querySelector("input").checked = false;
    }
    const shown = texts.filter((text) => !text.hidden).length;
    document.getElementById("shown").textContent = shown;
    document.getElementById("none-shown").hidden = shown > 0 || texts.length === 0;
    document.getElementById("all-texts").hidden = !selects.some((select) => select.value);
  };

  const showAll = (event) => {
    event.preventDefault();
    for (const select of selects) select.value = "";
    narrow();
  };

  if (selects.length) {
    document.getElementById("narrow-button").hidden = true;
    for (const select of selects) select.addEventListener("change", narrow);
    document.getElementById("all-texts").addEventListener("click", showAll);
    narrow(); // a browser that comes back to the page keeps what was chosen
  }

  const dialog = document.getElementById("dialog");

  const preview = async (link) => {
    const answer = await fetch(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const pages = page.getElementById("preview");
    if (!pages) {
      window.open(link.href);
      return;
    }
    document.getElementById("dialog-content").replaceChildren(pages);
    dialog.showModal();
  };

  for (const link of document.querySelectorAll(".sa-preview-link")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      preview(link);
    });
  }

  const start = document.getElementById("start");
  document.getElementById("new-session").addEventListener("submit", () => {
    start.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    start.disabled = false;
  });
}
