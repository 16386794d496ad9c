//! A build's trace, which repeats itself, as events, which do not.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1::{StatusResponse, Vertex};

use super::super::{Event, Progress};

/// What has been told of a build so far.
#[derive(Debug, Default)]
pub(super) struct Steps {
    known: HashMap<String, Known>,
    disk_full: HashSet<String>,
    failed: Option<Failed>,
}

/// The step that made a build fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    /// Its name.
    pub(super) step: String,
    /// What the builder says of it.
    pub(super) error: String,
    /// Whether its program complained of a full disk.
    pub(super) disk_full: bool,
}

/// How a program puts it, in C and in Rust alike.
const DISK_FULL: &[u8] = b"No space left on device";

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Known {
    #[default]
    Named,
    Started,
    Finished,
}

impl Steps {
    /// Tells `progress` what is new in `trace`.
    pub(super) fn read(&mut self, trace: StatusResponse, progress: &mut dyn Progress) {
        // A trace may bring a step's last words together with its end.
        let (started, ended): (Vec<_>, Vec<_>) =
            trace.vertexes.into_iter().partition(|vertex| vertex.completed.is_none());
        for vertex in started {
            self.vertex(vertex, progress);
        }
        for status in trace.statuses {
            progress.event(Event::StepTransfer {
                id: status.vertex,
                what: status.id,
                current: status.current.try_into().unwrap_or(0),
                total: status.total.try_into().unwrap_or(0),
            });
        }
        for log in trace.logs {
            if log.msg.windows(DISK_FULL.len()).any(|words| words == DISK_FULL) {
                self.disk_full.insert(log.vertex.clone());
            }
            progress.event(Event::StepLog { id: log.vertex, bytes: log.msg });
        }
        for vertex in ended {
            self.vertex(vertex, progress);
        }
        for warning in trace.warnings {
            progress.event(Event::Warning(String::from_utf8_lossy(&warning.short).into_owned()));
        }
    }

    /// The step that failed first.
    pub(super) fn failed(self) -> Option<Failed> {
        self.failed
    }

    fn vertex(&mut self, vertex: Vertex, progress: &mut dyn Progress) {
        let known = self.known.entry(vertex.digest.clone()).or_default();
        // A step may finish once from the cache's index and again for real.
        if vertex.started.is_some() && *known == Known::Named {
            *known = Known::Started;
            progress.event(Event::StepStarted { id: vertex.digest.clone(), name: vertex.name.clone() });
        }
        if vertex.completed.is_some() && *known == Known::Started {
            *known = Known::Finished;
            let error = (!vertex.error.is_empty()).then_some(vertex.error.clone());
            // Steps beside the one that failed are reported as canceled.
            if let Some(error) = &error
                && self.failed.is_none()
                && !error.contains("context canceled")
            {
                self.failed = Some(Failed {
                    step: vertex.name.clone(),
                    error: error.clone(),
                    disk_full: self.disk_full.contains(&vertex.digest),
                });
            }
            progress.event(Event::StepFinished {
                id: vertex.digest,
                cached: vertex.cached,
                took: between(vertex.started.as_ref(), vertex.completed.as_ref()),
                error,
            });
        }
    }
}

fn between(start: Option<&Timestamp>, end: Option<&Timestamp>) -> Duration {
    let nanos = |at: &Timestamp| i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    match (start, end) {
        (Some(start), Some(end)) => {
            Duration::from_nanos(u64::try_from(nanos(end) - nanos(start)).unwrap_or_default())
        }
        _ => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen(Vec<Event>);

    impl Progress for Seen {
        fn event(&mut self, event: Event) {
            self.0.push(event);
        }
    }

    fn vertex(name: &str, started: bool, completed: bool, error: &str) -> StatusResponse {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        StatusResponse {
            vertexes: vec![Vertex {
                digest: format!("sha256:{name}"),
                name: name.to_owned(),
                started: started.then(|| at(1)).flatten(),
                completed: completed.then(|| at(3)).flatten(),
                error: error.to_owned(),
                ..Vertex::default()
            }],
            ..StatusResponse::default()
        }
    }

    #[test]
    fn a_repeated_vertex_is_told_once() {
        let (mut steps, mut seen) = (Steps::default(), Seen::default());
        for trace in [
            vertex("a", false, false, ""),
            vertex("a", true, false, ""),
            vertex("a", true, false, ""),
            vertex("a", true, true, ""),
            vertex("a", true, true, ""),
        ] {
            steps.read(trace, &mut seen);
        }
        assert_eq!(
            seen.0,
            [
                Event::StepStarted { id: "sha256:a".into(), name: "a".into() },
                Event::StepFinished {
                    id: "sha256:a".into(),
                    cached: false,
                    took: Duration::from_secs(2),
                    error: None
                },
            ]
        );
    }

    #[test]
    fn the_step_that_failed_is_not_one_that_was_canceled_for_it() {
        let (mut steps, mut seen) = (Steps::default(), Seen::default());
        steps.read(vertex("beside", true, true, "context canceled"), &mut seen);
        steps.read(vertex("culprit", true, true, "exit code: 101"), &mut seen);
        let failed = Failed { step: "culprit".into(), error: "exit code: 101".into(), disk_full: false };
        assert_eq!(steps.failed(), Some(failed));
    }
}
