//! `zdu`: the main job on embedded defaults.

use super::check;
use super::output::Output;
use super::replay::on_mocks;
use super::scope::Format;
use super::select::shipped;
use super::{Ended, runtime, stop_on_ctrl_c};
use crate::exit::Exit;
use crate::replay::Embedded;
use crate::run::Gate;

pub(super) fn run() -> Ended {
    println!("1. the model");
    let found = check::defaults()?;
    if found.holds() {
        println!("   {}", found.summary());
    } else {
        print!("{}", found.text());
    }
    let runtime = runtime()?;
    let stop = stop_on_ctrl_c(&runtime);
    println!("2. the shipped traces, each over HTTP on a mock cluster of its own");
    let report =
        runtime.block_on(on_mocks(&Embedded::default(), Gate::default(), (&[], &shipped()), &stop));
    let replayed =
        Output { report_dir: None, format: Format::Text, quiet: false }.finish(&report)?;
    let checked = found.exit();
    Ok(Exit::worst([checked, replayed]))
}
