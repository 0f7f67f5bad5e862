// What the keys of a telephone mean on each of its screens, and what stands there.

import { languageOfText } from "./language.js";
import { localTime, reaches } from "./numbers.js";
import { fit, LINES, wrap } from "./screen.js";

const MOST_DIALLED = 16;
const KEY_SCROLL = { 2: -1, 8: 1 };

function goHome(phone) {
  phone.mode = "home";
  phone.dialled = "";
}

function startCall(phone) {
  if (!reaches(phone.dialled, phone.hotline)) {
    phone.note = `Not in service. Here one can call ${phone.hotline} alone.`;
    return;
  }
  goHome(phone);
  phone.acts.dial();
}

function openList(phone) {
  phone.mode = "list";
}

const placeOf = (phone, sid) => phone.inbox.findIndex((text) => text.sid === sid);

/** The place of the chosen text among those that are there; the newest where it is gone. */
const chosenPlace = (phone) => Math.max(placeOf(phone, phone.chosen), 0);

function openText(phone) {
  const text = phone.inbox[chosenPlace(phone)];
  if (!text) return;
  phone.opened.add(text.sid);
  phone.reading = text;
  phone.top = 0;
  phone.mode = "text";
}

function deleteText(phone) {
  const place = placeOf(phone, phone.reading.sid);
  phone.chosen = (phone.inbox[place + 1] ?? phone.inbox[place - 1])?.sid;
  phone.acts.remove(phone.reading.sid);
  openList(phone);
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
  if (!phone.typing.text.trim()) return;
  phone.mode = "sending";
  phone.acts.send(phone.typing.text, phone.to);
}

const hangUp = (phone) => phone.acts.hangUp();
const answer = (phone) => phone.acts.answer();
const reject = (phone) => phone.acts.reject();
const lastLines = (lines) => lines.slice(Math.max(lines.length - LINES, 0));
const languageOf = (phone, text) => languageOfText(text.body, phone.heardIn);

const textLines = (text) => [
  ...wrap(text.body),
  "--------------------",
  ...wrap(`${text.segments} x SMS, ${text.alphabet}`),
  ...wrap(text.price_class),
  "# deletes this text",
];

const TROUBLED = {
  full: "Memory full: no text arrives. To end it: Trouble, on.",
  machine: "A machine answers. To end it: Trouble, on.",
};

function homeLines(phone) {
  const day = localTime(phone.number, phone.now(), { weekday: "short", day: "numeric", month: "short" });
  const news = phone.unread ? [`${phone.unread} new message${phone.unread === 1 ? "" : "s"}`] : [];
  const said = phone.note || TROUBLED[phone.condition] || "";
  const idle = !phone.dialled && !said && !news.length;
  return [phone.dialled || day, ...news, ...(said ? wrap(said) : []), ...(idle ? ["", "", "Call key: Kadam"] : [])];
}

function talkLines(phone) {
  if (phone.recorded) return ["A message is", "being recorded"];
  if (phone.partner) return ["Connected with", ...wrap(phone.nameOf(phone.partner))];
  if (!phone.caption) return [phone.talkingSince ? "Connected" : "Calling Kadam"];
  const lines = wrap(phone.caption);
  const first = Math.floor(phone.progress * Math.max(lines.length - LINES + 1, 0));
  return lines.slice(Math.min(first, Math.max(lines.length - LINES, 0)));
}

