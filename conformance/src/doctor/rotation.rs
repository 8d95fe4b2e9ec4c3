//! Does the load balancer of the target file answer, and has it each node? Reads alone.

use zdu_balancer::{Place, Rotation, rotation};

use super::Checkup;
use crate::target::{Target, node_of, word_of};

pub(super) async fn check(checkup: &mut Checkup, target: &Target) {
    let Some(settings) = &target.balancer else { return };
    let members = match Rotation::new(settings).list().await {
        Ok(members) => members,
        Err(error) => {
            return checkup.problem(
                "rotation",
                error.to_string(),
                "mend [balancer], or leave it out",
            );
        }
    };
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    checkup.good("rotation", format!("the load balancer has {}", names.join(", ")));
    for word in (0..target.nodes.len()).filter_map(|index| word_of(target, index)) {
        match rotation::find(&members, &node_of(target, word)) {
            Ok(member) if member.place != Place::In => {
                let by_hand = checkup.command(&["balancer", "connect", word]);
                checkup.note(
                    "rotation",
                    format!("{word} is out of rotation"),
                    format!("a run puts it in once it serves; by hand: {by_hand}"),
                );
            }
            Ok(_) => {}
            Err(error) => {
                checkup.problem("rotation", error.to_string(), "set `member` of the node")
            }
        }
    }
}
