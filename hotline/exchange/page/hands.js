// Hands on the page: the keys of the telephone, the computer's keyboard, the buttons and forms beside it.

import { moveClock } from "./acting.js";
import { tones } from "./calls.js";
import { ask } from "./door.js";
import { attempt, sentenceOf } from "./explaining.js";
import { HOW_TO_WRITE, wholeNumber } from "./numbers.js";
import { make, rove, startTabs, TOPIC_NAMES } from "./panels.js";
import { hold, refresh } from "./receiving.js";
import { askOf, at, phoneOf, state } from "./state.js";
import { readTrouble, startTrouble } from "./trouble.js";
import { lettersOn } from "./typing.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SPOKEN = { "*": "star", "#": "hash" };
const HOLD_MS = 600;
const CALM_MS = 1000; // as long as a hand needs to see that the screen is another
const CONDITIONS = { on: "on", off: "switched off", full: "memory full", machine: "answering machine" };

function makeKey(key) {
  const letters = lettersOn(key).map((line) => make("small", {}, line));
  const label = `Key ${SPOKEN[key] ?? key}`;
  const button = make("button", { type: "button", "data-key": key, "aria-label": label }, make("b", {}, key), ...letters);
  let timer = null;
  let wasHeld = false;
  button.addEventListener("click", () => {
    if (!wasHeld) pressKey(key);
  });
  button.addEventListener("pointerdown", () => {
    wasHeld = false;
    timer = setTimeout(() => { wasHeld = state.held.hold(key); }, HOLD_MS);
  });
  ["pointerup", "pointerleave"].forEach((end) => button.addEventListener(end, () => clearTimeout(timer)));
  return button;
}

function pressKey(key) {
  tones.key(key);
  state.held.key(key);
}

const KEYBOARD = {
  Enter: (phone) => phone.green(),
  Escape: (phone) => phone.red(),
  ArrowLeft: (phone) => phone.soft("left"),
  ArrowRight: (phone) => phone.soft("right"),
  ArrowUp: (phone) => phone.scroll(-1),
  ArrowDown: (phone) => phone.scroll(1),
  Backspace: (phone) => phone.erase(),
};
const REPEATED = ["ArrowUp", "ArrowDown", "Backspace"];

/** Whether a key held down or meant for what stood on the screen a moment ago does nothing. */
function isStray({ key, repeat }) {
  const early = key === "Enter" && performance.now() - state.held.disturbedMs < CALM_MS;
  return early || (repeat && !REPEATED.includes(key));
}

/** Beside the telephone Escape and signs are still the telephone's; what moves and chooses there is not. */
function isTelephones({ key, target }) {
  if (target.closest("input, select, textarea")) return false;
  if (target.closest("button") && ["Enter", " "].includes(key)) return false;
  const beside = target.closest(".side, .clock, .phones, .another, #trouble");
  return !beside || key === "Escape" || (key !== " " && [...key].length === 1);
}

function takeKeyboard(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !isTelephones(event)) return;
  if (isStray(event) || obeyKeyboard(event.key)) event.preventDefault();
}

function obeyKeyboard(key) {
  if (KEYBOARD[key]) {
    KEYBOARD[key](state.held);
    return true;
  }
  if ([...key].length !== 1) return false;
  if (state.held.type(key)) return true;
  if (!KEYS.includes(key)) return false;
  pressKey(key);
  return true;
}

/** After a click by hand the keyboard is the telephone's again: Enter is the green key, not that button. */
function letGo(event) {
  if (event.detail > 0) document.activeElement.blur();
}

/** Hold another number: it is a telephone here once the exchange has taken it for one. */
async function holdAnother(event) {
  event.preventDefault();
  const field = event.target.number;
  const number = wholeNumber(field.value);
  let trouble = number ? "" : HOW_TO_WRITE;
  if (number) await ask("GET", "/phone", { phone: number }).catch((error) => { trouble = sentenceOf(error); });
  at("another-trouble").textContent = trouble;
  field.setAttribute("aria-invalid", String(Boolean(trouble)));
  if (trouble) return field.focus();
  field.value = "";
  phoneOf(number);
  return hold(number);
}

function orderFault(event) {
  event.preventDefault();
  const body = readTrouble(event.target, state.held.number);
  return attempt(() => ask("POST", "/faults", { body }).then(refresh));
}

function setCondition(condition) {
  return attempt(() => askOf(state.held, "POST", "/phone/condition", { condition }).then(refresh));
}

function startHandset() {
  at("keys").append(...KEYS.map(makeKey));
  at("soft-left").addEventListener("click", () => state.held.soft("left"));
  at("soft-right").addEventListener("click", () => state.held.soft("right"));
  at("call").addEventListener("click", () => state.held.green());
  at("hang-up").addEventListener("click", () => state.held.red());
  at("handset").addEventListener("click", letGo);
  document.addEventListener("keydown", takeKeyboard);
}

function startChoices() {
  at("condition").append(...Object.entries(CONDITIONS).map(([value, name]) => {
    const input = make("input", { type: "radio", name: "condition", value });
    input.addEventListener("change", () => setCondition(value));
    return make("label", {}, input, ` ${name}`);
  }));
  at("wire-kinds").append(...TOPIC_NAMES.map((topic) => {
    const input = make("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => at("happenings").classList.toggle(`without-${topic}`, !input.checked));
    return make("label", {}, input, ` ${topic}`);
  }));
}

/** Let hands act on everything there is. kinds: of trouble to order. */
export function startHands(kinds) {
  startHandset();
  startChoices();
  startTrouble(kinds);
  startTabs(at("tabs"));
  rove(at("phones"), at("phones").children, (button) => hold(button.dataset.number));
  document.querySelectorAll("[data-move]").forEach((button) => button.addEventListener("click", () => moveClock(Number(button.dataset.move))));
  at("another").addEventListener("submit", holdAnother);
  at("fault").addEventListener("submit", orderFault);
  at("clear-faults").addEventListener("click", () => attempt(() => ask("DELETE", "/faults").then(refresh)));
  at("reload").addEventListener("click", () => location.reload());
}
