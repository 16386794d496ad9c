// What came of a run: status, output, figures, logs, webhooks, the whole answer.

import { element } from "./element.js";
import { encode } from "./json.js";
import { jsonView } from "./output/json_view.js";
import { OutputView } from "./output/view.js";
import { Tabs } from "./tabs.js";

export class Result {
  constructor(root, status, codePanel) {
    this.status = status;
    this.tabs = new Tabs("Result", ["Output", "Logs", "Webhooks", "Answer", "Code"]);
    this.tabs.panel("Code").append(codePanel);
    this.figures = element("dl", { class: "figures" });
    this.trouble = element("div", { class: "trouble", role: "alert", hidden: true });
    this.empty = element("div", { class: "empty" },
      element("p", {}, "Nothing has run yet."),
      element("p", { class: "hint" }, "Fill in the inputs and press Run, or Ctrl+Enter anywhere on the page."));
    this.tabs.panel("Output").append(this.empty);
    for (const name of ["Logs", "Webhooks", "Answer"]) this.tabs.panel(name).append(element("p", { class: "hint" }, "Nothing yet."));
    root.replaceChildren(this.tabs.element);
  }

  /** Shows a run from now on. */
  show(run) {
    this.run = run;
    this.view = new OutputView(run);
    this.tabs.panel("Output").replaceChildren(this.trouble, this.view.element, this.figures);
    this.logs = element("pre", { class: "logs", tabIndex: 0, "aria-label": "Logs" });
    this.tabs.panel("Logs").replaceChildren(this.logs);
    this.hooks = element("ol", { class: "hooks" });
    this.shownHooks = 0;
    this.tabs.panel("Webhooks").replaceChildren(element("p", { class: "hint" },
      run.plan.webhook ? "What the model sent:" : "This run asked for no webhooks; “How to run” has them."), this.hooks);
    if (["Webhooks", "Answer"].includes(this.tabs.selected) === false && this.tabs.selected !== "Logs") this.tabs.select("Output");
    this.paint();
  }

  /** Repaints, once for however many changes there are in a frame. */
  update(run) {
    if (run !== this.run || this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => { this.pending = false; this.paint(); });
  }

  paint() {
    const { run } = this;
    this.view.update();
    this.paintStatus();
    this.paintFigures();
    this.trouble.hidden = !run.error;
    this.trouble.textContent = run.error ?? "";
    this.paintLogs();
    for (; this.shownHooks < run.webhooks.length; this.shownHooks += 1) this.hooks.append(hook(run.webhooks[this.shownHooks]));
    this.tabs.count("Webhooks", run.webhooks.length);
    if (!run.running || run.response) this.paintAnswer();
    else this.tabs.panel("Answer").replaceChildren(element("p", { class: "hint" }, "It comes with the end of the run."));
    clearTimeout(this.tick);
    if (run.running) this.tick = setTimeout(() => this.paintStatus(true), 100);
  }

  paintStatus(again = false) {
    const { run } = this;
    const word = run.running && run.cancelling ? "cancelling" : run.status;
    if (!again || !this.clock) {
      this.clock = element("span", { class: "clock", "aria-hidden": "true" });
      this.status.replaceChildren(element("span", { class: `pill ${word}` }, word), this.clock);
    }
    this.clock.textContent = `${run.seconds.toFixed(1)} s`;
    if (again && run.running) this.tick = setTimeout(() => this.paintStatus(true), 100);
  }

  paintFigures() {
    const { run } = this;
    const figures = [];
    const { predict_time: predict, ...others } = run.metrics ?? {};
    if (predict !== undefined) figures.push(["predict time", seconds(predict)]);
    if (run.firstOutput !== undefined && run.plan.streams) figures.push(["first output", seconds(run.firstOutput)]);
    if (!run.running) figures.push(["round trip", seconds(run.seconds)]);
    for (const [name, value] of Object.entries(others)) figures.push([name, typeof value === "object" ? encode(value) : String(value)]);
    this.figures.replaceChildren(...figures.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    this.figures.hidden = figures.length === 0;
  }

  paintLogs() {
    const { logs } = this.run;
    const lines = logs ? logs.replace(/\n$/, "").split("\n").length : 0;
    this.tabs.count("Logs", lines);
    if (this.logs.dataset.length === String(logs.length)) return;
    this.logs.dataset.length = String(logs.length);
    const atEnd = this.logs.scrollTop + this.logs.clientHeight >= this.logs.scrollHeight - 8;
    this.logs.textContent = logs || "";
    if (atEnd) this.logs.scrollTop = this.logs.scrollHeight;
  }

  paintAnswer() {
    const { run } = this;
    const headers = Object.entries(run.headers).map(([name, values]) => `${name}: ${values.join(", ")}`).join("\n");
    this.tabs.panel("Answer").replaceChildren(
      element("h3", {}, `Status ${run.httpStatus ?? "unknown"}`),
      element("pre", { class: "logs", tabIndex: 0 }, headers),
      run.response ? jsonView(run.response) : element("pre", { class: "logs", tabIndex: 0 }, run.refusal?.text ?? run.error ?? ""));
  }
}

function hook({ headers, body, at }) {
  const name = headers["webhook-id"] ?? "";
  const status = body?.status ?? "";
  return element("li", {}, element("details", {},
    element("summary", {}, element("span", { class: `pill ${status}` }, status || "message"), element("span", { class: "hint" }, ` after ${seconds(at)} ${name}`)),
    jsonView(body), element("pre", { class: "logs" }, Object.entries(headers).map(([key, value]) => `${key}: ${value}`).join("\n"))));
}

function seconds(number) {
  return number < 1 ? `${(number * 1000).toFixed(number < 0.01 ? 1 : 0)} ms` : `${number.toFixed(2)} s`;
}
