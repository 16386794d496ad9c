//! Types as far as a macro can see them: by name.

use cog_schema::{IntegerRange, Type};
use syn::{GenericArgument, PathArguments, PathSegment};

/// What a type's name says about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Text,
    Boolean,
    Integer(IntegerRange),
    Number,
    File,
    Secret,
    Json,
    List(Box<Shape>),
    Map(Box<Shape>),
    Optional(Box<Shape>),
    /// A type of the author's, or none that we know.
    Foreign,
}

impl Shape {
    pub(crate) fn of(ty: &syn::Type) -> Self {
        let Some(last) = last_segment(ty) else { return Self::Foreign };
        let argument = |index| arguments(last).nth(index).map(|ty| Box::new(Self::of(ty)));
        let known = match last.ident.to_string().as_str() {
            "String" => Self::Text,
            "bool" => Self::Boolean,
            "i8" => Self::Integer(IntegerRange::I8),
            "i16" => Self::Integer(IntegerRange::I16),
            "i32" => Self::Integer(IntegerRange::I32),
            "i64" | "isize" => Self::Integer(IntegerRange::I64),
            "u8" => Self::Integer(IntegerRange::U8),
            "u16" => Self::Integer(IntegerRange::U16),
            "u32" => Self::Integer(IntegerRange::U32),
            "u64" | "usize" => Self::Integer(IntegerRange::U64),
            "f32" | "f64" => Self::Number,
            "Path" => Self::File,
            "Secret" => Self::Secret,
            "Value" => Self::Json,
            "Vec" => return argument(0).map_or(Self::Foreign, Self::List),
            "Option" => return argument(0).map_or(Self::Foreign, Self::Optional),
            "HashMap" | "BTreeMap" => return argument(1).map_or(Self::Foreign, Self::Map),
            _ => Self::Foreign,
        };
        if arguments(last).next().is_some() { Self::Foreign } else { known }
    }

    /// The type in a signature, with what we cannot see left open.
    pub(crate) fn ty(&self) -> Type {
        let boxed = |shape: &Self| Box::new(shape.ty());
        match self {
            Self::Text => Type::String,
            Self::Boolean => Type::Boolean,
            Self::Integer(range) => Type::Integer(*range),
            Self::Number => Type::Number,
            Self::File => Type::Path,
            Self::Secret => Type::Secret,
            Self::Json => Type::Any,
            Self::List(item) => Type::List(boxed(item)),
            Self::Map(item) => Type::Map(boxed(item)),
            Self::Optional(inner) => Type::Optional(boxed(inner)),
            Self::Foreign => Type::Unknown,
        }
    }

    /// The shape without its optionality.
    pub(crate) fn required(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner.required(),
            other => other,
        }
    }

    /// Whether a shape is, or is somewhere inside, this one.
    pub(crate) fn holds(&self, wanted: &Self) -> bool {
        self == wanted
            || match self {
                Self::List(inner) | Self::Map(inner) | Self::Optional(inner) => inner.holds(wanted),
                _ => false,
            }
    }
}

/// The last segment of a type that is a path: `Path` of `cog::Path`.
pub(crate) fn last_segment(ty: &syn::Type) -> Option<&PathSegment> {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        syn::Type::Group(group) => last_segment(&group.elem),
        syn::Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether the type's name ends in that word.
pub(crate) fn is_named(ty: &syn::Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The types in a segment's angle brackets.
pub(crate) fn arguments(segment: &PathSegment) -> impl Iterator<Item = &syn::Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A type as its author would write it: tokens come apart by spaces, and few of them belong there.
pub(crate) fn shown(ty: &syn::Type) -> String {
    let apart = quote::quote!(#ty).to_string();
    let mut together = String::new();
    let mut tokens = apart.split(' ').peekable();
    while let Some(token) = tokens.next() {
        together.push_str(token);
        let wordy = |end: Option<char>| end.is_some_and(|end| end.is_alphanumeric() || end == '_');
        let next = tokens.peek().and_then(|next| next.chars().next());
        if token == "," || (wordy(token.chars().last()) && wordy(next)) {
            together.push(' ');
        }
    }
    together
}
