//! Which requests are under way, and which calls of one sort meet (API-12)?

use std::time::Duration;

use crate::cluster::calls::Call;
use crate::exchange::{Port, Request};

/// A request that has come in and is not handled yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub(crate) u64);

#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) ticket: Ticket,
    pub(crate) port: Port,
    pub(crate) request: Request,
    pub(crate) call: Option<Call>,
    pub(crate) race: Option<Race>,
    pub(crate) since: Duration,
}

/// What a defect of the race knows of a call since it came in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Race {
    /// The guard was asked then, and let it through.
    Allowed,
    /// It is counted among those of its sort.
    Counted(Call),
    /// There were others meanwhile.
    Contested,
}

/// How many calls of one sort are under way, and whether there were ever two at once among them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contest {
    running: u32,
    contested: bool,
}

impl Contest {
    pub(crate) fn begin(&mut self) {
        self.running += 1;
        self.contested |= self.running > 1;
    }

    /// Whether the call that ends had others beside it.
    pub(crate) fn end(&mut self) -> bool {
        let contested = self.contested;
        self.running = self.running.saturating_sub(1);
        self.contested &= self.running > 0;
        contested
    }
}
