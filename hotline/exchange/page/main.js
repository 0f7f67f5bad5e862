// The page: telephones one can hold, on the exchange of the hotline that runs here.

import { ask, Refused, watch } from "./door.js";
import { Handset, localTime } from "./handset.js";
import { append, captionLine, ledgerRow, make, startTabs, textBubble, TOPIC_NAMES, topicOf, wireLine } from "./panels.js";
import { Screen } from "./screen.js";
import { Ear, Tones } from "./sound.js";
import { lettersOn } from "./typing.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SPOKEN = { "*": "star", "#": "hash" };
const HOLD_MS = 600;
const SPEAK_S = 5;
const DRAW_MS = 250;
const CONDITIONS = { on: "on", off: "switched off", full: "memory full", machine: "answering machine" };

const at = (id) => document.getElementById(id);
const phones = new Map();
const live = new Set(); // calls in real time: these can be listened to
const screen = new Screen();
const tones = new Tones();
let ahead = 0; // milliseconds that the exchange's clock is ahead of this one's
let held = null; // the telephone in the hand
let hotline = "";

const now = () => new Date(Date.now() + ahead);
const setClock = (instant) => {
  ahead = new Date(instant) - Date.now();
};

const ear = new Ear(at("ear"), (sound) => {
  if (!sound.phone) return;
  sound.phone.caption = sound.caption ?? "(a sound)";
  append(at("captions"), captionLine("said", sound.phone.caption));
  draw();
});

// ---- what a telephone does

function actsOf(number) {
  const post = (path, body = {}) => ask("POST", `/phone/${path}`, { phone: number, body }).catch(explain);
  const start = async (path) => {
    const call = await post(path, { real_time: true });
    if (call) await refresh();
  };
  return {
    dial: () => start("dial"),
    answer: () => start("answer"),
    reject: () => post("reject"),
    hangUp: () => post("hangup"),
    press(key) {
      append(at("captions"), captionLine("pressed", `key ${SPOKEN[key] ?? key}`));
      if (phones.get(number).listening) ear.cut();
      return post("press", { keys: key });
    },
    speak: () => post("speak", { seconds: SPEAK_S }),
    send: (body, to) => post("text", { body, to }),
    remove: (sid) => post("delete", { sid }).then(refreshTexts),
  };
}

function explain(error) {
  const phone = held;
  if (phone && error instanceof Refused) {
    phone.note = error.message;
    announce(error.message);
    draw();
  } else {
    throw error;
  }
}

function addPhone({ phone: number, name }) {
  const handset = new Handset({ number, name, hotline, acts: actsOf(number), now, changed: draw });
  phones.set(number, handset);
  return handset;
}

async function hold(number) {
  held = phones.get(number) ?? addPhone({ phone: number, name: "" });
  showPhones();
  await refresh();
  await refreshTexts();
  await refreshLedger();
  showKeys();
}

// ---- what the exchange tells

async function refresh() {
  const state = await ask("GET", "/state");
  hotline = state.number;
  setClock(state.now_utc);
  for (const told of state.phones) {
    const phone = phones.get(told.phone) ?? addPhone(told);
    phone.learn(told);
  }
  tones.ring([...phones.values()].some((phone) => phone.ringing));
  showOrders(state.faults);
  showPhones();
  draw();
  return state;
}

async function refreshTexts(options) {
  for (const phone of phones.values()) {
    const { texts } = await ask("GET", "/phone/thread", { phone: phone.number });
    phone.learnTexts(texts, options);
  }
  showThread();
  showPhones();
  draw();
}

