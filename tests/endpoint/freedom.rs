//! Which freedoms of spec section 7 (and of HTTP) may this endpoint use, and how is one chosen where several compete?
//!
//! Without any freedom the endpoint is the plainest one that conforms. With one selected it uses that one always;
//! with several that compete for the same decision (the version listed for an OFFLINE node, say) the seed decides
//! anew for every answer.

macro_rules! freedoms {
    ($($variant:ident $name:literal $text:literal;)+) => {
        /// One thing that an endpoint may do or leave.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Freedom { $($variant),+ }

        impl Freedom {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(crate) fn text(self) -> &'static str {
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
    StrictHeaders "strict-headers" "406, 415 or 403 when a header that every call carries is missing";
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
}

/// The freedoms that are used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Freedoms(Vec<Freedom>);

impl Freedoms {
    pub(crate) fn new(freedoms: Vec<Freedom>) -> Self {
        Self(freedoms)
    }

    pub(crate) fn all() -> Self {
        Self(Freedom::ALL.to_vec())
    }

    /// Reads names as given on the command line; `all` stands for every one.
    pub(crate) fn parse(names: &[String]) -> Result<Self, String> {
        let mut chosen = Vec::new();
        for name in names {
            if name == "all" {
                chosen.extend_from_slice(Freedom::ALL);
            } else {
                let found = Freedom::ALL.iter().find(|freedom| freedom.name() == name);
                chosen.push(
                    *found.ok_or_else(|| {
                        format!("no freedom is called {name}; see --list-freedoms")
                    })?,
                );
            }
        }
        Ok(Self(chosen))
    }

    pub(crate) fn has(&self, freedom: Freedom) -> bool {
        self.0.contains(&freedom)
    }

    /// One of those among `options` that are used; the first option when none is.
    pub(crate) fn pick(&self, options: &[Freedom], random: &mut fastrand::Rng) -> Freedom {
        let used: Vec<Freedom> =
            options.iter().copied().filter(|option| self.has(*option)).collect();
        if used.is_empty() { options[0] } else { used[random.usize(..used.len())] }
    }

    /// Whether a freedom that competes with nothing is used this time: always, or every other time when all are on.
    pub(crate) fn now(&self, freedom: Freedom, random: &mut fastrand::Rng) -> bool {
        self.has(freedom) && (self.0.len() < Freedom::ALL.len() || random.bool())
    }
}
