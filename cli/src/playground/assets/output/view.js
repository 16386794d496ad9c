// A model's output, as it comes and when it is whole.

import { acknowledge, button, element } from "../element.js";
import { pretty } from "../json.js";
import { fileView, isFile } from "./media.js";
import { jsonView } from "./json_view.js";

export class OutputView {
  constructor(run) {
    this.run = run;
    this.element = element("div", { class: "output" });
    this.shown = 0;
    this.was = undefined;
  }

  update() {
    const { output, plan, running } = this.run;
    if (plan.joined && typeof output === "string") this.text(output, running);
    else if (plan.streams && Array.isArray(output) && output.every((item) => typeof item === "string")) this.items(output);
    else if (output !== this.was || output === undefined) {
      this.was = output;
      this.element.replaceChildren(...whole(output, this.run));
    }
  }

  /** Only what is new is added: the text may be long, and selected by the user. */
  text(output, running) {
    if (!this.textNode) {
      this.textNode = document.createTextNode("");
      this.block = element("div", { class: "prose", tabIndex: 0 }, this.textNode);
      this.element.replaceChildren(this.block, copy(() => this.run.output));
    }
    if (output.startsWith(this.textNode.data)) this.textNode.appendData(output.slice(this.textNode.length));
    else this.textNode.data = output;
    this.block.classList.toggle("growing", running);
  }

  items(output) {
    if (!this.list) {
      this.list = element("div", { class: "gallery" });
      this.element.replaceChildren(this.list);
    }
    for (; this.shown < output.length; this.shown += 1) {
      this.list.append(item(output[this.shown], `output-${this.shown + 1}`));
    }
  }
}

function whole(output, run) {
  if (output === undefined) return [placeholder(run)];
  if (output === null) return [element("p", { class: "hint" }, "The model gave nothing out (null).")];
  if (isFile(output)) return [fileView(output, "output")];
  if (typeof output === "string") {
    const text = output === "" ? element("p", { class: "hint" }, "An empty text.") : element("div", { class: "prose", tabIndex: 0 }, output);
    return [text, copy(() => output)];
  }
  if (typeof output !== "object") return [element("div", { class: "value" }, String(output))];
  if (Array.isArray(output) && output.length > 0 && output.every(isFile)) {
    return [element("div", { class: "gallery" }, ...output.map((url, index) => item(url, `output-${index + 1}`)))];
  }
  const files = [];
  find(output, "output", files);
  return [...files.map(({ url, name }) => fileView(url, name)), jsonView(output), copy(() => pretty(output))];
}

function item(value, name) {
  return isFile(value) ? fileView(value, name) : element("div", { class: "prose item" }, value);
}

/** The files inside of what is no file itself. */
function find(value, name, files) {
  if (typeof value === "string") {
    if (value.startsWith("data:") && isFile(value)) files.push({ url: value, name });
  } else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) find(inner, Array.isArray(value) ? `${name}-${Number(key) + 1}` : key, files);
  }
}

function placeholder(run) {
  if (run.running) return element("div", { class: "waiting", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
  return element("p", { class: "hint" }, "There is no output.");
}

function copy(text) {
  const made = button("Copy", "Copy the output", async () => {
    await navigator.clipboard.writeText(text());
    acknowledge(made, "Copied");
  }, "quiet copy");
  return made;
}
