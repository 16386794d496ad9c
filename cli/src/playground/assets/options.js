// How a run is made: live or in the background, with webhooks or without.

import { element } from "./element.js";

const EVENTS = ["start", "output", "logs", "completed"];

export class Options {
  /** `config`: what the playground's server knows of itself. `listen`: called when webhooks are wanted. */
  constructor(config, token, { listen, changed }) {
    this.token = token;
    const box = (label, checked, more = {}) => {
      const input = element("input", { type: "checkbox", checked, change: changed, ...more });
      return { input, element: element("label", { class: "box" }, input, label) };
    };
    this.background = box("In the background (respond-async)", false);
    this.webhook = box("Receive webhooks", false, {
      change: () => { details.hidden = !this.webhook.input.checked; if (this.webhook.input.checked) listen(); changed(); },
    });
    this.events = EVENTS.map((name) => ({ name, ...box(name, true) }));
    this.base = element("input", { id: "webhook-base", type: "url", value: config.webhookBase, spellcheck: false, autocomplete: "off", input: changed });
    const details = element("div", { class: "more", hidden: true },
      element("div", { class: "boxes", role: "group", "aria-label": "Events" }, ...this.events.map((event) => event.element)),
      element("label", { for: "webhook-base" }, "The model reaches this page at"), this.base);
    this.element = element("details", { class: "options" },
      element("summary", {}, "How to run"),
      element("div", { class: "more" }, this.background.element, this.webhook.element, details));
  }

  get async() { return this.background.input.checked; }

  get webhookUrl() {
    return this.webhook.input.checked ? `${this.base.value.replace(/\/+$/, "")}/webhook/${this.token}` : undefined;
  }

  get filter() { return this.events.filter((event) => event.input.checked).map((event) => event.name); }
}
