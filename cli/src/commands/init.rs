//! `cog init`.
