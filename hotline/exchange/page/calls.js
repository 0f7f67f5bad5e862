// Calls as they are heard: sounds in their time, captions, who talks with whom; also one that is found under way.

import { announce, tell } from "./announcer.js";
import { draw } from "./drawing.js";
import { languageOfClip, languageOfText } from "./language.js";
import { append, captionLine } from "./panels.js";
import { Ear, Tones } from "./sound.js";
import { askOf, at, claim, isClaimed, nameOf, now, state } from "./state.js";

const SPOKEN = { "*": "star", "#": "hash" };
const SHORTER_S = 0.05; // rounding; what is heard so much shorter was cut off
const UNHEARD = "The browser keeps this page silent until you press a key or click.";
const byHand = new Set(); // calls at the pace of a hand, as in a terminal: nobody hears them
export const tones = new Tones();

/** The ear of a telephone. */
export const earOf = (phone) => new Ear((sound) => hear(phone, sound), waitForHand);

const languageOf = ({ url, caption }) => languageOfClip(url) || languageOfText(caption ?? "");
const note = (kind, text, lang) => append(at("captions"), captionLine(kind, text, lang));

function hear(phone, sound) {
  takeDown(phone, sound);
  if (phone === state.held) tell(phone.caption, languageOf(sound));
  draw();
}

function takeDown(phone, sound) {
  phone.caption = sound.caption ?? "(a sound)";
  phone.heardIn = languageOf(sound);
  phone.trouble = "";
  note("said", phone.caption, phone.heardIn);
}

/** A browser that wants a hand first: say so, and let the sound be heard at the next key or click. */
function waitForHand(unmute) {
  announce(UNHEARD);
  at("unheard").textContent = UNHEARD;
  const act = () => {
    unmute();
    at("unheard").textContent = "";
    ["keydown", "pointerdown"].forEach((kind) => document.removeEventListener(kind, act));
  };
  ["keydown", "pointerdown"].forEach((kind) => document.addEventListener(kind, act));
}

/** Whether this window hears a call; that of the telephone not in the hand is under way without a sound. */
function add(phone, sid, sound, startsInS) {
  phone.ear.add({ ...sound, starts_in_s: startsInS, aloud: isClaimed(sid) });
}

const PERCEIVED = {
  begun(_phone, { real_time: realTime }, { sid }) {
    if (!realTime) byHand.add(sid);
  },
  status(phone, { status, seconds }, { at_utc: atUtc, sid }) {
    if (status === "ringing") phone.ring(sid);
    if (status === "in-progress") phone.begin(new Date(atUtc));
    if (seconds === null) return;
    note("ended", endOf(phone, sid, status, seconds));
    if (phone.line !== sid) return;
    phone.ear.cut();
    phone.end(status, seconds);
  },
  bridged(phone, { number }) {
    phone.partner = number;
    note("pressed", `${phone.name || phone.number} is connected with ${nameOf(number)}`);
  },
  "dial-ended": (phone, { status }) => {
    phone.partner = null;
    note("pressed", `the other telephone: ${status}`);
  },
  gather: (phone) => { phone.listening = true; },
  beep: (phone) => { if (phone === state.held) tones.beep(); },
  record: (phone) => { phone.recorded = true; },
  recorded: (phone) => { phone.recorded = false; },
  speech(_phone, { lost, seconds }) {
    if (!lost) note("pressed", `spoken, ${seconds} s`);
  },
  webhook: (phone) => { phone.listening = false; },
  keys(phone, { keys, lost }) {
    phone.listening = false;
    note("pressed", keyLine(keys, lost));
  },
  sound: (phone, sound, { at_s: atS, sid }) => add(phone, sid, sound, sound.starts_at_s - atS),
  heard(phone, { seconds, length_s: lengthS }) {
    if (seconds < lengthS - SHORTER_S) phone.ear.cut();
  },
  alert: (_phone, { code, detail }) => note("ended", `error ${code}: ${detail}`),
};

/** One happening of a call while it happens. */
export function perceiveCall(phone, happening) {
  if (phone.claiming) claim(happening.sid);
  if (byHand.has(happening.sid) && happening.kind !== "status") return;
  PERCEIVED[happening.kind]?.(phone, happening.facts, happening);
}

function endOf(phone, sid, status, seconds) {
  const whose = `${phone.name || phone.number}: call ${status}`;
  return seconds > 0 && sid !== phone.givenUp ? `${whose}, ${seconds} s` : `${whose}, not answered`;
}

function keyLine(keys, lost) {
  const words = [...keys].map((key) => SPOKEN[key] ?? key).join(" ");
  return `key ${words}${lost ? " (nobody was listening)" : ""}`;
}

/** What calls of before have left in Heard, oldest first; nothing of it is announced. */
export function recallCalls(happenings, liveSids) {
  for (const { about, kind, facts, sid, phone: number } of happenings) {
    if (about !== "call" || liveSids.has(sid)) continue;
    if (kind === "begun" && !facts.real_time) byHand.add(sid);
    const phone = state.phones.get(number);
    if (!phone || byHand.has(sid)) continue;
    if (kind === "status" && facts.seconds !== null) note("ended", endOf(phone, sid, facts.status, facts.seconds));
    else recallEvent({ kind, ...facts });
  }
}

function recallEvent(event) {
  if (event.kind === "heard") note("said", event.caption ?? "(a sound)", languageOf(event));
  if (event.kind === "keys") note("pressed", keyLine(event.keys, event.lost));
}

/** A call that is under way when the page opens: its time, what was heard so far, the present sound at its place. */
export async function recoverCall(phone) {
  const call = await askOf(phone, "GET", `/calls/${phone.call}`);
  if (call.started_utc) phone.begin(new Date(call.started_utc));
  const last = (...kinds) => call.events.findLast((event) => kinds.includes(event.kind));
  const joined = last("bridged", "dial-ended");
  phone.partner = joined?.kind === "bridged" ? joined.number : null;
  if (!call.real_time) return;
  phone.listening = last("gather", "webhook", "keys")?.kind === "gather";
  phone.recorded = last("record", "recorded")?.kind === "record";
  const secondsIn = phone.talkingSince ? (now() - phone.talkingSince) / 1000 : 0;
  const before = call.events.findLastIndex((event) => ["heard", "webhook"].includes(event.kind));
  call.events.slice(0, before + 1).forEach(recallEvent);
  for (const event of call.events.slice(before + 1)) {
    if (event.kind !== "sound") recallEvent(event);
    else if (event.starts_at_s + event.length_s <= secondsIn) takeDown(phone, event);
    else add(phone, call.sid, event, event.starts_at_s - secondsIn);
  }
}
