// A request as a command and as a program. Secrets are not in it.

import { Raw, encode, pretty } from "./json.js";

/** With a secret's place held by a word. */
export function withoutSecrets(input, fields) {
  const secrets = new Set(fields.filter((field) => isSecret(field)).map((field) => field.name));
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, secrets.has(name) ? masked(value) : value]));
}

function isSecret(kind) {
  return kind.kind === "secret" || (kind.kind === "list" && isSecret(kind.item)) || (kind.kind === "union" && kind.variants.some(isSecret));
}

function masked(value) {
  return Array.isArray(value) ? value.map(masked) : "YOUR_SECRET";
}

export function curl(origin, route, input, streams) {
  return [
    `curl -s${streams ? "N" : ""} ${origin}${route} \\`,
    ...(streams ? ["  -H 'Accept: text/event-stream' \\"] : []),
    "  -H 'Content-Type: application/json' \\",
    "  --data-binary @- <<'JSON'",
    pretty({ input }),
    "JSON",
  ].join("\n");
}

export function python(origin, route, input, streams) {
  const accept = streams ? ', "Accept": "text/event-stream"' : "";
  const read = streams
    ? ["    for line in answer:",
      "        if line.startswith(b\"data:\"):",
      "            event = json.loads(line[5:])",
      "            if \"chunk\" in event:",
      "                print(event[\"chunk\"], end=\"\", flush=True)"]
    : ["    prediction = json.load(answer)", "",
      "print(prediction[\"status\"], prediction.get(\"output\"))"];
  return [
    "import json",
    "import urllib.request",
    "",
    `body = {"input": ${literal(input, "")}}`,
    "request = urllib.request.Request(",
    `    "${origin}${route}",`,
    "    data=json.dumps(body).encode(),",
    `    headers={"Content-Type": "application/json"${accept}},`,
    ")",
    "with urllib.request.urlopen(request) as answer:",
    ...read,
  ].join("\n");
}

function literal(value, indent) {
  if (value instanceof Raw) return `json.loads(${JSON.stringify(value.text)})`;
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(", ")}]`;
  if (typeof value === "object") {
    const inner = `${indent}    `;
    const lines = Object.entries(value).map(([key, item]) => `\n${inner}${JSON.stringify(key)}: ${literal(item, inner)},`);
    return lines.length ? `{${lines.join("")}\n${indent}}` : "{}";
  }
  return encode(value);
}
