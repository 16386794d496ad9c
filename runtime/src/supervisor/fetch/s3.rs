//! `s3://BUCKET/KEY`: a GET signed with the operator's credentials, from AWS or from whoever speaks its protocol.
//!
//! The place of the service and the credentials are the operator's, by the variables that AWS's own tools read; a client
//! only names bucket and key. The signature is AWS's version 4.

use std::path::Path;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ring::{digest, hmac};

use super::download;
use crate::supervisor::net::{Client, Url};

/// What the operator's environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    /// Where it is, if it is not AWS.
    endpoint: Option<String>,
    region: String,
    /// `None` asks for what everybody may read.
    credentials: Option<Credentials>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Credentials {
    key_id: String,
    secret: String,
    token: Option<String>,
}

/// Downloads an object into a new file of at most `limit` bytes.
pub(super) async fn download(client: &Client, source: &str, path: &Path, limit: u64) -> Result<(), String> {
    let service = Service::read(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let (bucket, key) = parts(source)?;
    let url = Url::parse(&service.url(bucket, key))?;
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let headers = service.headers(&url, &now)?;
    // The address is the operator's, as far as it can be.
    let client = if service.endpoint.is_some() { &client.clone().trusting() } else { client };
    download::get(client, url, headers, path, limit).await
}

fn parts(source: &str) -> Result<(&str, &str), String> {
    let rest = source.strip_prefix("s3://").unwrap_or(source);
    let parts = rest.split_once('/').filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
    let (bucket, key) = parts.ok_or("an object is `s3://BUCKET/KEY`")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if bucket.bytes().all(plain) {
        Ok((bucket, key))
    } else {
        Err(format!("`{bucket}` is no name of a bucket"))
    }
}

impl Service {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let credentials = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
        Self {
            endpoint: variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")),
            region: variable("AWS_REGION")
                .or_else(|| variable("AWS_DEFAULT_REGION"))
                .unwrap_or_else(|| "us-east-1".to_owned()),
            credentials: credentials.map(|(key_id, secret)| Credentials {
                key_id,
                secret,
                token: variable("AWS_SESSION_TOKEN"),
            }),
        }
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        let key = encoded(key);
        match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/')),
            // A certificate covers one label before the service's name.
            None if bucket.contains('.') => {
                format!("https://s3.{}.amazonaws.com/{bucket}/{key}", self.region)
            }
            None => format!("https://{bucket}.s3.{}.amazonaws.com/{key}", self.region),
        }
    }

    fn headers(&self, url: &Url, now: &str) -> Result<HeaderMap, String> {
        let Some(credentials) = &self.credentials else { return Ok(HeaderMap::new()) };
        let nothing = hex(digest::digest(&digest::SHA256, b"").as_ref());
        let mut signed = vec![
            ("host", url.authority().to_owned()),
            ("x-amz-content-sha256", nothing.clone()),
            ("x-amz-date", now.to_owned()),
        ];
        signed.extend(credentials.token.clone().map(|token| ("x-amz-security-token", token)));
        let authorization = credentials.sign(&self.region, url.target(), &signed, &nothing, now);
        let mut headers = HeaderMap::new();
        let others = signed.into_iter().filter(|(name, _)| *name != "host");
        for (name, value) in others.chain([("authorization", authorization)]) {
            let value =
                HeaderValue::try_from(value).map_err(|_| "the credentials for S3 are damaged".to_owned())?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(headers)
    }
}

impl Credentials {
    /// The `Authorization` of a GET. Headers are sorted, with lower-case names; `now` is `YYYYMMDDThhmmssZ`.
    fn sign(
        &self,
        region: &str,
        target: &str,
        headers: &[(&str, String)],
        payload: &str,
        now: &str,
    ) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let request = format!("GET\n{path}\n{query}\n{lines}\n{names}\n{payload}");
        let day = now.get(..8).unwrap_or(now);
        let scope = format!("{day}/{region}/s3/aws4_request");
        let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
        let text = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed}");
        let steps = [day, region, "s3", "aws4_request", text.as_str()];
        let first = format!("AWS4{}", self.secret).into_bytes();
        let signature = steps.into_iter().fold(first, |key, step| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), step.as_bytes()).as_ref().to_vec()
        });
        let credential = format!("{}/{scope}", self.key_id);
        format!(
            "AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={}",
            hex(&signature)
        )
    }
}

/// A key as a path: what is not unreserved is percent-encoded, but for slashes.
fn encoded(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    let byte = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    key.bytes().map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(variables: &[(&str, &str)]) -> Service {
        Service::read(|name| {
            variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// "Example: GET Object" of AWS's "Signature Calculations for the Authorization Header".
    #[test]
    fn the_signature_is_that_of_the_published_example() {
        let credentials = Credentials {
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
        };
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", nothing.to_owned()),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        let signed = credentials.sign("us-east-1", "/test.txt", &headers, nothing, "20130524T000000Z");
        assert_eq!(
            signed,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    #[test]
    fn an_object_is_where_its_service_keeps_it() {
        let aws = service(&[("AWS_DEFAULT_REGION", "eu-west-1")]);
        assert_eq!(
            aws.url("pictures", "a b/ü.png"),
            "https://pictures.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC.png"
        );
        assert_eq!(aws.url("my.pictures", "a"), "https://s3.eu-west-1.amazonaws.com/my.pictures/a");
        let own = service(&[("AWS_ENDPOINT_URL", "http://minio:9000/")]);
        assert_eq!(own.url("pictures", "a"), "http://minio:9000/pictures/a");
    }

    #[test]
    fn without_credentials_nothing_is_signed() -> Result<(), String> {
        let url = Url::parse("http://minio:9000/pictures/a")?;
        assert!(service(&[("AWS_ACCESS_KEY_ID", "half")]).headers(&url, "20130524T000000Z")?.is_empty());
        let whole = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_SESSION_TOKEN", "c")];
        let headers = service(&whole).headers(&url, "20130524T000000Z")?;
        assert_eq!(headers.get("x-amz-security-token").map(HeaderValue::as_bytes), Some(&b"c"[..]));
        assert!(headers.contains_key("authorization"));
        Ok(())
    }

    #[test]
    fn an_object_has_a_bucket_and_a_key() {
        assert_eq!(parts("s3://b/k/l"), Ok(("b", "k/l")));
        for wrong in ["s3://", "s3://b", "s3://b/", "s3:///k", "s3://b@evil.example/k", "s3://b:1/k"] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }
}
