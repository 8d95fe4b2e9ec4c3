//! How is one thing done that a trace says? (API-10: everything that comes without the right must come to nothing)

use zdu_model::judge::belief::Outcome;
use zdu_model::judge::event::{Attempt, Caller, View};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;

use super::port::Port;
use super::session::Session;
use crate::driver::DriverError;

/// Does one thing.
///
/// # Errors
/// [`DriverError`], what the driver could not do: the suite's own failure.
pub async fn perform<P: Port>(
    session: &mut Session<'_, P>,
    action: Action,
) -> Result<(), DriverError> {
    match action {
        Action::Call(call) => session.call(call).await,
        Action::Race(call, times) => session.race(call, times).await,
        Action::Request(id, request) => return session.request(id, request).await,
        Action::Look => session.only_reads(),
        Action::UnknownNode => session.attempt(Caller::Admin, Attempt::UnknownNode).await,
        Action::Anonymous => {
            let views = [View::Overview, View::State, View::Node(NodeId::new(1))];
            for view in views {
                session.attempt(Caller::Anonymous, Attempt::Read(view)).await;
            }
            without_right(session, Caller::Anonymous).await;
            // One wrong password at a time: a server may lock the account after a few.
            for caller in [Caller::WrongPassword, Caller::WrongToken] {
                if session.port.can_be(caller) {
                    session.attempt(caller, Attempt::Read(View::Overview)).await;
                    without_right(session, caller).await;
                }
            }
            // Not as a call is sent, with the right or without.
            for caller in [Caller::Anonymous, Caller::Admin] {
                for call in telling(session) {
                    session.attempt(caller, Attempt::CallByGet(call)).await;
                }
                for view in [View::Overview, View::State] {
                    session.attempt(caller, Attempt::ReadByPost(view)).await;
                }
            }
        }
        Action::Plain => {
            for view in [View::Overview, View::State, View::Node(NodeId::new(1))] {
                session.attempt(Caller::Plain, Attempt::Read(view)).await;
            }
            without_right(session, Caller::Plain).await;
        }
    }
    Ok(())
}

/// Sends each call whose effect would show.
async fn without_right<P: Port>(session: &mut Session<'_, P>, caller: Caller) {
    for call in telling(session) {
        session.attempt(caller, Attempt::Call(call)).await;
    }
}

/// The calls that would succeed for an administrator; where none would, one that is refused.
fn telling<P: Port>(session: &Session<'_, P>) -> Vec<Call> {
    let mut belief = session.judge.belief().clone();
    let calls = Call::of(belief.scope().profile);
    let succeeds: Vec<Call> = calls
        .iter()
        .copied()
        .filter(|call| belief.outcomes(*call).contains(&Outcome::Success))
        .collect();
    if succeeds.is_empty() { vec![Call::Approve] } else { succeeds }
}
