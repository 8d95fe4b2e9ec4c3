//! How an upgrade goes: who serves, how long each node takes, what of the procedure is kept (PROC-1 to PROC-4). Expected
//! values by hand, a reading a second.

use zdu_model::judge::course::{Course, Remark, Since, Stand};
use zdu_model::judge::seen::{Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Version};
use zdu_model::spec::rule::Rule;

const OLD: SeenVersion = SeenVersion::Known(Version(0));
const NEW: SeenVersion = SeenVersion::Known(Version(1));
const SECOND: u64 = 1_000_000;

use NodeStatus::{Active, Error, Offline, Starting, Terminating};

fn seen(status: ClusterStatus, mode: Mode, nodes: &[(NodeStatus, SeenVersion)]) -> Overview {
    let node = |(status, version): &(NodeStatus, SeenVersion)| {
        Some(SeenNode { status: Some(*status), version: *version })
    };
    let origin = if mode == Mode::On { OLD } else { SeenVersion::Nothing };
    Overview { mode, origin, status, tasks: None, nodes: nodes.iter().map(node).collect() }
}

fn on(nodes: &[(NodeStatus, SeenVersion)]) -> Overview {
    seen(ClusterStatus::Mixed, Mode::On, nodes)
}

fn stable(nodes: &[(NodeStatus, SeenVersion)]) -> Overview {
    seen(ClusterStatus::Stable, Mode::Off, nodes)
}

/// Readings a second apart; nothing for one that nobody answered. Gives the seconds at which an outage was noticed.
fn followed(readings: &[Option<Overview>]) -> (Course, Vec<u64>) {
    let mut course = Course::default();
    let mut outages = Vec::new();
    for (second, reading) in (1..).zip(readings) {
        match reading {
            Some(seen) => {
                course.see(second * SECOND, seen);
            }
            None if course.silence(second * SECOND) => outages.push(second),
            None => {}
        }
    }
    (course, outages)
}

fn by_the_page() -> Vec<Option<Overview>> {
    let both = [(Active, OLD), (Active, OLD)];
    vec![
        Some(stable(&both)),
        Some(on(&both)),
        Some(on(&[(Terminating, OLD), (Active, OLD)])),
        Some(on(&[(Offline, OLD), (Active, OLD)])),
        Some(on(&[(Starting, NEW), (Active, OLD)])),
        Some(on(&[(Active, NEW), (Active, OLD)])),
        Some(on(&[(Active, NEW), (Terminating, OLD)])),
        Some(on(&[(Active, NEW), (Starting, NEW)])),
        Some(on(&[(Active, NEW), (Active, NEW)])),
        Some(stable(&[(Active, NEW), (Active, NEW)])),
    ]
}

#[test]
fn proc_3_an_upgrade_by_the_page_is_told_as_finished_and_puts_the_procedure_at_stake() {
    let (course, outages) = followed(&by_the_page());
    assert!(outages.is_empty() && course.remarks().is_empty());
    assert_eq!(course.stand(), Stand::Finished(Version(1)));
    let turns: Vec<_> =
        course.turns().iter().map(|turn| (turn.node, turn.from, turn.to, turn.took)).collect();
    assert_eq!(
        turns,
        [(NodeId::new(1), OLD, NEW, 3 * SECOND), (NodeId::new(2), OLD, NEW, 2 * SECOND)]
    );
    assert_eq!((course.fewest(), course.unserved(10 * SECOND)), (Some(1), (0, 0)));
    let stakes: Vec<_> = course.at_stake().into_iter().collect();
    let due = [(Rule::Proc1, 2), (Rule::Proc2, 2), (Rule::Proc3, 5), (Rule::Proc4, 1)];
    assert_eq!(stakes, due);
    // Before its end it is not finished, and nothing is said of PROC-3.
    let (course, _) = followed(&by_the_page()[..7]);
    assert_eq!(course.stand(), Stand::Underway { upgraded: 1, of: 2 });
    assert!(!course.at_stake().contains_key(&Rule::Proc3));
}

#[test]
fn proc_3_nobody_serving_twice_in_a_row_is_an_outage_once_and_no_longer_held() {
    let mut readings = by_the_page();
    readings.splice(6..6, [None, None, None]);
    let (course, outages) = followed(&readings);
    assert_eq!((outages, course.outages()), (vec![8], 1));
    assert_eq!(course.unserved(13 * SECOND), (3 * SECOND, 3 * SECOND));
    assert_eq!(course.fewest(), Some(0));
    assert!(!course.at_stake().contains_key(&Rule::Proc3));
    // After a fault PROC-3 promises nothing: nobody served all the same.
    let faulted = [
        Some(on(&[(Active, OLD), (Active, OLD)])),
        Some(on(&[(Active, OLD), (Error, OLD)])),
        None,
        None,
        Some(on(&[(Active, OLD), (Error, OLD)])),
    ];
    let (course, outages) = followed(&faulted);
    assert_eq!((outages.is_empty(), course.outages(), course.fewest()), (true, 1, Some(0)));
    assert_eq!(course.unserved(5 * SECOND), (2 * SECOND, 2 * SECOND));
    // One reading alone may be the network's; a single node is always an outage; so is none with upgrade mode off.
    let mut once = by_the_page();
    once.insert(6, None);
    assert!(followed(&once).1.is_empty());
    let single = [Some(on(&[(Active, OLD)])), None, None];
    assert!(followed(&single).1.is_empty());
    let off = [Some(stable(&[(Active, OLD), (Active, OLD)])), None, None];
    let (course, outages) = followed(&off);
    assert!(outages.is_empty());
    assert_eq!(course.unserved(4 * SECOND), (2 * SECOND, 2 * SECOND));
    assert_eq!(course.stand(), Stand::Unknown);
}

