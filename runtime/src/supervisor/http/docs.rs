//! A page about the model, for people with a browser.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use cog_schema::Input;

use super::{Context, reply};
use crate::command::Mode;

/// `GET /docs`
pub(super) async fn page(State(context): State<Context>) -> Response {
    let route = match context.settings.mode {
        Mode::Predict => "/predictions",
        Mode::Train => "/trainings",
    };
    let inputs = context.desk.model().map(|model| table(&model.signature.inputs));
    let inputs = inputs.as_deref().unwrap_or("<p>Not known yet: setup has not finished.</p>");
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Cog model</title>\n\
         <h1>A model</h1>\n\
         <p><code>POST {route}</code> runs it, with a body like <code>{{\"input\": {{…}}}}</code>.</p>\n\
         <h2>Inputs</h2>\n{inputs}\n\
         <p>Everything else: <a href=\"/openapi.json\">OpenAPI document</a>, \
         <a href=\"/health-check\">health</a>, <a href=\"/metrics\">metrics</a>.</p>\n</html>\n"
    );
    let mut response = reply::text(StatusCode::OK, page);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

fn table(inputs: &[Input]) -> String {
    let mut table = "<table>\n<tr><th>name<th>type<th>default<th>\n".to_owned();
    for input in inputs {
        let default = match &input.default {
            Some(default) => escaped(&default.to_string()),
            None if input.is_required() => "none: it must be given".to_owned(),
            None => String::new(),
        };
        // Writing to a string does not fail.
        let _written = writeln!(
            table,
            "<tr><td><code>{}</code><td>{}<td>{default}<td>{}",
            escaped(&input.name),
            input.ty.json_type().unwrap_or("any"),
            escaped(input.description.as_deref().unwrap_or_default()),
        );
    }
    table + "</table>"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use cog_schema::Type;

    use super::*;

    #[test]
    fn an_authors_words_are_text() {
        let mut input = Input::new("n", Type::String);
        input.description = Some("a < b & \"c\"".to_owned());
        let row =
            "<tr><td><code>n</code><td>string<td>none: it must be given<td>a &lt; b &amp; &quot;c&quot;";
        assert!(table(&[input]).lines().any(|line| line == row));
    }
}
