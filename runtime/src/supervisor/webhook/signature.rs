//! Signatures by the rules of Standard Webhooks (<https://www.standardwebhooks.com>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// The secrets that messages are signed with: several while one takes the place of another.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<hmac::Key>);

impl Secrets {
    /// Reads secrets between spaces: `whsec_` and base64, or any other text as it is.
    ///
    /// # Errors
    /// A sentence, where what follows `whsec_` is no base64.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let key = |secret: &str| match secret.strip_prefix("whsec_") {
            Some(encoded) => {
                STANDARD.decode(encoded).map_err(|_| "what follows `whsec_` is no base64".to_owned())
            }
            None => Ok(secret.as_bytes().to_vec()),
        };
        let keys: Result<Vec<_>, String> = text.split_whitespace().map(key).collect();
        Ok(Self(keys?.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)).collect()))
    }

    /// The value of `webhook-signature`: one signature for each secret; `None` without a secret.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
        let sign = |key: &hmac::Key| {
            let mut context = hmac::Context::with_key(key);
            context.update(format!("{id}.{timestamp}.").as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        };
        let signatures: Vec<String> = self.0.iter().map(sign).collect();
        (!signatures.is_empty()).then(|| signatures.join(" "))
    }
}

/// Never shown.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standards_own_example() {
        // The example of the specification.
        let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signature =
            secrets.ok().and_then(|secrets| secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body));
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn each_of_several_secrets_signs_and_none_signs_nothing() {
        let count = |text| {
            let signature = Secrets::parse(text).map(|secrets| secrets.sign("m", 1, b""));
            signature.map(|signature| signature.map_or(0, |signature| signature.split(' ').count()))
        };
        assert_eq!(count("whsec_YQ== plain"), Ok(2));
        assert_eq!(count("  "), Ok(0));
        assert!(count("whsec_%").is_err());
    }
}
