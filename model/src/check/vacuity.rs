//! Does what is proved speak about anything? (spec, section 5, "Reachability")
//!
//! A property holds for nothing where its premise never arises, a transition that never fires is proved harmless for
//! free, a rule that nothing exercises is only words. This room looks for all three in one scope: the premise of every
//! safety and liveness property, every goal of [`crate::check::goal`], every rule. What cannot arise on purpose is listed
//! with the reason; anything else is a gap, and so is a reason for something that does arise after all.
//!
//! The premises are the properties' own.

use std::fmt;

use crate::check::fairness::Liveness;
use crate::check::goal::Goal;
use crate::check::sought::Sought;
use crate::spec::profile::Profile;
use crate::spec::property::{Claim, Property};
use crate::spec::rule::Rule;
use crate::spec::semantics::{Scope, Semantics};

/// Why the premise of a property cannot arise in a scope, when that is on purpose.
#[must_use]
pub fn vacuous_because(property: &str, scope: Scope) -> Option<&'static str> {
    match property {
        "status-3-mixed-once-an-upgraded-node-joins-an-old-one"
        | "status-6-mixed-with-two-versions-none-of-them-original"
        | "mode-8-two-joined-versions-only-while-on"
            if scope.nodes == 1 =>
        {
            Some("a single node cannot run two versions")
        }
        "mode-2-start-is-refused-with-an-error" | "mode-3-cancel-is-refused-when-mixed"
            if scope.nodes == 1 =>
        {
            Some("with a single node MIXED means that it is in error, and then nobody answers")
        }
        "status-6-mixed-with-two-versions-none-of-them-original" if scope.versions == 2 => {
            Some("two versions other than the original need three versions")
        }
        _ => None,
    }
}

/// Why no state of the model can exercise a rule: it speaks about something that the model leaves out.
#[must_use]
pub const fn beyond_the_model(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::Api3 | Rule::Api4 | Rule::Api7 | Rule::Api8 | Rule::Api10 | Rule::Api11 => {
            Some("what a read answers: replay exercises it against an endpoint")
        }
        Rule::Api12 => Some("several calls at once: a race against an endpoint exercises it"),
        Rule::Proc1 | Rule::Proc2 | Rule::Proc3 => {
            Some("an operator who follows the page: the procedure exercises it")
        }
        Rule::Proc4 => Some("a way back from every state: the search for ways back exercises it"),
        Rule::Lb1 | Rule::Lb2 | Rule::Lb3 | Rule::Lb4 | Rule::Lb5 => {
            Some("the load balancer is not part of the model")
        }
        Rule::Lb6 => Some("users behind a load balancer: the procedure with rotation exercises it"),
        Rule::Api1
        | Rule::Api2
        | Rule::Api5
        | Rule::Api6
        | Rule::Api9
        | Rule::Node1
        | Rule::Node2
        | Rule::Node3
        | Rule::Node4
        | Rule::Node5
        | Rule::Node6
        | Rule::Node7
        | Rule::Node8
        | Rule::Node9
        | Rule::Node10
        | Rule::Status1
        | Rule::Status2
        | Rule::Status3
        | Rule::Status4
        | Rule::Status5
        | Rule::Status6
        | Rule::Status7
        | Rule::Mode1
        | Rule::Mode2
        | Rule::Mode3
        | Rule::Mode4
        | Rule::Mode5
        | Rule::Mode6
        | Rule::Mode7
        | Rule::Mode8
        | Rule::Fin1
        | Rule::Fin2
        | Rule::Fin3
        | Rule::Fin4
        | Rule::Fin5 => None,
    }
}

/// Something that a scope was asked to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What, in words: a property's name, a goal, a rule's id.
    pub what: String,
    /// The rule that it is about.
    pub rule: Rule,
    /// Whether it arises, if that is known.
    pub arises: Sought<()>,
    /// Why it does not, when that is on purpose.
    pub on_purpose: Option<&'static str>,
}

impl Asked {
    /// Whether it should arise and does not, or is excused and does.
    #[must_use]
    pub const fn is_gap(&self) -> bool {
        match self.arises {
            Sought::Found(()) | Sought::Somewhere(_) => self.on_purpose.is_some(),
            Sought::Nowhere => self.on_purpose.is_none(),
            Sought::GivenUp(_) => false,
        }
    }
}

/// What one scope shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The premise of every safety and liveness property.
    pub premises: Vec<Asked>,
    /// Every goal.
    pub goals: Vec<Asked>,
    /// Every rule of the profile.
    pub rules: Vec<Asked>,
}

