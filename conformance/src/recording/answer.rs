//! A recorded answer read again, and shown again.

use zdu_model::judge::belief::Observation;
use zdu_model::judge::served::{Fault, Misshape};
use zdu_model::spec::node::NodeId;

use super::Recorded;
use crate::client::{Credential, Exchange};
use crate::wire::{Answer, Dictionary};

/// What a recorded answer says; `None` when nobody answered, or the view is unknown.
pub(super) fn parse(
    words: &Dictionary,
    view: &str,
    answer: &Recorded,
) -> Option<Result<Answer, Misshape>> {
    let id = |name: &str| words.ids.iter().position(|id| id == name).map(NodeId::at);
    Some(match (answer.code?, view) {
        (502..=504, _) => return None,
        (200, "overview") => words.overview(&answer.body()),
        (200, "state") => words.state(&answer.body()),
        (code @ (200 | 404), _) => {
            let id = id(view.strip_prefix("node ")?)?;
            if code == 404 {
                Ok(Answer { seen: Observation::Node(id, None), details: Vec::new() })
            } else {
                words.node_answer(id, &answer.body())
            }
        }
        (code, _) => {
            Err(Misshape { place: String::new(), fault: Fault::Code { code, location: None } })
        }
    })
}

/// A recorded answer as reports show exchanges.
pub(crate) fn exchange(view: &str, answer: &Recorded) -> Exchange {
    let mut body = String::from_utf8_lossy(&answer.body()).into_owned();
    if body.len() > crate::client::BODY_SHOWN {
        body = body.chars().take(crate::client::BODY_SHOWN).collect();
    }
    Exchange {
        credential: Credential::default(),
        method: if view.starts_with("POST") { "POST" } else { "GET" }.to_owned(),
        url: view.into(),
        code: answer.code,
        location: None,
        body: body.into(),
        silence: answer.failure.clone(),
        took_ms: 0,
    }
}
