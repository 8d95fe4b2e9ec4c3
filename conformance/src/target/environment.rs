//! Which values come from the environment? `${NAME}` in a target file, anywhere but in commands: those have a shell.

use toml::de::{DeTable, DeValue};

use super::COMMANDS;

/// Where a value stands in the text, and what is wrong with it.
pub(super) type Misplaced = (usize, String);

/// Fills in `${NAME}` in the values of a table, commands excepted.
pub(super) fn fill_table(
    table: &mut DeTable<'_>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Misplaced> {
    for (key, value) in table.iter_mut() {
        let command = COMMANDS.contains(&key.get_ref().as_ref()) && value.get_ref().is_str();
        if !command && key.get_ref() != "commands" {
            let at = value.span().start;
            fill(value.get_mut(), at, environment)?;
        }
    }
    Ok(())
}

fn fill(
    value: &mut DeValue<'_>,
    at: usize,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(), Misplaced> {
    match value {
        DeValue::String(text) => {
            let filled = filled(text, environment).map_err(|reason| (at, reason))?;
            *text = filled.into();
            Ok(())
        }
        DeValue::Array(values) => values.iter_mut().try_for_each(|value| {
            let at = value.span().start;
            fill(value.get_mut(), at, environment)
        }),
        DeValue::Table(table) => fill_table(table, environment),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Ok(())
        }
    }
}

/// The text with each `${NAME}` replaced; what was filled in is not looked at again.
fn filled(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, rest) = part
            .split_once('}')
            .filter(|(name, _)| !name.is_empty() && name.chars().all(named))
            .ok_or_else(|| format!("`${{` is not followed by a name and `}}` in `{text}`"))?;
        let value = environment(name).ok_or_else(|| {
            format!("`${{{name}}}` is not set in the environment; set it, or write the value here")
        })?;
        out.push_str(&value);
        out.push_str(rest);
    }
    Ok(out)
}
