//! In which letters is a body written? In UTF-8, as JSON is; some servers put a byte order mark before it, or write another
//! charset and say so.

/// The body in UTF-8 without a byte order mark, as far as the content type tells how it was written.
pub(super) fn in_utf8(content_type: Option<&str>, body: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let body = match body.strip_prefix(MARK) {
        Some(rest) => rest.to_vec(),
        None => body,
    };
    let said = content_type.unwrap_or_default().to_ascii_lowercase();
    let charset = said.split("charset=").nth(1).unwrap_or_default();
    let one_byte = ["iso-8859-1", "latin1", "us-ascii"]
        .iter()
        .any(|it| charset.trim_start_matches('"').starts_with(it));
    if one_byte && std::str::from_utf8(&body).is_err() {
        // Its first 256 characters are Unicode's.
        return body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::in_utf8;

    #[test]
    fn a_mark_and_another_charset_are_taken_out() {
        assert_eq!(in_utf8(None, b"\xef\xbb\xbf{}".to_vec()), b"{}");
        assert_eq!(in_utf8(Some("application/json"), "é".into()), "é".as_bytes());
        let latin = Some("application/json; charset=ISO-8859-1");
        assert_eq!(in_utf8(latin, b"\xe9".to_vec()), "é".as_bytes());
        // Whoever says so and writes UTF-8 all the same is believed by the letters.
        assert_eq!(in_utf8(latin, "é".into()), "é".as_bytes());
        // The negative: what is neither is left for the reader to refuse.
        assert_eq!(in_utf8(None, b"\xe9".to_vec()), b"\xe9");
    }
}
