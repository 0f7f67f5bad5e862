// Writing on twelve keys: each press of the same key takes its next letter, until one waits a moment.

const COMMIT_MS = 900;

const LETTERS = {
  КЫР: {
    1: ".,?!:-()'\"@/1", 2: "абвг2", 3: "деёжз3", 4: "ийкл4", 5: "мнопңө5",
    6: "рстуү6", 7: "фхцч7", 8: "шщъы8", 9: "ьэюя9", 0: " 0\n",
  },
  LAT: {
    1: ".,?!:-()'\"@/1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5",
    6: "mno6", 7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0\n",
  },
};

const PRINTED = { 1: [". , ? !", ""], "*": ["Aa", ""], 0: ["␣", ""], "#": ["КЫР", "LAT 123"] };

/** What is printed on a key: Cyrillic letters above, Latin below, or what else the key does while writing. */
export function lettersOn(key) {
  return PRINTED[key] ?? [LETTERS.КЫР[key], LETTERS.LAT[key]].map((letters) => letters.replace(/\d/g, ""));
}

/** A draft being written. `changed` is called when a letter settles by itself. */
export class Typing {
  constructor(changed) {
    this.text = "";
    this.script = "КЫР";
    this.capital = true;
    this.changed = changed;
    this.settle();
  }

  /** КЫР, LAT or 123, as the screen shows it; capitals while the next letter is one. */
  get mode() {
    return this.script === "123" || this.capital ? this.script : this.script.toLowerCase();
  }

  /** One press of a key. */
  press(key) {
    if (key === "#") return this.nextScript();
    if (key === "*") return this.turnCase();
    if (this.script === "123") return this.write(key);
    const letters = LETTERS[this.script][key];
    if (this.key === key) {
      this.turn = (this.turn + 1) % letters.length;
      this.text = this.text.slice(0, -1);
    } else {
      this.settle();
      this.key = key;
      this.turn = 0;
    }
    this.text += this.capital ? letters[this.turn].toUpperCase() : letters[this.turn];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.settle();
      this.changed();
    }, COMMIT_MS);
    return undefined;
  }

  /** Letters from the computer's keyboard, in whatever script. */
  write(letters) {
    this.settle();
    this.text += letters;
    this.capital = false;
  }

  /** Take the last letter away; a pair that makes one sign goes whole. An empty draft begins with a capital. */
  clear() {
    this.settle();
    this.text = [...this.text].slice(0, -1).join("");
    if (!this.text) this.capital = true;
  }

  /** The letter under way is meant as it stands. */
  settle() {
    clearTimeout(this.timer);
    if (this.key !== undefined && this.key !== null) this.capital = false;
    this.key = null;
    this.turn = 0;
  }

  nextScript() {
    this.settle();
    const scripts = [...Object.keys(LETTERS), "123"];
    this.script = scripts[(scripts.indexOf(this.script) + 1) % scripts.length];
  }

  turnCase() {
    this.settle();
    this.capital = !this.capital;
  }
}
