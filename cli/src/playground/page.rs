//! The page and what it is made of, and what a browser may do with it.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Scripts and styles come from this program alone, none is written into the page, and the page talks to this program
/// alone. What a model gives out may be shown wherever it lies.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data: blob: http: https:; media-src data: blob: http: https:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

macro_rules! assets {
    ($($name:literal),+ $(,)?) => {
        /// The files, by their paths below `/assets/`.
        const ASSETS: &[(&str, &str)] = &[$(($name, include_str!(concat!("assets/", $name)))),+];
    };
}

assets![
    "code.js",
    "code_panel.js",
    "element.js",
    "events.js",
    "field.js",
    "form.js",
    "health.js",
    "history.js",
    "icon.svg",
    "json.js",
    "main.js",
    "model.js",
    "options.js",
    "output/json_view.js",
    "output/media.js",
    "output/view.js",
    "result.js",
    "run.js",
    "schema.js",
    "style/base.css",
    "style/form.css",
    "style/result.css",
    "tabs.js",
    "theme.js",
    "toggle.js",
    "webhooks.js",
    "widgets/choice.js",
    "widgets/file.js",
    "widgets/flag.js",
    "widgets/json.js",
    "widgets/list.js",
    "widgets/number.js",
    "widgets/problem.js",
    "widgets/secret.js",
    "widgets/text.js",
    "widgets/union.js",
    "widgets/widget.js",
];

const INDEX: &str = include_str!("assets/index.html");

/// `/`
pub(super) async fn index() -> Response {
    file("index.html", INDEX)
}

/// `/assets/*`
pub(super) async fn asset(Path(path): Path<String>) -> Response {
    match ASSETS.iter().find(|(name, _)| *name == path) {
        Some((name, text)) => file(name, text),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file(name: &str, text: &'static str) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    // The next version of this program has other files under the same names.
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

/// Tells the browser what it may do with an answer, the model's among them.
pub(super) async fn restrict(mut response: Response) -> Response {
    let set = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_no_script_and_no_style_in_it_and_takes_nothing_from_elsewhere() {
        for (name, text) in ASSETS.iter().chain([&("index.html", INDEX)]) {
            for never in ["style=\"", "onclick=", "<style", "innerHTML", "eval(", "javascript:", "//cdn"] {
                assert!(!text.contains(never), "{name} has {never}");
            }
        }
        assert!(!INDEX.contains("<script>"));
    }

    #[test]
    fn every_file_that_a_file_names_is_there() {
        let named = |text: &str, before: &str| -> Vec<String> {
            let parts = text.split(before).skip(1);
            parts.filter_map(|part| part.split('"').next()).map(str::to_owned).collect()
        };
        let mut wanted = named(INDEX, "\"/assets/");
        for (name, text) in ASSETS.iter().filter(|(name, _)| name.ends_with(".js")) {
            let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
            for path in named(text, " from \"./").into_iter().chain(named(text, "import \"./")) {
                wanted.push(format!("{directory}/{path}").trim_start_matches('/').to_owned());
            }
            wanted.extend(named(text, " from \"/assets/"));
        }
        assert!(wanted.len() > 2, "{wanted:?}");
        for path in wanted {
            assert!(ASSETS.iter().any(|(name, _)| *name == path), "{path} is not there");
        }
    }
}
