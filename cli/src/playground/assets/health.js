// How the model is, asked now and then.

const READY = new Set(["READY", "BUSY"]);
const SAID = {
  READY: "ready", BUSY: "busy", STARTING: "starting", SETUP_FAILED: "setup failed", DEFUNCT: "defunct", UNHEALTHY: "unhealthy",
};
const SOON = 1000;
const LATER = 8000;

export class Health {
  /** `changed` gets {status, ready, word, logs}. */
  constructor(changed) {
    this.changed = changed;
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.ask(); });
  }

  of(model) {
    this.model = model;
    this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    const { model } = this;
    let health;
    try {
      const { status, setup } = await model.health();
      health = { status, ready: READY.has(status), word: SAID[status] ?? String(status).toLowerCase(), logs: setup?.logs ?? "", since: setup?.started_at };
    } catch (error) {
      // `fetch` fails where not even the playground answers.
      const reason = error instanceof TypeError ? "The playground itself does not answer: has it been stopped?" : error.reason;
      health = { status: "UNREACHABLE", ready: false, word: "not reachable", logs: "", reason: reason ?? error.message };
    }
    if (model !== this.model) return;
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), health.ready ? LATER : SOON);
    this.changed(health);
  }
}
