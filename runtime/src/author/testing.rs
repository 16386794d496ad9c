//! Runs a predictor from a JSON input, without a server.
