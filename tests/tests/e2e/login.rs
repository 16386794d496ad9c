//! `cog login` and `cog logout`: a password is tried before it is kept, and kept for that registry alone.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cog_tests::{Answer, Cog, PASSWORD, Project, Registry, USER, Web, cog, needs_registry};
use serde_json::{Value, json};

fn login(config: &Project, registry: &str, password: &str) -> Cog {
    cog(["login", registry, "--username", USER, "--password-stdin"])
        .env("DOCKER_CONFIG", config.path())
        .stdin(format!("{password}\n"))
}

fn auths(config: &Project) -> Value {
    let text = std::fs::read(config.file("config.json")).expect("a configuration");
    let text: Value = serde_json::from_slice(&text).expect("JSON");
    text["auths"].clone()
}

/// A credential helper called `docker-credential-test` in `directory`, which keeps everything in a file there.
fn helper(directory: &Path) -> String {
    let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\ncase $1 in\nstore) cat >kept ;;\nerase) cat >erased; rm -f kept ;;\n\
                  get) cat >/dev/null; [ -e kept ] && cat kept || { echo credentials not found; exit 1; } ;;\nesac\n";
    let file = directory.join("docker-credential-test");
    std::fs::write(&file, script).expect("a script can be written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("and made executable");
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", directory.display())
}

#[test]
fn a_right_password_is_kept_for_its_owner_alone_and_a_wrong_one_is_not() {
    needs_registry!();
    for registry in [Registry::guarded(), Registry::with_tokens()] {
        let (config, address) = (Project::empty(), registry.address());
        let run = login(&config, &address, "wrong-horse").run();
        run.exits(1).says(&address).says("wrong").says_one_thing().does_not_say("wrong-horse");
        assert!(!config.file("config.json").exists(), "nothing is kept");

        config.write("config.json", r#"{"psFormat": "x", "auths": {"r.example.com": {"auth": "eDp5"}}}"#);
        let run = login(&config, &address, PASSWORD).run().succeeds();
        run.says(&format!("Logged in to {address} as {USER}")).does_not_say(PASSWORD).prints("");
        let file = std::fs::metadata(config.file("config.json")).expect("a configuration");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(config.file("config.json")).expect("text");
        assert!(text.contains("psFormat"), "the rest of the file stays: {text}");
        assert_eq!(auths(&config)["r.example.com"]["auth"], "eDp5");

        let logout = || cog(["logout", &address]).env("DOCKER_CONFIG", config.path()).run().succeeds();
        logout().says(&format!("Logged out of {address}"));
        assert!(auths(&config).get(&address).is_none());
        logout().says("Nothing is kept");
    }
}

#[test]
fn a_helper_keeps_what_docker_would_have_it_keep() {
    needs_registry!();
    let (registry, config) = (Registry::guarded(), Project::empty());
    let address = registry.address();
    let path = helper(config.path());
    for settings in [json!({ "credsStore": "test" }), json!({ "credHelpers": { address.clone(): "test" } })] {
        config.write("config.json", settings.to_string());
        let run = login(&config, &address, PASSWORD).env("PATH", &path).run().succeeds();
        run.says("docker-credential-test");
        let kept = std::fs::read(config.file("kept")).expect("the helper was asked");
        let kept: Value = serde_json::from_slice(&kept).expect("JSON");
        assert_eq!(kept, json!({ "ServerURL": address, "Username": USER, "Secret": PASSWORD }));
        assert_eq!(auths(&config)[&address], json!({}), "the password is nowhere else");
        cog(["logout", &address]).env("DOCKER_CONFIG", config.path()).env("PATH", &path).run().succeeds();
        let erased = std::fs::read_to_string(config.file("erased")).expect("the helper was asked");
        assert_eq!(erased, address);
    }
}

#[test]
fn without_a_terminal_it_says_how_to_log_in_and_waits_for_nothing() {
    let config = Project::empty();
    let run = cog(["login", "127.0.0.1:1"]).env("DOCKER_CONFIG", config.path()).run();
    run.exits(1).says("no terminal").says("--password-stdin").says_one_thing();
    let run = login(&config, "127.0.0.1:1", "x").run();
    run.exits(1).says("127.0.0.1:1").says("cannot be reached").says_one_thing();
    login(&config, "https://r.example.com/v2/", "x").run().exits(1).says("write `r.example.com`");
    login(&config, "127.0.0.1:1", "").run().exits(1).says("password is empty");
}

#[test]
fn a_token_for_replicates_registry_is_exchanged_for_its_users_name() {
    let web = Web::answering(|request| match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/cog/v1/verify-token") if request.body == "token=t0k%2Ben" => {
            (200, json!({ "username": "ada" }).to_string())
        }
        ("GET", "/cog/v1/display-token-url") => {
            (200, json!({ "url": "https://example.com/token" }).to_string())
        }
        _ => (404, "{}".to_owned()),
    });
    let config = Project::empty();
    let login = |token: &str| {
        cog(["login", "--token-stdin"])
            .env("COG_REGISTRY_HOST", web.address())
            .env("DOCKER_CONFIG", config.path())
            .stdin(token)
            .run()
    };
    login("r8_abc\n").exits(1).says("API").says_one_thing().does_not_say("r8_abc");
    login("nobodys\n").exits(1).says("knows no user").says_one_thing().does_not_say("nobodys");
    assert!(!config.file("config.json").exists(), "nothing is kept");
    login("  t0k+en \n").succeeds().says("as ada").does_not_say("t0k");
    // ada:t0k+en
    assert_eq!(auths(&config)[web.address()]["auth"], "YWRhOnQwaytlbg==");
}

#[test]
fn whom_a_registry_sends_us_to_may_not_ask_for_its_login() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let memory = Arc::clone(&told);
    let other = Web::giving(move |request| {
        memory.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        let realm = format!("Bearer realm=\"http://{}/token\"", request.host);
        Answer::status(401).with("WWW-Authenticate", realm)
    });
    let port = other.address().rsplit(':').next().unwrap_or_default().to_owned();
    let registry = Web::giving(move |request| {
        Answer::status(307).with("Location", format!("http://localhost:{port}{}", request.path))
    });
    let config = Project::empty();
    login(&config, &registry.address(), PASSWORD).run().exits(1).says_one_thing().does_not_say(PASSWORD);
    // me:correct
    let auths = json!({ "auths": { registry.address(): { "auth": "bWU6Y29ycmVjdA==" } } });
    config.write("config.json", auths.to_string());
    let image = format!("{}/me/hello:v1", registry.address());
    let inspect = cog(["inspect", "--remote", &image]).env("DOCKER_CONFIG", config.path());
    inspect.run().exits(1).says(&registry.address()).says_one_thing();
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(told.len() >= 2, "{told:?}");
    assert!(
        told.iter().all(|request| request.authorization.is_none() && request.path != "/token"),
        "{told:?}"
    );
}
