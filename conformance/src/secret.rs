//! Which words must never be shown? Credentials come from the environment alone and are redacted everywhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An account: a name with a password, or a token.
#[derive(Clone, PartialEq, Eq)]
pub enum Account {
    /// HTTP Basic.
    Basic {
        /// The user's name.
        username: String,
        /// The user's password.
        password: String,
    },
    /// A bearer token.
    Token(String),
}

impl Account {
    /// The same account with a secret that is not its own, for the 401 of API-10.
    #[must_use]
    pub fn with_wrong_secret(self) -> Self {
        let wrong = "not-the-secret".to_owned();
        match self {
            Self::Basic { username, .. } => Self::Basic { username, password: wrong },
            Self::Token(_) => Self::Token(wrong),
        }
    }
}

/// Shows who, never the secret.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { username, .. } => write!(f, "Basic({username}, ***)"),
            Self::Token(_) => f.write_str("Token(***)"),
        }
    }
}

/// The accounts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The system administrator.
    pub admin: Option<Account>,
    /// An account without system administration, for the 403 of API-10.
    pub plain: Option<Account>,
    /// Secrets that the environment holds for no account: a password beside a token. Not used, and not shown either.
    pub unused: Unused,
}

/// Secrets that nobody uses.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unused(Vec<String>);

impl fmt::Debug for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unused({} secrets)", self.0.len())
    }
}

/// The environment names half an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{present} is set without {missing}; set both, or neither")]
pub struct HalfAnAccount {
    present: &'static str,
    missing: &'static str,
}

/// The variables that name proxies.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The password in a proxy's URL.
fn proxy_secret(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let (_, password) = rest.rsplit_once('@')?.0.split_once(':')?;
    (!password.is_empty()).then(|| password.to_owned())
}

impl Credentials {
    /// Reads `ZDU_USERNAME` with `ZDU_PASSWORD`, or `ZDU_TOKEN`, and `ZDU_PLAIN_USERNAME` with `ZDU_PLAIN_PASSWORD`.
    ///
    /// # Errors
    /// [`HalfAnAccount`] when a name stands without its password or the other way round.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, HalfAnAccount> {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let basic =
            |name: &'static str, secret: &'static str| match (variable(name), variable(secret)) {
                (Some(username), Some(password)) => Ok(Some(Account::Basic { username, password })),
                (None, None) => Ok(None),
                (Some(_), None) => Err(HalfAnAccount { present: name, missing: secret }),
                (None, Some(_)) => Err(HalfAnAccount { present: secret, missing: name }),
            };
        let admin = match variable("ZDU_TOKEN") {
            Some(token) => Some(Account::Token(token)),
            None => basic("ZDU_USERNAME", "ZDU_PASSWORD")?,
        };
        let plain = basic("ZDU_PLAIN_USERNAME", "ZDU_PLAIN_PASSWORD")?;
        let token = matches!(admin, Some(Account::Token(_)));
        let unused = token.then(|| variable("ZDU_PASSWORD")).flatten();
        // The load balancer's, which its own crate uses.
        let balancer = ["ZDU_BALANCER_PASSWORD", "ZDU_AZURE_TOKEN"].map(variable);
        let proxies = PROXIES.iter().filter_map(|name| proxy_secret(&variable(name)?));
        let unused = unused.into_iter().chain(balancer.into_iter().flatten()).chain(proxies);
        Ok(Self { admin, plain, unused: Unused(unused.collect()) })
    }

    /// What replaces each secret in anything that is shown.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        let mut secrets = self.unused.0.clone();
        for account in [&self.admin, &self.plain].into_iter().flatten() {
            match account {
                Account::Basic { username, password } => {
                    secrets.push(password.clone());
                    secrets.push(STANDARD.encode(format!("{username}:{password}")));
                }
                Account::Token(token) => secrets.push(token.clone()),
            }
        }
        let spelled: Vec<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
        secrets.extend(spelled);
        // The longest first, so that no secret's tail is left behind by a shorter one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Redactor { secrets }
    }
}

/// A secret as JSON, a URL and HTML spell it, where they spell it differently: an endpoint may echo any of them.
fn spellings(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = &json[1..json.len() - 1];
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            byte if unreserved(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let mut all = vec![
        json.replace('/', "\\/"),
        json.to_owned(),
        percent.replace("%20", "+"),
        percent,
        html.replace('\'', "&#39;"),
        html,
    ];
    all.retain(|spelling| spelling != secret);
    all
}

/// Takes secrets out of texts.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// The text with `***` in place of every secret.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        self.secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

impl Redactor {
    /// The same of a body. JSON stays JSON: where a secret is as short as a number is, only texts are cleaned.
    #[must_use]
    pub fn clean_body(&self, body: Vec<u8>) -> Vec<u8> {
        let text = String::from_utf8_lossy(&body);
        let cleaned = self.clean(&text);
        if cleaned == text {
            return body;
        }
        match serde_json::from_slice(&body) {
            Ok(mut value) if serde_json::from_str::<serde_json::Value>(&cleaned).is_err() => {
                self.clean_texts(&mut value);
                value.to_string().into_bytes()
            }
            Ok(_) | Err(_) => cleaned.into_bytes(),
        }
    }

    fn clean_texts(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => *text = self.clean(text),
            serde_json::Value::Array(list) => {
                list.iter_mut().for_each(|value| self.clean_texts(value));
            }
            serde_json::Value::Object(fields) => {
                fields.values_mut().for_each(|value| self.clean_texts(value));
            }
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
            }
        }
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_redacted_plain_and_as_http_basic_carries_it() {
        let credentials = Credentials {
            admin: Some(Account::Basic {
                username: "admin".to_owned(),
                password: "s3cret".to_owned(),
            }),
            ..Credentials::default()
        };
        // "admin:s3cret" in base64, by another tool.
        let text = credentials.redactor().clean("s3cret / Basic YWRtaW46czNjcmV0");
        assert_eq!(text, "*** / Basic ***");
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { admin: Some(Basic(admin, ***)), plain: None, unused: Unused(0 secrets) }"
        );
    }

    // Both kinds of credentials are set: the token is used, and the password is no less a secret.
    #[test]
    fn a_password_beside_a_token_is_redacted_though_it_is_not_used() {
        let set = |name: &str| match name {
            "ZDU_TOKEN" => Some("t0ken".to_owned()),
            "ZDU_USERNAME" => Some("admin".to_owned()),
            "ZDU_PASSWORD" => Some("s3cret".to_owned()),
            _ => None,
        };
        let credentials = Credentials::from_environment(set).expect("a token is enough");
        assert_eq!(credentials.admin, Some(Account::Token("t0ken".to_owned())));
        assert_eq!(credentials.redactor().clean("t0ken s3cret"), "*** ***");
        assert!(!format!("{credentials:?}").contains("s3cret"));
    }

    #[test]
    fn half_an_account_is_an_error_that_names_the_other_half() {
        let only = |name: &str| (name == "ZDU_USERNAME").then(|| "admin".to_owned());
        let error = Credentials::from_environment(only).expect_err("half an account");
        assert_eq!(
            error.to_string(),
            "ZDU_USERNAME is set without ZDU_PASSWORD; set both, or neither"
        );
    }
}
