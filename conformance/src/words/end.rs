//! Why a trace was not run to its end, where a cluster was left, which threshold was missed.

use zdu_model::judge::event::Silence;
use zdu_model::judge::excuse::{Detour, Excuse, Extent};
use zdu_model::spec::profile::Profile;

use super::{Words, counted};
use crate::verdict::{End, LeftAs, Misfit, Need, NotReached, Stop, TraceResult, Unmet};

const START: &str =
    "a trace starts with every node ACTIVE on the original version and upgrade mode off";

/// What a report says whose traces come from a recording that lacks their ends.
pub const ENDS_UNTOLD: &str = "the recording is of a format that does not say how traces ended: a step that was not carried out, or a run that \
     ended first, does not show here";

impl Words<'_> {
    /// Why a trace did not come to its end; nothing when it did.
    #[must_use]
    pub fn end(self, trace: &TraceResult) -> Option<String> {
        let idle = trace.excuse.and_then(|excuse| self.driver_excuse(excuse));
        idle.or_else(|| self.why(&trace.end, trace.steps_all))
    }

    /// What a driver must have done for everything to be explained; nothing where it is not the driver's.
    fn driver_excuse(self, excuse: Excuse) -> Option<String> {
        match excuse {
            Excuse::Idle(request) => Some(format!(
                "everything that was seen is explained if `{0}` did nothing, though it ended well: see whether the command of `{0}` does \
                 what it says",
                request.name()
            )),
            Excuse::Instead(request, other) => Some(format!(
                "everything that was seen is explained if the command of `{}` did what `{}` is to do: see what it does",
                request.name(),
                other.name()
            )),
            Excuse::Missed(request, id) => Some(format!(
                "everything that was seen is explained if `{0}` of {1} did nothing, though it ended well: see whether the command of `{0}` \
                 acts on {1}",
                request.name(),
                self.node(id)
            )),
            Excuse::Only(request, id) => Some(format!(
                "everything that was seen is explained if `{0}` did nothing but on {1}: see which node the command of `{0}` is for, and whether \
                 it names it by {{id}} or {{name}}",
                request.name(),
                self.node(id)
            )),
            Excuse::Elsewhere(detour) => Some(self.detour(detour)),
            Excuse::Asked(..) | Excuse::Called(_) => None,
        }
    }

    fn detour(self, detour: Detour) -> String {
        let (step, asked, done) =
            (detour.request.name(), self.node(detour.asked), self.node(detour.done));
        let remedy = format!("see which node the command of `{step}` is for");
        match detour.extent {
            Extent::Step => {
                format!("`{step}` of {asked} seems to act on {done} instead: {remedy}")
            }
            Extent::Node => format!(
                "`{step}` of {asked}, and whatever else it is asked for, seems to act on {done} instead: see what [[node]] says of {asked}"
            ),
            Extent::EveryNode => format!(
                "`{step}` of {asked} seems to act on {done} instead, as of any node: {remedy}, and whether it names it by {{id}} or {{name}}"
            ),
            Extent::Exchanged => format!(
                "`{step}` of {asked} seems to act on {done} instead, and what {done} is asked for on {asked}: see whether their names \
                 are exchanged in the target file"
            ),
        }
    }

    /// What somebody else must have done for everything to be explained; nothing where it is the driver's.
    #[must_use]
    pub fn others_excuse(self, excuse: Excuse) -> Option<String> {
        let what = match excuse {
            Excuse::Asked(id, request) => self.request(id, request),
            Excuse::Called(call) => call.to_string(),
            Excuse::Idle(_)
            | Excuse::Instead(..)
            | Excuse::Missed(..)
            | Excuse::Only(..)
            | Excuse::Elsewhere(_) => {
                return None;
            }
        };
        Some(format!(
            "a change that no step of this run made, as if by `{what}`; does somebody else drive this cluster?"
        ))
    }

    /// The same of an end alone; the trace has so many steps.
    #[must_use]
    pub fn why(self, end: &End, steps: usize) -> Option<String> {
        Some(match end {
            End::Done => return None,
            End::NotReached { after_step, why } => {
                let why = not_reached(*why, *after_step);
                match (steps.saturating_sub(*after_step), *after_step + 1) {
                    (0, _) => why.to_owned(),
                    (1, last) => format!("step {last} was not reached: {why}"),
                    (_, first) => {
                        format!("steps {first} to {steps} were not reached: {why}")
                    }
                }
            }
            End::Skipped(need) => self.need(need),
            End::NotApplicable(misfit) => self.misfit(misfit),
            End::Broken(reason) => reason.to_string(),
            End::Unreachable(silence) => {
                format!("nobody answered before the first step ({})", self::silence(silence))
            }
            End::Interrupted => "the run was interrupted".to_owned(),
            End::Unfinished(stop) => stopped(stop),
        })
    }

    /// What a trace needs and does not have.
    #[must_use]
    pub fn need(self, need: &Need) -> String {
        let consent = "and no target file says `allow_disruption = true`";
        match need {
            Need::Versions { needs, has } => {
                format!("it needs {needs} versions; `versions` names {has}")
            }
            Need::LaterVersions { needs, has } => format!(
                "it needs {needs} versions, and `versions` names {has} from the one on that the cluster runs now; what would \
                 lead back below it is `reset`, or `allow_downgrade`"
            ),
            Need::Model => "the trace does not fit the model".to_owned(),
            Need::Posts(call) => {
                format!("it sends POST {call}, and only reads are allowed (--observe-only)")
            }
            Need::DisruptingCall(call) => format!("{call} may succeed in it, {consent}"),
            Need::DisruptingStep(id, request) => {
                format!("it needs `{}` on {}, {consent}", request.name(), self.node(*id))
            }
            Need::Downgrade(id) => format!(
                "it lets {} join below the original version, and no target file says `allow_downgrade = true`",
                self.node(*id)
            ),
            Need::Command(id, request) => {
                format!("there is no command `{}` for node {}", request.name(), self.node(*id))
            }
            Need::Credentials => "it needs a target that asks for credentials; none are set (ZDU_USERNAME or ZDU_TOKEN)".to_owned(),
            Need::PlainAccount => {
                "it needs an account without system administration (ZDU_PLAIN_USERNAME)".to_owned()
            }
            Need::Visibility(reason) => reason.to_string(),
            Need::Working(request) => format!(
                "it needs `{0}`, which came to nothing in the traces before, each time at the cost of the time limit of a step (--max-broken); \
                 mend the command of `{0}`",
                request.name()
            ),
            Need::WorkingOn(id, request) => format!(
                "it needs `{0}` of {1}, which was told and not done there in the traces before (--max-broken); mend the command of `{0}`",
                request.name(),
                self.node(*id)
            ),
            Need::Hand => "whoever drives by hand left it out".to_owned(),
        }
    }

    /// Why a trace is not about this cluster.
    #[must_use]
    pub fn misfit(self, misfit: &Misfit) -> String {
        match misfit {
            Misfit::Profile(Profile::Documented) => {
                "the trace is about builds without upgrade tasks".to_owned()
            }
            Misfit::Profile(Profile::Finalization) => "the trace is about upgrade tasks, and this build serves no `hasFinalizationTasks`; \
                 if it has such tasks, write `profile = \"finalization\"`".to_owned(),
            Misfit::Nodes { needs, has } => {
                let needs = counted(usize::from(*needs), "node");
                format!("the trace is for {needs}, the cluster has {has}")
            }
            Misfit::Elsewhere(cluster) => format!(
                "the cluster is {}; {START}, and no command leads there",
                self.cluster(cluster)
            ),
            Misfit::Listed(overview) => {
                format!("the cluster is {}; {START}", self.overview(overview))
            }
            Misfit::NoConsent(overview) => format!(
                "the cluster is {}; {START}, and the way there needs consent (--take-over)",
                self.overview(overview)
            ),
            Misfit::Restless => "the cluster does not settle".to_owned(),
            Misfit::Unknown => "it is not known where the cluster is".to_owned(),
            Misfit::Astray => "the way back did not lead back".to_owned(),
        }
    }

    /// Where a run left its cluster.
    #[must_use]
    pub fn left(self, left: &LeftAs) -> String {
        match left {
            LeftAs::Seen(overview) => self.overview(overview),
            LeftAs::Silent(silence) => format!("not answering ({})", self::silence(silence)),
            LeftAs::Unreadable => "answering in another shape than section 1 gives".to_owned(),
            LeftAs::Gone => "each trace had a cluster of its own, which is gone".to_owned(),
        }
    }
}

