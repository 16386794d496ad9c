// The running model, by way of the playground's own server.

/** An answer that is none: status and what it said. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text || `The model answered with status ${status}`);
    this.status = status;
    this.text = text;
  }

  /** The faults of inputs, `[{loc, msg}]`, if that is what it is about. */
  get faults() {
    if (this.status !== 422) return [];
    try {
      const { detail } = JSON.parse(this.text);
      return Array.isArray(detail) ? detail : [];
    } catch { return []; }
  }

  /** What to tell people. */
  get reason() {
    try {
      const { error, detail } = JSON.parse(this.text);
      if (typeof error === "string") return error;
      if (Array.isArray(detail)) return detail.map(({ loc, msg }) => `${loc?.slice(2).join("/")}: ${msg}`).join("\n");
    } catch { /* it is text */ }
    return this.message;
  }
}

export class Model {
  constructor(origin) { this.origin = origin; }

  /** `fetch`, of the model. */
  async ask(path, { headers, ...options } = {}) {
    return fetch(`/proxy${path}`, { ...options, headers: { ...headers, "X-Cog-Target": this.origin }, cache: "no-store" });
  }

  async json(path, options) {
    const answer = await this.ask(path, options);
    const text = await answer.text();
    if (!answer.ok) throw new Refusal(answer.status, text);
    return JSON.parse(text);
  }

  health() { return this.json("/health-check"); }

  schema() { return this.json("/openapi.json"); }

  cancel(route, id) { return this.ask(`${route}/${encodeURIComponent(id)}/cancel`, { method: "POST" }); }
}

/** The headers that the model's answer had, which the playground's server passes on beside its own. */
export function upstreamHeaders(answer) {
  const text = answer.headers.get("X-Cog-Upstream-Headers");
  if (!text) return {};
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
