// The runs of this page, newest first. They go with the page.

import { button, element } from "./element.js";
import { encode } from "./json.js";

/** Older ones are forgotten. */
const MOST = 30;

export class History {
  constructor(section, list, { show, reuse }) {
    Object.assign(this, { section, list, show, reuse, entries: [] });
  }

  add(run) {
    const entry = { run, element: element("li", {}) };
    this.entries.unshift(entry);
    this.list.prepend(entry.element);
    for (const old of this.entries.splice(MOST)) old.element.remove();
    this.section.hidden = false;
    this.update(run);
  }

  update(run) {
    const entry = this.entries.find((one) => one.run === run);
    const state = run.status + run.running;
    if (!entry || entry.state === state) return;
    entry.state = state;
    const time = run.startedAt.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    entry.element.replaceChildren(
      element("button", { type: "button", class: "run", title: "Show this run", click: () => this.show(run) },
        element("span", { class: `dot ${run.status}` }), element("span", { class: "sr" }, run.status),
        element("span", { class: "when" }, time),
        element("span", { class: "what" }, summary(run.plan.shown)),
        element("span", { class: "took" }, run.running ? "" : `${run.seconds.toFixed(2)} s`)),
      button("Use inputs", `Use the inputs of the run at ${time}`, () => this.reuse(run), "quiet"));
  }

  clear() {
    this.entries = this.entries.filter(({ run }) => run.running);
    this.list.replaceChildren(...this.entries.map((entry) => entry.element));
    this.section.hidden = this.entries.length === 0;
  }
}

function isData(text) {
  return typeof text === "string" && text.startsWith("data:");
}

function withoutFiles(value) {
  return Array.isArray(value) ? value.map((item) => (isData(item) ? "file" : item)) : value;
}

function summary(input) {
  const parts = Object.entries(input).map(([name, value]) => {
    const text = typeof value === "string" ? value : encode(withoutFiles(value));
    return `${name}: ${isData(text) ? "file" : text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
  });
  return parts.join(", ") || "defaults";
}
