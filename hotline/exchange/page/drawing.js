// What is drawn: the telephone in the hand, the list of telephones, and the panels beside them.

import { Reader } from "./announcer.js";
import { languageOfText } from "./language.js";
import { localTime } from "./numbers.js";
import { append, ledgerRow, make, MOST_LINES, renewBubble, textBubble, topicOf, wireLine } from "./panels.js";
import { Screen } from "./screen.js";
import { at, now, state } from "./state.js";

const CLOCK = {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", timeZoneName: "short",
};
const MOMENT = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
const DAY = { weekday: "long", day: "numeric", month: "long" };
const SECOND = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const screen = new Screen();
const reader = new Reader();
const buttons = new Map(); // number -> the button that takes this telephone into the hand

/** The telephone in the hand, and the clock where it is. */
export function draw() {
  const { held } = state;
  if (!held) return;
  held.progress = held.ear.progress;
  const { phase, view } = held;
  screen.draw(view);
  reader.follow(held.number, phase, view);
  at("handset").dataset.phase = phase;
  at("clock").textContent = localTime(held.number, now(), CLOCK);
}

/** The telephones: a button each, which stays the same while what it says changes. */
export function showPhones(hold) {
  for (const phone of state.phones.values()) {
    if (!buttons.has(phone.number)) {
      const button = make("button", { type: "button", role: "radio", "data-number": phone.number }, make("b"), "", make("em"));
      button.addEventListener("click", () => hold(phone.number));
      buttons.set(phone.number, button);
      at("phones").append(button);
    }
    showPhone(buttons.get(phone.number), phone);
  }
}

function showPhone(button, phone) {
  const isHeld = phone === state.held;
  const news = [phone.ringing ? "rings" : "", phone.call ? "in call" : "", phone.unread ? `${phone.unread} new` : ""];
  const shown = [phone.name || "Phone", ` ${phone.number} `, news.filter(Boolean).join(", ")];
  button.setAttribute("aria-checked", String(isHeld));
  button.tabIndex = isHeld ? 0 : -1;
  shown.forEach((text, place) => {
    if (button.childNodes[place].textContent !== text) button.childNodes[place].textContent = text;
  });
}

let threadOf = null;

/** The texts of the telephone in the hand: what is new is added, what is gone goes, the rest stays as it is. */
export function showThread() {
  const { held } = state;
  const thread = at("thread");
  const isOther = threadOf !== held;
  threadOf = held;
  if (isOther) {
    thread.setAttribute("aria-live", "off"); // another telephone's texts are no news
    thread.replaceChildren();
  }
  const bubbles = new Map([...thread.children].map((bubble) => [bubble.dataset.sid, bubble]));
  const fresh = [];
  for (const text of held.texts) {
    const told = [languageOfText(text.body, held.heardIn), localTime(held.number, new Date(text.updated_utc), MOMENT)];
    const bubble = bubbles.get(text.sid);
    bubbles.delete(text.sid);
    if (bubble) renewBubble(bubble, text, ...told, held.acts.remove);
    else fresh.push(textBubble(text, ...told, held.acts.remove));
  }
  bubbles.forEach((bubble) => bubble.remove());
  append(thread, ...fresh);
  if (isOther) setTimeout(() => thread.setAttribute("aria-live", "polite"));
}

/** The reminders of the telephone in the hand. */
export function showLedger(rows) {
  const time = (row) => localTime(state.held.number, new Date(row.due_at_utc), MOMENT);
  at("rows").replaceChildren(...rows.map((row) => ledgerRow(row, time(row))));
}

const happened = []; // what the wire shows, kept for another telephone's zone
let dayShown = "";
let wireOf = "";

/** More happenings on the wire, at the time of the telephone in the hand. */
export function showWire(happenings) {
  happened.push(...happenings.filter(topicOf));
  happened.splice(0, happened.length - MOST_LINES);
  append(at("happenings"), ...happenings.filter(topicOf).slice(-MOST_LINES).flatMap(dated));
}

/** The wire anew where another zone counts. */
export function turnWire() {
  const zone = localTime(state.held.number, now(), { timeZoneName: "long" });
  if (zone === wireOf) return;
  [wireOf, dayShown] = [zone, ""];
  at("happenings").replaceChildren();
  append(at("happenings"), ...happened.flatMap(dated));
}

function dated(happening) {
  const instant = new Date(happening.at_utc);
  const day = localTime(state.held.number, instant, DAY);
  const line = wireLine(happening, localTime(state.held.number, instant, SECOND));
  if (day === dayShown) return [line];
  dayShown = day;
  return [make("li", { class: "day" }, day), line];
}

/** How the telephone in the hand is, and whether the clock may be moved: in a call its seconds would jump. */
export function showCondition() {
  at("condition").querySelectorAll("input").forEach((input) => {
    input.checked = state.held?.condition === input.value;
  });
  const talking = [...state.phones.values()].some((phone) => phone.call);
  at("clock-why").hidden = !talking;
  document.querySelectorAll("[data-move]").forEach((button) => { button.disabled = talking || state.moving; });
}

/** A sentence across the page about the hotline itself, "" for none; anew: with a button that reloads the page. */
export function showTrouble(sentence, { anew = false } = {}) {
  if (at("trouble-words").textContent !== sentence) at("trouble-words").textContent = sentence;
  at("trouble").hidden = !sentence;
  at("reload").hidden = !anew;
}
