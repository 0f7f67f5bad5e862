// What a person does with a telephone, as requests to the exchange; what fails is explained on that telephone.

import { announce } from "./announcer.js";
import { ask } from "./door.js";
import { draw, showCondition } from "./drawing.js";
import { attempt, sentenceOf } from "./explaining.js";
import { refresh, refreshTexts } from "./receiving.js";
import { askOf, claim, phoneOf, state } from "./state.js";

const SPEAK_S = 5;

/** The acts of the telephone of a number, as its Handset wants them. */
export function actsOf(number) {
  const post = (path, body = {}) => askOf(phoneOf(number), "POST", `/phone/${path}`, body);
  const act = (path, body) => attempt(() => post(path, body), phoneOf(number));
  return {
    dial: () => begin(phoneOf(number), () => post("dial", { real_time: true })),
    answer: () => begin(phoneOf(number), () => post("answer", { real_time: true })),
    reject: () => act("reject"),
    hangUp() {
      phoneOf(number).giveUp();
      return act("hangup");
    },
    press(key) {
      const phone = phoneOf(number);
      claim(phone.call);
      if (phone.listening) phone.ear.cut();
      return act("press", { keys: key });
    },
    speak: () => act("speak", { seconds: SPEAK_S }),
    switchOn: () => attempt(() => post("condition", { condition: "on" }).then(refresh), phoneOf(number)),
    send: (body, to) => send(phoneOf(number), () => post("text", { body, to })),
    remove: (sid) => attempt(() => post("delete", { sid }).then(() => refreshTexts()), phoneOf(number)),
  };
}

/** A call that begins here is heard here: whichever comes first, the answer or the wire's news, it is claimed. */
async function begin(phone, post) {
  phone.claiming = true;
  const call = await attempt(post, phone);
  claim(call?.sid);
  phone.claiming = false;
  if (call) await attempt(refresh, phone);
}

/** A text counts as sent once the exchange has it, which the wire tells before all that comes of it is done. */
async function send(phone, post) {
  let reason = "";
  try {
    await post();
  } catch (error) {
    reason = sentenceOf(error);
    announce(`Not sent. ${reason}`);
  }
  if (reason || phone.mode === "sending") phone.sent(reason);
}

/** What a text that is being written would cost. */
export async function countCost(phone) {
  const body = phone.typing.text;
  if (phone.phase !== "write" || body === phone.measured) return;
  phone.measured = body;
  const size = body ? await askOf(phone, "POST", "/phone/measure", { body }).catch(() => null) : { units: 0, segments: 1 };
  if (phone.typing.text !== body) return;
  phone.cost = size ? `${size.units} ${size.units === 1 ? "letter" : "letters"}, ${size.segments} SMS` : "";
  draw();
}

/** Move the exchange's clock; nothing else is pressed meanwhile. */
export async function moveClock(seconds) {
  state.moving = true;
  showCondition();
  await attempt(() => ask("POST", "/clock", { body: { seconds } }));
  state.moving = false;
  showCondition();
  await attempt(refresh);
}
