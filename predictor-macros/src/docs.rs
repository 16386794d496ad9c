//! Doc comments as descriptions.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Whether the attribute is a line of a doc comment.
pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// The text of a doc comment: lines of a paragraph are joined, paragraphs are kept apart.
pub(crate) fn description(attributes: &[Attribute]) -> Option<String> {
    let mut text = String::new();
    let mut fresh = true;
    for line in attributes
        .iter()
        .filter_map(text_of)
        .flat_map(|text| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
    {
        if line.is_empty() {
            fresh = true;
            continue;
        }
        let item = line.starts_with("- ") || line.starts_with("* ");
        if !text.is_empty() {
            text.push_str(match (fresh, item) {
                (true, _) => "\n\n",
                (false, true) => "\n",
                (false, false) => " ",
            });
        }
        text.push_str(&line);
        fresh = false;
    }
    (!text.is_empty()).then_some(text)
}

fn text_of(attribute: &Attribute) -> Option<String> {
    if !is_doc(attribute) {
        return None;
    }
    match &attribute.meta {
        Meta::NameValue(meta) => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().is_empty() => {
                Some("\n".to_owned())
            }
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use syn::{ItemStruct, parse_quote};

    use super::description;

    #[test]
    fn lines_flow_and_paragraphs_stand_apart() {
        let item: ItemStruct = parse_quote! {
            /// Picture to
            /// enlarge
            ///
            /// One of:
            /// - a PNG
            /// - a JPEG
            struct S;
        };
        let text = description(&item.attrs);
        assert_eq!(text.as_deref(), Some("Picture to enlarge\n\nOne of:\n- a PNG\n- a JPEG"));
    }

    #[test]
    fn no_comment_is_no_description() {
        let item: ItemStruct = parse_quote! { #[derive(Debug)] struct S; };
        assert_eq!(description(&item.attrs), None);
    }
}
