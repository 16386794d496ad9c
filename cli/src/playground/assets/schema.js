// What a model takes and gives, read from its OpenAPI document. No element is made here.

/** The inputs in the author's order, each: name, title, kind and whatever its kind knows. */
export function fields(document) {
  const input = component(document, "Input") ?? component(document, "TrainingInput") ?? {};
  const required = new Set(input.required ?? []);
  return Object.entries(input.properties ?? {})
    .map(([name, property]) => field(document, name, property, required.has(name)))
    .sort((one, other) => one.order - other.order);
}

/** Where predictions are made: `/predictions`, or `/trainings` of a model that only trains. */
export function route(document) {
  return component(document, "Input") ? "/predictions" : "/trainings";
}

/** How the output comes: one value, a list item by item, or text piece by piece. */
export function output(document) {
  const schema = resolve(document, component(document, "Output") ?? component(document, "TrainingOutput") ?? {});
  const streams = schema["x-cog-array-type"] === "iterator";
  return {
    schema,
    joined: schema["x-cog-array-display"] === "concatenate",
    streams: streams || document.paths?.["/predictions"]?.post?.["x-cog-streaming"] === true,
  };
}

function field(document, name, property, required) {
  const schema = resolve(document, property);
  return {
    name,
    title: property.title ?? titled(name),
    description: property.description ?? "",
    order: property["x-order"] ?? Number.MAX_SAFE_INTEGER,
    required,
    nullable: property.nullable === true,
    deprecated: property.deprecated === true,
    hasDefault: property.default !== undefined && property.default !== null,
    default: property.default,
    ...typed(document, schema, name),
  };
}

/** The kind of value that a schema is about, with its limits. */
export function typed(document, given, name = "") {
  const schema = resolve(document, given);
  if (schema.anyOf) {
    const variants = schema.anyOf.map((variant) => typed(document, variant, name));
    return { kind: "union", variants };
  }
  if (schema.enum) return { kind: "choice", choices: schema.enum };
  const limits = {
    minimum: schema.minimum, maximum: schema.maximum,
    minLength: schema.minLength, maxLength: schema.maxLength, pattern: schema.pattern,
  };
  switch (schema.type) {
    case "string":
      if (schema.format === "uri") return { kind: "file", accept: schema["x-cog-accept"] ?? "" };
      if (schema.format === "password" || schema["x-cog-secret"]) return { kind: "secret", ...limits };
      return { kind: "text", long: isLong(schema, name), ...limits };
    case "integer": return { kind: "integer", ...limits };
    case "number": return { kind: "number", ...limits };
    case "boolean": return { kind: "flag" };
    case "array":
      return { kind: "list", item: typed(document, { ...schema.items, "x-cog-accept": schema["x-cog-accept"] }, "") };
    default: return { kind: "json", object: schema.type === "object" };
  }
}

/** What people call the kind. */
export function kindName(kind) {
  switch (kind.kind) {
    case "flag": return "yes or no";
    case "json": return "JSON";
    case "list": return `list of ${kindName(kind.item)}`;
    case "union": return kind.variants.map(kindName).join(" or ");
    default: return kind.kind;
  }
}

/** Text that is likely to have several lines. */
function isLong(schema, name) {
  const text = typeof schema.default === "string" ? schema.default : "";
  if (schema.pattern !== undefined || schema.maxLength < 120) return false;
  return text.length > 60 || text.includes("\n") || schema.maxLength > 200
    || /prompt|text|message|content|document|instruction|lyrics|code|query|caption|story/i.test(name);
}

function component(document, name) {
  return document.components?.schemas?.[name];
}

/** A schema with what it refers to put in; choices come as `allOf: [$ref]`. */
function resolve(document, schema, depth = 0) {
  if (depth > 8) return schema;
  let whole = schema;
  for (const part of [schema, ...(schema.allOf ?? [])]) {
    const path = part.$ref?.startsWith("#/") ? part.$ref.slice(2).split("/") : undefined;
    const found = path ? path.reduce((place, key) => place?.[unescaped(key)], document) : part;
    if (found && found !== schema) whole = { ...resolve(document, found, depth + 1), ...whole };
  }
  return whole;
}

function unescaped(key) {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}

function titled(name) {
  return name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ");
}
