// The form: the fields of a model, what was entered, what is wrong with it.

import { element } from "./element.js";
import { Field } from "./field.js";
import { Problem } from "./widgets/problem.js";

export class Form {
  constructor(root, fields, changed) {
    this.fields = fields.map((field) => new Field(field, changed));
    this.general = element("p", { class: "problem general", role: "alert" });
    const none = fields.length === 0 && element("p", { class: "hint" }, "This model takes no inputs.");
    root.replaceChildren(...[none, ...this.fields.map((field) => field.element), this.general].filter(Boolean));
  }

  /** The inputs, or undefined when something is wrong, which is shown at its place and gets the focus. */
  async collect() {
    const input = {};
    let first;
    for (const field of this.fields) {
      try {
        const value = await field.read();
        field.complain();
        if (value !== undefined) input[field.field.name] = value;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        field.complain(error.message);
        first ??= field;
      }
    }
    this.general.textContent = "";
    first?.focus();
    return first ? undefined : input;
  }

  /** What can be said of the inputs while they are being entered. */
  async draft() {
    const input = {};
    for (const field of this.fields) {
      try {
        const value = await field.read();
        if (value !== undefined) input[field.field.name] = value;
      } catch { /* Not yet. */ }
    }
    return input;
  }

  /** Sets all fields: those without a value to how they began. */
  fill(input) {
    for (const field of this.fields) field.write(input[field.field.name]);
    this.general.textContent = "";
  }

  /** Shows the model's own complaints, each at its field. */
  refuse(faults) {
    const rest = [];
    let first;
    for (const { loc, msg } of faults) {
      const [name, ...path] = String(loc?.[2] ?? "").split("/");
      const field = this.fields.find((one) => one.field.name === name);
      const text = path.length ? `${path.map((part) => (/^\d+$/.test(part) ? `item ${Number(part) + 1}` : part)).join(", ")}: ${msg}` : msg;
      if (!field) rest.push(name ? `${name}: ${msg}` : msg);
      else {
        const before = field.problem.textContent;
        field.complain(before ? `${before}; ${text}` : text);
        first ??= field;
      }
    }
    this.general.textContent = rest.join("\n");
    first?.focus();
  }
}
