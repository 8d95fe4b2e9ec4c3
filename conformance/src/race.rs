//! What comes of one call sent several times at once? (API-12) Sends them together, and asks whether the answers can have
//! come about one after the other.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Barrier;
use zdu_model::judge::belief::{Belief, Outcome};
use zdu_model::judge::race::{Linearized, Sent, linearize};
use zdu_model::spec::transition::Call;

use crate::client::Reply;
use crate::replay::Site;

/// A call that was sent with others, and what came back.
#[derive(Clone, Debug)]
pub struct Raced {
    /// When it was sent, in microseconds since the race began.
    pub began_us: u64,
    /// When the answer was there, likewise.
    pub ended_us: u64,
    /// What came back.
    pub reply: Reply,
}

impl Raced {
    /// What the answer says about the call; a code that is neither 200 nor 409 leaves it open, and is a finding of its own.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self.reply.code {
            Some(200) => Outcome::Success,
            Some(409) => Outcome::Refused,
            Some(_) | None => Outcome::Unknown,
        }
    }
}

/// Sends a call so many times at once, each over a connection of its own.
pub async fn send(site: &Site, call: Call, times: u8) -> Vec<Raced> {
    let line = Arc::new(Barrier::new(usize::from(times)));
    let mut racers = tokio::task::JoinSet::new();
    let began = Instant::now();
    let micros = move || u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    for _ in 0..times {
        let (site, line) = (site.clone(), Arc::clone(&line));
        racers.spawn(async move {
            line.wait().await;
            let began_us = micros();
            let reply = site.post(call).await;
            Raced { began_us, ended_us: micros(), reply }
        });
    }
    racers.join_all().await
}

/// Whether some order of the calls explains their answers, from what is believed before the first.
#[must_use]
pub fn order(before: &Belief, call: Call, sent: &[Raced]) -> Linearized {
    let sent: Vec<Sent> = sent
        .iter()
        .map(|one| Sent { call, began: one.began_us, ended: one.ended_us, outcome: one.outcome() })
        .collect();
    linearize(before, &sent)
}
