// The present inputs as a command and as a program, to be copied.

import { acknowledge, button, element } from "./element.js";
import { curl, python, withoutSecrets } from "./code.js";
import { shortened } from "./json.js";

export class CodePanel {
  constructor() {
    this.element = element("div", { class: "snippets" });
  }

  update(origin, route, input, streams, fields) {
    const open = withoutSecrets(input, fields);
    this.element.replaceChildren(...[["curl", curl], ["Python", python]].map(([name, write]) => {
      const copy = button(`Copy as ${name}`, `Copy as ${name}`, async () => {
        await navigator.clipboard.writeText(write(origin, route, open, streams));
        acknowledge(copy, "Copied");
      }, "quiet");
      return element("section", { "aria-label": name },
        element("div", { class: "head" }, element("h3", {}, name), copy),
        element("pre", { tabIndex: 0, class: "snippet" }, write(origin, route, shortened(open), streams)));
    }));
  }
}
