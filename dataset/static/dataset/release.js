/* Shows how a version of the dataset gets on until it is ready or has failed, and copies its digest. */
const PAUSE_MS = 2000;

const release = document.getElementById("release");
const news = document.getElementById("release-news");
let shown = "";
let timer = 0;

const isUnfinished = () => release.querySelector("[data-unfinished]") !== null;

function lookLater() {
  clearTimeout(timer);
  if (isUnfinished() && !document.hidden) timer = setTimeout(look, PAUSE_MS);
}

/* The browser asks whether the page has changed, and gives the one it has if not. */
async function look() {
  try {
    const answer = await fetch(release.dataset.address, { cache: "no-cache" });
    if (answer.redirected) return location.reload(); // to the login
    if (answer.ok) show(await answer.text());
  } catch {
    // The network is away: it is asked again later.
  }
  lookLater();
}

function show(page) {
  if (page === shown) return;
  shown = page;
  release.innerHTML = page;
  const state = release.firstElementChild.dataset.state;
  if (news.textContent !== state) news.textContent = state;
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  getSelection().selectAllChildren(source); // so that it can be copied by hand where it can't be here
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copiado";
  } catch {
    button.textContent = "Seleccionado: cópialo con Ctrl+C";
  }
}

release.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copies]");
  if (button) copy(button);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (isUnfinished()) look();
});
lookLater();
