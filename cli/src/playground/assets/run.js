// One run of the model: asked, followed, cancelled. Tells its listener of each change; shows nothing itself.

import { decode, encode } from "./json.js";
import { Refusal, upstreamHeaders } from "./model.js";
import { events } from "./events.js";

/** How long a run has to go on before it is asked how it stands. */
const FIRST_LOOK = 800;
const LOOK = 500;

export class Run {
  /** `plan`: {input, shown, route, streams, joined, async, webhook, filter}. */
  constructor(model, plan, changed) {
    this.model = model;
    this.plan = plan;
    this.changed = changed;
    this.id = `play-${crypto.randomUUID()}`;
    this.status = "starting";
    this.output = undefined;
    this.chunks = 0;
    this.logs = "";
    this.metrics = {};
    this.error = undefined;
    this.refusal = undefined;
    this.response = undefined;
    this.headers = {};
    this.webhooks = [];
    this.began = performance.now();
    this.startedAt = new Date();
    this.firstOutput = undefined;
    this.ended = undefined;
    this.aborter = new AbortController();
  }

  get running() { return this.ended === undefined; }

  get seconds() { return ((this.ended ?? performance.now()) - this.began) / 1000; }

  get succeeded() { return this.status === "succeeded"; }

  /** What the model is sent. */
  get body() {
    const { input, webhook, filter } = this.plan;
    return { id: this.id, input, webhook, webhook_events_filter: webhook ? filter : undefined };
  }

  async start() {
    try {
      if (this.plan.async) await this.startAsync();
      else if (this.plan.streams) await this.stream();
      else await this.wait();
    } catch (error) {
      if (this.running) this.fail(error);
    }
  }

  /** Once asks the model to end it; twice hangs up. */
  async cancel() {
    if (!this.running) return;
    if (this.cancelling) {
      this.aborter.abort();
      return;
    }
    this.cancelling = true;
    this.changed(this);
    try {
      const answer = await this.model.cancel(this.plan.route, this.id);
      // It is not there (any more): whoever waits for its answer waits in vain.
      if (answer.status === 404 && this.plan.async) this.finish({ status: "canceled" });
    } catch { this.aborter.abort(); }
  }

  async stream() {
    const answer = await this.post({ Accept: "text/event-stream" });
    if (answer.status === 406) {
      this.plan.streams = false;
      await this.wait();
      return;
    }
    await refuseUnlessOk(answer);
    for await (const { event, data } of events(answer)) this.take(event, data);
    if (this.running) throw new Error("The stream ended before the prediction did");
  }

  take(event, data) {
    switch (event) {
      case "start": this.status = data.status; break;
      case "log": this.logs += data.data; break;
      case "metric": this.metric(data); break;
      case "output":
        this.firstOutput ??= this.seconds;
        this.chunks += 1;
        if (this.plan.joined) this.output = (this.output ?? "") + data.chunk;
        else (this.output ??= []).push(data.chunk);
        break;
      case "completed": this.finish(data); return;
      case "error": throw new Error(data.error);
    }
    this.changed(this);
  }

  metric({ name, mode, value }) {
    const before = this.metrics[name];
    if (value === null) delete this.metrics[name];
    else if (mode === "increment") this.metrics[name] = (before ?? 0) + value;
    else if (mode === "append") this.metrics[name] = [...(Array.isArray(before) ? before : []), value];
    else this.metrics[name] = value;
  }

  async wait() {
    const look = this.look();
    try {
      const answer = await this.post({});
      const text = await refuseUnlessOk(answer);
      this.finish(decode(text));
    } finally { clearTimeout(look.timer); }
  }

  async startAsync() {
    const answer = await this.post({ Prefer: "respond-async" });
    const text = await refuseUnlessOk(answer);
    // A webhook may have told of its end already.
    if (!this.running) return;
    this.response = decode(text);
    this.status = this.response.status;
    this.changed(this);
    this.look();
  }

  /** Asks now and then how it stands, where the model can tell; so logs are there before the end. */
  look() {
    const look = { timer: undefined };
    let misses = 0;
    const once = async () => {
      if (!this.running) return;
      try {
        const answer = await this.model.ask(`${this.plan.route}/${this.id}`);
        if (answer.ok) this.stands(decode(await answer.text()));
        else misses += answer.status === 404 ? 1 : 9;
      } catch { misses += 1; }
      if (this.running && misses < 3) look.timer = setTimeout(once, LOOK);
    };
    look.timer = setTimeout(once, FIRST_LOOK);
    return look;
  }

  /** A snapshot of the prediction: from a look at it, or from a webhook. */
  stands(snapshot) {
    if (!this.running) return;
    if (["succeeded", "failed", "canceled"].includes(snapshot.status)) {
      // Its own answer says more, where it waits for one.
      if (this.plan.async) this.finish(snapshot);
      return;
    }
    this.status = snapshot.status ?? this.status;
    this.logs = snapshot.logs ?? this.logs;
    this.metrics = snapshot.metrics ?? this.metrics;
    if (snapshot.output !== undefined && snapshot.output !== null) {
      this.firstOutput ??= this.seconds;
      this.output = this.plan.joined && Array.isArray(snapshot.output) ? snapshot.output.join("") : snapshot.output;
    }
    this.changed(this);
  }

  /** A webhook for this run came in. */
  receive(message) {
    this.webhooks.push({ ...message, at: this.seconds });
    if (message.body && typeof message.body === "object") this.stands(message.body);
    this.changed(this);
  }

  post(headers) {
    return this.model.ask(this.plan.route, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: encode(this.body),
      signal: this.aborter.signal,
    }).then((answer) => {
      this.headers = upstreamHeaders(answer);
      this.httpStatus = answer.status;
      return answer;
    });
  }

  finish(snapshot) {
    this.response = snapshot;
    this.status = snapshot.status;
    this.logs = snapshot.logs ?? this.logs;
    this.metrics = snapshot.metrics ?? this.metrics;
    this.error = snapshot.error ?? undefined;
    if (snapshot.output !== undefined) {
      this.output = this.plan.joined && Array.isArray(snapshot.output) ? snapshot.output.join("") : snapshot.output;
    }
    this.end();
  }

  fail(error) {
    if (error.name === "AbortError") this.status = "canceled";
    else {
      this.status = "failed";
      this.refusal = error instanceof Refusal ? error : undefined;
      this.error = this.refusal ? this.refusal.reason : error.message;
    }
    this.end();
  }

  end() {
    this.ended = performance.now();
    this.changed(this);
  }
}

async function refuseUnlessOk(answer) {
  if (answer.ok && answer.headers.get("content-type")?.startsWith("text/event-stream")) return "";
  const text = await answer.text();
  if (!answer.ok) throw new Refusal(answer.status, text);
  return text;
}
