//! The server's health as a value: where setup stands, how often the worker died, what that means for requests.

use std::time::Duration;

use cog_schema::envelope::{Health, HealthStatus, SetupReport, SetupStatus, Versions};

use crate::document::VERSION;

/// Deaths in a row, without a succeeded prediction in between, after which the worker is given up.
const LAST_DEATH: u32 = 3;
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// Where the server stands.
#[derive(Debug)]
pub(super) struct Vitals {
    phase: Phase,
    setup: SetupReport,
    ever_ready: bool,
    deaths: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    SetupFailed,
    Defunct,
}

/// What to do after a worker died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Start another after this pause.
    Respawn(Duration),
    /// Do not start another.
    GiveUp,
}

impl Vitals {
    /// A server whose first setup begins.
    pub(super) fn new(now: String) -> Self {
        Self { phase: Phase::Starting, setup: starting(now), ever_ready: false, deaths: 0 }
    }

    /// Another worker begins its setup.
    pub(super) fn restarted(&mut self, now: String) {
        self.phase = Phase::Starting;
        self.setup = starting(now);
    }

    pub(super) fn setup_printed(&mut self, text: &str) {
        self.setup.logs.push_str(text);
    }

    pub(super) fn became_ready(&mut self, now: String) {
        self.phase = Phase::Ready;
        self.ever_ready = true;
        self.setup.status = SetupStatus::Succeeded;
        self.setup.completed_at = Some(now);
    }

    /// A prediction succeeded: deaths before it do not count any more.
    pub(super) fn succeeded(&mut self) {
        self.deaths = 0;
    }

    /// A worker died, or could not set up. The first setup gets one try; after that, deaths are counted.
    pub(super) fn died(&mut self, now: String, cause: &str) -> Next {
        if self.phase == Phase::Starting {
            if !self.setup.logs.is_empty() && !self.setup.logs.ends_with('\n') {
                self.setup.logs.push('\n');
            }
            self.setup.logs.push_str(cause);
            self.setup.logs.push('\n');
            self.setup.status = SetupStatus::Failed;
            self.setup.completed_at = Some(now);
            if !self.ever_ready {
                self.phase = Phase::SetupFailed;
                return Next::GiveUp;
            }
        }
        self.deaths += 1;
        if self.deaths >= LAST_DEATH {
            self.phase = Phase::Defunct;
            return Next::GiveUp;
        }
        self.phase = Phase::Starting;
        Next::Respawn(match self.deaths {
            1 => Duration::ZERO,
            more => SHORTEST_PAUSE * 2u32.pow(more - 2),
        })
    }

    /// The worker was killed on purpose; that is nobody's fault.
    pub(super) fn replaced(&mut self) {
        self.phase = Phase::Starting;
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    pub(super) fn is_starting(&self) -> bool {
        self.phase == Phase::Starting
    }

    pub(super) fn status(&self, every_slot_taken: bool) -> HealthStatus {
        match self.phase {
            Phase::Starting => HealthStatus::Starting,
            Phase::Ready if every_slot_taken => HealthStatus::Busy,
            Phase::Ready => HealthStatus::Ready,
            Phase::SetupFailed => HealthStatus::SetupFailed,
            Phase::Defunct => HealthStatus::Defunct,
        }
    }

    /// The answer to a health check, but for what the author's check says.
    pub(super) fn report(&self, every_slot_taken: bool) -> Health {
        Health {
            status: self.status(every_slot_taken),
            setup: Some(self.setup.clone()),
            version: Versions { coglet: Some(VERSION.to_owned()), ..Versions::default() },
            user_healthcheck_error: None,
        }
    }
}

fn starting(now: String) -> SetupReport {
    SetupReport { started_at: now, completed_at: None, status: SetupStatus::Starting, logs: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> String {
        time.to_owned()
    }

    fn ready() -> Vitals {
        let mut vitals = Vitals::new(at("0"));
        vitals.became_ready(at("1"));
        vitals
    }

    #[test]
    fn a_death_in_the_first_setup_is_a_failed_setup_with_its_output_and_its_cause() {
        let mut vitals = Vitals::new(at("0"));
        vitals.setup_printed("loading");
        assert_eq!(vitals.died(at("1"), "no weights"), Next::GiveUp);
        let health = vitals.report(false);
        assert_eq!(health.status, HealthStatus::SetupFailed);
        assert_eq!(health.setup.map(|setup| setup.logs), Some("loading\nno weights\n".to_owned()));
    }

    #[test]
    fn the_third_death_in_a_row_is_the_last() {
        let mut vitals = ready();
        assert_eq!(vitals.died(at("2"), "x"), Next::Respawn(Duration::ZERO));
        assert_eq!(vitals.report(false).status, HealthStatus::Starting);
        vitals.became_ready(at("3"));
        assert!(matches!(vitals.died(at("4"), "x"), Next::Respawn(pause) if pause > Duration::ZERO));
        vitals.became_ready(at("5"));
        assert_eq!(vitals.died(at("6"), "x"), Next::GiveUp);
        assert_eq!(vitals.report(false).status, HealthStatus::Defunct);
    }

    #[test]
    fn a_success_forgives_the_deaths_before_it() {
        let mut vitals = ready();
        for _ in 0..9 {
            assert_eq!(vitals.died(at("2"), "x"), Next::Respawn(Duration::ZERO));
            vitals.became_ready(at("3"));
            vitals.succeeded();
        }
    }

    #[test]
    fn a_failed_setup_of_a_replacement_counts_as_a_death() {
        let mut vitals = ready();
        vitals.died(at("2"), "x");
        vitals.restarted(at("3"));
        assert!(matches!(vitals.died(at("4"), "x"), Next::Respawn(_)));
        vitals.restarted(at("5"));
        assert_eq!(vitals.died(at("6"), "x"), Next::GiveUp);
    }

    #[test]
    fn busy_is_ready_with_every_slot_taken() {
        assert_eq!(ready().report(true).status, HealthStatus::Busy);
        assert_eq!(ready().report(false).status, HealthStatus::Ready);
        assert_eq!(Vitals::new(at("0")).report(true).status, HealthStatus::Starting);
    }
}
