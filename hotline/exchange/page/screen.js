// The screen: five lines of twenty signs.

export const COLUMNS = 20;
export const LINES = 5;

/** A text broken into lines of twenty signs, at spaces where it can be. */
export function wrap(text) {
  return text.split("\n").flatMap(wrapLine);
}

function wrapLine(text) {
  const lines = [];
  let line = "";
  for (let word of text.split(" ")) {
    while (word.length > COLUMNS) {
      if (line) lines.push(line);
      line = "";
      lines.push(word.slice(0, COLUMNS));
      word = word.slice(COLUMNS);
    }
    const longer = line ? `${line} ${word}` : word;
    if (longer.length <= COLUMNS) {
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
