// One sound for all the players of a page. Nothing is fetched before somebody plays: then an
// address is asked for, by POST because that is noted, and the browser reads the sound from there.

import { send } from "./server.js";

const SKIP_SECONDS = 5;
const SPEED = "toastclub.speed";

const sound = new Audio();
let current = null; // the player whose sound it is
let speed = Number(localStorage.getItem(SPEED)) || 1;

const part = (player, name) => player.querySelector(`[data-player-${name}]`);
const playerOf = (element) => element.closest("[data-player]");

function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60), whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes % 60)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function secondsOf(player) {
  const known = Number(part(player, "seek").max);
  return known || (player === current && Number.isFinite(sound.duration) ? sound.duration : 0);
}

function show(player, state) {
  player.dataset.state = state;
  part(player, "toggle").setAttribute("aria-pressed", String(state === "playing"));
}

function showPlace(player, seconds) {
  const seek = part(player, "seek");
  const length = secondsOf(player);
  if (!Number(seek.max) && length) {
    seek.max = length;
  }
  seek.value = seconds;
  seek.setAttribute("aria-valuetext", `${clock(seconds)} de ${clock(length)}`);
  player.style.setProperty("--played", length ? Math.min(1, seconds / length) : 0);
  part(player, "time").textContent = `${clock(seconds)} / ${clock(length)}`;
}

function say(player, words) {
  const message = part(player, "message");
  message.textContent = words;
  message.hidden = !words;
}

function fail(player, words) {
  show(player, "failed");
  say(player, words);
  leave();
}

// Stops; where it was stays shown, and playing goes on from there.
function leave() {
  if (current && current.dataset.state !== "failed") {
    show(current, "paused");
  }
  current = null;
  sound.pause();
  sound.removeAttribute("src");
}

async function start(player) {
  leave();
  current = player;
  show(player, "loading");
  say(player, "");
  try {
    const { url } = await send(player.dataset.address);
    if (current === player) {
      await playFrom(url, Number(part(player, "seek").value), secondsOf(player));
    }
  } catch (error) {
    if (current === player && error.name !== "AbortError") {
      error.name === "NotAllowedError" ? show(player, "paused") : fail(player, wordsFor(error));
    }
  }
}

function wordsFor(error) {
  return error instanceof DOMException
    ? "Este navegador no puede reproducir el audio: descárgalo para oírlo."
    : error.message;
}

async function playFrom(url, seconds, length) {
  sound.src = url;
  sound.currentTime = length && seconds >= length - 0.1 ? 0 : seconds;
  sound.playbackRate = sound.defaultPlaybackRate = speed;
  await sound.play();
}

function toggle(player) {
  if (player !== current) {
    start(player);
  } else if (sound.paused) {
    sound.play().catch((error) => fail(player, wordsFor(error)));
  } else {
    sound.pause();
  }
}

function moveTo(player, seconds) {
  const place = Math.max(0, Math.min(seconds, secondsOf(player) || Infinity));
  showPlace(player, place);
  if (player === current && sound.src) {
    sound.currentTime = place;
  }
}

function moveBy(player, seconds) {
  moveTo(player, Number(part(player, "seek").value) + seconds);
}

function setSpeed(chosen) {
  speed = sound.playbackRate = sound.defaultPlaybackRate = chosen;
  localStorage.setItem(SPEED, String(chosen));
}

function showSpeed() {
  for (const select of document.querySelectorAll("[data-player-speed]")) {
    select.value = String(speed);
  }
}

function follow() {
  if (current && !sound.paused) {
    showPlace(current, sound.currentTime);
    requestAnimationFrame(follow);
  }
}

sound.addEventListener("playing", () => {
  if (current) {
    show(current, "playing");
    follow();
  }
});
sound.addEventListener("waiting", () => current && show(current, "loading"));
sound.addEventListener("pause", () => current && show(current, "paused"));
sound.addEventListener("seeked", () => current && showPlace(current, sound.currentTime));
sound.addEventListener("ended", () => {
  if (current) {
    showPlace(current, secondsOf(current));
    show(current, "paused");
  }
});
sound.addEventListener("error", () => {
  if (current && current.dataset.state === "playing") {
    fail(current, "El audio dejó de llegar. Pulsa reproducir para seguir desde aquí.");
  }
});

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-player-toggle], [data-player-skip]");
  if (pressed && "playerSkip" in pressed.dataset) {
    moveBy(playerOf(pressed), Number(pressed.dataset.playerSkip));
  } else if (pressed) {
    toggle(playerOf(pressed));
  }
});
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-player-seek]")) {
    moveTo(playerOf(event.target), Number(event.target.value));
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-player-speed]")) {
    setSpeed(Number(event.target.value));
  }
});
document.addEventListener("keydown", (event) => {
  const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (direction && event.target.matches("[data-player-seek]")) {
    event.preventDefault();
    moveBy(playerOf(event.target), direction * SKIP_SECONDS);
  }
});
// Another part of a page was shown: what was heard there is over, and its controls are new.
document.addEventListener("toastclub:shown", () => {
  if (current && !current.isConnected) {
    leave();
  }
  showSpeed();
});
showSpeed();
