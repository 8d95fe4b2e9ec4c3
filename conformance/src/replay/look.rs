//! What does a view show at this moment? One reading for whoever judges nothing: a doctor, advice, the end of a run.

use zdu_model::judge::event::{Answer, Silence, Source, View};
use zdu_model::judge::roster::Roster;
use zdu_model::judge::seen::{Observation, Overview};
use zdu_model::judge::served::Misshape;

use super::port::Port as _;
use super::site::Site;
use crate::client::Exchange;
use crate::verdict::LeftAs;

/// What one reading shows.
#[derive(Clone, Debug)]
pub enum Shown {
    /// This, as far as it speaks of the target's nodes.
    Seen(Option<Observation>),
    /// Nobody answers.
    Nobody(Silence),
    /// An answer of another shape.
    Bad(Misshape),
}

/// One reading.
#[derive(Clone, Debug)]
pub struct Look {
    /// What it shows.
    pub shown: Shown,
    /// The request and the answer.
    pub exchange: Exchange,
    /// Who is who in it.
    pub roster: Roster,
}

impl Look {
    /// The overview, where one is shown.
    #[must_use]
    pub const fn overview(&self) -> Option<&Overview> {
        match &self.shown {
            Shown::Seen(Some(Observation::Overview(overview))) => Some(overview),
            Shown::Seen(Some(Observation::State(..) | Observation::Node(..)) | None)
            | Shown::Nobody(_)
            | Shown::Bad(_) => None,
        }
    }

    /// The same as how a run leaves its cluster.
    #[must_use]
    pub fn left_as(self) -> LeftAs {
        match self.shown {
            Shown::Seen(Some(Observation::Overview(overview))) => LeftAs::Seen(overview),
            Shown::Seen(_) | Shown::Bad(_) => LeftAs::Unreadable,
            Shown::Nobody(silence) => LeftAs::Silent(silence),
        }
    }
}

impl Site {
    /// Reads a view once.
    pub async fn look(&self, source: Source, view: View) -> Look {
        let mut roster = self.dictionary.roster();
        let (asked, id) = match view {
            View::Node(node) => (Some(node), roster.id(node).cloned()),
            View::Overview | View::State => (None, None),
        };
        let sent = self.read(source, view, id.as_ref()).await;
        let shown = match sent.answer {
            Answer::Served(served) => Shown::Seen(roster.told(&served, asked).seen),
            Answer::NotListed => Shown::Seen(asked.map(|node| Observation::Node(node, None))),
            Answer::Nobody(silence) => Shown::Nobody(silence),
            Answer::Bad(misshape) => Shown::Bad(misshape),
        };
        Look { shown, exchange: sent.raw.exchange, roster }
    }
}