/// What a search must break to show that the premises arise: those of every safety property, then of every liveness
/// property.
#[must_use]
pub fn silences<S: Semantics>(profile: Profile) -> Vec<Claim<S>> {
    let safety = Property::<S>::all(profile).into_iter().map(|property| property.claim);
    let liveness = Liveness::all(profile).into_iter().map(|liveness| liveness.no_dead_end());
    safety.chain(liveness).map(|claim| claim.is_silent()).collect()
}

impl Coverage {
    /// Sorts what a search found: of each of [`silences`] and of every goal, in this order, whether some run shows it.
    #[must_use]
    pub fn of<S: Semantics, T>(scope: Scope, premises: &[Sought<T>], goals: &[Sought<T>]) -> Self {
        let arises = |found: &Sought<T>| match found {
            Sought::Found(_) | Sought::Somewhere(_) => Sought::Found(()),
            Sought::Nowhere => Sought::Nowhere,
            Sought::GivenUp(limit) => Sought::GivenUp(*limit),
        };
        let safety = Property::<S>::all(scope.profile).into_iter().map(|it| (it.name, it.rule));
        let liveness = Liveness::all(scope.profile).into_iter().map(|it| (it.name, it.rule));
        let premises: Vec<Asked> = (safety.chain(liveness).zip(premises))
            .map(|((name, rule), found)| Asked {
                what: name.to_owned(),
                rule,
                arises: arises(found),
                on_purpose: vacuous_because(name, scope),
            })
            .collect();
        let goals: Vec<Asked> = (Goal::all(scope.profile).into_iter().zip(goals))
            .map(|(goal, found)| Asked {
                what: goal.to_string(),
                rule: goal.rule(),
                arises: arises(found),
                on_purpose: goal.unreachable_because(scope),
            })
            .collect();
        let rules = rules(scope, premises.iter().chain(&goals));
        Self { premises, goals, rules }
    }

    /// What should arise and does not, and what is excused and arises after all.
    pub fn gaps(&self) -> impl Iterator<Item = &Asked> {
        self.all().filter(|asked| asked.is_gap())
    }

    /// What does not arise, on purpose.
    pub fn excused(&self) -> impl Iterator<Item = &Asked> {
        self.all().filter(|asked| asked.arises.is_nowhere() && asked.on_purpose.is_some())
    }

    fn all(&self) -> impl Iterator<Item = &Asked> {
        self.premises.iter().chain(&self.goals).chain(&self.rules)
    }
}

/// A rule arises with anything that is about it, and is excused with all of it.
fn rules<'a>(scope: Scope, asked: impl Iterator<Item = &'a Asked> + Clone) -> Vec<Asked> {
    (Rule::ALL.iter().copied())
        .filter(|rule| rule.in_profile(scope.profile))
        .map(|rule| {
            let about = || asked.clone().filter(move |asked| asked.rule == rule);
            Asked {
                what: rule.id().to_owned(),
                rule,
                arises: about().fold(Sought::Nowhere, |known, asked| match (known, asked.arises) {
                    (known, arises) if known.is_somewhere() || arises.is_somewhere() => {
                        Sought::Found(())
                    }
                    (Sought::GivenUp(limit), _) | (_, Sought::GivenUp(limit)) => {
                        Sought::GivenUp(limit)
                    }
                    (_, _) => Sought::Nowhere,
                }),
                on_purpose: beyond_the_model(rule).or_else(|| {
                    let reasons: Option<Vec<_>> = about().map(|asked| asked.on_purpose).collect();
                    reasons?.first().copied()
                }),
            }
        })
        .collect()
}

/// The gaps, then what is unreachable on purpose.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for gap in self.gaps() {
            match gap.on_purpose {
                None => writeln!(f, "gap: {} never arises", gap.what)?,
                Some(why) => writeln!(f, "gap: {} arises, though {why}", gap.what)?,
            }
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for excused in self.excused() {
            let why = excused.on_purpose.unwrap_or_default();
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, what)) => what.push(&excused.what),
                None => reasons.push((why, vec![&excused.what])),
            }
        }
        for (why, what) in reasons {
            writeln!(f, "not here, on purpose: {} ({why})", what.join("; "))?;
        }
        let count = |wanted: fn(&Sought<()>) -> bool| {
            self.all().filter(|asked| wanted(&asked.arises)).count()
        };
        let arise = count(|arises| arises.is_somewhere());
        write!(f, "{arise} of {} arise", self.all().count())?;
        match count(|arises| matches!(arises, Sought::GivenUp(_))) {
            0 => Ok(()),
            unknown => write!(f, ", of {unknown} nobody knows"),
        }
    }
}
