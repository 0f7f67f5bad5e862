// The page: telephones one can hold, on the exchange of the hotline that runs here.

import { actsOf, countCost } from "./acting.js";
import { earOf } from "./calls.js";
import { watch } from "./door.js";
import { draw, showTrouble } from "./drawing.js";
import { attempt, sentenceOf, tellStale } from "./explaining.js";
import { Handset } from "./handset.js";
import { startHands } from "./hands.js";
import { hold, recall, refresh, refreshTexts, see } from "./receiving.js";
import { firstToHold, nameOf, now, state, takeInHand } from "./state.js";

const DRAW_MS = 250;
const AWAY = "The hotline does not answer: start it with make run.";

function makeHandset(number, name) {
  const handset = new Handset({
    number, name, hotline: state.hotline, acts: actsOf(number), now, nameOf,
    changed() {
      draw();
      countCost(handset);
    },
  });
  handset.ear = earOf(handset);
  return handset;
}

let wasAway = false;

function tellAway(away) {
  showTrouble(away ? AWAY : "");
  if (wasAway && !away) attempt(refresh);
  wasAway = away;
}

async function start() {
  state.make = makeHandset;
  const { told, fault_kinds: kinds } = await refresh();
  takeInHand(firstToHold());
  await refreshTexts({ asRead: true });
  await recall(told);
  startHands(kinds);
  await hold(state.held.number);
  setInterval(draw, DRAW_MS);
  watch(told, see, tellAway, tellStale);
}

start().catch((error) => showTrouble(`The telephone could not be started: ${sentenceOf(error)}`, { anew: true }));
