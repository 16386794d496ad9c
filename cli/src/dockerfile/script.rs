//! The template, filled in.

use serde_json::json;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use super::quote;
use crate::plan::Plan;

const TEMPLATE: &str = include_str!("../../../templates/Dockerfile");

pub(super) fn render(plan: &Plan) -> Result<String, tera::Error> {
    let mut tera = Tera::default();
    tera.register_filter("word", word);
    tera.register_filter("words", words);
    tera.register_filter("value", value);
    tera.add_raw_template("Dockerfile", TEMPLATE)?;
    let mut context = Context::from_serialize(plan)?;
    context.insert("base", &plan.base);
    context.insert("kind", kind(plan));
    // In a plan these are written as an author writes them; here their parts are wanted.
    let environment =
        plan.environment.iter().map(|variable| json!({"name": variable.name, "value": variable.value}));
    context.insert("environment", &environment.collect::<Vec<_>>());
    if let Some(cuda) = &plan.cuda {
        let variables =
            cuda.variables.iter().map(|variable| json!({"name": variable.name, "value": variable.value}));
        context.insert("cuda_variables", &variables.collect::<Vec<_>>());
    }
    let run = plan.run.iter().map(|step| {
        let mounts = step.mounts.iter().map(|mount| json!({"id": mount.id, "target": mount.target}));
        json!({"command": step.command, "mounts": mounts.collect::<Vec<_>>()})
    });
    context.insert("run", &run.collect::<Vec<_>>());
    for (name, absent) in [("toolchain", plan.toolchain.is_none()), ("cuda", plan.cuda.is_none())] {
        if absent {
            context.insert(name, &false);
        }
    }
    tera.render("Dockerfile", &context)
}

/// What the final image already has.
fn kind(plan: &Plan) -> &'static str {
    match &plan.cuda {
        Some(cuda) if cuda.headers => "cuda-headers",
        Some(_) => "cuda",
        None if plan.starts_empty() => "scratch",
        None => "debian",
    }
}

fn word(text: &str, _: Kwargs, _: &State<'_>) -> String {
    quote::word(text)
}

fn words(texts: Vec<Value>, _: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let texts = texts.iter().map(|text| text.as_str().map(quote::word).unwrap_or_default());
    Ok(texts.collect::<Vec<_>>().join(" "))
}

fn value(text: &str, _: Kwargs, _: &State<'_>) -> String {
    quote::value(text)
}
