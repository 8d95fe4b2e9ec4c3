//! Which freedoms of spec sections 1 and 7 (and of HTTP) may this endpoint use, and how is one chosen where several compete?
//!
//! Without any freedom the endpoint is the plainest one that conforms. With one selected it uses that one always;
//! with several that compete for the same decision (the version listed for an OFFLINE node, say) the seed decides
//! anew for every answer. A flavour is a set of them.

use std::fmt;
use std::str::FromStr;

use crate::registry::{UnknownName, find};

macro_rules! freedoms {
    ($($variant:ident $name:literal $text:literal;)+) => {
        /// One thing that an endpoint may do or leave.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Freedom { $(#[doc = $text] $variant),+ }

        impl Freedom {
            /// Every freedom.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What the endpoint does.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

freedoms! {
    JoinEarly "join-early" "a booted node joins at once and loads afterwards";
    JoinLate "join-late" "a booted node joins only when it is loaded";
    LeaveEarly "leave-early" "a stopping node leaves the cluster at once";
    LeaveLate "leave-late" "a stopping node leaves the cluster only at the end";
    ListingLag "listing-lag" "a killed node is OFFLINE, a booted one STARTING, only after an additional delay";
    ForgetLate "forget-late" "an OFFLINE node is removed only after an additional delay";
    RejectAtOnce "reject-at-once" "a node that may not join is OFFLINE again at once";
    RejectLate "reject-late" "a node that may not join is STARTING for an additional delay";
    OfflineVersionInstalled "offline-version-installed" "OFFLINE nodes are listed with the installed version";
    OfflineVersionOld "offline-version-old" "OFFLINE nodes are listed with a version that they ran or had installed since they went down";
    OfflineVersionAbsent "offline-version-absent" "OFFLINE nodes are listed without version";
    OfflineVersionNull "offline-version-null" "OFFLINE nodes are listed with version null";
    OfflineBuildInstalled "offline-build-installed" "OFFLINE nodes are listed with the installed buildNumber";
    OfflineBuildOld "offline-build-old" "OFFLINE nodes are listed with the buildNumber of the version they ran";
    OfflineBuildAbsent "offline-build-absent" "OFFLINE nodes are listed without buildNumber";
    OfflineBuildNull "offline-build-null" "OFFLINE nodes are listed with buildNumber null";
    Unserved502 "unserved-502" "502 with an HTML page while no node serves";
    Unserved503 "unserved-503" "503 with an HTML page while no node serves";
    UnservedDrop "unserved-drop" "the connection is closed without an answer while no node serves";
    UnservedRefuse "unserved-refuse" "connections are refused while no node serves";
    RotateNodes "rotate-nodes" "any serving node answers";
    ShuffleNodes "shuffle-nodes" "the nodes are listed in another order every time";
    ShuffleFields "shuffle-fields" "the fields stand in another order every time";
    ExtraFields "extra-fields" "unknown fields at every level";
    OriginAbsent "origin-absent" "originalVersion is absent while upgrade mode is off";
    OriginNull "origin-null" "originalVersion is null while upgrade mode is off";
    CountersVary "counters-vary" "tasksTotal and activeUserCount differ from read to read";
    StrictHeaders "strict-headers" "406, 415 or 403 when a header that every call carries is missing or says another type";
    StrictBody "strict-body" "400 for a POST body that is neither empty nor an empty object";
    SlowAnswers "slow-answers" "some milliseconds before and after a call is handled";
    ContentLength "content-length" "bodies with a content length";
    Chunked "chunked" "chunked bodies";
    KeepAlive "keep-alive" "connections stay open";
    CloseConnections "close-connections" "each answer closes its connection";
    ConflictEmpty "conflict-empty" "409 without a body";
    ConflictHtml "conflict-html" "409 with an HTML page";
    ConflictJson "conflict-json" "409 with a JSON body";
    ApproveWithTasks "approve-with-tasks" "profile finalization: an upgrade brings tasks";
    ApproveWithoutTasks "approve-without-tasks" "profile finalization: an upgrade brings no tasks";
    NameAbsent "name-absent" "nodes without name";
    AddressAbsent "address-absent" "nodes without ipAddress";
    PortAbsent "port-absent" "nodes without portNumber";
    BuildAbsent "build-absent" "nodes without buildNumber";
    TasksAbsent "tasks-absent" "nodes without tasksTotal, but for the node call of one that serves";
    UsersAbsent "users-absent" "nodes without activeUserCount";
    LocalAbsent "local-absent" "nodes without local";
    VersionAbsent "version-absent" "nodes that do not serve without version";
    FieldsNull "fields-null" "what is left out of a node is null instead of absent";
    Links "links" "links of the cluster and of every node";
    FinalizationShown "finalization-shown" "nodes with finalization: the tasks that failed, with their messages; null else";
    SilentMembers "silent-members" "a node that starts, stops or is down is a silent entry for a time";
    SilentMoments "silent-moments" "any node but the answering one is a silent entry for a time, now and then";
    SilentStatus "silent-status" "while an entry is silent the cluster may say MIXED, and refuses every call then";
    IdsChange "ids-change" "a node comes back from a boot under a new id";
    AddressesChange "addresses-change" "with ids-change: under a new ipAddress too";
    GhostsStay "ghosts-stay" "with ids-change: the old entry stays OFFLINE until it is removed as NODE-5 says";
    GhostsSilent "ghosts-silent" "with ids-change: an old entry that stays is a silent one, not an OFFLINE one";
    GhostsVanish "ghosts-vanish" "with ids-change: the old entry vanishes at once";
    GhostsAnswer404 "ghosts-answer-404" "nodes/{old id} answers 404, although the entry is listed";
    TornOverviews "torn-overviews" "while nodes move the overview's status may be one that was true since the last answer";
    FlagEarly "flag-early" "hasFinalizationTasks is true or false, from read to read, wherever both conform";
    FlagAbsent "flag-absent" "no hasFinalizationTasks";
    SlowEffects "slow-effects" "POSTs take effect late, and are answered then";
    SlowPostAnswers "slow-post-answers" "POSTs take effect at once and are answered late";
    NoDowngrade "no-downgrade" "a node below the original version (with upgrade mode off: below the one that ran last) may not join";
    OpaqueIds "opaque-ids" "ids as real builds have them, instead of n1, n2 and so on";
    ErrorLooksStable "error-looks-stable" "does not conform: STABLE with an errored node while upgrade mode is off, and start is accepted";
}

impl Freedom {
    /// Whether an endpoint that uses it conforms. One does not: it is what several deployed builds are said to do.
    #[must_use]
    pub const fn conforms(self) -> bool {
        !matches!(self, Self::ErrorLooksStable)
    }

    const fn bit(self) -> u128 {
        1 << self as u32
    }
}

impl fmt::Display for Freedom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Freedom {
    type Err = UnknownName;

    fn from_str(given: &str) -> Result<Self, UnknownName> {
        find(Self::ALL, Self::name, given, "freedom", "--list-freedoms")
    }
}

/// A kind of build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Flavour {
    /// No freedom is used.
    #[default]
    Plain,
    /// Every freedom that conforms.
    Free,
    /// The same, and STABLE with an errored node while upgrade mode is off (against STATUS-5 and MODE-2).
    Deployed,
}

/// The freedoms that are used: a small set that is cheap to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Freedoms {
    used: u128,
    /// Whether one that competes with nothing is used every other time only.
    sometimes: bool,
}

impl Freedoms {
    /// The freedoms of a kind of build. Those that compete with nothing are used every other time.
    #[must_use]
    pub fn of(flavour: Flavour) -> Self {
        let used = |allowed: fn(&Freedom) -> bool| {
            let all = Freedom::ALL.iter().copied().filter(allowed);
            Self { sometimes: true, ..all.collect() }
        };
        match flavour {
            Flavour::Plain => Self::default(),
            Flavour::Free => used(|freedom| freedom.conforms()),
            Flavour::Deployed => used(|_| true),
        }
    }

    /// The same with one more.
    #[must_use]
    pub const fn with(mut self, freedom: Freedom) -> Self {
        self.used |= freedom.bit();
        self
    }

    /// The same with one less.
    #[must_use]
    pub const fn without(mut self, freedom: Freedom) -> Self {
        self.used &= !freedom.bit();
        self
    }

    /// Whether it is used.
    #[must_use]
    pub const fn has(self, freedom: Freedom) -> bool {
        self.used & freedom.bit() != 0
    }

    /// The freedoms one by one.
    pub fn iter(self) -> impl Iterator<Item = Freedom> {
        Freedom::ALL.iter().copied().filter(move |freedom| self.has(*freedom))
    }

    /// One of those among `options` that are used; nothing when none is.
    pub(crate) fn choose(self, options: &[Freedom], random: &mut fastrand::Rng) -> Option<Freedom> {
        let used = || options.iter().copied().filter(|option| self.has(*option));
        match used().count() {
            0 => None,
            1 => used().next(),
            count => used().nth(random.usize(..count)),
        }
    }

    /// One of those among `options` that are used; the first option when none is.
    pub(crate) fn pick(self, options: &[Freedom], random: &mut fastrand::Rng) -> Freedom {
        self.choose(options, random).unwrap_or(options[0])
    }

    /// Whether a freedom that competes with nothing is used this time: always, or every other time in a flavour.
    pub(crate) fn now(self, freedom: Freedom, random: &mut fastrand::Rng) -> bool {
        self.has(freedom) && (!self.sometimes || random.bool())
    }
}

impl FromIterator<Freedom> for Freedoms {
    fn from_iter<T: IntoIterator<Item = Freedom>>(freedoms: T) -> Self {
        freedoms.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flavours_differ_in_what_does_not_conform() {
        let (free, deployed) = (Freedoms::of(Flavour::Free), Freedoms::of(Flavour::Deployed));
        let more: Vec<_> = deployed.iter().filter(|freedom| !free.has(*freedom)).collect();
        assert_eq!(more, [Freedom::ErrorLooksStable]);
        assert_eq!(Freedoms::of(Flavour::Plain).iter().count(), 0);
        assert!(Freedom::ALL.len() <= 128);
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest() {
        let error = "chunkd".parse::<Freedom>().expect_err("no such freedom");
        assert_eq!(error.nearest, "chunked");
        for freedom in Freedom::ALL {
            assert_eq!(freedom.name().parse(), Ok(*freedom));
        }
    }

    #[test]
    fn of_competing_freedoms_only_used_ones_are_chosen() {
        let mut random = fastrand::Rng::with_seed(1);
        let options = [Freedom::Unserved502, Freedom::Unserved503, Freedom::UnservedDrop];
        let used: Freedoms = options[1..].iter().copied().collect();
        let chosen = |random: &mut fastrand::Rng| used.pick(&options, random);
        let all: Vec<_> = (0..50).map(|_| chosen(&mut random)).collect();
        assert!(all.contains(&options[1]) && all.contains(&options[2]));
        assert!(!all.contains(&options[0]));
        assert_eq!(Freedoms::default().pick(&options, &mut random), options[0]);
    }
}
