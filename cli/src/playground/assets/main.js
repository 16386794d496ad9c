// The page: puts its parts together and says what follows from what.

import { CodePanel } from "./code_panel.js";
import { withoutSecrets } from "./code.js";
import { element } from "./element.js";
import { Form } from "./form.js";
import { Health } from "./health.js";
import { History } from "./history.js";
import { Model } from "./model.js";
import { Options } from "./options.js";
import { Result } from "./result.js";
import { Run } from "./run.js";
import { fields, output, route } from "./schema.js";
import { themeToggle } from "./toggle.js";
import { Webhooks } from "./webhooks.js";

const at = (id) => document.getElementById(id);
const config = await (await fetch("/config")).json();

const webhooks = new Webhooks((message) => {
  const known = history.entries.map(({ run }) => run).find((run) => run.id === message.body?.id);
  (known ?? result.run)?.receive(message);
});
const options = new Options(config, webhooks.token, { listen: () => webhooks.listen(), changed: () => {} });
const code = new CodePanel();
const result = new Result(at("result"), at("status"), code.element);
const history = new History(at("history"), at("runs"), {
  show: (run) => result.show(run),
  reuse: (run) => { form?.fill(run.plan.input); sketch(); at("form").scrollIntoView({ behavior: calm() }); },
});
const runButton = element("button", { type: "submit", class: "primary", "aria-keyshortcuts": "Control+Enter" }, "Run");
const cancelButton = element("button", { type: "button", class: "danger", hidden: true, "aria-keyshortcuts": "Escape", click: cancel }, "Cancel");
const actions = element("div", { class: "actions" }, options.element, element("div", { class: "buttons" }, cancelButton, runButton));
const place = element("div", { class: "fields" });
at("form").replaceChildren(place, actions);

/** Some people are made ill by things that move. */
function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}

let model;
let schema;
let form;
let current;
const health = new Health(assess);

function aim(origin) {
  model = new Model(origin);
  at("target").value = origin;
  schema = undefined;
  form = undefined;
  runButton.disabled = true;
  place.replaceChildren(element("p", { class: "hint" }, `Asking ${origin}…`));
  health.of(model);
}

/** What is to be done about how the model is. */
async function assess({ status, ready, word, logs, reason }) {
  const pill = at("health");
  pill.className = `pill ${status.toLowerCase()}`;
  pill.textContent = word;
  pill.title = reason ?? `The model is ${word}`;
  runButton.disabled = !ready;
  if (ready) {
    // A model that was away may be another one now.
    if (!form || assess.away) await learn();
    assess.away = false;
    return;
  }
  assess.away = true;
  if (form) return;
  const said = {
    UNREACHABLE: ["No model answers there", `${reason ?? ""}\nThe page goes on asking; “cog serve” starts a model.`],
    STARTING: ["The model is starting", "Its setup runs; the inputs come when it is done."],
    SETUP_FAILED: ["The model's setup failed", "What it said last:"],
  }[status] ?? [`The model is ${word}`, ""];
  place.replaceChildren(element("div", { class: "notice" },
    element("p", {}, element("strong", {}, said[0])), element("p", { class: "hint" }, said[1]),
    ...(logs ? [element("pre", { class: "logs", tabIndex: 0 }, logs)] : [])));
}

/** Reads the schema, and makes the form anew where it has changed. */
async function learn() {
  const asked = model;
  let document;
  try { document = await asked.schema(); } catch (error) {
    place.replaceChildren(element("p", { class: "problem" }, `The model tells nothing of its inputs: ${error.reason ?? error.message}`));
    return;
  }
  const text = JSON.stringify(document);
  if (asked !== model || text === schema?.text) return;
  const before = form && (await form.draft());
  schema = { text, fields: fields(document), route: route(document), output: output(document) };
  form = new Form(place, schema.fields, sketch);
  if (before) form.fill(before);
  sketch();
}

/** Writes the present inputs as code, when there is time. */
function sketch() {
  clearTimeout(sketch.timer);
  sketch.timer = setTimeout(async () => {
    if (form) code.update(model.origin, schema.route, await form.draft(), schema.output.streams, schema.fields);
  }, 150);
}

async function run() {
  if (!form || runButton.disabled || current?.running) return;
  const input = await form.collect();
  if (!input) return;
  if (options.webhookUrl) await webhooks.ready();
  current = new Run(model, {
    input,
    shown: withoutSecrets(input, schema.fields),
    route: schema.route,
    streams: schema.output.streams,
    joined: schema.output.joined,
    async: options.async,
    webhook: options.webhookUrl,
    filter: options.filter,
  }, changed);
  history.add(current);
  result.show(current);
  changed(current);
  if (matchMedia("(max-width: 899px)").matches) at("result").closest("section").scrollIntoView({ behavior: calm() });
  await current.start();
}

function changed(run) {
  result.update(run);
  history.update(run);
  if (run !== current) return;
  runButton.hidden = run.running;
  cancelButton.hidden = !run.running;
  cancelButton.textContent = run.cancelling ? "Give up" : "Cancel";
  cancelButton.title = run.cancelling ? "Hang up without waiting for the model" : "Ask the model to end the run";
  if (!run.running && run.refusal?.faults.length) form?.refuse(run.refusal.faults);
}

function cancel() {
  current?.cancel();
}

at("form").addEventListener("submit", (event) => { event.preventDefault(); run(); });
at("target-form").addEventListener("submit", (event) => { event.preventDefault(); at("target").blur(); });
at("target").addEventListener("change", () => {
  const text = at("target").value.trim();
  let url;
  try { url = new URL(/^https?:\/\//.test(text) ? text : `http://${text}`); } catch { at("target").value = model.origin; return; }
  if (url.origin !== model.origin) aim(url.origin);
  else at("target").value = model.origin;
});
at("reset").addEventListener("click", () => { form?.fill({}); sketch(); });
at("forget").addEventListener("click", () => history.clear());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  else if (event.key === "Escape" && current?.running) { event.preventDefault(); cancel(); }
});
themeToggle(at("theme"));
at("version").textContent = `cog ${config.cogVersion}`;
aim(config.target);
