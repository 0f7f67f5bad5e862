// What is said to whoever does not see the page: every announcement is an element of its own, so that the same
// words are said again, and stands in a region that is always there.

const MOST_KEPT = 12;

/** Say at once what a person must know: a ring, a text, a refusal. */
export const announce = (text, lang = "en") => say("announcer", text, lang);

/** Say, when there is time, what is heard or what the screen shows. */
export const tell = (text, lang = "en") => say("reader", text, lang);

function say(region, text, lang) {
  const line = document.createElement("p");
  line.lang = lang;
  line.textContent = text;
  const log = document.getElementById(region);
  log.append(line);
  while (log.children.length > MOST_KEPT) log.firstChild.remove();
}

/** Reads the screen of the telephone in the hand: after each change what is new on it, and no more. */
export class Reader {
  /** A handset's view: lines or `spoken` in their place, draft while writing, left and right. */
  follow(number, phase, view) {
    const { lang, draft, left, right } = view;
    const lines = (view.spoken ?? view.lines).map((line) => line.trim()).filter(Boolean);
    const screen = { number, phase, lines, draft, names: [left, right].filter(Boolean).join(", ") };
    const before = this.before;
    this.before = screen;
    if (!before) return;
    const words = newWords(before, screen);
    if (words) tell(words, lang);
    if (screen.names && screen.names !== before.names) tell(`Keys: ${screen.names}`);
  }
}

function newWords(before, screen) {
  const same = before.number === screen.number && before.phase === screen.phase;
  if (same && before.draft !== undefined && screen.draft !== undefined) return lastWritten(before.draft, screen.draft);
  return (same ? screen.lines.filter((line) => !before.lines.includes(line)) : screen.lines).join(" ");
}

/** The last letter, or the last word once it has ended; what is taken away. */
function lastWritten(before, draft) {
  if (draft === before) return "";
  const last = [...draft].at(-1) ?? "";
  if (draft.length < before.length) return last ? `deleted, ${last.trim() || "space"}` : "deleted, empty";
  return last.trim() || draft.trim().split(/\s+/).at(-1) || "space";
}
