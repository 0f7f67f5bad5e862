// The one place where what went wrong is explained: on the telephone that acted, aloud, and across the page.

import { announce } from "./announcer.js";
import { Away, Refused } from "./door.js";
import { draw, showTrouble } from "./drawing.js";
import { state } from "./state.js";

const STARTED_ANEW = "The hotline was started anew: reload this page.";

/** Do something; where it fails, explain it on a telephone and go on with undefined. */
export async function attempt(act, phone = state.held) {
  try {
    return await act();
  } catch (error) {
    explain(error, phone);
    return undefined;
  }
}

/** Say on a telephone what went wrong. */
export function explain(error, phone) {
  const sentence = sentenceOf(error);
  phone.trouble = sentence;
  announce(sentence);
  draw();
}

/** One clear sentence for what went wrong; what nobody expected goes to the console too. */
export function sentenceOf(error) {
  if (error instanceof Refused && error.isStale) tellStale();
  else if (!(error instanceof Refused || error instanceof Away)) console.error(error);
  return error instanceof Refused && error.isStale ? STARTED_ANEW : error.message;
}

/** The page is older than the hotline: nothing works any more until it is loaded anew. */
export const tellStale = () => showTrouble(STARTED_ANEW, { anew: true });
