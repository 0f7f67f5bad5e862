// What the page knows: its telephones, the one in the hand, the exchange's clock, whose calls are heard here.

import { ask } from "./door.js";

const MOST_CLAIMED = 20;

/** An element by its id. */
export const at = (id) => document.getElementById(id);

/**
 * phones: number -> Handset; held: the one in the hand; hotline: its number; make(number, name): a new Handset;
 * moving: whether the clock is being moved from here.
 */
export const state = { phones: new Map(), held: null, hotline: "", make: null, moving: false };

let ahead = 0; // milliseconds that the exchange's clock is ahead of this one's

/** The instant it is at the exchange. */
export const now = () => new Date(Date.now() + ahead);

/** Learn what time it is there. */
export function setClock(instant) {
  ahead = new Date(instant) - Date.now();
}

/** The telephone of a number, new where there is none yet. */
export function phoneOf(number, name = "") {
  if (!state.phones.has(number)) state.phones.set(number, state.make(number, name));
  return state.phones.get(number);
}

/** What to call whoever has a number. */
export function nameOf(number) {
  return number === state.hotline ? "Kadam" : state.phones.get(number)?.name || number;
}

/** Ask the exchange about one telephone. */
export const askOf = (phone, method, path, body) => ask(method, path, { phone: phone.number, body });

// A reload keeps both; another window has its own.
const claimed = new Set(JSON.parse(sessionStorage.getItem("claimed") ?? "[]"));

/** From now on a call is heard here: this window dialled, answered or pressed a key. */
export function claim(sid) {
  if (!sid) return;
  claimed.add(sid);
  sessionStorage.setItem("claimed", JSON.stringify([...claimed].slice(-MOST_CLAIMED)));
}

export const isClaimed = (sid) => claimed.has(sid);

/** The telephone to hold at first: one in a call, else the one held before, else the first. */
export function firstToHold() {
  const all = [...state.phones.values()];
  const before = state.phones.get(sessionStorage.getItem("held"));
  const talking = all.filter((phone) => phone.call);
  return talking.find((phone) => phone === before) ?? talking[0] ?? before ?? all[0];
}

/** Take a telephone into the hand. */
export function takeInHand(phone) {
  state.held = phone;
  sessionStorage.setItem("held", phone.number);
}
