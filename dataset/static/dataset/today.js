// Keeps the board of today's sessions as it is on the server, without reloading the page.
"use strict";

(() => {
  const POLL = 5_000; // milliseconds
  const PATIENCE = 10_000; // milliseconds until an answer
  const TICK = 10_000; // milliseconds
  const TOLD_ONE_BY_ONE = 3; // changes

  const board = document.querySelector("[data-board]");
  const status = document.querySelector("[data-status]");
  const announcer = document.querySelector("[data-announcer]");
  const live = status.textContent;
  let etag = board.dataset.etag;
  let ahead = 0; // milliseconds by which the server's clock is ahead of this one
  let timer = null;
  let lostSince = null;

  // What it says about itself

  function say(text, { isLost = false, link = null } = {}) {
    if (status.textContent.trim() === `${text} ${link?.text ?? ""}`.trim()) return;
    status.classList.toggle("td-lost", isLost);
    status.textContent = text;
    if (link) {
      const a = document.createElement("a");
      a.href = link.href;
      a.textContent = link.text;
      status.append(" ", a);
    }
  }

  function clock(moment) {
    const form = { hour: "2-digit", minute: "2-digit", timeZone: board.dataset.zone };
    return moment.toLocaleTimeString("es", form);
  }

  function sayLost() {
    lostSince ??= new Date();
    say(`Sin conexión desde las ${clock(lostSince)}. Se sigue intentando.`, { isLost: true });
  }

  function sayLoggedOut() {
    const link = { href: board.dataset.login, text: "Inicia sesión" };
    say("Tu sesión terminó.", { isLost: true, link });
  }

  // How long ago, in the words in which the server says it

  function span(milliseconds) {
    const minutes = Math.floor(milliseconds / 60_000);
    if (minutes < 1) return "menos de 1 min";
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
    const days = Math.floor(hours / 24);
    return days === 1 ? "1 día" : `${days} días`;
  }

  function tick() {
    for (const time of board.querySelectorAll("time[data-since]")) {
      const text = span(Date.now() + ahead - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // Taking over what has changed, and leaving all else alone: focus, selection, what is open

  function patch(old, fresh) {
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
    } else if (!old.isEqualNode(fresh)) {
      patchAttributes(old, fresh);
      patchChildren(old, fresh);
    }
  }

  function patchAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  }

  function patchChildren(old, fresh) {
    const wanted = new Set([...fresh.childNodes].map(keyOf));
    for (const child of [...old.childNodes]) {
      if (keyOf(child) && !wanted.has(keyOf(child))) child.remove();
    }
    const known = new Map([...old.children].map((child) => [keyOf(child), child]));
    let place = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const same = keyOf(child) ? known.get(keyOf(child)) : place;
      if (!same || !areAlike(same, child)) {
        old.insertBefore(child, place);
        continue;
      }
      if (same === place) place = place.nextSibling;
      else old.insertBefore(same, place);
      patch(same, child);
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
  }

  function keyOf(node) {
    return node.dataset?.key;
  }

  function areAlike(one, other) {
    return one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
  }

  function takeOver(html) {
    const before = linesOf(board);
    const focused = document.activeElement;
    const key = focused?.closest("[data-board] [data-key]")?.dataset.key;
    const fresh = new DOMParser().parseFromString(`<div>${html}</div>`, "text/html");
    patchChildren(board, fresh.body.firstElementChild);
    tick();
    if (key && !focused.isConnected) focusOn(key);
    announce(before, linesOf(board));
  }

  function focusOn(key) {
    const number = key.split("-").at(-1);
    const line = board.querySelector(`[data-key="${key}"]`) ??
      board.querySelector(`tr[data-key="${number}"]`);
    line?.closest("details")?.setAttribute("open", "");
    line?.querySelector("a, summary")?.focus({ preventScroll: true });
  }

  // Telling whoever does not see it

  function linesOf(root) {
    return new Map([...root.querySelectorAll("tr[data-key]")].map((tr) => [tr.dataset.key, {
      tr,
      name: tr.querySelector("th").textContent.trim(),
      estado: tr.dataset.estado,
      isStuck: tr.hasAttribute("data-stuck"),
    }]));
  }

  function announce(before, after) {
    const changes = [];
    for (const [key, line] of after) {
      const old = before.get(key);
      if (old && old.estado === line.estado && old.isStuck === line.isStuck) continue;
      mark(line.tr);
      changes.push(`${line.name}: ${line.estado}${line.isStuck ? ", atascada" : ""}.`);
    }
    if (!changes.length) return;
    announcer.textContent = changes.length > TOLD_ONE_BY_ONE
      ? `${changes.length} sesiones cambiaron.`
      : changes.join(" ");
  }

  function mark(line) {
    line.classList.add("td-new");
    line.addEventListener("animationend", () => line.classList.remove("td-new"), { once: true });
  }

  // Asking

  async function poll() {
    try {
      await take(await fetch(board.dataset.url, {
        headers: { "If-None-Match": etag },
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      }));
    } catch {
      sayLost();
    }
    plan();
  }

  async function take(answer) {
    if (answer.type === "opaqueredirect") return sayLoggedOut();
    if (answer.status === 403) return say("Ya no puedes ver el tablero.", { isLost: true });
    if (answer.status !== 304 && !answer.ok) return sayLost();
    const date = Date.parse(answer.headers.get("Date"));
    if (date) ahead = date - Date.now();
    if (answer.ok) {
      takeOver(await answer.text());
      etag = answer.headers.get("ETag");
    }
    lostSince = null;
    say(live);
  }

  function plan() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(poll, POLL);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) poll();
  });
  setInterval(tick, TICK);
  plan();
})();
