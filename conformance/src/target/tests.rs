//! Does the target file say what its pages say, and are mistakes in it named? (the interface's "The target file")

use std::collections::BTreeSet;

use super::*;

const URL: &str = "url = \"http://127.0.0.1:1\"\n";

fn refused(text: &str) -> String {
    let none = |_: &str| None;
    Target::parse_in(&format!("{URL}{text}"), "t.toml", none).expect_err("it is wrong").to_string()
}

/// What the parser knows in a table: it says so itself when it meets what it does not know.
fn known(table: &str) -> BTreeSet<String> {
    let said = refused(&format!("{table}\nno_such_key = 1\n"));
    let (_, names) = said.split_once("no_such_key`, expected").expect("a list of names");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys that the page explains under a heading.
fn explained(page: &str, heading: &str) -> BTreeSet<String> {
    let (_, chapter) = page.split_once(&format!("# {heading}\n")).expect("the heading");
    let chapter = chapter.split("\n#").next().unwrap_or_default();
    let rows = chapter.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

// Proves that the page has every key and none that is gone; the tables stand under headings of their own.
#[test]
fn every_key_is_explained_and_none_else() {
    for (table, heading) in [
        ("[timing]", "`[timing]`"),
        ("[commands]", "`[commands]`"),
        ("[balancer]\nkind = \"nginx\"", "`[balancer]` of kind `nginx`"),
        ("[balancer]\nkind = \"haproxy\"", "`[balancer]` of kind `haproxy`"),
        ("[balancer]\nkind = \"apache\"", "`[balancer]` of kind `apache`"),
        ("[balancer]\nkind = \"mod_jk\"", "`[balancer]` of kind `mod_jk`"),
        ("[balancer]\nkind = \"azure\"", "`[balancer]` of kind `azure`"),
        ("[[node]]", "`[[node]]`"),
        ("[[waiver]]", "`[[waiver]]`"),
    ] {
        assert_eq!(known(table), explained(REFERENCE, heading), "{table}");
    }
    let mut cluster = known("");
    for table in ["timing", "balancer", "commands", "node", "waiver"] {
        assert!(cluster.remove(table), "{table}");
    }
    assert_eq!(cluster, explained(REFERENCE, "The cluster"));
    // The negative case: a key that is not explained, and one that is explained for nothing.
    for (from, to) in [("| `quiet` |", "| quiet |"), ("| `quiet` |", "| `quiet` |\n| `silent` |")] {
        let changed = REFERENCE.replace(from, to);
        assert_ne!(known("[timing]"), explained(&changed, "`[timing]`"));
    }
}

// Proves that the contract's own example is a target file, less what it calls planned.
#[test]
fn the_interfaces_example_can_be_read() {
    let page = include_str!("../../INTERFACE.md");
    let (_, chapter) = page.split_once("## The target file").expect("the chapter");
    let (mut planned, mut in_table) = (false, false);
    let mut text = String::new();
    for line in chapter.lines().skip(1).take_while(|line| !line.starts_with("Credentials")) {
        // A planned table is planned with all its keys.
        planned = line.contains("# planned") || planned && in_table && !line.trim().is_empty();
        in_table = planned && (in_table || line.trim().starts_with('['));
        if !planned && line.starts_with("    ") {
            text.push_str(line.trim());
            text.push('\n');
        }
    }
    let target = Target::parse_in(&text, "INTERFACE.md", |_| None).expect("a target file");
    assert_eq!((target.nodes.len(), target.waivers.len()), (1, 1));
    assert!(COMMANDS.iter().all(|name| target.command(None, name).is_some()));
}

// Proves that each kind's example is a target file, less the URL; those of servers are also run (`tests/rotation`).
#[test]
fn the_example_of_each_kind_of_load_balancer_can_be_read() {
    let examples: Vec<&str> = REFERENCE
        .split("```toml\n[balancer]")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 5);
    for example in examples {
        let text = format!("{URL}[balancer]{example}");
        let target = Target::parse_in(&text, "TARGET.md", |_| None).expect("a target file");
        assert!(target.balancer.is_some(), "{example}");
    }
}

#[test]
fn an_unknown_name_gets_the_nearest_known_one() {
    for (text, line, nearest) in [
        ("alow_disruption = true\n", 2, "allow_disruption"),
        ("[timing]\nsetle = \"1s\"\n", 3, "settle"),
        ("[commands]\nbrake = \"x\"\n", 3, "break"),
        ("[balancr]\n", 2, "balancer"),
        ("[balancer]\nkind = \"haproxi\"\n", 3, "haproxy"),
        ("[balancer]\nkind = \"nginx\"\nupstreams = \"x\"\n", 4, "upstream"),
        ("[[node]]\nid = \"n1\"\nfail_task = \"x\"\n", 4, "fail_tasks"),
        ("[[waiver]]\nrule = \"API-1\"\nreasons = \"x\"\n", 4, "reason"),
        ("profile = \"finalisation\"\n", 2, "finalization"),
    ] {
        let said = refused(text);
        assert!(said.contains(&format!("line {line},")), "{said}");
        assert!(said.contains(&format!("did you mean `{nearest}`?")), "{said}");
    }
    assert!(!refused("zzz = 1\n").contains("did you mean"), "nothing is near");
}

#[test]
fn a_value_takes_variables_from_the_environment() {
    let set = |name: &str| match name {
        "HOST" => Some("wiki.example.org".to_owned()),
        "NEXT" => Some("9.2.${HOST}".to_owned()),
        "SLOW" => Some("3m".to_owned()),
        _ => None,
    };
    let text = "# ${COMMENT} is nobody's business\nurl = \"https://${HOST}/${HOST}\"\nversions = [\"9.2.1\", \"${NEXT}\"]\n\
                [timing]\nsettle = \"${SLOW}\"\n[commands]\nstop = \"ssh ${HOST} ${OTHER:-x}\"\n\
                [[node]]\nid = \"n1\"\nname = \"a-${HOST}\"\nboot = \"echo ${HOST}\"\n";
    let target = Target::parse_in(text, "t.toml", set).expect("a target file");
    assert_eq!(target.url, "https://wiki.example.org/wiki.example.org");
    // What a variable holds is taken as it is.
    assert_eq!(target.versions, ["9.2.1", "9.2.${HOST}"]);
    assert_eq!(target.timing.settle, Duration::from_secs(180));
    assert_eq!(target.nodes[0].name.as_deref(), Some("a-wiki.example.org"));
    // Commands are the shell's.
    assert_eq!(target.command(None, "stop"), Some("ssh ${HOST} ${OTHER:-x}"));
    assert_eq!(target.command(target.nodes.first(), "boot"), Some("echo ${HOST}"));
}

#[test]
fn a_variable_that_is_not_set_is_an_error_with_its_line() {
    let said = refused("versions = [\"9.2.1\",\n  \"${NEXT}\"]\n");
    assert!(said.contains("line 3: `${NEXT}` is not set"), "{said}");
    let said = refused("label = \"${\"\n");
    assert!(said.contains("line 2: `${` is not followed by a name"), "{said}");
}
