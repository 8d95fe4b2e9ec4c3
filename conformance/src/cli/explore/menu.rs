//! The model in the terminal: a numbered menu, a line a choice. Lines on stdin and stdout and nothing else, so that it
//! works in a pipe, over a slow connection and with a screen reader.

use std::io::{BufRead, IsTerminal as _, Write as _};

use zdu_model::check::path::Change;
use zdu_model::spec::transition::Kind;

use super::load;
use super::session::{Here, KINDS, Session};
use super::walk::STEPS_MAX;
use crate::cli::saved::next;
use crate::cli::{Ended, Failure, itf};
use crate::exit::Exit;

const HELP: &str = "\
  NUMBER        take that transition; several in a row: 1 4 2
  u, f          undo the last step, and forward again
  r             back to the start
  b             the shortest way back to STABLE
  go EXPR       the shortest way, without faults, to where that holds: go MIXED and no=ERROR; zdu explain expressions
  until EXPR    at random until that holds
  random N      N steps at random; random N SEED walks the same way again
  mark EXPR     mark the choices that lead to where that holds; mark alone ends it
  diff N        what differs between after step N and here; diff alone: from the start
  known         in which states the cluster may be for whoever drives the nodes and sees the API
  save FILE     the path as a trace for zdu replay; with every step, by itself or not, where FILE ends with .itf or .itf.json
  x             what is refused here, and by which rule
  p             what each property says of this state
  path          the steps so far
  load NAME     walk a scenario, the file of a trace, a run in ITF, a check's JSON, a report or a recording; or transitions,
                separated by `;`
  q             quit";

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Api => "API",
        Kind::Operator => "operator",
        Kind::Fault => "fault",
        Kind::Spontaneous => "by itself",
    }
}

pub(super) fn run(mut session: Session) -> Ended {
    let stdin = std::io::stdin();
    let echo = !stdin.is_terminal();
    let mut lines = stdin.lock().lines();
    print!("{}", shown(&session));
    loop {
        print!("> ");
        let _ = std::io::stdout().flush();
        let Some(line) = lines.next() else {
            println!();
            return Ok(Exit::Fine);
        };
        let line = line.map_err(|error| Failure::usage(format!("cannot read: {error}")))?;
        if echo {
            // A transcript without the questions would not make sense.
            println!("{line}");
        }
        match line.trim() {
            "" => print!("{}", shown(&session)),
            "q" | "quit" | "exit" => return Ok(Exit::Fine),
            "?" | "h" | "help" => println!("{HELP}"),
            "u" | "undo" => {
                if session.undo() {
                    print!("{}", shown(&session));
                } else {
                    println!("this is the start");
                }
            }
            "f" | "forward" => {
                if session.redo() {
                    print!("{}", shown(&session));
                } else {
                    println!("nothing was undone");
                }
            }
            "known" => print!("{}", known(&session)),
            "r" | "reset" => {
                while session.undo() {}
                print!("{}", shown(&session));
            }
            "x" | "refused" => print!("{}", refused(&session)),
            "p" | "properties" => print!("{}", properties(&session)),
            "path" => print!("{}", path(&session)),
            "b" | "back" => print!("{}", back(&session)),
            other => {
                match other.split_once(' ').map_or((other, ""), |(word, rest)| (word, rest.trim()))
                {
                    ("go", to) => went(session.go(to), &session),
                    ("until", to) => went(until(&mut session, to), &session),
                    ("random", how) => went(random(&mut session, how), &session),
                    ("mark", what) => match session.mark(what) {
                        Ok(()) => print!("{}", shown(&session)),
                        Err(error) => println!("{error}"),
                    },
                    ("diff", step) => print!("{}", difference(&session, step)),
                    ("save", file) if !file.is_empty() => print!("{}", saved(&session, file)),
                    ("load", what) => match loaded(&session, what) {
                        Ok(there) => {
                            session = there;
                            print!("{}{}", path(&session), shown(&session));
                        }
                        Err(error) => println!("{error}"),
                    },
                    _ => take(&mut session, other),
                }
            }
        }
    }
}

fn went(result: Result<(), String>, session: &Session) {
    print!("{}{}", path(session), shown(session));
    if let Err(error) = result {
        println!("{error}");
    }
}

fn until(session: &mut Session, to: &str) -> Result<(), String> {
    let to = session.expression(to)?;
    session.walk(STEPS_MAX, fastrand::u64(..), Some(&to))
}

/// `10` or `10 SEED`; the seed is told, so that the walk can be made again.
fn random(session: &mut Session, how: &str) -> Result<(), String> {
    let mut words = how.split_whitespace();
    let steps = words.next().map_or(Ok(1), str::parse);
    let seed = words.next().map_or_else(|| Ok(fastrand::u64(..)), str::parse);
    let (Ok(steps), Ok(seed)) = (steps, seed) else {
        return Err(format!("`{how}` is no number of steps with a seed; write: random 10"));
    };
    println!("seed {seed}");
    session.walk(steps, seed, None)?;
    if steps > STEPS_MAX {
        return Err(format!("{STEPS_MAX} steps were taken, and no more are at once"));
    }
    Ok(())
}

fn difference(session: &Session, step: &str) -> String {
    let step = if step.is_empty() { Some(0) } else { step.parse::<usize>().ok() };
    match step.and_then(|step| session.states.get(step)) {
        Some(before) => {
            format!("  {}\n", Change::shown_by(&session.system, before, session.here()))
        }
        None => format!("there is no such step; the last is {}\n", session.path().len()),
    }
}

