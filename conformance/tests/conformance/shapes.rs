//! Answers of other shapes: whatever a server sends, a replay says what it was and goes on or ends. No panic, no hang.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::odd::{Odd, Server};
use zdu_conformance::driver::NoDriver;
use zdu_conformance::log::Log;
use zdu_conformance::replay::{Permission, Session, Site, judge_of, play};
use zdu_conformance::secret::{Account, Credentials};
use zdu_conformance::target::{Target, TargetNode, Timing};
use zdu_conformance::verdict::{Command, Kind, TraceResult, Verdict};
use zdu_conformance::words::Words;
use zdu_model::judge::finding::Names;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

/// What became of a replay: it could not begin, or it has a result.
enum Came {
    Unreachable(String),
    Mismatch(String),
    Result(Box<TraceResult>),
}

async fn replayed(odd: Odd) -> Came {
    let server = Server::start(odd).await;
    let millis = Duration::from_millis;
    let target = Target {
        timing: Timing {
            poll: millis(5),
            request: millis(800),
            settle: millis(1000),
            quiet: millis(10),
        },
        nodes: vec![TargetNode { id: Some("n1".to_owned()), ..TargetNode::default() }],
        ..Target::at(&server.url())
    };
    let began = Instant::now();
    // Somebody who is signed in: to others a redirect to a login page is none of the API's answers.
    let admin = Some(Account::Token("secret".to_owned()));
    let credentials = Credentials { admin, ..Credentials::default() };
    let site = match Site::connect(&target, &credentials).await {
        Ok(site) => site,
        Err(error) if error.unreachable() => return Came::Unreachable(error.to_string()),
        Err(error) => {
            return Came::Mismatch(error.to_string());
        }
    };
    let stop = AtomicBool::new(false);
    let judge = judge_of(&site, site.dictionary.roster());
    let mut session = Session::new(&site, &NoDriver, judge, Log::default(), &stop);
    let trace = Trace::parse(crate::harmless::HARMLESS).expect("a trace");
    let permission = Permission { disrupt: false, post: true };
    let result = play(&mut session, &trace, permission, Command::zdu(["replay"])).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{odd:?} took {:?}", began.elapsed());
    Came::Result(Box::new(result))
}

// The right answers pass: what the others are told from.
#[tokio::test]
async fn the_odd_server_without_oddity_passes() {
    match replayed(Odd::Right).await {
        Came::Result(result) => {
            assert_eq!(result.verdict, Verdict::Pass, "{:?}", result.findings)
        }
        Came::Unreachable(words) | Came::Mismatch(words) => panic!("{words}"),
    }
}

// Each of these is an answer: a deviation with the exchange, under the rule of the view that gave it.
#[tokio::test]
async fn an_answer_of_another_shape_is_a_deviation_with_its_exchange() {
    for (odd, words) in [
        (Odd::Html, "HTML"),
        (Odd::Truncated, "not JSON"),
        (Odd::MissingField, "missing"),
        (Odd::UnknownStatus, "WOBBLY"),
        (Odd::UnknownNodeStatus, "SLEEPY"),
        (Odd::WrongTypes, "not a boolean"),
        (Odd::NegativeCount, "below 0"),
        (Odd::Empty, "no body"),
        (Odd::Redirect, "redirect to /login"),
        (Odd::Huge, "not JSON"),
        (Odd::InvalidUtf8, "not JSON"),
        (Odd::ServerError, "500"),
        (Odd::DeepNesting, "not JSON"),
        (Odd::ListInsteadOfObject, "not an object"),
    ] {
        let Came::Result(result) = replayed(odd).await else {
            panic!("{odd:?} was not replayed");
        };
        assert_eq!(result.verdict, Verdict::Deviates, "{odd:?} {:?}", result.findings);
        let found = &result.findings[0];
        let seen = Words::new(&Names::default()).sight(&found.finding.seen);
        assert_eq!(
            (found.finding.kind, found.finding.rule),
            (Kind::WrongAnswer, Rule::Api1),
            "{odd:?}"
        );
        assert!(seen.contains(words), "{odd:?}: {seen}");
        let exchange = found.exchange.as_ref().expect("the exchange is shown");
        assert!(exchange.code.is_some() && exchange.body.raw().len() <= 4096 * 3 + 8, "{odd:?}");
    }
}

// Nobody behind the proxy, or a connection that breaks: unreachable, in time, with the reason.
#[tokio::test]
async fn silence_is_unreachable_and_says_why() {
    for (odd, words) in [
        (Odd::Proxy502, "502"),
        (Odd::Proxy503, "503"),
        (Odd::Reset, "reset"),
        (Odd::Drip, "time limit"),
        (Odd::Closed, ""),
        (Odd::NotHttp, ""),
    ] {
        match replayed(odd).await {
            Came::Unreachable(reason) => assert!(reason.contains(words), "{odd:?}: {reason}"),
            Came::Mismatch(reason) => panic!("{odd:?} is a mismatch: {reason}"),
            Came::Result(result) => panic!("{odd:?} was replayed: {:?}", result.verdict),
        }
    }
}
