// The review desk without reloads: keys, reviews that are sent from the page, and the next
// recording in the place of the last. Where this does not run, the same forms and links do.

import { reach, send } from "./server.js";

const KEYS_OFF = "toastclub.keys-off";

const desk = document.getElementById("desk");
const wrong = document.getElementById("desk-wrong");
const done = document.getElementById("desk-done");
const keys = document.getElementById("desk-keys");
const keysOn = keys.querySelector("[data-keys-on]");
const drafts = new Map(); // what was typed about recordings that were left without deciding
let undo = null;
let isBusy = false;

const take = () => document.getElementById("take");
const reviewForm = () => take().querySelector("form[data-review]");
const find = (selector) => take().querySelector(selector);

// One thing at a time: a key that is pressed twice must not decide about the next one too.
async function once(work) {
  if (isBusy) {
    return;
  }
  isBusy = true;
  desk.setAttribute("aria-busy", "true");
  try {
    tellWrong("");
    await work();
  } catch (error) {
    tellWrong(error.message, error.needsLogin);
  } finally {
    isBusy = false;
    desk.removeAttribute("aria-busy");
  }
}

function tellWrong(words, needsLogin = false) {
  wrong.querySelector("[data-words]").textContent = words;
  wrong.querySelector("[data-login]").hidden = !needsLogin;
  wrong.hidden = !words;
}

function tellDone(words, canUndo) {
  done.querySelector("[data-words]").textContent = words;
  done.querySelector("[data-undo]").hidden = !canUndo;
}

function show(html, { isNew = true } = {}) {
  const wasPlaying = find("[data-player]").dataset.state === "playing";
  keepDraft();
  const shown = document.createElement("template");
  shown.innerHTML = html;
  take().replaceWith(shown.content);
  document.dispatchEvent(new Event("toastclub:shown"));
  const { address, title } = take().dataset;
  if (isNew) {
    history.pushState(null, "", address);
  }
  document.title = `${title} | Toast Club`;
  nameInHeader(title, address);
  restoreDraft();
  window.scrollTo(0, 0);
  find("[data-take-heading]").focus({ preventScroll: true });
  if (wasPlaying) {
    find("[data-player-toggle]")?.click();
  }
}

function nameInHeader(title, address) {
  const last = document.querySelector("#header-inner h1 a:last-of-type");
  if (last) {
    last.textContent = title;
    last.href = address;
  }
}

function keepDraft() {
  const form = reviewForm();
  const { number } = take().dataset;
  if (form && [form.reason, form.note].some((field) => field.dataset.isTyped)) {
    drafts.set(number, { reason: form.reason.value, note: form.note.value });
  }
}

function restoreDraft() {
  const draft = drafts.get(take().dataset.number);
  if (draft && reviewForm()) {
    Object.assign(reviewForm().reason, { value: draft.reason });
    Object.assign(reviewForm().note, { value: draft.note });
    reviewForm().note.dataset.isTyped = "yes";
  }
}

// The recording alone of a page's address.
async function load(address) {
  const url = new URL(address, location.href);
  url.pathname = url.pathname.replace(/change\/$/, "take/");
  return (await reach(url, {})).text();
}

function go(address) {
  return once(async () => {
    try {
      show(await load(address));
    } catch (error) {
      if (error.status === 404) {
        show(await load(location.href), { isNew: false }); // with other neighbours by now
      }
      throw error;
    }
  });
}

function review(form, state) {
  return once(async () => {
    const sent = new FormData(form);
    sent.set("state", state);
    if (!needsReason(form, state)) {
      sent.delete("reason");
    }
    if (state !== form.dataset.state && !form.note?.dataset.isTyped) {
      sent.delete("note"); // what is there was said of another decision
    }
    const isLast = !find('[data-go="after"]') && sent.get("then") !== "stay";
    const answer = await sendReview(form.action, sent);
    forgetDraft();
    show(answer.html);
    undo = answer.undo;
    tellDone(isLast ? `${answer.said} Era la última de la lista.` : answer.said, undo);
  });
}

// Where somebody else has decided meanwhile, that is shown, and what was typed stays.
async function sendReview(address, form) {
  try {
    return await send(address, form);
  } catch (error) {
    if (error.status === 409) {
      show(await load(location.href), { isNew: false });
    }
    throw error;
  }
}

