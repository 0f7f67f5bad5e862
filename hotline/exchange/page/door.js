// The way to the exchange: every request carries the owner's token, a phone's number stays out of URLs.

const token = document.querySelector('meta[name="exchange-token"]').content;
const base = document.querySelector('meta[name="exchange-base"]').content;

/** The exchange refused; the message is one clear sentence. */
export class Refused extends Error {}

/** What the exchange answers, as an object. */
export async function ask(method, path, { phone = "", body } = {}) {
  const headers = { "X-Exchange-Token": token, "X-Exchange-Phone": phone };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await fetch(`/exchange${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.error);
  return answer;
}

/** Where this browser finds a sound that the hotline names by its public address. */
export function soundUrl(url) {
  return url.startsWith(`${base}/`) ? url.slice(base.length) : url;
}

const RETRY_MS = 1000;
const WAIT_S = 20;

/** Follow the wire for ever: `see` gets each batch of happenings, `lost` whether the hotline is away. */
export async function watch(since, see, lost) {
  for (;;) {
    try {
      const news = await ask("GET", `/wire?since=${since}&wait=${WAIT_S}`);
      lost(false);
      since = news.next;
      if (news.happenings.length) await see(news.happenings);
      else if (!news.waited) await pause(RETRY_MS);
    } catch (error) {
      lost(true);
      await pause(RETRY_MS);
    }
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
