//! What OpenTelemetry's environment variables say about traces.

use std::time::Duration;

use super::context::TraceId;
use crate::journal;
use crate::supervisor::fetch::decode;

/// Where traces go, and which.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TraceSettings {
    pub(super) endpoint: String,
    /// As the operator gave them: credentials, most often.
    pub(super) headers: Vec<(String, String)>,
    /// What is said of this server.
    pub(super) resource: Vec<(String, String)>,
    pub(super) sampler: Sampler,
    /// How long one export may take.
    pub(super) timeout: Duration,
    /// How long a span waits for others at most.
    pub(super) delay: Duration,
}

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sampler {
    /// The share of traces that begin here, from 0 to 1.
    ratio: f64,
    /// Whether a caller's own choice counts.
    parent: bool,
}

impl Sampler {
    pub(super) fn takes(self, trace: TraceId, parent_sampled: Option<bool>) -> bool {
        if let Some(sampled) = parent_sampled.filter(|_| self.parent) {
            return sampled;
        }
        // All who see the trace come to the same choice, by its last 8 bytes.
        let [.., a, b, c, d, e, f, g, h] = trace.0;
        let place = (u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 1) as f64 / (1u64 << 63) as f64;
        self.ratio >= 1.0 || place < self.ratio
    }
}

impl TraceSettings {
    /// Reads the environment; `None` where traces are not asked for.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let given = |name: &str| {
            variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        // A variable about traces goes before one about everything.
        let either = |name: &str| {
            given(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"))
                .or_else(|| given(&format!("OTEL_EXPORTER_OTLP_{name}")))
        };
        let disabled = given("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if disabled || given("OTEL_TRACES_EXPORTER").is_some_and(|exporter| exporter == "none") {
            return None;
        }
        let endpoint = given("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| {
            let base = given("OTEL_EXPORTER_OTLP_ENDPOINT")?;
            Some(format!("{}/v1/traces", base.trim_end_matches('/')))
        })?;
        if either("PROTOCOL").is_some_and(|protocol| protocol == "grpc") {
            journal::error(
                "OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`, and traces are only sent over HTTP: none are sent. A collector \
                 takes OTLP over HTTP at port 4318.",
            );
            return None;
        }
        let milliseconds = |value: Option<String>, default| {
            Duration::from_millis(value.and_then(|value| value.parse().ok()).unwrap_or(default))
        };
        Some(Self {
            endpoint,
            headers: pairs(&either("HEADERS").unwrap_or_default()),
            resource: resource(given("OTEL_SERVICE_NAME"), given("OTEL_RESOURCE_ATTRIBUTES")),
            sampler: sampler(
                given("OTEL_TRACES_SAMPLER").as_deref(),
                given("OTEL_TRACES_SAMPLER_ARG").as_deref(),
            ),
            timeout: milliseconds(either("TIMEOUT"), 10_000),
            delay: milliseconds(given("OTEL_BSP_SCHEDULE_DELAY"), 5_000),
        })
    }
}

fn resource(name: Option<String>, attributes: Option<String>) -> Vec<(String, String)> {
    let mut resource = pairs(&attributes.unwrap_or_default());
    let named = resource.iter().any(|(key, _)| key == "service.name");
    if let Some(name) = name.or_else(|| (!named).then(|| "cog".to_owned())) {
        resource.retain(|(key, _)| key != "service.name");
        resource.push(("service.name".to_owned(), name));
    }
    resource
}

fn sampler(name: Option<&str>, argument: Option<&str>) -> Sampler {
    let share = || argument.and_then(|share| share.parse().ok()).unwrap_or(1.0_f64).clamp(0.0, 1.0);
    let (ratio, parent) = match name.unwrap_or("parentbased_always_on") {
        "always_on" => (1.0, false),
        "always_off" => (0.0, false),
        "traceidratio" => (share(), false),
        "parentbased_always_on" => (1.0, true),
        "parentbased_always_off" => (0.0, true),
        "parentbased_traceidratio" => (share(), true),
        other => {
            journal::warn(&format!(
                "OTEL_TRACES_SAMPLER is `{other}`, which is no sampler that is known here; all is taken"
            ));
            (1.0, true)
        }
    };
    Sampler { ratio, parent }
}

/// `key=value,key=value`, the values percent-encoded.
fn pairs(list: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((key.trim().to_owned(), decode(value.trim(), false).into_owned()))
    };
    list.split(',').filter_map(pair).filter(|(key, _)| !key.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<TraceSettings> {
        TraceSettings::read(|name| {
            variables.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_an_endpoint_there_are_no_traces() {
        assert_eq!(read(&[("OTEL_SERVICE_NAME", "x")]), None);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        assert_eq!(read(&[endpoint, ("OTEL_SDK_DISABLED", "true")]), None);
        assert_eq!(read(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]), None);
        assert_eq!(read(&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]), None);
    }

    #[test]
    fn what_is_said_of_traces_goes_before_what_is_said_of_everything() {
        let read = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20eA==, x-team = ml"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "100"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "200"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a,zone=b%2Cc"),
        ]);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            read,
            Some(TraceSettings {
                endpoint: "http://collector:4318/v1/traces".to_owned(),
                headers: vec![pair("authorization", "Basic eA=="), pair("x-team", "ml")],
                resource: vec![pair("service.name", "a"), pair("zone", "b,c")],
                sampler: Sampler { ratio: 1.0, parent: true },
                timeout: Duration::from_millis(200),
                delay: Duration::from_secs(5),
            })
        );
    }

    #[test]
    fn the_sampler_takes_its_share_and_minds_the_caller() {
        let (low, high) = (TraceId([0; 16]), TraceId([255; 16]));
        let half = sampler(Some("parentbased_traceidratio"), Some("0.5"));
        assert!(half.takes(low, None) && !half.takes(high, None));
        assert!(half.takes(high, Some(true)) && !half.takes(low, Some(false)));
        let all = sampler(Some("always_on"), None);
        assert!(all.takes(high, Some(false)));
        assert!(!sampler(Some("always_off"), None).takes(low, None));
    }
}
