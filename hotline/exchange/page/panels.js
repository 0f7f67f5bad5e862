// The panels beside the telephone: what was heard, the texts, the wire, and the trouble to order.

/** How many lines a log keeps. */
export const MOST_LINES = 300;

/** An element with its attributes and children; a text child is text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => {
    if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  });
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Adds to the end of a log and keeps it short; it stays scrolled to its end if it was there. */
export function append(log, ...entries) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(...entries);
  while (log.children.length > MOST_LINES) log.firstChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

/** Tabs with arrow keys, as screen readers expect them; a log is shown at its newest end. */
export function startTabs(list) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const choose = (tab) => {
    tabs.forEach((one) => {
      const chosen = one === tab;
      one.setAttribute("aria-selected", String(chosen));
      one.tabIndex = chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
    });
    document.querySelectorAll(`#${tab.getAttribute("aria-controls")} .log`).forEach((log) => {
      log.scrollTop = log.scrollHeight;
    });
  };
  tabs.forEach((tab) => tab.addEventListener("click", () => choose(tab)));
  rove(list, tabs, choose);
  choose(tabs[0]);
}

/** Arrow keys move a choice within a group of elements; the keys go no further. */
export function rove(group, elements, choose) {
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const all = [...elements];
    const place = all.indexOf(event.target.closest("button"));
    if (!step || place < 0) return;
    const next = all[(place + step + all.length) % all.length];
    choose(next);
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}

/** One line of what a caller hears, or of what they press. */
export function captionLine(kind, text, lang = "en") {
  return make("p", { class: kind, lang }, text);
}

/** A text as a bubble with its cost under it. */
export function textBubble(text, lang, time, remove) {
  const bubble = make(
    "div",
    { class: text.incoming ? "incoming" : "outgoing", "data-sid": text.sid },
    make("p", { lang }, text.body),
    make("small"),
  );
  renewBubble(bubble, text, lang, time, remove);
  return bubble;
}

/** What may change of a bubble: how far the text has got, its cost, its language. */
export function renewBubble(bubble, text, lang, time, remove) {
  const shown = JSON.stringify([text, lang]);
  if (bubble.dataset.shown === shown) return;
  bubble.dataset.shown = shown;
  bubble.querySelector("p").lang = lang;
  const cost = `${text.segments} ${text.segments === 1 ? "segment" : "segments"}, ${text.alphabet}, `
    + `${text.units} ${text.units === 1 ? "letter" : "letters"}; price class ${text.price_class}`;
  const trouble = text.error_code ? ` ${text.status}, error ${text.error_code}` : "";
  const sent = text.status === "delivered" || !text.incoming ? "" : ` (${text.status})`;
  bubble.querySelector("small").replaceChildren(`${time}: ${cost}${trouble || sent} `);
  if (!text.incoming || text.status !== "delivered") return;
  const erase = make("button", { type: "button", "aria-label": `Delete the text of ${time}` }, "delete");
  erase.addEventListener("click", () => remove(text.sid));
  bubble.querySelector("small").append(erase);
}

/** One row of the hotline's ledger. */
export function ledgerRow(row, time) {
  const cells = [row.due_on, row.rule, row.member ? `family ${row.member}` : "the caller", time, row.state];
  return make("tr", { "data-state": row.state }, ...cells.map((cell) => make("td", {}, cell)));
}

const TOPICS = {
  webhook: "webhooks", callback: "webhooks", receipt: "receipts", statement: "ledger",
  alert: "errors", GET: "API", POST: "API", DELETE: "API", moved: "clock", status: "statuses",
};

/** The topics one may choose among, and which happening belongs to which. */
export const TOPIC_NAMES = [...new Set(Object.values(TOPICS))];

/** The topic of a happening, undefined for what the wire does not show (sounds and keys are heard). */
export function topicOf(happening) {
  return TOPICS[happening.kind];
}

/** One line of the wire, to be opened for all it carried. */
export function wireLine(happening, time) {
  const [head, ...parts] = DETAILS[happening.about === "rest" ? "rest" : happening.kind](happening.facts, happening);
  const summary = make("summary", {}, make("time", {}, time), ` ${head}`);
  const line = make("li", { "data-topic": topicOf(happening) });
  const whole = parts.filter((part) => part !== null);
  line.append(whole.length ? make("details", {}, summary, ...whole) : make("div", {}, ...summary.childNodes));
  return line;
}

const pathOf = (url) => new URL(url, location.href).pathname;

const DETAILS = {
  webhook: (facts) => [
    `hotline ← ${facts.method} ${pathOf(facts.url)}${facts.answer === null ? " (no answer)" : ""}`,
    table(facts.params), code(facts.answer),
  ],
  callback: (facts) => [
    `hotline ← call status: ${facts.event}${facts.arrived ? "" : " (did not arrive)"}`, table(facts.params),
  ],
  receipt: (facts) => [
    `hotline ← receipt: ${facts.status}${facts.lost ? " (lost on the way)" : ""}`, table(facts.params),
  ],
  rest: (facts, { kind }) => [
    `hotline → ${kind} ${facts.path}: ${facts.status}`, table(facts.form), code(JSON.stringify(facts.answer, null, 1)),
  ],
  statement: (facts) => [
    `ledger: ${facts.statement.split(/\s+/).slice(0, 3).join(" ")} … (${facts.rows} ${facts.rows === 1 ? "row" : "rows"})`, code(facts.statement),
  ],
  alert: (facts) => [`error ${facts.code}: ${facts.detail}`],
  moved: (facts) => [`the clock was moved by ${facts.seconds} s`],
  status: (facts, { about, sid }) => [`${about} ${sid.slice(0, 6)}…: ${facts.status}${facts.error_code ? ` ${facts.error_code}` : ""}`],
};

function table(fields) {
  if (!fields || !Object.keys(fields).length) return null;
  const rows = Object.entries(fields).map(([name, value]) => make("tr", {}, make("th", {}, name), make("td", {}, String(value))));
  return make("table", {}, make("tbody", {}, ...rows));
}

function code(text) {
  return text ? make("pre", {}, text.replace(/></g, ">\n<")) : null;
}