fn known(session: &Session) -> String {
    let known = session.known();
    let lines: String = known.iter().map(|state| format!("  {state}\n")).collect();
    format!(
        "{lines}{}: what may be so for whoever did what was done here and saw the API; what the cluster did by itself is hidden\n",
        known.len()
    )
}

fn saved(session: &Session, file: &str) -> String {
    let write = |text: String| {
        std::fs::write(file, text).map_err(|error| format!("cannot write {file}: {error}"))
    };
    if [".itf", ".itf.json"].iter().any(|end| file.ends_with(end)) {
        let itf = itf::written(&session.walked(), None, session.system.scope.versions);
        return match write(format!("{itf:#}\n")) {
            Ok(()) => format!("wrote {file}, with every step; walk it again: load {file}\n"),
            Err(error) => format!("{error}\n"),
        };
    }
    let name = std::path::Path::new(file).file_stem();
    let name = name.map_or_else(|| "saved".into(), |name| name.to_string_lossy());
    let written =
        session.trace(&name).and_then(|walked| write(walked.trace.to_json()).map(|()| walked));
    match written {
        Ok(walked) => format!(
            "wrote {file}; {}\na trace says what was done and seen; loaded again, what happens by itself is chosen anew; to keep \
             every step: save {name}.itf\n",
            next(&session.system, file, &walked)
        ),
        Err(error) => format!("{error}\n"),
    }
}

fn take(session: &mut Session, line: &str) {
    for word in line.split_whitespace() {
        let choices = session.choices();
        let chosen = (word.parse::<usize>().ok())
            .and_then(|number| number.checked_sub(1))
            .and_then(|index| choices.get(index));
        let Some(choice) = chosen else {
            println!(
                "`{word}` is none of the numbers 1 to {}, and no command; ? lists the commands",
                choices.len()
            );
            return;
        };
        println!("{}: {}", choice.transition, choice.changes);
        session.take(choice.transition);
    }
    print!("{}", shown(session));
}

fn loaded(session: &Session, what: &str) -> Result<Session, String> {
    let given = std::fs::read_to_string(what).unwrap_or_else(|_| what.to_owned());
    let again = ["--tui".to_owned(), "--load".to_owned(), what.to_owned()];
    let part = load::Part { again: &again, ..load::Part::default() };
    Session::new(session.system, load::path(&session.system, &given, part)?)
}

/// The cluster, then everything that can happen, numbered.
fn shown(session: &Session) -> String {
    let here = session.here();
    let origin = here.origin.map_or_else(String::new, |version| format!(", original {version}"));
    let served = if here.served() { "" } else { "; nobody serves: the API does not answer" };
    let pending = if here.tasks_pending { "; upgrade tasks pending" } else { "" };
    let mut text = format!(
        "\nstep {}: {}, upgrade mode {}{origin}{pending}{served}\n",
        session.path().len(),
        session.system.status(here),
        here.mode
    );
    for (id, node) in here.numbered() {
        let listed =
            node.phase.listed().map_or("not listed", zdu_model::spec::node::NodeStatus::word);
        text += &format!("  {id}  {listed:<12} {}  ({})\n", node.version, node.phase);
    }
    let properties = session.properties();
    for broken in properties.iter().filter(|it| it.here == Here::Violated) {
        text += &format!("  VIOLATED here: {}\n", broken.name);
    }
    let choices = session.choices();
    for kind in KINDS {
        let mut of_kind = (choices.iter().enumerate())
            .filter(|(_, choice)| choice.transition.kind() == kind)
            .peekable();
        if of_kind.peek().is_some() {
            text += &format!("{}\n", title(kind));
        }
        for (index, choice) in of_kind {
            let name = choice.transition.to_string();
            text += &format!(
                "{}{:>3}  {name:<18} {:<9} {}\n",
                if choice.marked { "* " } else { "  " },
                index + 1,
                choice.rule.id(),
                choice.changes
            );
        }
    }
    if let Some((_, note)) = session.note.as_ref().filter(|(at, _)| *at == session.path().len()) {
        text += &format!("{note}\n");
    }
    text + "a number, or ? for help\n"
}

fn refused(session: &Session) -> String {
    let refusals = session.refusals();
    if refusals.is_empty() {
        return "nothing is refused here\n".to_owned();
    }
    (refusals.iter())
        .map(|refusal| {
            let rule = refusal.rule.map_or("", zdu_model::spec::rule::Rule::id);
            format!("  {:<14} {:<10} {rule:<9} {}\n", refusal.what, refusal.answer, refusal.why)
        })
        .collect()
}

fn properties(session: &Session) -> String {
    (session.properties().iter())
        .map(|judged| {
            let verdict = match judged.here {
                Here::Holds => "holds",
                Here::Silent => "says nothing",
                Here::Violated => "VIOLATED",
            };
            let breaks =
                judged.breaks.map_or_else(String::new, |transition| format!("  (by {transition})"));
            format!("  {verdict:<13} {:<9} {}{breaks}\n", judged.rule.id(), judged.name)
        })
        .collect()
}

fn path(session: &Session) -> String {
    if session.path().is_empty() {
        return "no steps so far\n".to_owned();
    }
    (session.steps().iter().enumerate())
        .map(|(index, step)| {
            let name = step.transition.to_string();
            format!("  {:>3}  {name:<18} {:<9} {}\n", index + 1, step.rule.id(), step.changes)
        })
        .collect()
}

fn back(session: &Session) -> String {
    match session.way_back() {
        Err(error) => format!("{error}\n"),
        Ok(way) if way.is_empty() => "this is STABLE\n".to_owned(),
        Ok(way) => {
            let names: Vec<String> = way.iter().map(ToString::to_string).collect();
            format!("{} steps: {}\n", way.len(), names.join("; "))
        }
    }
}
