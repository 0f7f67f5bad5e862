// The trouble to order: what each kind strikes, and what is still waiting to strike.

import { make } from "./panels.js";
import { at, nameOf } from "./state.js";

const KINDS = {
  "rest-429": "The next reminder or call back is refused as too many; Seconds is when to try again. Answers to texts go another way.",
  "rest-500": "The next reminder or call back is refused as an error of the company's; nothing is sent.",
  "rest-lost": "The next reminder or call back goes out, but the company's answer to the hotline is lost.",
  "rest-slow": "The next reminder or call back goes out at once; the hotline is answered after so many seconds.",
  "rest-late": "The next reminder or call back goes out only after so many seconds, when the hotline may have given up.",
  "rest-hang": "The next reminder or call back is held for so many seconds, then cut off; nothing is ever sent.",
  "webhook-slow": "The next text or key reaches the hotline after so many seconds; after 15 the company gives up.",
  "webhook-doubled": "The next text or key reaches the hotline twice.",
  "webhook-unsigned": "The next text or key comes to the hotline without a signature, as a forger's does.",
  "webhook-missigned": "The next text or key comes to the hotline with a wrong signature, as a forger's does.",
  "webhook-unconnected": "One try to reach the hotline finds no connection; the next one comes through.",
  "text-failed": "The next text to this telephone fails, with the error code.",
  "text-undelivered": "The next text to this telephone does not arrive, with the error code.",
  "receipts-lost": "The hotline is not told what became of the next text or call.",
  "receipts-doubled": "The hotline is told twice what became of the next text or call.",
  "receipts-shuffled": "The hotline is told in the wrong order what became of the next text or call.",
  "receipts-late": "The hotline is told so many seconds late what became of the next text or call.",
  "call-busy": "The next call of the hotline finds this telephone busy.",
  "call-no-answer": "The next call of the hotline is not answered.",
  "call-failed": "The next call of the hotline fails.",
};
const TIMED = ["rest-429", "rest-slow", "rest-late", "rest-hang", "webhook-slow", "receipts-late"];

/** The kinds to choose among, and what the chosen one does. */
export function startTrouble(kinds) {
  const { kind, seconds, error_code: code } = at("fault");
  kind.append(...kinds.map((name) => make("option", {}, name)));
  const show = () => {
    at("fault-words").textContent = KINDS[kind.value] ?? "";
    seconds.closest("label").hidden = !TIMED.includes(kind.value);
    code.closest("label").hidden = !kind.value.startsWith("text-");
  };
  kind.addEventListener("change", show);
  show();
}

/** What the form orders, for a telephone alone if it says so. */
export function readTrouble(form, number) {
  const fields = new FormData(form);
  const order = { kind: fields.get("kind") };
  for (const name of ["times", "seconds", "error_code"]) order[name] = Number(fields.get(name));
  return fields.get("mine") ? { ...order, to: number } : order;
}

/** What is still waiting to strike. */
export function showOrders(orders) {
  const lines = orders.map((order) => {
    const times = order.times === 1 ? "once" : `${order.times} times`;
    return `${order.kind}, ${times}, ${order.to ? `for ${nameOf(order.to)}` : "for any telephone"}`;
  });
  at("orders-title").textContent = lines.length ? "Waiting to strike:" : "Nothing is waiting to strike.";
  at("orders").replaceChildren(...lines.map((line) => make("li", {}, line)));
}
