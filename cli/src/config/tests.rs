#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use super::*;

fn accepted(text: &str) -> Config {
    parse(text.as_bytes(), "cog.yaml").unwrap()
}

#[test]
fn an_empty_file_is_a_cpu_model() {
    for text in ["", "# nothing\n", "{}", "build:\n", "---\n"] {
        assert_eq!(accepted(text), Config::default(), "{text:?}");
    }
}

#[test]
fn a_mark_before_the_text_is_none_of_it() {
    assert!(accepted("\u{feff}build: {gpu: true}").build.gpu);
}

#[test]
fn a_version_behind_an_alias_keeps_its_spelling() {
    let error = parse(b"build: {cuda_architectures: [&one 9.0, *one]}", "cog.yaml").unwrap_err().to_string();
    assert!(error.contains("`9.0` is in `build.cuda_architectures` twice"), "{error}");
}

#[test]
fn a_version_keeps_its_spelling() {
    let config = accepted("build: {gpu: true, cuda: 12.0, cudnn: 8, rust_version: 1.100}");
    assert_eq!(config.build.cuda.as_deref(), Some("12.0"));
    assert_eq!(config.build.cudnn.as_deref(), Some("8"));
    assert_eq!(config.build.rust_version.as_deref(), Some("1.100"));
}

#[test]
fn the_booleans_of_older_yaml_count_unless_quoted() {
    assert!(accepted("build: {gpu: yes}").build.gpu);
    assert!(!accepted("build: {gpu: Off}").build.gpu);
    assert!(parse(b"build: {gpu: \"yes\"}", "cog.yaml").is_err());
}

#[test]
fn run_is_the_other_spelling_of_predict() {
    let reference = PredictorRef { file: "src/main.rs".into(), name: "Upscaler".into() };
    assert_eq!(accepted("run: src/main.rs:Upscaler").predict, Some(reference.clone()));
    assert_eq!(accepted("predict: src/main.rs:Upscaler").predict, Some(reference));
}

#[test]
fn a_run_step_that_would_swallow_what_follows_is_a_fault() {
    let text = parse(b"build:\n  run:\n    - mkdir -p /a \\\n", "cog.yaml").unwrap_err().to_string();
    assert!(text.contains("`build.run[0]` ends in a backslash"), "{text}");
}

#[test]
fn a_run_step_is_a_command_or_a_command_with_secrets() {
    let config = accepted(
        "build:\n  run:\n    - echo one\n    - command: cat /s\n      mounts: [{type: secret, id: s, target: /s}]\n",
    );
    assert_eq!(config.build.run[0], RunStep { command: "echo one".into(), mounts: vec![] });
    assert_eq!(config.build.run[1].mounts, [SecretMount { id: "s".into(), target: "/s".into() }]);
}

#[test]
fn an_environment_value_may_hold_anything_but_a_line_break() {
    let config = accepted("environment: ['A=x=y \"z\" $HOME', 'EMPTY=']");
    assert_eq!(config.environment[0], EnvVar { name: "A".into(), value: "x=y \"z\" $HOME".into() });
    assert_eq!(config.environment[1], EnvVar { name: "EMPTY".into(), value: String::new() });
}

#[test]
fn the_label_leaves_empty_keys_out() {
    assert_eq!(serde_json::to_string(&accepted("")).unwrap(), r#"{"build":{"gpu":false}}"#);
    let config = accepted(
        "build: {gpu: true, cuda: '13.0', run: [{command: ls, mounts: [{type: secret, id: a, target: /a}]}]}\n\
         predict: src/main.rs:P\nconcurrency: {max: 2}\nenvironment: [A=b]\nmodel: me/m\n\
         weights: [{name: w, target: /w/../x/, source: {uri: ./w}}]",
    );
    assert_eq!(
        serde_json::to_string(&config).unwrap(),
        concat!(
            r#"{"build":{"gpu":true,"cuda":"13.0","run":[{"command":"ls","mounts":[{"type":"secret","id":"a","target":"/a"}]}]}"#,
            r#","model":"me/m","predict":"src/main.rs:P","concurrency":{"max":2},"environment":["A=b"]"#,
            r#","weights":[{"name":"w","target":"/x","source":[{"uri":"./w"}]}]}"#
        )
    );
}

#[test]
fn an_alias_is_the_value_it_stands_for() {
    let config = accepted("build:\n  system_packages: &p [libgl1]\n  features: *p\n");
    assert_eq!(config.build.features, config.build.system_packages);
}
