//! What the product promises, tried from outside: one file per subject, one test per promise.

mod bad_input;
mod batches;
mod better;
mod build;
mod documentation;
mod embed;
mod forms;
mod init;
mod interrupt;
mod models;
mod no_space;
mod predict_image;
mod predict_local;
mod probes;
mod push;
mod queue;
mod resize;
mod serve;
mod server_robustness;
mod streams;
mod traces;
mod uploads;
mod webhooks;
mod workers;
