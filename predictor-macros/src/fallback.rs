//! What stands beside the errors: an implementation with nothing in it, so that one fault gives one error and not
//! a second one in `main`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

/// A hollow implementation of `Predictor`.
pub(crate) fn predictor(ty: &Type) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::cog::model::Predictor for #ty {
            const CONCURRENCY: usize = 1;

            fn signature() -> ::cog::schema::Signature {
                ::core::unreachable!()
            }

            fn setup(_: &::cog::Setup) -> ::core::result::Result<Self, ::cog::model::Failure> {
                ::core::unreachable!()
            }

            fn predict(
                self: ::std::sync::Arc<Self>,
                _: ::cog::glue::Map,
                _: ::cog::Prediction,
            ) -> ::cog::model::Running {
                ::core::unreachable!()
            }

            fn health(self: ::std::sync::Arc<Self>) -> ::core::option::Option<::cog::model::Running> {
                ::core::unreachable!()
            }
        }
    }
}
