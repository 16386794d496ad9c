//! Records the metrics it is told to and gives back the errors that came of it.

use cog::prelude::*;
use serde_json::Value;

#[cog::predict]
fn metrics(
    #[input(default = "[]")] ops: String,
    #[input(default = false)] fail: bool,
    ctx: &Prediction,
) -> Result<Vec<String>> {
    let ops: Vec<Vec<Value>> = serde_json::from_str(&ops)?;
    let errors = ops.iter().filter_map(|op| apply(op, ctx).err()).collect();
    if fail {
        bail!("ValueError: failed after metrics");
    }
    Ok(errors)
}

/// `["rec", name, value, mode]`, `["set", name, value]`, `["del", name]`; to set null is to delete.
fn apply(op: &[Value], ctx: &Prediction) -> Result<(), String> {
    let name = op.get(1).and_then(Value::as_str).unwrap_or_default();
    let value = op.get(2).cloned().unwrap_or_default();
    let operation = op.first().and_then(Value::as_str).unwrap_or_default();
    let done = match (operation, op.get(3).and_then(Value::as_str)) {
        ("rec", None | Some("replace")) => ctx.record_metric(name, value),
        ("rec", Some("incr" | "increment")) => ctx.increment_metric(name, value),
        ("rec", Some("append")) => ctx.append_metric(name, value),
        ("del", None) => ctx.delete_metric(name),
        ("set", None) if value.is_null() => ctx.delete_metric(name),
        ("set", None) => ctx.record_metric(name, value),
        (op, mode) => return Err(format!("{op} {name}: no such operation or mode {mode:?}")),
    };
    let shown: String = name.chars().take(20).collect();
    done.map_err(|error| format!("{operation} {shown}: {error}"))
}

fn main() -> ExitCode {
    cog::main::<metrics>()
}
