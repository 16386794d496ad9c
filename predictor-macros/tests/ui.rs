//! Programs that must compile and run, and programs that must not compile and say why.

#[test]
fn programs_that_are_right_compile_and_run() {
    trybuild::TestCases::new().pass("tests/pass/*.rs");
}

#[test]
fn programs_that_are_wrong_say_what_is_right() {
    trybuild::TestCases::new().compile_fail("tests/fail/*.rs");
}
