//! Somebody who gives out tokens for a registry, to [`USER`] with [`PASSWORD`] and nobody else.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;

use crate::registry::{PASSWORD, USER};
use crate::web::{Request, Web};

/// Whom the tokens are by, and for.
pub(crate) const ISSUER: &str = "tests";
/// The registry's name in tokens.
pub(crate) const SERVICE: &str = "registry";

/// Makes the key that tokens are signed with, and its certificate.
const KEY: &str = "\
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout token.key -out token.pem -days 2 \
-subj /CN=tokens
openssl pkcs8 -topk8 -nocrypt -in token.key -outform DER -out token.der
openssl x509 -in token.pem -outform DER -out token.crt
";

/// Starts giving out tokens; `token.pem` in `home` is then what a registry trusts.
pub(crate) fn serve(home: &Path) -> Web {
    let made = Command::new("sh").args(["-ec", KEY]).current_dir(home).output();
    assert!(made.as_ref().is_ok_and(|made| made.status.success()), "openssl makes a key: {made:?}");
    let read = |name: &str| std::fs::read(home.join(name)).expect("it was just made");
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &read("token.der"), &random)
        .expect("openssl makes such keys");
    let certificate = STANDARD.encode(read("token.crt"));
    let welcome = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    Web::answering(move |request| {
        if request.authorization.as_deref() != Some(welcome.as_str()) {
            return (401, json!({ "details": "incorrect username or password" }).to_string());
        }
        let head = json!({ "typ": "JWT", "alg": "ES256", "x5c": [certificate] });
        let claims = claims(request);
        let text = format!("{}.{}", encode(&head), encode(&claims));
        let signature = key.sign(&random, text.as_bytes()).expect("a text can be signed");
        let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        (200, json!({ "token": token }).to_string())
    })
}

fn encode(value: &serde_json::Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// What the bearer may do: all that was asked for.
fn claims(request: &Request) -> serde_json::Value {
    let query = request.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let scopes = query.split('&').filter_map(|pair| pair.strip_prefix("scope="));
    let access = scopes.filter_map(|scope| {
        let scope = scope.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
        let (kind, rest) = scope.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        Some(json!({ "type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>() }))
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    json!({
        "iss": ISSUER, "sub": USER, "aud": SERVICE, "jti": "1",
        "iat": now, "nbf": now - 60, "exp": now + 600,
        "access": access.collect::<Vec<_>>(),
    })
}
