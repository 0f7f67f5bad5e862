// Telephone numbers as people write and dial them, and the time where they live.

const ZONES = { "+996": "Asia/Bishkek", "+7": "Europe/Moscow" };
const AT_HOME = { "+996": "0", "+7": "8" }; // what one dials before a number of one's own country

/** What to say where a number is not well written. */
export const HOW_TO_WRITE = "Write it like +996 700 123 456.";

const countryOf = (number) => Object.keys(ZONES).find((start) => number.startsWith(start));

/** The time of day where a number lives; UTC where that is not known. */
export function localTime(number, instant, options) {
  return instant.toLocaleString("en-GB", { timeZone: ZONES[countryOf(number)] ?? "UTC", ...options });
}

/** A number in full from what a hand wrote, with a leading 0 as in Kyrgyzstan too; null where it is none. */
export function wholeNumber(written) {
  const digits = written.replace(/[\s().-]/g, "");
  const number = /^0\d{9}$/.test(digits) ? `+996${digits.slice(1)}` : digits;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : null;
}

/** Whether what was dialled is the hotline's whole number in a usual form; nothing dialled is its call key. */
export function reaches(dialled, hotline) {
  const country = countryOf(hotline) ?? "+";
  const rest = hotline.slice(country.length);
  return ["", hotline, hotline.slice(1), rest, `${AT_HOME[country] ?? "0"}${rest}`].includes(dialled);
}
