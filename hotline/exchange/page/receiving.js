// What the exchange tells: how its telephones are, their texts and reminders, and everything as it happens.

import { announce } from "./announcer.js";
import { perceiveCall, recallCalls, recoverCall, tones } from "./calls.js";
import { ask } from "./door.js";
import { draw, showCondition, showLedger, showPhones, showThread, showWire, turnWire } from "./drawing.js";
import { sentenceOf } from "./explaining.js";
import { askOf, nameOf, phoneOf, setClock, state, takeInHand } from "./state.js";
import { showOrders } from "./trouble.js";

const MOST_RECALLED = 1000;

/** How everything is now. */
export async function refresh() {
  const told = await ask("GET", "/state");
  state.hotline = told.number;
  setClock(told.now_utc);
  told.phones.forEach(learn);
  tones.ring([...state.phones.values()].some((phone) => phone.ringing));
  showOrders(told.faults);
  showAll();
  return told;
}

function learn(told) {
  const phone = phoneOf(told.phone, told.name);
  const rings = told.ringing && told.ringing.sid !== phone.ringing?.sid;
  phone.learn(told);
  if (rings) announce(`${nameOf(told.ringing.from)} calls ${phone.name || phone.number}. Answer or reject.`);
}

function showAll() {
  showPhones(hold);
  showCondition();
  draw();
}

/** The texts of every telephone; what fails at one does not keep the others from theirs. */
export async function refreshTexts(options) {
  const phones = [...state.phones.values()];
  await Promise.all(phones.map((phone) => askOf(phone, "GET", "/phone/thread")
    .then(({ texts }) => phone.learnTexts(texts, options))
    .catch(sentenceOf)));
  if (state.held) showThread();
  showAll();
}

export async function refreshLedger() {
  const { held } = state;
  const { rows } = await askOf(held, "GET", "/phone/ledger");
  if (held === state.held) showLedger(rows);
}

/** Take a telephone into the hand: its sound is heard, its texts and reminders stand beside it. */
export async function hold(number) {
  const phone = phoneOf(number);
  takeInHand(phone);
  state.phones.forEach((other) => { other.ear.element.muted = other !== phone; });
  showAll();
  showThread();
  turnWire();
  await refreshLedger().catch(sentenceOf);
}

/** A batch of happenings, as they happen. */
export async function see(happenings) {
  happenings.forEach(perceive);
  showWire(happenings);
  const about = new Set(happenings.map((happening) => happening.about));
  if (["call", "text", "clock"].some((topic) => about.has(topic))) await refresh();
  if (about.has("text")) await refreshTexts();
  if (about.has("ledger")) await refreshLedger();
}

function perceive(happening) {
  const { about, kind, facts, phone: number } = happening;
  if (!number) return;
  const phone = phoneOf(number); // one that this page has not met has come to be elsewhere
  if (about === "call") perceiveCall(phone, happening);
  if (about === "text" && kind === "status") perceiveText(phone, facts.status);
}

function perceiveText(phone, status) {
  if (status === "received" && phone.mode === "sending") phone.sent();
  if (status !== "delivered") return;
  tones.sign();
  announce(`A text has arrived at ${phone.name || phone.number}`);
}

/** What happened before the page was opened: the wire, what was heard, and the calls that are still under way. */
export async function recall(told) {
  const { happenings } = await ask("GET", `/wire?since=${Math.max(told - MOST_RECALLED, 0)}`);
  const before = happenings.filter((happening) => happening.n <= told);
  const talking = [...state.phones.values()].filter((phone) => phone.call);
  recallCalls(before, new Set(talking.map((phone) => phone.call)));
  showWire(before);
  for (const phone of talking) await recoverCall(phone);
}
