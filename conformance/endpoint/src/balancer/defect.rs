//! What can a load balancer do wrong, and which rule does that break?
//!
//! The registry, as that of the endpoint: the first rule of a row is the best one, any other is right too. The staged balancer speaks
//! as HAProxy does, so what another kind would break under LB-1, LB-3 or LB-4 is LB-2 here.

use std::fmt;
use std::str::FromStr;

use crate::defect::Class;
use crate::registry::{UnknownName, find};

/// What the registry knows of a load balancer's defect.
#[derive(Debug, Clone, Copy)]
pub struct BalancerRow {
    /// How it is found.
    pub class: Class,
    /// The rules that it breaks, the best one first.
    pub rules: &'static [&'static str],
    /// What is wrong, in one line.
    pub text: &'static str,
}

macro_rules! defects {
    ($($variant:ident $name:literal $class:ident [$($rule:literal)+] $text:literal;)+) => {
        /// One planted defect of a load balancer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum BalancerDefect { $(#[doc = $text] $variant),+ }

        impl BalancerDefect {
            /// Every defect.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What is known of it.
            #[must_use]
            pub const fn row(self) -> BalancerRow {
                match self {
                    $(Self::$variant => BalancerRow { class: Class::$class, rules: &[$($rule),+], text: $text }),+
                }
            }
        }
    };
}

defects! {
    IgnoresDisconnect "balancer-ignores-disconnect" Deviates ["LB-2" "LB-6"] "a server that is to go out is taken for granted, and stays in";
    IgnoresConnect "balancer-ignores-connect" Deviates ["LB-2" "LB-5"] "a server that is to come in is taken for granted, and stays out";
    Lags "balancer-lags" Either ["LB-2" "LB-5" "LB-6"] "for a while requests still go to a server that is shown in maintenance";
    SendsToMaintenance "balancer-sends-to-maintenance" Either ["LB-2" "LB-5" "LB-6"] "requests go to servers in maintenance as to others";
    KeepsUsers "balancer-keeps-users" Either ["LB-2" "LB-5" "LB-6"] "who belongs to a server is sent there, though it is in maintenance";
    NeverDrains "balancer-never-drains" TimesOut ["LB-2"] "a server in maintenance has a session that never ends";
    DropsSessions "balancer-drops-sessions" Deviates ["LB-5"] "whenever a server goes out or comes in, every user is moved";
    NeverRebalances "balancer-never-rebalances" Deviates ["LB-5"] "a server that came back is shown as ready, and nobody is sent there";
    LosesRequests "balancer-loses-requests" Deviates ["LB-6"] "the first requests after a server went out or came in are answered 503";
}

impl BalancerDefect {
    /// The registry for a reader: a line a defect.
    #[must_use]
    pub fn table() -> String {
        let line = |defect: &Self| {
            let row = defect.row();
            format!(
                "{:<10} {:<42} {:<8} {}",
                row.rules[0],
                defect.name(),
                row.class.word(),
                row.text
            )
        };
        Self::ALL.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The registry for a program: a list of objects.
    #[must_use]
    pub fn json() -> serde_json::Value {
        let object = |defect: &Self| {
            let row = defect.row();
            serde_json::json!({
                "name": defect.name(),
                "text": row.text,
                "rules": row.rules,
                "class": row.class.word(),
            })
        };
        Self::ALL.iter().map(object).collect()
    }
}

impl fmt::Display for BalancerDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for BalancerDefect {
    type Err = UnknownName;

    fn from_str(given: &str) -> Result<Self, UnknownName> {
        find(Self::ALL, Self::name, given, "defect", "--list-defects")
    }
}
