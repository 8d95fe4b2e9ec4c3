//! How does a value get into a command that a shell runs? Quoted for where it stands, so that a name, an id or a version that a
//! cluster lists is never taken for a command (the target file's `[commands]`).

/// A command with each placeholder, such as `{name}`, replaced by its value, quoted as a POSIX shell needs it there: bare, between
/// single or between double quotes.
#[must_use]
pub(super) fn filled(command: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(command.len());
    let mut place = Place::Bare;
    let mut rest = command;
    while let Some(next) = rest.chars().next() {
        let found = values.iter().find(|(name, _)| rest.starts_with(name));
        if let Some((name, value)) = found {
            filled.push_str(&place.quoted(value));
            rest = &rest[name.len()..];
            continue;
        }
        let taken = match (place, next) {
            (Place::Bare | Place::Double, '\\') => rest.chars().take(2).map(char::len_utf8).sum(),
            (_, _) => next.len_utf8(),
        };
        place = place.after(next);
        filled.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    filled
}

/// Between which quotes a character of a command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Bare,
    Single,
    Double,
}

impl Place {
    const fn after(self, next: char) -> Self {
        match (self, next) {
            (Self::Bare, '\'') => Self::Single,
            (Self::Bare, '"') => Self::Double,
            (Self::Single, '\'') | (Self::Double, '"') => Self::Bare,
            (place, _) => place,
        }
    }

    fn quoted(self, value: &str) -> String {
        match self {
            // No value of an API or a file holds a NUL, which is all that cannot be quoted.
            Self::Bare => shlex::try_quote(value).map_or_else(|_| String::new(), Into::into),
            Self::Single => value.replace('\'', r"'\''"),
            Self::Double => {
                let mut quoted = String::new();
                for c in value.chars() {
                    if matches!(c, '"' | '\\' | '$' | '`') {
                        quoted.push('\\');
                    }
                    quoted.push(c);
                }
                quoted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::filled;

    // What the shell makes of it is asked of a shell: each value must come out as it went in, and nothing else may run.
    #[test]
    fn a_value_is_never_taken_for_a_command() {
        for value in ["wiki-1", "a b", "it's", "$(echo no)", "`echo no`; echo \"no\"", "\\", "ä*?~"]
        {
            let values = [("{name}", value), ("{id}", "{name}")];
            let command =
                "printf '%s|' {name} '{name}' \"{name}\" x{name}y \"it's {name}\" {id} \\'{name}";
            let out = std::process::Command::new("sh")
                .args(["-c", &filled(command, &values)])
                .output()
                .expect("a POSIX shell");
            let due = format!("{value}|{value}|{value}|x{value}y|it's {value}|{{name}}|'{value}|");
            assert_eq!(String::from_utf8_lossy(&out.stdout), due);
            assert!(out.stderr.is_empty());
        }
    }
}
