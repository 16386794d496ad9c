//! Test predictors.
