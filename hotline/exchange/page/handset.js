// One telephone in the hand: what it knows, and which screen it is on. What its keys mean there: phases.js.

import { localTime } from "./numbers.js";
import { PHASES } from "./phases.js";
import { LINES, wrap } from "./screen.js";
import { Typing } from "./typing.js";

/**
 * acts: dial(), answer(), reject(), hangUp(), press(keys), speak(), switchOn(), remove(sid), send(body, to), which
 * tells whether it was sent; now(): a Date; nameOf(number); hotline: its number; changed(): something is to be drawn.
 */
export class Handset {
  constructor({ number, name, hotline, acts, now, nameOf, changed }) {
    Object.assign(this, { number, name, hotline, acts, now, nameOf, changed });
    this.mode = "home";
    this.dialled = "";
    this.note = ""; // what stands on the screen at rest until the next key
    this.trouble = ""; // what stands on any screen until the next key
    this.texts = [];
    this.opened = new Set();
    this.chosen = null; // the SID of the text chosen in the list
    this.top = 0;
    this.line = null; // the SID of the call that rings or is under way, the last one afterwards
    this.givenUp = null; // that of the call last hung up before anybody answered
    this.condition = "on";
    this.progress = 1;
    this.heardIn = ""; // the language of what was heard last
    this.disturbedMs = -Infinity; // when something from outside last changed the screen
    this.typing = new Typing(changed);
    this.forgetCall();
  }

  /** What the exchange says of this telephone. */
  learn({ name, call, ringing, condition }) {
    const before = this.phase;
    if (this.call && !call) this.forgetCall();
    Object.assign(this, { name: name || this.name, call, ringing, condition });
    this.line = call ?? ringing?.sid ?? this.line;
    if (this.phase === before) return;
    this.trouble = "";
    this.disturbed();
  }

  /** Its texts, oldest first; those from before the page was opened count as read. */
  learnTexts(texts, { asRead = false } = {}) {
    this.texts = texts;
    if (asRead) this.inbox.forEach((text) => this.opened.add(text.sid));
  }

  /** Something from outside changes the screen: a key on its way was meant for what stood there before. */
  disturbed() {
    this.disturbedMs = performance.now();
  }

  get inbox() {
    return this.texts.filter((text) => text.incoming && text.status === "delivered").reverse();
  }

  get unread() {
    return this.inbox.filter((text) => !this.opened.has(text.sid)).length;
  }

  get phase() {
    if (this.condition === "off") return "off";
    if (this.ringing) return "ringing";
    return this.call ? "talk" : this.mode;
  }

  /** What to draw: {lines, left, right, strip}, and for the ear lang, spoken and draft. */
  get view() {
    const shown = PHASES[this.phase].show(this);
    const strip = [this.name || this.number, this.clock];
    if (!this.trouble) return { ...shown, strip };
    return { ...shown, strip, lines: wrap(this.trouble).slice(0, LINES), spoken: [] }; // trouble is announced
  }

  get clock() {
    if (this.phase === "write") return `${this.typing.mode} ${this.cost ?? ""}`;
    if (this.phase === "talk") return this.talkingSince ? clockOf((this.now() - this.talkingSince) / 1000) : "…";
    return localTime(this.number, this.now(), { hour: "2-digit", minute: "2-digit" });
  }

  /** One of the twelve keys. */
  key(key) {
    this.forgetNotes();
    PHASES[this.phase].key?.(this, key);
    this.changed();
  }

  /** A key held down: a digit while writing, + where a number is dialled; false where it means nothing. */
  hold(key) {
    if (this.phase === "write" && /\d/.test(key)) this.typing.write(key);
    else if (this.phase === "home" && key === "0") this.dialled += "+";
    else return false;
    this.changed();
    return true;
  }

  /** The key below the screen, left or right. */
  soft(side) {
    this.forgetNotes();
    const before = this.phase;
    PHASES[before][side]?.(this);
    if (this.phase !== before) this.disturbedMs = -Infinity; // whoever goes elsewhere has seen where they were
    this.changed();
  }

  /** The green key. */
  green() {
    this.forgetNotes();
    PHASES[this.phase].green(this);
    this.changed();
  }

  /** The red key. */
  red() {
    this.forgetNotes();
    PHASES[this.phase].red(this);
    this.changed();
  }

  /** Up (-1) or down (1). */
  scroll(step) {
    PHASES[this.phase].scroll?.(this, step);
    this.changed();
  }

  /** Letters from the computer's keyboard; only writing takes them. */
  type(letters) {
    if (this.phase !== "write") return false;
    this.forgetNotes();
    this.typing.write(letters);
    this.changed();
    return true;
  }

  /** Take the last sign away. */
  erase() {
    this.forgetNotes();
    if (this.phase === "write") this.typing.clear();
    else this.dialled = [...this.dialled].slice(0, -1).join("");
    this.changed();
  }

  forgetNotes() {
    this.note = "";
    this.trouble = "";
  }

  /** A text went out, or it did not and `reason` says why: then the draft is there again. */
  sent(reason = "") {
    if (!reason) this.typing = new Typing(this.changed);
    if (this.mode === "sending") this.mode = reason ? "write" : "home";
    this.note = reason ? "" : "Sent";
    this.trouble = reason ? `Not sent. ${reason}` : "";
    this.disturbed();
    this.changed();
  }

  /** A call rings at this telephone, or one from it at the hotline. */
  ring(sid) {
    this.line = sid;
  }

  /** The call was answered, at that instant. */
  begin(instant) {
    this.talkingSince = instant;
  }

  /** Hung up here; the exchange may count a second all the same. */
  giveUp() {
    if (!this.talkingSince) this.givenUp = this.call;
  }

  /** The call is over after so many of its own seconds; 0 where nobody answered. */
  end(status, seconds) {
    if (this.line === this.givenUp) this.note = "Not answered";
    else if (seconds > 0) this.note = `Call ended ${clockOf(seconds)}`;
    else if (this.ringing) this.note = status === "busy" ? "Rejected" : "Missed call";
    else this.note = "Not answered";
    this.forgetCall();
    this.disturbed();
  }

  forgetCall() {
    this.call = null;
    this.ringing = null;
    this.talkingSince = null;
    this.partner = null; // the number of the person it is joined to
    this.caption = "";
    this.listening = false;
    this.recorded = false; // whether what is spoken now is recorded
  }
}

function clockOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
