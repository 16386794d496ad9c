//! A worker's health as a value: where its setup stands, how often the worker died, what that means for requests.

use std::time::Duration;

use cog_schema::envelope::{Health, HealthStatus, SetupPhase, SetupReport, SetupStatus, Versions};

use super::clock::Moment;
use crate::document::VERSION;

/// Deaths in a row, without a succeeded prediction in between, after which the worker is given up.
const LAST_DEATH: u32 = 3;
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// Where a worker stands.
#[derive(Debug)]
pub(super) struct Vitals {
    phase: Phase,
    setup: SetupReport,
    /// When the last part of setup began.
    phase_began: Moment,
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
    /// The first worker begins its setup.
    pub(super) fn new(now: Moment) -> Self {
        let setup = starting(&now);
        Self { phase: Phase::Starting, setup, phase_began: now, ever_ready: false, deaths: 0 }
    }

    /// Another worker begins its setup.
    pub(super) fn restarted(&mut self, now: Moment) {
        self.phase = Phase::Starting;
        self.setup = starting(&now);
        self.phase_began = now;
    }

    /// A part of setup begins, and the one before it is over.
    pub(super) fn phase_began(&mut self, name: String, now: Moment) {
        self.phase_ended(&now);
        self.setup.phases.push(SetupPhase { name, started_at: now.wall.clone(), seconds: None });
        self.phase_began = now;
    }

    fn phase_ended(&mut self, now: &Moment) {
        let took = now.at.saturating_duration_since(self.phase_began.at).as_secs_f64();
        if let Some(last) = self.setup.phases.last_mut() {
            last.seconds = Some(took);
        }
    }

    pub(super) fn setup_printed(&mut self, text: &str) {
        self.setup.logs.push_str(text);
    }

    pub(super) fn became_ready(&mut self, now: Moment) {
        self.phase_ended(&now);
        self.phase = Phase::Ready;
        self.ever_ready = true;
        self.setup.status = SetupStatus::Succeeded;
        self.setup.completed_at = Some(now.wall);
    }

    /// A prediction succeeded: deaths before it do not count any more.
    pub(super) fn succeeded(&mut self) {
        self.deaths = 0;
    }

    /// A worker died, or could not set up. The first setup gets one try; after that, deaths are counted.
    pub(super) fn died(&mut self, now: Moment, cause: &str) -> Next {
        if self.phase == Phase::Starting {
            self.phase_ended(&now);
            if !self.setup.logs.is_empty() && !self.setup.logs.ends_with('\n') {
                self.setup.logs.push('\n');
            }
            self.setup.logs.push_str(cause);
            self.setup.logs.push('\n');
            self.setup.status = SetupStatus::Failed;
            self.setup.completed_at = Some(now.wall);
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

    /// How its setup went, or goes.
    pub(super) fn setup(&self) -> &SetupReport {
        &self.setup
    }
}

/// The answer to a health check, but for what the author's check says.
pub(super) fn report(status: HealthStatus, setup: Option<SetupReport>) -> Health {
    Health {
        status,
        setup,
        version: Versions { coglet: Some(VERSION.to_owned()), ..Versions::default() },
        user_healthcheck_error: None,
        queue: None,
    }
}

fn starting(now: &Moment) -> SetupReport {
    let phase = SetupPhase { name: "process".to_owned(), started_at: now.wall.clone(), seconds: None };
    SetupReport {
        started_at: now.wall.clone(),
        completed_at: None,
        status: SetupStatus::Starting,
        logs: String::new(),
        phases: vec![phase],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: &str) -> Moment {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let passed = Duration::from_secs(second.parse().unwrap_or(0));
        Moment { wall: second.to_owned(), at: *START.get_or_init(std::time::Instant::now) + passed }
    }

    #[test]
    fn each_phase_of_setup_ends_with_the_next_and_the_last_with_setup() {
        let mut vitals = Vitals::new(at("0"));
        vitals.phase_began("setup".to_owned(), at("1"));
        vitals.phase_began("weights".to_owned(), at("2"));
        assert_eq!(vitals.setup().phases.last().map(|phase| phase.seconds), Some(None));
        vitals.became_ready(at("9"));
        let phase = |phase: &SetupPhase| (phase.name.clone(), phase.started_at.clone(), phase.seconds);
        assert_eq!(
            vitals.setup().phases.iter().map(phase).collect::<Vec<_>>(),
            [
                ("process".to_owned(), "0".to_owned(), Some(1.0)),
                ("setup".to_owned(), "1".to_owned(), Some(1.0)),
                ("weights".to_owned(), "2".to_owned(), Some(7.0)),
            ]
        );
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
        assert_eq!(vitals.status(false), HealthStatus::SetupFailed);
        assert_eq!(vitals.setup().logs, "loading\nno weights\n");
    }

    #[test]
    fn the_third_death_in_a_row_is_the_last() {
        let mut vitals = ready();
        assert_eq!(vitals.died(at("2"), "x"), Next::Respawn(Duration::ZERO));
        assert_eq!(vitals.status(false), HealthStatus::Starting);
        vitals.became_ready(at("3"));
        assert!(matches!(vitals.died(at("4"), "x"), Next::Respawn(pause) if pause > Duration::ZERO));
        vitals.became_ready(at("5"));
        assert_eq!(vitals.died(at("6"), "x"), Next::GiveUp);
        assert_eq!(vitals.status(false), HealthStatus::Defunct);
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
        assert_eq!(ready().status(true), HealthStatus::Busy);
        assert_eq!(ready().status(false), HealthStatus::Ready);
        assert_eq!(Vitals::new(at("0")).status(true), HealthStatus::Starting);
    }
}
