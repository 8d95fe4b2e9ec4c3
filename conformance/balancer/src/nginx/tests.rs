//! Is nothing but the entry changed, and is it found wherever it stands?

use super::config::{Entry, Found, How, State, changed, read};

const TEXT: &str = "# upstream confluence { server no:1; }\n\
user \"www; {data\";\nhttp {\n\tlog_format x '$a \\'server b:1;\\' ${y}';\n\
  map $a $b { ~^server\\{2\\} 1; default \"}\"; }\n\
  upstream other { server n1:80; }\n\
  upstream confluence { # the nodes\n\
    least_conn;\n\
    server n1:80 weight=2 max_fails=0; # the first\r\n\
    server\n      n2:80\n      backup; server n3:80 ; server n4:80;}\n\
  server { server_name n1:80; location / { proxy_pass http://confluence; } }\n}\n\
stream { upstream confluence { server n9:80; } }\n";

fn entries(text: &str) -> Vec<Entry> {
    let found = read(text, "confluence", &[]).expect("it can be read");
    let entry = |found| if let Found::Entry(entry) = found { Some(entry) } else { None };
    found.into_iter().filter_map(entry).collect()
}

fn states(text: &str) -> Vec<(String, State)> {
    entries(text).into_iter().map(|entry| (entry.address, entry.state)).collect()
}

#[test]
fn the_entries_of_the_group_are_found_and_no_others() {
    let found: Vec<_> =
        entries(TEXT).into_iter().map(|entry| (entry.address, entry.backup)).collect();
    let due = [("n1:80", false), ("n2:80", true), ("n3:80", false), ("n4:80", false)];
    assert_eq!(found, due.map(|(name, backup)| (name.to_owned(), backup)));
}

// Proves, for each entry and both ways, that the group is then without it and that putting it back restores every byte.
#[test]
fn out_and_in_again_is_the_same_text() {
    for how in [How::Remove, How::Down] {
        for (index, entry) in entries(TEXT).iter().enumerate() {
            let out = changed(TEXT, entry, Some(how));
            let state = if how == How::Down { State::Down } else { State::Removed };
            let mut due = states(TEXT);
            due[index].1 = state;
            assert_eq!(states(&out), due, "{out}");
            let back = changed(&out, &entries(&out)[index], None);
            assert_eq!(back, TEXT);
        }
    }
}

#[test]
fn parameters_stay_and_only_the_word_goes() {
    let text = "http{upstream confluence{server down.example:80 down weight=2;server b;}}";
    let put_back = changed(text, &entries(text)[0], None);
    assert_eq!(put_back, text.replace(" down weight", " weight"));
}

#[test]
fn a_file_that_is_none_is_refused_with_its_line() {
    for (text, line) in
        [("http {\n", 2), ("http {\n}}", 2), ("http {\n server x }", 2), ("a 'b\n", 2), ("a", 1)]
    {
        assert_eq!(read(text, "x", &[]).expect_err("it is wrong").line, line, "{text}");
    }
}
