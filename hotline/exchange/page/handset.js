// One telephone in the hand: which screen it is on, and what its keys mean there.

import { LINES, wrap } from "./screen.js";
import { Typing } from "./typing.js";

const ZONES = { "+996": "Asia/Bishkek", "+7": "Europe/Moscow" };
const MOST_DIALLED = 16;

/** The time of day where a number lives; UTC where that is not known. */
export function localTime(number, instant, options) {
  const prefix = Object.keys(ZONES).find((start) => number.startsWith(start));
  return instant.toLocaleString("en-GB", { timeZone: ZONES[prefix] ?? "UTC", ...options });
}

/**
 * acts: dial(), answer(), reject(), hangUp(), press(keys), speak(), send(body, to), remove(sid); now(): a Date;
 * hotline: its number; changed(): something is to be drawn anew.
 */
export class Handset {
  constructor({ number, name, hotline, acts, now, changed }) {
    Object.assign(this, { number, name, hotline, acts, now, changed });
    this.mode = "home";
    this.dialled = "";
    this.note = "";
    this.texts = [];
    this.opened = new Set();
    this.chosen = 0;
    this.top = 0;
    this.call = null;
    this.ringing = null;
    this.caption = "";
    this.progress = 1;
    this.talkingSince = null;
    this.recorded = false; // whether what is spoken now is recorded
    this.typing = new Typing(changed);
  }

  /** What the exchange says of this telephone. */
  learn({ call, ringing, condition }) {
    if (this.call && !call) this.endCall();
    Object.assign(this, { call, ringing, condition });
  }

