//! How fast is each engine on the same model? (`cargo run --release -p zdu-model --example engines [MINUTES]`)
//!
//! Ours, stateright, Spin (with a C compiler), TLC (`java`, with the archive that `ZDU_TLC_JAR` names; its own start, half a second,
//! is timed with it) and another checker of TLA+ (`tla`, of the crate tla-checker), one after the other at
//! N = 4 and N = 5, first without properties, which is the cost of finding the states, then with all that each is given:
//! ours and stateright every safety property, the others those that `zdu export` writes.
//! Timed is the search alone: neither what Spin and the C compiler make of the model nor the start of our own process. It is
//! the CPU's time, as Linux counts it, so that what else runs on the machine troubles the ratios little; what is done in less than
//! a second is done again until one is over. An engine that is not installed, or that is not done after so many minutes (10
//! unless said), is told, and no number stands for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::Engine;
use zdu_model::check::space::Explicit;
use zdu_model::export::{Model, claims, promela, steps, tla, tla_configuration};
use zdu_model::spec::property::Property;
use zdu_model::spec::semantics::{Scope, Spec, System};
use zdu_model::spec::table::Table;

/// What came of a run: how long the search took, or why nobody knows.
type Took = Result<Duration, String>;

fn main() -> std::io::Result<()> {
    let minutes = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(10);
    let limit = Duration::from_secs(60 * minutes);
    let folder = std::env::temp_dir().join(format!("zdu-engines-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    println!("| N | properties | engine | states | CPU seconds | states a second | ours is |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for nodes in [4, 5] {
        for judged in [false, true] {
            compare(Scope::documented(nodes, 2), judged, &folder, limit)?;
        }
    }
    std::fs::remove_dir_all(&folder)
}

/// The lines of one size, with or without properties.
fn compare(scope: Scope, judged: bool, folder: &Path, limit: Duration) -> std::io::Result<()> {
    let properties = if judged { Property::<Spec>::all(scope.profile).len() } else { 0 };
    let written = claims(scope.profile).len() + steps(scope.profile).len();
    let written = if judged { written } else { 0 };
    let states = Explicit::default().explore(System::spec(scope), &[], &[], &mut |_| {}).states;
    let ours = search(&Explicit { threads: 1 }, scope, judged, states);
    let model = Model {
        table: Table::of(scope.profile),
        nodes: scope.nodes,
        versions: scope.versions,
        planted: None,
    };
    let lines = [
        ("ours", properties, ours.clone()),
        ("stateright", properties, search(&Stateright, scope, judged, states)),
        ("Spin", written, spin(&model, judged, folder, limit)?),
        ("TLC", written, tlc(&model, judged, states, folder, limit)?),
        ("tla-checker", written, checker_of_tla(&model, judged, states, folder, limit)?),
    ];
    for (engine, asked, took) in lines {
        let nodes = scope.nodes;
        match (&took, &ours) {
            (Ok(took), Ok(ours)) => println!(
                "| {nodes} | {asked} | {engine} | {states} | {:.3} | {:.0} | {:.1} times as fast |",
                took.as_secs_f64(),
                states as f64 / took.as_secs_f64(),
                took.as_secs_f64() / ours.as_secs_f64(),
            ),
            (Err(why), _) | (Ok(_), Err(why)) => {
                println!("| {nodes} | {asked} | {engine} | {states} | {why} | | |");
            }
        }
    }
    Ok(())
}

/// An engine of this process.
fn search(engine: &impl Engine<Spec>, scope: Scope, judged: bool, states: u64) -> Took {
    let properties = if judged { Property::all(scope.profile) } else { Vec::new() };
    let claims = Property::claims(&properties);
    let (start, mut turns) = (cpu_time()?, 0);
    loop {
        let found = engine.explore(System::spec(scope), &claims, &[], &mut |_| {});
        if found.states != states {
            return Err(format!("found {} states", found.states));
        }
        turns += 1;
        let took = cpu_time()? - start;
        if took > Duration::from_secs(1) {
            return Ok(took / turns);
        }
    }
}

/// The CPU time of this process so far, and of the programs that it ran and waited for.
fn cpu_time() -> Took {
    /// What Linux counts in, for every program.
    const TICKS_A_SECOND: u64 = 100;
    let told = std::fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    // The program's name, in parentheses, may hold anything; the times of itself and of its children are fields 14 to 17.
    let fields = told.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
}

/// Spin: one never claim asks all properties at once.
fn spin(model: &Model, judged: bool, folder: &Path, limit: Duration) -> std::io::Result<Took> {
    let profile = model.table.profile;
    let mut names: Vec<String> = claims(profile).iter().map(|it| it.word()).collect();
    names.extend(steps(profile).iter().map(|it| it.word()));
    let all =
        format!("never never_all {{ do :: !({}) -> break :: else od }}\n", names.join(" && "));
    let all = format!("#ifndef COUNT\n{all}#endif\n");
    std::fs::write(folder.join("zdu.pml"), promela(model) + &all)?;
    let flags: &[&str] = if judged { &[] } else { &["-DNOCLAIM"] };
    let write: &[&str] = if judged { &["-a", "zdu.pml"] } else { &["-DCOUNT", "-a", "zdu.pml"] };
    let compile = [&["-O2", "-DSAFETY"], flags, &["-o", "pan", "pan.c"]].concat();
    for (program, arguments) in [("spin", write), ("cc", &compile)] {
        if let Err(why) = timed(folder, program, arguments, limit)? {
            return Ok(Err(why));
        }
    }
    let pan = folder.join("pan");
    let claim: &[&str] = if judged { &["-N", "never_all"] } else { &[] };
    let arguments = [&["-m10000000", "-w24", "-E"], claim].concat();
    let (took, told) = match timed(folder, &pan.to_string_lossy(), &arguments, limit)? {
        Ok(ran) => ran,
        Err(why) => return Ok(Err(why)),
    };
    let right = told.contains("errors: 0") && !told.contains("max search depth too small");
    Ok(if right { Ok(took) } else { Err("did not look at everything".to_owned()) })
}

/// The other checker of TLA+.
fn checker_of_tla(
    model: &Model,
    judged: bool,
    states: u64,
    folder: &Path,
    limit: Duration,
) -> std::io::Result<Took> {
    write_tla(model, judged, folder)?;
    let most = ["Zdu.tla", "--max-states", "100000000"];
    Ok(timed(folder, "tla", &most, limit)?.and_then(|(took, told)| {
        let plain: String = told.chars().filter(char::is_ascii_digit).collect();
        let right = plain.contains(&states.to_string());
        if right { Ok(took) } else { Err("did not find as many states".to_owned()) }
    }))
}

/// TLC, on one thread.
fn tlc(
    model: &Model,
    judged: bool,
    states: u64,
    folder: &Path,
    limit: Duration,
) -> std::io::Result<Took> {
    let Some(jar) = std::env::var_os("ZDU_TLC_JAR") else {
        return Ok(Err("`ZDU_TLC_JAR` names no archive".to_owned()));
    };
    write_tla(model, judged, folder)?;
    let jar = jar.to_string_lossy();
    let java =
        ["-XX:+UseSerialGC", "-cp", &*jar, "tlc2.TLC", "-workers", "1", "-cleanup", "Zdu.tla"];
    Ok(timed(folder, "java", &java, limit)?.and_then(|(took, told)| {
        let right = told.contains(&format!(" {states} distinct states found, 0 states left"));
        if right { Ok(took) } else { Err("did not find as many states".to_owned()) }
    }))
}

/// The module, and the configuration, with or without properties.
fn write_tla(model: &Model, judged: bool, folder: &Path) -> std::io::Result<()> {
    let all = tla_configuration(model);
    let kept = all
        .lines()
        .filter(|line| judged || !(line.starts_with("INVARIANT") || line.starts_with("PROPERTY")));
    let configuration: Vec<&str> = kept.collect();
    std::fs::write(folder.join("Zdu.tla"), tla(model, "Zdu"))?;
    std::fs::write(folder.join("Zdu.cfg"), configuration.join("\n") + "\n")
}

/// How long a program takes, and what it says; or why it does not.
fn timed(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    limit: Duration,
) -> std::io::Result<Result<(Duration, String), String>> {
    let told: PathBuf = folder.join("told");
    let file = std::fs::File::create(&told)?;
    let (start, before) = (Instant::now(), cpu_time());
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdout(file.try_clone()?)
        .stderr(file)
        .stdin(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return Ok(Err(format!("`{program}` is not installed"))) };
    loop {
        if let Some(status) = child.try_wait()? {
            let text = String::from_utf8_lossy(&std::fs::read(&told)?).into_owned();
            let took = before.and_then(|before| Ok(cpu_time()? - before));
            let fine = status.success();
            return Ok(if fine {
                took.map(|it| (it, text))
            } else {
                Err(format!("`{program}` failed"))
            });
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(Err(format!("not done after {} min", limit.as_secs() / 60)));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
