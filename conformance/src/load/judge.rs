//! How did users fare while nodes went out of rotation and came back (LB-5, LB-6)?
//!
//! The load balancer's own list is read again and again beside the load. Only what lies for certain within a time is judged by it: sent
//! after the first look that showed a node out, and answered before the last one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use zdu_balancer::{Member, Place};
use zdu_model::spec::rule::Rule;

use super::Visited;

/// How many answers of one node make a user one of it.
const SETTLED: usize = 5;

/// How many new users a node that came back must be due before it is strange that none came: by chance that is one in e^20.
const DUE: usize = 20;

/// How many new users a node must have had before.
const KNOWN: usize = 5;

/// What the load balancer's list showed at a moment.
#[derive(Clone, Debug)]
pub struct Look {
    /// When it was asked for, in milliseconds from the beginning.
    pub asked_ms: u64,
    /// When it was there.
    pub told_ms: u64,
    /// The members.
    pub members: Vec<Member>,
}

/// A time for which a member was out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// The member.
    pub member: String,
    /// Until when it was certainly not out.
    pub before_ms: u64,
    /// From when on it was shown as out.
    pub from_ms: u64,
    /// Until when it was.
    pub until_ms: u64,
    /// From when on it was in again, if it was.
    pub back_ms: Option<u64>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// So many users were answered by a node that was out.
    Stayed(String, usize),
    /// So many users were moved when a node went out that they had nothing to do with.
    Moved(String, usize),
    /// Of so many new users none came to a node that was back.
    Shunned(String, usize),
    /// So many requests failed.
    Failed(usize),
}

/// What is said of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// How often it was at stake.
    pub tried: usize,
    /// What breaks it.
    pub faults: Vec<Fault>,
}

/// The times for which members were out.
#[must_use]
pub fn turns(looks: &[Look]) -> Vec<Turn> {
    let names: BTreeSet<&String> =
        looks.iter().flat_map(|look| &look.members).map(|member| &member.name).collect();
    let mut turns = Vec::new();
    for name in names {
        let mut before_ms = None;
        let mut open: Option<Turn> = None;
        for look in looks {
            let place = look.members.iter().find(|one| one.name == *name).map(|one| one.place);
            match (place, &mut open) {
                (Some(Place::Out), Some(turn)) => turn.until_ms = look.asked_ms,
                (Some(Place::Out), None) => {
                    open = Some(Turn {
                        member: name.clone(),
                        before_ms: before_ms.unwrap_or(0),
                        from_ms: look.told_ms,
                        until_ms: look.asked_ms,
                        back_ms: None,
                    });
                }
                (Some(Place::In), _) => {
                    turns.extend(open.take().map(|it| Turn { back_ms: Some(look.told_ms), ..it }));
                    before_ms = Some(look.asked_ms);
                }
                // What drains still serves its own users; what is not listed says nothing.
                (Some(Place::Draining) | None, _) => {}
            }
        }
        turns.extend(open);
    }
    turns.sort_by_key(|turn| turn.from_ms);
    turns
}

/// What is said of LB-5 and LB-6; `member` is who a node is, as answers name it.
#[must_use]
pub fn judge(
    visits: &[Visited],
    turns: &[Turn],
    member: impl Fn(&str) -> Option<String>,
) -> BTreeMap<Rule, Judged> {
    let answers = visits.iter().filter_map(|visit| {
        let member = visit.node.as_deref().and_then(&member)?;
        visit.failure.is_none().then_some(Answer { visit, member })
    });
    let mut answers: Vec<Answer<'_>> = answers.collect();
    answers.sort_by_key(|answer| answer.visit.ended_ms);
    let mut users = Judged::default();
    let sticky = sticky(&answers, turns);
    for turn in turns {
        stayed(&answers, turn, &mut users);
        if sticky {
            moved(&answers, turn, turns, &mut users);
        }
        shunned(&answers, turn, turns, &mut users);
    }
    let out = |visit: &&Visited| {
        turns.iter().any(|turn| (turn.from_ms..=turn.until_ms).contains(&visit.sent_ms))
    };
    let mut lost = Judged { tried: visits.iter().filter(out).count(), faults: Vec::new() };
    let failed = visits.iter().filter(|visit| visit.failure.is_some()).count();
    if lost.tried > 0 && failed > 0 {
        lost.faults.push(Fault::Failed(failed));
    }
    BTreeMap::from([(Rule::Lb5, users), (Rule::Lb6, lost)])
}

struct Answer<'a> {
    visit: &'a Visited,
    member: String,
}

impl Answer<'_> {
    fn within(&self, turn: &Turn) -> bool {
        self.visit.sent_ms > turn.from_ms && self.visit.ended_ms < turn.until_ms
    }
}