const PAGES = {
  home: {
    show: (phone) => ({
      lines: homeLines(phone),
      left: phone.dialled ? "Call" : phone.unread ? "Read" : "Texts",
      right: phone.dialled ? "Clear" : "Write",
    }),
    key(phone, key) {
      phone.dialled = (phone.dialled + key).slice(0, MOST_DIALLED);
    },
    left(phone) {
      if (phone.dialled) return startCall(phone);
      phone.chosen = null;
      return openList(phone);
    },
    right(phone) {
      if (phone.dialled) phone.dialled = phone.dialled.slice(0, -1);
      else startWriting(phone);
    },
  },
  list: {
    show(phone) {
      const { inbox } = phone;
      const place = chosenPlace(phone);
      const first = Math.max(0, Math.min(place - 2, inbox.length - LINES));
      const lines = inbox.slice(first, first + LINES).map((text, nth) => {
        const news = phone.opened.has(text.sid) ? "" : "* ";
        return fit(`${first + nth === place ? ">" : " "}${news}${text.body.replace(/\s+/g, " ")}`);
      });
      if (!lines.length) return { lines: ["No texts yet"], left: "", right: "Back" };
      const [text, count] = [inbox[place], `${place + 1} of ${inbox.length}`];
      return { lines, spoken: [`${count}: ${text.body}`], lang: languageOf(phone, text), left: "Open", right: "Back" };
    },
    key: (phone, key) => PAGES.list.scroll(phone, KEY_SCROLL[key] ?? 0),
    scroll(phone, step) {
      const place = chosenPlace(phone) + step;
      phone.chosen = phone.inbox[Math.max(0, Math.min(place, phone.inbox.length - 1))]?.sid;
    },
    left: openText,
    green: openText,
    right: goHome,
  },
  text: {
    show: (phone) => ({
      lines: textLines(phone.reading).slice(phone.top, phone.top + LINES),
      lang: languageOf(phone, phone.reading),
      left: "Answer",
      right: "Back",
    }),
    key(phone, key) {
      if (key === "#") phone.mode = "delete";
      else PAGES.text.scroll(phone, KEY_SCROLL[key] ?? 0);
    },
    scroll(phone, step) {
      const most = Math.max(textLines(phone.reading).length - LINES, 0);
      phone.top = Math.max(0, Math.min(phone.top + step, most));
    },
    left: (phone) => startWriting(phone, phone.reading.from),
    right(phone) {
      phone.chosen = phone.reading.sid;
      openList(phone);
    },
  },
  delete: {
    show: () => ({ lines: ["Delete this text?", "", "# deletes it"], left: "Delete", right: "Keep" }),
    key(phone, key) {
      if (key === "#") deleteText(phone);
    },
    left: deleteText,
    right(phone) {
      phone.mode = "text";
    },
    green() {},
  },
  write: {
    show: (phone) => ({
      lines: lastLines(wrap(`${phone.typing.text}_`)),
      spoken: [`Your text: ${phone.typing.text || "empty"}`],
      draft: phone.typing.text,
      lang: languageOfText(phone.typing.text, phone.heardIn),
      left: "Send",
      right: "Clear",
    }),
    key: (phone, key) => phone.typing.press(key),
    left: send,
    green: send,
    right: clearLetter,
  },
  sending: {
    show: () => ({ lines: ["", "", "Sending"], left: "", right: "" }),
    green() {},
  },
  ringing: {
    show: (phone) => ({
      lines: ["", `${phone.nameOf(phone.ringing.from)} calls`, phone.ringing.from],
      spoken: [], // a ring is announced, on every telephone
      left: "Answer",
      right: "Reject",
    }),
    left: answer,
    green: answer,
    right: reject,
    red: reject,
  },
  talk: {
    show: (phone) => ({
      lines: talkLines(phone),
      ...(phone.caption && !phone.partner && !phone.recorded ? { spoken: [] } : {}), // what is heard is told anyway
      left: phone.recorded ? "Speak" : "",
      right: "End",
    }),
    key: (phone, key) => phone.acts.press(key),
    left: (phone) => (phone.recorded ? phone.acts.speak() : undefined),
    right: hangUp,
    green() {},
    red: hangUp,
  },
  off: {
    show: () => ({ lines: ["", "   (switched off)", "", "Left key: switch on"], left: "On", right: "" }),
    left: (phone) => phone.acts.switchOn(),
    green() {},
    red() {},
  },
};

/** By name of the screen: show(phone), and where they mean something key, left, right, scroll; green and red. */
export const PHASES = Object.fromEntries(
  Object.entries(PAGES).map(([name, page]) => [name, { green: startCall, red: goHome, ...page }]),
);