  /** Its texts, oldest first; those from before the page was opened count as read. */
  learnTexts(texts, { asRead = false } = {}) {
    this.texts = texts;
    if (asRead) this.inbox.forEach((text) => this.opened.add(text.sid));
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

  /** What to draw: {lines, left, right, strip}. */
  get view() {
    return { strip: [this.name || this.number, this.clock], ...PHASES[this.phase].show(this) };
  }

  get clock() {
    if (this.phase === "write") return `${this.typing.mode} ${this.cost ?? ""}`;
    if (this.phase === "talk") return this.talkTime;
    return localTime(this.number, this.now(), { hour: "2-digit", minute: "2-digit" });
  }

  get talkTime() {
    if (!this.talkingSince) return "…";
    const seconds = Math.max(0, Math.floor((this.now() - this.talkingSince) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  /** One of the twelve keys. */
  key(key) {
    this.note = "";
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
    this.note = "";
    PHASES[this.phase][side]?.(this);
    this.changed();
  }

  /** The green key. */
  green() {
    this.note = "";
    (PHASES[this.phase].green ?? startCall)(this);
    this.changed();
  }

  /** The red key. */
  red() {
    this.note = "";
    (PHASES[this.phase].red ?? goHome)(this);
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
    this.typing.write(letters);
    this.changed();
    return true;
  }

  /** Take the last sign away. */
  erase() {
    if (this.phase === "write") this.typing.clear();
    else this.dialled = this.dialled.slice(0, -1);
    this.changed();
  }

  endCall() {
    this.note = `Call ended ${this.talkTime}`;
    this.talkingSince = null;
    this.caption = "";
    this.recorded = false;
    this.mode = "home";
  }
}

function goHome(phone) {
  phone.mode = "home";
  phone.dialled = "";
}

function startCall(phone) {
  const digits = phone.dialled.replace(/\D/g, "").replace(/^0/, "");
  if (digits && !phone.hotline.endsWith(digits)) {
    phone.note = `Not in service. Here one can call ${phone.hotline} alone.`;
    return;
  }
  goHome(phone);
  phone.acts.dial();
}

function openList(phone) {
  phone.mode = "list";
  phone.chosen = 0;
}

function openText(phone) {
  const text = phone.inbox[phone.chosen];
  if (!text) return;
  phone.opened.add(text.sid);
  phone.reading = text;
  phone.top = 0;
  phone.mode = "text";
}

function startWriting(phone, to = phone.hotline) {
  phone.mode = "write";
  phone.to = to;
}

function clearLetter(phone) {
  if (phone.typing.text) phone.typing.clear();
  else goHome(phone);
}

function send(phone) {
  phone.typing.settle();
  const body = phone.typing.text;
  if (!body.trim()) return;
  phone.acts.send(body, phone.to);
  phone.typing = new Typing(phone.changed);
  phone.note = "Sent";
  phone.mode = "home";
}

function lastLines(lines) {
  return lines.slice(Math.max(lines.length - LINES, 0));
}

const textLines = (text) => [
  ...wrap(text.body),
  "--------------------",
  ...wrap(`${text.segments} x SMS, ${text.alphabet}`),
  ...wrap(text.price_class),
];

const KEY_SCROLL = { 2: -1, 8: 1 };

const PHASES = {
  home: {
    show(phone) {
      const day = localTime(phone.number, phone.now(), { weekday: "short", day: "numeric", month: "short" });
      const news = phone.unread ? [`${phone.unread} new message${phone.unread === 1 ? "" : "s"}`] : [];
      const busy = phone.dialled || phone.note || news.length;
      const rest = busy ? (phone.note ? wrap(phone.note) : []) : ["", "", "Call key: Kadam"];
      return {
        lines: [phone.dialled || day, ...news, ...rest],
        left: phone.dialled ? "Call" : phone.unread ? "Read" : "Texts",
        right: phone.dialled ? "Clear" : "Write",
      };
    },
    key(phone, key) {
      phone.dialled = (phone.dialled + key).slice(0, MOST_DIALLED);
    },
    left: (phone) => (phone.dialled ? startCall(phone) : openList(phone)),
    right(phone) {
      if (phone.dialled) phone.dialled = phone.dialled.slice(0, -1);
      else startWriting(phone);
    },
  },
  list: {
    show(phone) {
      const first = Math.max(0, Math.min(phone.chosen - 2, phone.inbox.length - LINES));
      const lines = phone.inbox.slice(first, first + LINES).map((text, place) => {
        const mark = first + place === phone.chosen ? ">" : " ";
        const news = phone.opened.has(text.sid) ? "" : "* ";
        return `${mark}${news}${text.body.replace(/\s+/g, " ")}`.slice(0, 20);
      });
      return { lines: lines.length ? lines : ["No texts yet"], left: "Open", right: "Back" };
    },
    key: (phone, key) => PHASES.list.scroll(phone, KEY_SCROLL[key] ?? 0),
    scroll(phone, step) {
      phone.chosen = Math.max(0, Math.min(phone.chosen + step, phone.inbox.length - 1));
    },
    left: openText,
    green: openText,
    right: goHome,
  },
  text: {
    show(phone) {
      return { lines: textLines(phone.reading).slice(phone.top), left: "Answer", right: "Back" };
    },
    key(phone, key) {
      if (key === "#") {
        phone.acts.remove(phone.reading.sid);
        openList(phone);
      } else {
        PHASES.text.scroll(phone, KEY_SCROLL[key] ?? 0);
      }
    },
    scroll(phone, step) {
      const most = Math.max(textLines(phone.reading).length - LINES, 0);
      phone.top = Math.max(0, Math.min(phone.top + step, most));
    },
    left: (phone) => startWriting(phone, phone.reading.from),
    right: openList,
  },
  write: {
    show(phone) {
      return { lines: lastLines(wrap(`${phone.typing.text}_`)), left: "Send", right: "Clear" };
    },
    key: (phone, key) => phone.typing.press(key),
    left: send,
    green: send,
    right: clearLetter,
  },
  ringing: {
    show(phone) {
      return { lines: ["", "Kadam calls", phone.ringing.from], left: "Answer", right: "Reject" };
    },
    left: (phone) => phone.acts.answer(),
    green: (phone) => phone.acts.answer(),
    right: (phone) => phone.acts.reject(),
    red: (phone) => phone.acts.reject(),
  },
  talk: {
    show(phone) {
      const lines = wrap(phone.caption);
      const first = Math.floor(phone.progress * Math.max(lines.length - LINES + 1, 0));
      const shown = phone.caption ? lines.slice(Math.min(first, Math.max(lines.length - LINES, 0))) : ["Calling Kadam"];
      if (phone.recorded) return { lines: ["A message is", "being recorded"], left: "Speak", right: "End" };
      return { lines: shown, left: "", right: "End" };
    },
    key: (phone, key) => phone.acts.press(key),
    left: (phone) => (phone.recorded ? phone.acts.speak() : undefined),
    right: (phone) => phone.acts.hangUp(),
    green() {},
    red: (phone) => phone.acts.hangUp(),
  },
  off: {
    show: () => ({ lines: ["", "", "   (switched off)"], left: "", right: "" }),
    green() {},
    red() {},
  },
};
