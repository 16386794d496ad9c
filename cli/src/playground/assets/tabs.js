// Tabs, by the rules of their ARIA pattern: arrows move, one is in the tab order.

import { element, freshId } from "./element.js";

export class Tabs {
  constructor(label, names, changed = () => {}) {
    this.changed = changed;
    this.tabs = names.map((name) => {
      const id = freshId("tab");
      const count = element("span", { class: "count", hidden: true });
      const panel = element("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, class: "panel" });
      const tab = element("button", {
        type: "button", role: "tab", id, "aria-controls": panel.id, click: () => this.select(name),
      }, name, count);
      return { name, tab, panel, count };
    });
    const bar = element("div", { role: "tablist", class: "tabs", "aria-label": label, keydown: (event) => this.move(event) }, ...this.tabs.map(({ tab }) => tab));
    this.element = element("div", {}, bar, ...this.tabs.map(({ panel }) => panel));
    this.select(names[0]);
  }

  panel(name) { return this.tabs.find((tab) => tab.name === name).panel; }

  count(name, number) {
    const { count } = this.tabs.find((tab) => tab.name === name);
    count.textContent = String(number);
    count.hidden = number === 0;
  }

  select(name) {
    this.selected = name;
    for (const { name: other, tab, panel } of this.tabs) {
      const on = other === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
    }
    this.changed(name);
  }

  move(event) {
    const at = this.tabs.findIndex(({ name }) => name === this.selected);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.tabs[(to + this.tabs.length) % this.tabs.length];
    this.select(next.name);
    next.tab.focus();
  }
}
