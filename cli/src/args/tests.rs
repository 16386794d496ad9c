//! The command line's shape.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use clap::{CommandFactory, Parser};

use super::{Cli, Command};

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_a_purpose_an_example_and_its_exit_codes() {
    for command in Cli::command().get_subcommands() {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "`{name}` has no purpose");
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(after.contains("Example: "), "`{name}` has no example");
        assert!(after.contains("Exit codes: "), "`{name}` does not tell its exit codes");
    }
}

#[test]
fn help_without_arguments_fits_one_screen() {
    assert!(Cli::command().render_help().to_string().lines().count() <= 24);
}

#[test]
fn run_is_predict() {
    let cli = Cli::try_parse_from(["cog", "run", "-i", "a=b"]).unwrap();
    assert!(matches!(cli.command, Command::Predict(_)));
}

#[test]
fn a_local_run_takes_no_image() {
    assert!(Cli::try_parse_from(["cog", "predict", "--local", "some/image"]).is_err());
}

#[test]
fn a_variable_has_a_name_and_a_value() {
    assert!(Cli::try_parse_from(["cog", "predict", "-e", "=x"]).is_err());
    assert!(Cli::try_parse_from(["cog", "predict", "-e", "NAME"]).is_err());
    assert!(Cli::try_parse_from(["cog", "predict", "-e", "NAME="]).is_ok());
}

#[test]
fn a_model_is_named_in_one_way() {
    for other in ["--local", "some/image", "--gpus=all"] {
        assert!(
            Cli::try_parse_from(["cog", "predict", "--url", "http://localhost:1", other]).is_err(),
            "{other}"
        );
    }
    assert!(Cli::try_parse_from(["cog", "predict", "--url", "https://models.example.com/a"]).is_ok());
    for none in ["localhost:8393", "ftp://a", "http://"] {
        assert!(Cli::try_parse_from(["cog", "predict", "--url", none]).is_err(), "{none}");
    }
}
