// A session's page: follows its state, and moves it on, without touching any other form.
"use strict";

{
  const EVERY = 4000; // milliseconds
  const REST = 1000; // in which a second press, meant for the last button, does nothing
  const page = document.getElementById("session-page");
  const part = (root, name) => root.querySelector(`[data-live="${name}"]`);
  const state = () => part(page, "state");
  let isOver = state().dataset.estado === "completed";

  // `3 min 20 s`, `2 h 5 min`, `4 días`: as the server says it.
  const inWords = (seconds) => {
    const parts = (length, unit, smaller) =>
      `${Math.floor(seconds / length)} ${unit} ${Math.floor((seconds % length) / (length / 60))} ${smaller}`;
    if (seconds < 60) return `${Math.floor(seconds)} s`;
    if (seconds < 3600) return parts(60, "min", "s");
    if (seconds < 86400) return parts(3600, "h", "min");
    const days = Math.floor(seconds / 86400);
    return days === 1 ? "1 día" : `${days} días`;
  };

  const tick = () => {
    for (const span of page.querySelectorAll("[data-since]")) {
      const seconds = (Date.now() - Date.parse(span.dataset.since)) / 1000;
      span.textContent = inWords(Math.max(seconds, 0));
    }
  };

  // What is asked for names nobody: who is named on the page already stays named.
  const keepNames = (from, to) => {
    for (const item of from.querySelectorAll("[data-event]")) {
      const same = to.querySelector(`[data-event="${item.dataset.event}"]`);
      const name = item.querySelector("[data-who]").textContent;
      if (same) same.querySelector("[data-who]").textContent = name;
    }
  };

  const isChanged = (field) =>
    field.type === "radio" || field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.type === "select-one"
        ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.value !== field.defaultValue;

  // A form that is being filled in, or a recording that is being heard.
  const isInUse = (panel) =>
    panel.contains(document.activeElement) ||
    panel.querySelector('[aria-pressed="true"]') ||
    [...panel.querySelectorAll("input, select, textarea")].some(isChanged);

  // Shows what has come to the session; what is in use stays as it is, and the page says so.
  const renewPanels = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const panels = [...page.querySelectorAll("[data-panel]")].filter((panel) => !panel.querySelector("[data-live]"));
    const [kept, free] = [panels.filter(isInUse), panels.filter((panel) => !isInUse(panel))];
    for (const panel of free) panel.replaceWith(fresh.getElementById(panel.id));
    document.getElementById("news").hidden = kept.length === 0;
  };

  const show = (fresh) => {
    const before = { ...state().dataset };
    const history = part(page, "history");
    if (history) {
      keepNames(history, part(fresh, "history"));
      history.replaceWith(part(fresh, "history"));
    }
    state().replaceWith(part(fresh, "state"));
    after(before);
  };

  const rest = (button) => {
    button.disabled = true;
    setTimeout(() => {
      button.disabled = false;
    }, REST);
  };

  const after = (before) => {
    const { estado, said, rows } = state().dataset;
    isOver = estado === "completed";
    document.getElementById("live-hint").hidden = isOver;
    if (estado !== before.estado || rows !== before.rows) renewPanels();
    if (estado === before.estado) return;
    const button = state().querySelector("button");
    if (button) rest(button);
    document.getElementById("spoken").textContent = `Estado: ${said}`;
    if (!["created", "ready_to_start"].includes(estado)) document.getElementById("code").open = false;
  };

  const stop = () => {
    isOver = true;
    document.getElementById("live-hint").hidden = true;
    document.getElementById("stopped").hidden = false;
  };

  const isAnswered = (isOnline) => {
    document.getElementById("offline").hidden = isOnline;
  };

  // Whoever is logged out by now is led to a page that is no part of this one.
  const take = async (answer) => {
    isAnswered(answer.status < 500);
    if (answer.redirected || [403, 404].includes(answer.status)) stop();
    else if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  };

  const follow = async () => {
    if (isOver || document.hidden) return;
    try {
      const headers = { "If-None-Match": state().dataset.mark };
      await take(await fetch(page.dataset.liveUrl, { headers }));
    } catch {
      isAnswered(false);
    }
  };

  const move = async (form) => {
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const options = { method: "POST", body: new FormData(form), headers: { "X-Fragment": "1" } };
      await take(await fetch(form.action, options));
      document.getElementById("state-title").focus();
    } catch {
      isAnswered(false);
    } finally {
      button.disabled = false;
    }
  };

  page.addEventListener("submit", (event) => {
    if (!event.target.matches(".sa-move")) return;
    event.preventDefault();
    move(event.target);
  });
  document.getElementById("live-hint").hidden = isOver;
  document.addEventListener("visibilitychange", follow);
  setInterval(follow, EVERY);
  setInterval(tick, 1000);
}
