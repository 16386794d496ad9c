// The webhooks that come in for this page.

export class Webhooks {
  constructor(received) {
    this.token = crypto.randomUUID();
    this.received = received;
  }

  /** Begins to listen; once is enough. */
  listen() {
    if (this.source) return;
    this.source = new EventSource(`/events?token=${this.token}`);
    this.source.addEventListener("webhook", (event) => this.received(JSON.parse(event.data)));
  }

  /** Comes back when webhooks can come in. */
  async ready() {
    this.listen();
    if (this.source.readyState === EventSource.OPEN) return;
    await new Promise((resolve) => this.source.addEventListener("open", resolve, { once: true }));
  }
}