/// Each user's member before a moment, of users with enough answers; none for one who was answered by several.
fn members_before(answers: &[Answer<'_>], moment_ms: u64) -> BTreeMap<usize, Option<String>> {
    let mut last: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for answer in answers.iter().filter(|answer| answer.visit.ended_ms < moment_ms) {
        if let Some(user) = answer.visit.user {
            last.entry(user).or_default().push(&answer.member);
        }
    }
    let settled = |(user, members): (usize, Vec<&str>)| {
        let tail = members.len().checked_sub(SETTLED).map(|from| &members[from..])?;
        let same = tail.iter().all(|one| *one == tail[0]);
        Some((user, same.then(|| tail[0].to_owned())))
    };
    last.into_iter().filter_map(settled).collect()
}

/// Whether users stay with their node while nothing changes.
fn sticky(answers: &[Answer<'_>], turns: &[Turn]) -> bool {
    let Some(first) = turns.first() else { return false };
    let before = members_before(answers, first.before_ms);
    !before.is_empty() && before.values().all(Option::is_some)
}

/// Users of a node that is out are answered by others.
fn stayed(answers: &[Answer<'_>], turn: &Turn, judged: &mut Judged) {
    let before = members_before(answers, turn.before_ms);
    let mut own = BTreeSet::new();
    let mut left = BTreeSet::new();
    for answer in answers.iter().filter(|answer| answer.within(turn)) {
        if let Some(user) = answer.visit.user {
            own.extend((before.get(&user) == Some(&Some(turn.member.clone()))).then_some(user));
        }
        if answer.member == turn.member {
            left.insert(answer.visit.user);
        }
    }
    judged.tried += own.len();
    if !left.is_empty() {
        judged.tried += usize::from(own.is_empty());
        judged.faults.push(Fault::Stayed(turn.member.clone(), left.len()));
    }
}

/// Users of a node that is in stay there.
fn moved(answers: &[Answer<'_>], turn: &Turn, turns: &[Turn], judged: &mut Judged) {
    let meets = |other: &&Turn| {
        other.before_ms <= turn.until_ms && other.back_ms.is_none_or(|back| back >= turn.before_ms)
    };
    let turning: BTreeSet<&str> =
        turns.iter().filter(meets).map(|other| other.member.as_str()).collect();
    let before = members_before(answers, turn.before_ms);
    let mut others = BTreeSet::new();
    let mut gone = BTreeSet::new();
    for answer in answers.iter().filter(|answer| answer.within(turn)) {
        let Some(user) = answer.visit.user else { continue };
        let Some(Some(own)) = before.get(&user) else { continue };
        if !turning.contains(own.as_str()) {
            others.insert(user);
            gone.extend((answer.member != *own).then_some(user));
        }
    }
    judged.tried += others.len();
    if !gone.is_empty() {
        judged.faults.push(Fault::Moved(turn.member.clone(), gone.len()));
    }
}

/// A node that is back gets new users, where it had its share before.
fn shunned(answers: &[Answer<'_>], turn: &Turn, turns: &[Turn], judged: &mut Judged) {
    let Some(back_ms) = turn.back_ms else { return };
    let first_ms = turns.first().map_or(0, |first| first.before_ms);
    let again = turns
        .iter()
        .find(|other| other.member == turn.member && other.from_ms > turn.from_ms)
        .map_or(u64::MAX, |other| other.before_ms);
    let new = || answers.iter().filter(|answer| answer.visit.user.is_none());
    let own = |answer: &&Answer<'_>| answer.member == turn.member;
    let before = || new().filter(|answer| answer.visit.ended_ms < first_ms);
    let after = || new().filter(|one| one.visit.sent_ms > back_ms && one.visit.ended_ms < again);
    let (had, all) = (before().filter(own).count(), before().count());
    if had < KNOWN || after().count() * had < DUE * all {
        return;
    }
    judged.tried += 1;
    if !after().any(|answer| own(&answer)) {
        judged.faults.push(Fault::Shunned(turn.member.clone(), after().count()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: [&str; 3] = ["n1", "n2", "n3"];

    /// A list in which n1 is at this place.
    fn look(at_ms: u64, place: Place) -> Look {
        let member = |name: &&str| Member {
            name: (*name).to_owned(),
            address: None,
            place: if *name == "n1" { place } else { Place::In },
            healthy: None,
            busy: None,
            sent: None,
        };
        Look { asked_ms: at_ms, told_ms: at_ms + 1, members: NODES.iter().map(member).collect() }
    }

    /// n1 is out from 1001 to 1900 ms, and back from 2001 ms on.
    fn looks() -> Vec<Look> {
        [
            (0, Place::In),
            (900, Place::In),
            (1000, Place::Out),
            (1900, Place::Out),
            (2000, Place::In),
        ]
        .map(|(at_ms, place)| look(at_ms, place))
        .to_vec()
    }

    fn visit(user: Option<usize>, at_ms: u64, node: &str) -> Visited {
        let node = Some(node.to_owned());
        Visited { user, sent_ms: at_ms, ended_ms: at_ms + 5, node, failure: None }
    }

    /// Three users, one a node, and new ones in turn; who is where is told by `user` and `new`.
    fn visits(user: fn(usize, u64) -> usize, new: fn(u64) -> usize) -> Vec<Visited> {
        (0..400)
            .flat_map(|tick| {
                let at_ms = tick * 10;
                let own = (0..3).map(move |one| visit(Some(one), at_ms, NODES[user(one, at_ms)]));
                own.chain([visit(None, at_ms + 2, NODES[new(at_ms)])])
            })
            .collect()
    }

    /// Whether n1 is out, the change included.
    const fn out(at_ms: u64) -> bool {
        at_ms > 900 && at_ms < 2001
    }

    const fn right_user(user: usize, at_ms: u64) -> usize {
        if user == 0 && out(at_ms) { 1 } else { user }
    }

    const fn right_new(at_ms: u64) -> usize {
        let turn = (at_ms / 10 % 3) as usize;
        if turn == 0 && out(at_ms) { 2 } else { turn }
    }

    fn judged(visits: &[Visited]) -> BTreeMap<Rule, Judged> {
        judge(visits, &turns(&looks()), |node| Some(node.to_owned()))
    }

    // Expected by hand: the time is the one for which n1 is out for certain.
    #[test]
    fn a_turn_is_what_was_certainly_seen() {
        let turn = Turn {
            member: "n1".to_owned(),
            before_ms: 900,
            from_ms: 1001,
            until_ms: 1900,
            back_ms: Some(2001),
        };
        assert_eq!(turns(&looks()), std::slice::from_ref(&turn));
        let drains = [look(0, Place::In), look(10, Place::Draining), look(20, Place::Out)];
        let still = Turn { before_ms: 0, from_ms: 21, until_ms: 20, back_ms: None, ..turn };
        assert_eq!(turns(&drains), [still]);
    }

    // Proves that users who move as they should break nothing, and that each of three things is at stake: one user of n1, two of others,
    // and new ones at n1 again.
    #[test]
    fn lb_5_holds_where_users_move_and_new_ones_come_back() {
        let judged = judged(&visits(right_user, right_new));
        assert_eq!(judged[&Rule::Lb5], Judged { tried: 4, faults: Vec::new() });
        // 90 ticks are sent while n1 is out, four requests each.
        assert_eq!(judged[&Rule::Lb6], Judged { tried: 360, faults: Vec::new() });
    }

    #[test]
    fn lb_5_each_way_of_breaking_it_is_told() {
        let faults = |visits: &[Visited]| judged(visits)[&Rule::Lb5].faults.clone();
        let n1 = || "n1".to_owned();
        let stays = visits(|user, _| user, right_new);
        assert_eq!(faults(&stays), [Fault::Stayed(n1(), 1)]);
        let all_move = visits(
            |user, at_ms| match (user, out(at_ms)) {
                (0 | 2, true) => 1,
                (1, true) => 2,
                _ => user,
            },
            right_new,
        );
        assert_eq!(faults(&all_move), [Fault::Moved(n1(), 2)]);
        let shunned = visits(right_user, |at_ms| {
            if at_ms > 900 { 1 + (at_ms / 10 % 2) as usize } else { right_new(at_ms) }
        });
        assert!(matches!(faults(&shunned)[..], [Fault::Shunned(_, new)] if new > 190));
    }

    // Where sessions do not stay, nobody who moves says anything; where n1 had nobody new before, nor does it that none comes.
    #[test]
    fn lb_5_is_not_at_stake_where_nothing_can_be_told() {
        let in_turn = visits(
            |user, at_ms| {
                let turn = (user + (at_ms / 10) as usize) % 3;
                if turn == 0 && out(at_ms) { 1 } else { turn }
            },
            |_| 1,
        );
        assert_eq!(judged(&in_turn)[&Rule::Lb5], Judged::default());
        assert!(turns(&[look(0, Place::In), look(10, Place::In)]).is_empty());
    }

    // A failure counts where a node was out meanwhile, and says nothing of LB-6 where none was.
    #[test]
    fn lb_6_a_failed_request_breaks_it_where_a_node_was_out() {
        let mut visits = visits(right_user, right_new);
        visits[700].failure = Some("502".to_owned());
        assert_eq!(judged(&visits)[&Rule::Lb6].faults, [Fault::Failed(1)]);
        let none = judge(&visits, &[], |node| Some(node.to_owned()));
        assert_eq!(none[&Rule::Lb6], Judged::default());
    }
}
