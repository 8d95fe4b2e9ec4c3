//! How is a row of a registry found by its name?

/// A name that no registry knows, with the known one that is most like it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no {what} `{given}`; the nearest is `{nearest}`, and `zdu mock {list}` names them all"
)]
pub struct UnknownName {
    /// Of what it is no name.
    pub what: &'static str,
    /// What was asked for.
    pub given: String,
    /// The known name that is most like it.
    pub nearest: &'static str,
    /// The option that lists the known ones.
    pub list: &'static str,
}

/// Finds a row of a registry by its name.
pub(crate) fn find<T: Copy>(
    all: &[T],
    name_of: impl Fn(T) -> &'static str,
    given: &str,
    what: &'static str,
    list: &'static str,
) -> Result<T, UnknownName> {
    if let Some(found) = all.iter().find(|row| name_of(**row) == given) {
        return Ok(*found);
    }
    let names = all.iter().map(|row| name_of(*row));
    let nearest = names.min_by_key(|name| strsim::damerau_levenshtein(name, given));
    Err(UnknownName { what, given: given.to_owned(), nearest: nearest.unwrap_or_default(), list })
}
