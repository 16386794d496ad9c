//! Collects faults.
use super::Fault;
#[derive(Default)]
pub(super) struct Reader {
    faults: Vec<Fault>,
}
impl Reader {
    pub(super) fn report(&mut self, fault: Fault) {
        self.faults.push(fault);
    }
    pub(super) fn finish(self) -> Option<Vec<Fault>> {
        (!self.faults.is_empty()).then_some(self.faults)
    }
}
