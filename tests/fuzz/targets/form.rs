#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cog::fuzzing::run("form", bytes));