async function refreshLedger() {
  const { rows } = await ask("GET", "/phone/ledger", { phone: held.number });
  const time = (row) => localTime(held.number, new Date(`${row.due_at_utc}`), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  at("rows").replaceChildren(...rows.map((row) => ledgerRow(row, time(row))));
}

async function see(happenings) {
  happenings.forEach(perceive);
  const about = new Set(happenings.map((happening) => happening.about));
  if (["call", "text", "clock"].some((topic) => about.has(topic))) await refresh();
  if (about.has("text")) await refreshTexts();
  if (about.has("ledger")) await refreshLedger();
}

function perceive(happening) {
  const { kind, facts, sid, about } = happening;
  const phone = phones.get(happening.phone);
  if (topicOf(happening)) {
    append(at("happenings"), wireLine(happening, happening.at_utc.slice(11, 19)));
  }
  if (about === "call" && phone) perceiveCall(phone, happening);
  if (about === "text" && kind === "status" && facts.status === "delivered") arrive(phone, sid);
}

function perceiveCall(phone, { kind, facts, at_s, at_utc, sid }) {
  if (kind === "begun" && facts.real_time) live.add(sid);
  if (!live.has(sid)) return;
  if (kind === "status" && facts.status === "in-progress") phone.talkingSince = new Date(at_utc);
  if (kind === "status" && facts.seconds !== null) {
    ear.cut();
    append(at("captions"), captionLine("ended", `call ${facts.status}, ${facts.seconds} s`));
  }
  if (kind === "gather") phone.listening = true;
  if (kind === "beep") tones.beep();
  if (kind === "record") phone.recorded = true;
  if (kind === "recorded") phone.recorded = false;
  if (kind === "speech" && !facts.lost) append(at("captions"), captionLine("pressed", `spoken, ${facts.seconds} s`));
  if (["webhook", "keys"].includes(kind)) phone.listening = false;
  if (kind === "sound") ear.add({ ...facts, starts_in_s: facts.starts_at_s - at_s, phone });
  if (kind === "heard" && facts.seconds < facts.length_s - 0.05) ear.cut();
  if (kind === "alert") append(at("captions"), captionLine("ended", `error ${facts.code}: ${facts.detail}`));
}

function arrive(phone) {
  if (!phone) return;
  tones.sign();
  announce(`A text has arrived at ${phone.name || phone.number}`);
}

// ---- what is drawn

let announced = "";

function announce(text) {
  if (text === announced) return;
  announced = text;
  at("announcer").textContent = text;
}

function draw() {
  if (!held) return;
  held.progress = ear.progress;
  screen.draw(held.view);
  at("handset").dataset.phase = held.phase;
  at("clock").textContent = localTime(held.number, now(), {
    weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  if (held.phase === "ringing") announce("Kadam calls. Answer or reject.");
}

function showPhones() {
  const buttons = [...phones.values()].map((phone) => {
    const news = [phone.ringing ? "rings" : "", phone.unread ? `${phone.unread} new` : ""].filter(Boolean).join(", ");
    const button = make(
      "button",
      { type: "button", role: "radio", "aria-checked": String(phone === held), "data-number": phone.number },
      make("b", {}, phone.name || "Phone"), ` ${phone.number}`, news ? make("em", {}, ` ${news}`) : null,
    );
    button.addEventListener("click", () => hold(phone.number));
    return button;
  });
  const focused = document.activeElement?.dataset?.number;
  at("phones").replaceChildren(...buttons);
  if (focused) buttons.find((button) => button.dataset.number === focused)?.focus();
}

let threadShown = "";

function showThread() {
  const shown = JSON.stringify([held?.number, held?.texts]);
  if (!held || shown === threadShown) return;
  threadShown = shown;
  const time = (text) => localTime(held.number, new Date(text.updated_utc), { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  at("thread").replaceChildren(...held.texts.map((text) => textBubble(text, time(text), held.acts.remove)));
  at("thread").scrollTop = at("thread").scrollHeight;
}

function showOrders(orders) {
  at("orders").replaceChildren(...orders.map((order) => make("li", {}, `${order.kind} x ${order.times}${order.to ? ` for ${order.to}` : ""}`)));
  at("condition").querySelectorAll("input").forEach((input) => {
    input.checked = held?.condition === input.value;
  });
}

// ---- hands on the page

function showKeys() {
  if (at("keys").children.length) return;
  at("keys").append(...KEYS.map(makeKey));
}

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
    timer = setTimeout(() => {
      wasHeld = held.hold(key);
      countCost();
    }, HOLD_MS);
  });
  ["pointerup", "pointerleave"].forEach((end) => button.addEventListener(end, () => clearTimeout(timer)));
  return button;
}

function pressKey(key) {
  tones.key(key);
  held.key(key);
  countCost();
}

let costAsked = "";

async function countCost() {
  const body = held.typing.text;
  if (held.phase !== "write" || body === costAsked) return;
  costAsked = body;
  const { units, segments } = body ? await ask("POST", "/phone/measure", { phone: held.number, body: { body } }) : { units: 0, segments: 1 };
  if (held.typing.text === body) held.cost = `${units}/${segments}`;
  draw();
}

function takeKeyboard(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !held) return;
  const target = event.target;
  if (target.closest("input, select, textarea, .side, .clock, .another")) return;
  const onButton = target.closest("button") && ["Enter", " "].includes(event.key);
  if (onButton) return;
  if (!obeyKeyboard(event.key)) return;
  event.preventDefault();
  countCost();
}

const KEYBOARD = {
  Enter: () => held.green(),
  Escape: () => held.red(),
  ArrowLeft: () => held.soft("left"),
  ArrowRight: () => held.soft("right"),
  ArrowUp: () => held.scroll(-1),
  ArrowDown: () => held.scroll(1),
  Backspace: () => held.erase(),
};

function obeyKeyboard(key) {
  if (KEYBOARD[key]) {
    KEYBOARD[key]();
    return true;
  }
  if ([...key].length !== 1) return false;
  if (held.type(key)) return true;
  if (!KEYS.includes(key)) return false;
  pressKey(key);
  return true;
}

/** After a click by hand the keyboard is the telephone's again: Enter is the green key, not that button. */
function letGo(event) {
  if (event.detail > 0) document.activeElement.blur();
}

async function moveClock(event) {
  const buttons = document.querySelectorAll("[data-move]");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await ask("POST", "/clock", { body: { seconds: Number(event.currentTarget.dataset.move) } });
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
  await refresh();
}

async function orderFault(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const order = { kind: form.get("kind"), times: Number(form.get("times")), seconds: Number(form.get("seconds")), error_code: Number(form.get("error_code")) };
  if (form.get("mine")) order.to = held.number;
  await ask("POST", "/faults", { body: order }).catch(explain);
  await refresh();
}

function startHands() {
  at("soft-left").addEventListener("click", () => held.soft("left"));
  at("soft-right").addEventListener("click", () => held.soft("right"));
  at("call").addEventListener("click", () => held.green());
  at("hang-up").addEventListener("click", () => held.red());
  document.addEventListener("keydown", takeKeyboard);
  at("handset").addEventListener("click", letGo);
  document.querySelectorAll("[data-move]").forEach((button) => button.addEventListener("click", moveClock));
  at("another").addEventListener("submit", (event) => {
    event.preventDefault();
    hold(event.target.number.value.replace(/[\s()-]/g, "")).catch(explain);
  });
  at("fault").addEventListener("submit", orderFault);
  at("clear-faults").addEventListener("click", () => ask("DELETE", "/faults").then(refresh));
  startTabs(at("tabs"));
}

function showChoices(kinds) {
  at("fault").kind.append(...kinds.map((kind) => make("option", {}, kind)));
  at("condition").append(...Object.entries(CONDITIONS).map(([value, name]) => {
    const input = make("input", { type: "radio", name: "condition", value });
    input.addEventListener("change", () => ask("POST", "/phone/condition", { phone: held.number, body: { condition: value } }).then(refresh));
    return make("label", {}, input, ` ${name}`);
  }));
  at("wire-kinds").append(...TOPIC_NAMES.map((topic) => {
    const input = make("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => at("happenings").classList.toggle(`without-${topic}`, !input.checked));
    return make("label", {}, input, ` ${topic}`);
  }));
}

async function start() {
  const state = await refresh();
  held = phones.values().next().value;
  await refreshTexts({ asRead: true });
  showChoices(state.fault_kinds);
  startHands();
  await hold(held.number);
  setInterval(draw, DRAW_MS);
  watch(state.told, see, (away) => {
    at("trouble").hidden = !away;
    at("trouble").textContent = away ? "The hotline does not answer: start it with make run." : "";
  });
}

start();
