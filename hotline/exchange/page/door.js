// The way to the exchange: every request carries the owner's token, a phone's number stays out of URLs.

const token = document.querySelector('meta[name="exchange-token"]').content;
const base = document.querySelector('meta[name="exchange-base"]').content;
const STALE = 403;

/** The exchange refused; the message is one clear sentence, the status that of HTTP. */
export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }

  /** Whether the page is older than the hotline, which makes a new token at each start. */
  get isStale() {
    return this.status === STALE;
  }
}

/** Nobody answers. */
export class Away extends Error {}

/** What the exchange answers, as an object. */
export async function ask(method, path, { phone = "", body } = {}) {
  const headers = { "X-Exchange-Token": token, "X-Exchange-Phone": phone };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const response = await reach(`/exchange${path}`, { method, headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) {
    throw new Refused(answer?.error ?? `The hotline failed (${response.status}): its log says why.`, response.status);
  }
  return answer;
}

async function reach(url, request) {
  try {
    return await fetch(url, request);
  } catch (error) {
    throw new Away("The hotline does not answer.", { cause: error });
  }
}

/** Where this browser finds a sound that the hotline names by its public address. */
export function soundUrl(url) {
  return url.startsWith(`${base}/`) ? url.slice(base.length) : url;
}

const RETRY_MS = 1000;
const WAIT_S = 20;

/**
 * Follow the wire until the page is stale: `see` gets each batch of happenings, `lost` whether the hotline is away.
 * What goes wrong in seeing is no fault of the hotline's: it is told to the console, and the next batch is seen.
 */
export async function watch(since, see, lost, stale) {
  let away = false;
  for (;;) {
    try {
      const news = await ask("GET", `/wire?since=${since}&wait=${away ? 0 : WAIT_S}`);
      away = false;
      lost(away);
      since = news.next;
      if (news.happenings.length) await see(news.happenings);
      else if (!news.waited) await pause(RETRY_MS);
    } catch (error) {
      if (error instanceof Refused && error.isStale) return stale();
      away = error instanceof Away;
      if (away) lost(away);
      else console.error(error);
      await pause(RETRY_MS);
    }
  }
}

function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