/// In which way nobody answered.
#[must_use]
pub fn silence(silence: &Silence) -> String {
    match silence {
        Silence::Code(code) => {
            format!("{code}, as a load balancer or proxy says it while no node is up")
        }
        Silence::Broken(reason) => reason.to_string(),
        Silence::TimedOut => "no answer within the time limit of a request".to_owned(),
    }
}

/// A threshold that was missed.
#[must_use]
pub fn unmet(unmet: &Unmet) -> String {
    match unmet {
        Unmet::Traces { least, ran } => {
            format!("{} run, and --min-traces asks for {least}", counted(*ran, "trace"))
        }
        Unmet::Skips(count) => {
            format!("{} not run, and --fail-on-skip allows none", counted(*count, "trace"))
        }
        Unmet::Rule(rule) => format!("{rule} was not tried, and --require asks for it"),
    }
}

const fn not_reached(why: NotReached, after: usize) -> &'static str {
    match (why, after) {
        (NotReached::Elsewhere, _) => {
            "after what was found the cluster is elsewhere than the step leaves it"
        }
        (NotReached::Impossible, _) => "after what was found it is no longer possible",
        (NotReached::Unsettled, 0) => "the cluster did not settle before the first step",
        (NotReached::Unsettled, _) => "the step before did not settle",
        (NotReached::TooMany, _) => {
            "more may have happened while nobody answered than the judge can hold, so nothing after it can be judged"
        }
        (NotReached::Rotation, _) => {
            "the load balancer did not let go of the node, which would have lost its users' requests"
        }
        (NotReached::Blind, _) => "the overview cannot be read, so nothing after it can be judged",
    }
}

/// Why a run ended before all of its traces did.
#[must_use]
pub fn stopped(stop: &Stop) -> String {
    match stop {
        Stop::ClusterLost(traces) => format!(
            "the run ended first: {} left the cluster where nothing brought it back (--max-broken)",
            counted(*traces, "trace")
        ),
        Stop::Met { what, trace, step } => {
            format!("the run ended where `{what}` holds, in step {step} of {trace} (--stop-when)")
        }
        Stop::Killed => "the run ended first: its journal or recording says no more".to_owned(),
    }
}
