// The screen: five lines of twenty signs.

export const COLUMNS = 20;
export const LINES = 5;

const ASTRAL = 0xffff; // emoji and the like are drawn as wide as two signs

/** How many columns a text takes. */
const widthOf = (text) => [...text].reduce((sum, sign) => sum + (sign.codePointAt(0) > ASTRAL ? 2 : 1), 0);

/** As much of a text's beginning as fits into a line; no sign is cut in half. */
export function fit(text) {
  let fitting = "";
  for (const sign of text) {
    if (widthOf(fitting + sign) > COLUMNS) break;
    fitting += sign;
  }
  return fitting;
}

/** A text broken into lines of twenty signs, at spaces where it can be. */
export function wrap(text) {
  return text.split("\n").flatMap(wrapLine);
}

function wrapLine(text) {
  const lines = [];
  let line = "";
  for (let word of text.split(" ")) {
    while (widthOf(word) > COLUMNS) {
      if (line) lines.push(line);
      line = "";
      lines.push(fit(word));
      word = word.slice(fit(word).length);
    }
    const longer = line ? `${line} ${word}` : word;
    if (widthOf(longer) <= COLUMNS) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Draws what a handset shows: {lines, left, right, strip} on the elements of the page. */
export class Screen {
  constructor() {
    this.lines = document.getElementById("screen");
    this.lines.replaceChildren(...Array.from({ length: LINES }, () => document.createElement("div")));
  }

  draw({ lines, left, right, strip }) {
    const shown = Array.from({ length: LINES }, (_, place) => lines[place] ?? "");
    shown.forEach((line, place) => {
      this.lines.children[place].textContent = line || "\u00a0";
    });
    this.lines.setAttribute("aria-label", `Screen: ${shown.filter(Boolean).join(" ") || "empty"}`);
    this.name("left", left);
    this.name("right", right);
    document.getElementById("strip-left").textContent = strip[0];
    document.getElementById("strip-right").textContent = strip[1];
  }

  name(side, name) {
    document.getElementById(`soft-${side}-name`).textContent = name;
    document.getElementById(`soft-${side}`).setAttribute("aria-label", name || `No ${side} choice now`);
  }
}