#[test]
fn proc_1_and_proc_2_what_was_not_kept_is_remarked_and_not_held() {
    let one = NodeId::new(1);
    let two = NodeId::new(2);
    let mut readings = by_the_page();
    // Taken while the first still starts.
    readings[4] = Some(on(&[(Starting, NEW), (Terminating, OLD)]));
    let (course, _) = followed(&readings);
    assert_eq!(course.remarks(), [Remark::NotWaited(two, one)]);
    assert!(!course.at_stake().contains_key(&Rule::Proc2));
    assert!(course.at_stake().contains_key(&Rule::Proc1));
    // Never seen to stop.
    let mut readings = by_the_page();
    readings.remove(2);
    let (course, _) = followed(&readings);
    assert_eq!(course.remarks(), [Remark::NotStopped(one)]);
    assert!(!course.at_stake().contains_key(&Rule::Proc1));
    // Whoever dies and comes back as it was is nobody's breach, and an errored node may be shut down in any way.
    let died = [
        Some(on(&[(Active, OLD), (Active, OLD)])),
        Some(on(&[(Offline, OLD), (Active, OLD)])),
        Some(on(&[(Active, OLD), (Active, OLD)])),
        Some(on(&[(Error, OLD), (Active, OLD)])),
        Some(on(&[(Offline, OLD), (Active, OLD)])),
        Some(on(&[(Active, NEW), (Active, OLD)])),
    ];
    assert!(followed(&died).0.remarks().is_empty());
}

#[test]
fn mode_3_an_upgrade_that_is_called_off_is_told_as_that() {
    let both = [(Active, OLD), (Active, OLD)];
    let (course, _) = followed(&[Some(stable(&both)), Some(on(&both)), Some(stable(&both))]);
    assert_eq!(course.stand(), Stand::CalledOff);
    let (course, _) = followed(&[Some(stable(&both))]);
    assert_eq!(course.stand(), Stand::NotBegun);
}

// What happens to a cluster after its upgrade does not undo the upgrade.
#[test]
fn proc_3_an_upgrade_that_was_seen_to_end_stays_finished_whatever_happens_later() {
    let mut readings = by_the_page();
    assert_eq!(followed(&readings).0.since(), None);
    readings.push(Some(stable(&[(Offline, NEW), (Active, NEW)])));
    let (course, _) = followed(&readings);
    assert_eq!(course.stand(), Stand::Finished(Version(1)));
    assert_eq!(course.since(), Some(Since::Changed { serving: 1, of: 2 }));
    readings.push(None);
    let (course, _) = followed(&readings);
    assert_eq!(course.stand(), Stand::Finished(Version(1)));
    assert_eq!(course.since(), Some(Since::Unanswered));
    // Healed, it is as it was; and the next upgrade is another one.
    readings.push(Some(stable(&[(Active, NEW), (Active, NEW)])));
    assert_eq!(followed(&readings).0.since(), None);
    readings.push(Some(on(&[(Active, NEW), (Active, NEW)])));
    let (course, _) = followed(&readings);
    assert!(matches!(course.stand(), Stand::Underway { .. }));
    assert_eq!((course.since(), course.earlier()), (None, &[Version(1)][..]));
}

// Who runs upgrade tasks, or failed in them, serves; that some failed is kept once it is over.
#[test]
fn proc_3_a_node_that_runs_its_upgrade_tasks_serves_and_tasks_that_failed_are_kept() {
    use NodeStatus::{RunningFinalizeUpgradeTasks, UpgradeTasksFailed};
    let mut readings = by_the_page();
    assert_eq!(followed(&readings).0.tasks_failed(), None);
    let running = [(RunningFinalizeUpgradeTasks, NEW), (RunningFinalizeUpgradeTasks, NEW)];
    readings.insert(9, Some(seen(ClusterStatus::RunningUpgradeTasks, Mode::Off, &running)));
    let (course, _) = followed(&readings);
    assert_eq!((course.fewest(), course.tasks_failed()), (Some(1), None));
    let failed = [(Active, NEW), (UpgradeTasksFailed, NEW)];
    readings.insert(10, Some(seen(ClusterStatus::UpgradeTasksFailed, Mode::Off, &failed)));
    let (course, _) = followed(&readings);
    assert_eq!(course.stand(), Stand::Finished(Version(1)));
    assert_eq!(course.tasks_failed(), Some(&[NodeId::new(2)].into()));
    assert_eq!(course.turns().len(), 2);
}

// Whoever stops a node in ERROR takes no capacity away, and so does not fail to wait for the others; nor does it show that anybody waits.
#[test]
fn proc_2_a_node_in_error_may_be_stopped_while_another_is_not_active_again() {
    let readings = [
        on(&[(Active, OLD), (Active, OLD), (Active, OLD)]),
        on(&[(Active, OLD), (Error, OLD), (Active, OLD)]),
        on(&[(Active, OLD), (Error, OLD), (Terminating, OLD)]),
        on(&[(Active, OLD), (Terminating, OLD), (Starting, NEW)]),
        on(&[(Active, OLD), (Starting, NEW), (Active, NEW)]),
        on(&[(Active, OLD), (Active, NEW), (Active, NEW)]),
        on(&[(Terminating, OLD), (Active, NEW), (Active, NEW)]),
        on(&[(Active, NEW), (Active, NEW), (Active, NEW)]),
        stable(&[(Active, NEW), (Active, NEW), (Active, NEW)]),
    ]
    .map(Some);
    let (course, _) = followed(&readings);
    assert_eq!(course.remarks(), []);
    assert_eq!(course.at_stake().get(&Rule::Proc2), Some(&2));
}
