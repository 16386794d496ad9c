// JSON that keeps what JavaScript would lose: long integers, and text that is JSON already.

/** A text that is JSON and stays as it was written. */
export class Raw {
  constructor(text) { this.text = text; }
}

/** JSON of a value that may hold BigInts and `Raw`s. */
export function encode(value, indent = "", step = "") {
  if (value instanceof Raw) return value.text;
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const inner = indent + step;
  const [open, close, items] = Array.isArray(value)
    ? ["[", "]", value.map((item) => encode(item, inner, step))]
    : ["{", "}", Object.entries(value).filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${JSON.stringify(key)}:${step && " "}${encode(item, inner, step)}`)];
  if (items.length === 0) return open + close;
  return step
    ? `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
    : open + items.join(",") + close;
}

/** A text's value, with BigInts for what numbers cannot hold, where the browser tells how they are written. */
export function decode(text) {
  return JSON.parse(text, (_key, value, context) => (
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context.source) : value));
}

/** The same on several lines. */
export function pretty(value) {
  return encode(value, "", "  ");
}

/** A copy whose long texts, files mostly, are cut; for people to look at. */
export function shortened(value, most = 200) {
  if (typeof value === "string" && value.length > most && value.startsWith("data:")) {
    return `${value.slice(0, 48)}… (${value.length} characters)`;
  }
  if (value instanceof Raw) return value;
  if (Array.isArray(value)) return value.map((item) => shortened(item, most));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shortened(item, most)]));
  }
  return value;
}

/** A whole number, exactly. */
export function integer(text) {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
