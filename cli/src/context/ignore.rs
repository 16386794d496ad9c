//! Docker's ignore rules.