function forgetDraft() {
  drafts.delete(take().dataset.number);
  for (const field of take().querySelectorAll("[data-is-typed]")) {
    delete field.dataset.isTyped;
  }
}

function takeBack() {
  return once(async () => {
    if (!undo) {
      return;
    }
    const { address, ...decision } = undo;
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...decision, then: "stay" })) {
      form.set(name, value);
    }
    undo = null;
    const answer = await sendReview(address, form);
    show(answer.html);
    tellDone(`Deshecho. ${answer.said}`, false);
  });
}

function needsReason(form, state) {
  return "saysWhy" in (form.querySelector(`[value="${state}"]`)?.dataset ?? {});
}

// The reason is asked for; Enter then decides.
function askReason(state) {
  const form = reviewForm();
  form.dataset.pending = state;
  for (const button of form.querySelectorAll("[data-key]")) {
    button.classList.toggle("tc-pending", button.value === state);
  }
  form.reason.focus();
  tellDone("Elige el motivo y pulsa Intro.", false);
}

function decide(form, state) {
  if (needsReason(form, state) && !form.reason.value) {
    askReason(state);
  } else {
    review(form, state);
  }
}

function press(selector) {
  find(selector)?.click();
}

function follow(side, words) {
  const link = find(`[data-go="${side}"]`);
  if (link) {
    go(link.href);
  } else {
    tellDone(words, undo);
  }
}

function pressKeyOf(key) {
  const button = reviewForm()?.querySelector(`[data-key="${key}"]`);
  if (button && "saysWhy" in button.dataset) {
    askReason(button.value);
  } else if (button) {
    decide(button.form, button.value);
  }
}

const ACTIONS = {
  " ": () => press(".tc-sound [data-player-toggle]"),
  ArrowLeft: () => press('[data-player-skip="-5"]'),
  ArrowRight: () => press('[data-player-skip="5"]'),
  n: () => follow("after", "Es la última de la lista."),
  p: () => follow("before", "Es la primera de la lista."),
  a: () => pressKeyOf("a"),
  c: () => pressKeyOf("c"),
  r: () => pressKeyOf("r"),
  z: takeBack,
  "?": () => keys.showModal(),
};

const TYPED_INTO =
  "textarea, select, dialog, [contenteditable], input:not([type=range], [type=checkbox])";

// Whether the key means something where the focus is.
function isTaken(key, element) {
  if (element.closest("[data-player-speed]")) {
    return key === " " || key.startsWith("Arrow"); // no speed begins with a letter
  }
  const isPressed = key === " " && element.closest("a, button, summary, [type=checkbox]");
  return isPressed || element.closest(TYPED_INTO);
}

document.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.defaultPrevented;
  if (!isPlain || !keysOn.checked || !(key in ACTIONS) || isTaken(key, event.target)) {
    return;
  }
  event.preventDefault();
  if (!event.repeat || key.startsWith("Arrow")) {
    ACTIONS[key]();
  }
});

desk.addEventListener("keydown", (event) => {
  if (!event.target.matches("#take-reason")) {
    return;
  }
  const form = event.target.form;
  if (event.key === "Enter" && form.dataset.pending) {
    event.preventDefault();
    decide(form, form.dataset.pending);
  } else if (event.key === "Escape") {
    delete form.dataset.pending;
    form.querySelector(".tc-pending")?.classList.remove("tc-pending");
    tellDone("", false);
    find("[data-take-heading]").focus({ preventScroll: true });
  }
});

desk.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-review]")) {
    event.preventDefault();
    decide(event.target, event.submitter.value);
  }
});

desk.addEventListener("input", (event) => {
  if (event.target.matches("#take-reason, #take-note")) {
    event.target.dataset.isTyped = "yes";
  }
});

desk.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(link.href);
  } else if (event.target.closest("[data-keys]")) {
    keys.showModal();
  } else if (event.target.closest("[data-undo]")) {
    takeBack();
  }
});

window.addEventListener("popstate", () =>
  once(async () => show(await load(location.href), { isNew: false }))
);

keysOn.checked = !localStorage.getItem(KEYS_OFF);
keysOn.addEventListener("change", () => {
  keysOn.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "yes");
});
