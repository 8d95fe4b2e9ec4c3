//! What comes of what must come to nothing? A node that was never listed, a caller without the right, the wrong method
//! (API-7, API-10).

use super::{Found, Judge};
use crate::judge::blame::Since;
use crate::judge::event::{Attempt, Caller, Silence};
use crate::judge::finding::{Allowed, Place, Sight};
use crate::spec::rule::Rule;

impl Judge {
    /// Takes in what such an attempt was answered. Whether it changed anything shows in what is read next.
    pub(super) fn attempted(
        &mut self,
        caller: Caller,
        attempt: Attempt,
        code: Result<u16, Silence>,
    ) {
        let (rule, due) = match (caller, attempt) {
            (_, Attempt::UnknownNode) => (Rule::Api7, Some(404)),
            // Any answer will do, as long as nothing changes.
            (Caller::Admin, _) | (_, Attempt::CallByGet(_) | Attempt::ReadByPost(_)) => {
                (Rule::Api10, None)
            }
            (Caller::Plain, _) => (Rule::Api10, Some(403)),
            (Caller::Anonymous | Caller::WrongPassword | Caller::WrongToken, _) => {
                (Rule::Api10, Some(401))
            }
        };
        if attempt == Attempt::UnknownNode {
            self.only_reads();
        } else {
            self.since(Since::Attempted);
        }
        let nobody = matches!(code, Err(_) | Ok(502..=504));
        if nobody {
            return;
        }
        self.stakes.at_stake(self.step, rule);
        if let (Some(due), Ok(code)) = (due, code)
            && code != due
        {
            let place = Place::Attempt(caller, attempt);
            let (allowed, seen) = (vec![Allowed::Code(due)], Sight::Code(code));
            self.find(Found::wrong(rule, place, allowed, seen, self.event));
        }
    }
}
