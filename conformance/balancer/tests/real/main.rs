//! Does each kind do what it says on the real server? One test a behaviour, named by server and sentence; a server that is not
//! installed is named, and its tests are skipped by name. With `CI=true` they fail.

mod apache;
mod azure;
mod backend;
mod emulator;
mod haproxy;
mod nginx;
#[path = "../servers/mod.rs"]
mod servers;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use zdu_balancer::{Kind, Node, Rotation, Settings};

/// A test and the program that it needs.
type Test = (&'static str, &'static str, fn());

/// How many tests run at once: they wait most of the time.
const AT_ONCE: usize = 6;

fn main() -> ExitCode {
    let mut args = Arguments::from_args();
    args.test_threads = args.test_threads.or(Some(AT_ONCE));
    let tests: Vec<Test> =
        [nginx::TESTS, haproxy::TESTS, apache::TESTS, apache::JK_TESTS, azure::TESTS].concat();
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let trials = tests.into_iter().map(|(name, needs, test)| {
        let missing = servers::missing(needs);
        if let Some(missing) = missing {
            println!("{missing} is not installed: {name} is skipped");
        }
        Trial::test(name, move || match missing {
            None => {
                test();
                Ok(())
            }
            Some(missing) => {
                Err(format!("{missing} is not installed; apt-get install {missing}").into())
            }
        })
        .with_ignored_flag(missing.is_some() && !strict)
    });
    libtest_mimic::run(&args, trials.collect()).exit_code()
}

/// Runs what waits for sockets and processes.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

fn rotation(kind: Kind, drain: Duration) -> Rotation {
    Rotation::new(&Settings { common: zdu_balancer::Common { drain, still: None }, kind })
}

fn node(member: &str) -> Node {
    Node { name: member.to_owned(), member: Some(member.to_owned()), names: Vec::new() }
}

/// The members and their places: `n1 in, n2 out`.
fn places(rotation: &Rotation) -> String {
    let members = block_on(rotation.list()).expect("it can be listed");
    let shown = members.iter().map(|member| format!("{} {}", member.name, member.place.name()));
    shown.collect::<Vec<_>>().join(", ")
}

/// Waits until something is so.
fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < servers::LIMIT, "{what}: not within {:?}", servers::LIMIT);
        std::thread::sleep(Duration::from_millis(5));
    }
}
