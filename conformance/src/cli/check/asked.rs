//! What is asked of a scope? Every property, or those that the command line selects.

use std::fmt::Write as _;

use zdu_model::check::fairness::Liveness;
use zdu_model::check::goal::Goal;
use zdu_model::check::procedure::{Outcome, Walk};
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Property;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;

use super::found::Kind;
use super::own::Own;
use super::rotation;

/// What an operator who follows the page must see.
#[derive(Clone, Copy)]
pub(super) struct Clause {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    /// Whether the page promises it whatever goes wrong, or only while nothing does.
    pub(super) despite_faults: bool,
    /// Whether it must fail in a cluster of one.
    pub(super) not_alone: bool,
    /// A run on which it fails.
    pub(super) broken: fn(&Outcome) -> Option<&Walk>,
}

/// The clauses of PROC-1 to PROC-3.
pub(super) const CLAUSES: [Clause; 5] = [
    Clause {
        name: "proc-1-a-node-is-stopped-before-it-is-upgraded",
        rule: Rule::Proc1,
        despite_faults: true,
        not_alone: false,
        broken: |outcome| outcome.not_stopped.as_ref(),
    },
    Clause {
        name: "proc-2-the-next-node-waits-for-the-last-to-be-active",
        rule: Rule::Proc2,
        despite_faults: true,
        not_alone: false,
        broken: |outcome| outcome.not_waited.as_ref(),
    },
    Clause {
        name: "proc-3-some-node-serves-at-every-moment",
        rule: Rule::Proc3,
        despite_faults: false,
        not_alone: true,
        broken: |outcome| outcome.unserved.as_ref(),
    },
    Clause {
        name: "proc-3-the-upgrade-can-always-be-finished",
        rule: Rule::Proc3,
        despite_faults: false,
        not_alone: false,
        broken: |outcome| outcome.unfinishable.as_ref(),
    },
    Clause {
        name: "proc-3-the-upgrade-goes-round-in-no-circle",
        rule: Rule::Proc3,
        despite_faults: false,
        not_alone: false,
        broken: |outcome| outcome.endless.as_ref(),
    },
];

/// PROC-4 as a property.
pub(super) const RECOVERY: &str = "proc-4-stable-can-be-reached-from-every-state";
/// The liveness property that is false on purpose, and only asked by name: section 5 without the word "API".
pub(super) const TOGGLING: &str = "node-2-toggling-start-and-cancel-keeps-no-node-starting";

/// The questions.
pub(super) struct Asked {
    pub(super) safety: Vec<Property<Mutants>>,
    pub(super) goals: Vec<Goal>,
    pub(super) liveness: Vec<Liveness>,
    pub(super) toggling: bool,
    pub(super) recovery: bool,
    pub(super) clauses: Vec<Clause>,
    /// The clauses of LB-6.
    pub(super) rotation: Vec<rotation::Clause>,
    /// The premises that are asked, by the name of their property, and the rules.
    pub(super) vacuity: Vec<(String, Rule)>,
    /// One's own questions.
    pub(super) own: Vec<Own>,
}

impl Asked {
    /// One's own questions and nothing else.
    pub(super) fn own(own: Vec<Own>) -> Self {
        Self {
            safety: Vec::new(),
            goals: Vec::new(),
            liveness: Vec::new(),
            toggling: false,
            recovery: false,
            clauses: Vec::new(),
            rotation: Vec::new(),
            vacuity: Vec::new(),
            own,
        }
    }

    /// Whether it must be known that what the cluster does by itself comes to an end.
    pub(super) fn ladder(&self) -> bool {
        !self.liveness.is_empty() || self.own.iter().any(Own::leads)
    }

    /// Those that some of the words select, or all.
    pub(super) fn choose(
        scope: Scope,
        words: &[String],
        procedure_only: bool,
        all_sizes: bool,
    ) -> Self {
        let named = |name: &str, rule: Rule, kind: Kind| {
            words.iter().any(|word| {
                let word = word.to_lowercase();
                name.to_lowercase().contains(&word)
                    || rule.id().to_lowercase() == word
                    || kind.word() == word
            })
        };
        let wanted = |name: &str, rule: Rule, kind: Kind| {
            let kind_wanted = (!procedure_only || kind == Kind::Procedure)
                && (!all_sizes || matches!(kind, Kind::Safety | Kind::Liveness));
            kind_wanted && (words.is_empty() || named(name, rule, kind))
        };
        let safety_all = Property::<Mutants>::all(scope.profile);
        let liveness_all = Liveness::all(scope.profile);
        let premises = (safety_all.iter().map(|it| (it.name, it.rule)))
            .chain(liveness_all.iter().map(|it| (it.name, it.rule)))
            .map(|(name, rule)| (name.to_owned(), rule));
        let rules = (Rule::ALL.iter())
            .filter(|rule| rule.in_profile(scope.profile))
            .map(|rule| (rule.id().to_owned(), *rule));
        Self {
            own: Vec::new(),
            vacuity: premises
                .chain(rules)
                .filter(|(name, rule)| wanted(name, *rule, Kind::Vacuity))
                .collect(),
            safety: (safety_all.into_iter())
                .filter(|it| wanted(it.name, it.rule, Kind::Safety))
                .collect(),
            goals: (Goal::all(scope.profile).into_iter())
                .filter(|it| wanted(&it.to_string(), it.rule(), Kind::Reachability))
                .collect(),
            liveness: (liveness_all.into_iter())
                .filter(|it| wanted(it.name, it.rule, Kind::Liveness))
                .collect(),
            toggling: !all_sizes
                && words.iter().any(|word| {
                    let word = word.to_lowercase();
                    word.contains("toggling") && TOGGLING.contains(&word)
                }),
            recovery: wanted(RECOVERY, Rule::Proc4, Kind::Recovery),
            // These are known for every size as well.
            rotation: (rotation::CLAUSES.into_iter())
                .filter(|it| words.is_empty() || named(it.name, Rule::Lb6, Kind::Procedure))
                .collect(),
            clauses: (CLAUSES.into_iter())
                .filter(|it| wanted(it.name, it.rule, Kind::Procedure))
                .collect(),
        }
    }

    /// Whether something is asked that takes a search over every state.
    pub(super) fn states(&self) -> bool {
        !self.safety.is_empty()
            || !self.goals.is_empty()
            || !self.liveness.is_empty()
            || !self.vacuity.is_empty()
            || self.toggling
            || self.recovery
            || !self.own.is_empty()
    }

    /// Whether nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        !self.states() && self.clauses.is_empty() && self.rotation.is_empty()
    }

    /// The names, a line each.
    pub(super) fn list(&self, scope: Scope) -> String {
        let mut text = String::new();
        let mut line = |kind: Kind, rule: Rule, name: &str, note: &str| {
            let _ = writeln!(text, "{:<13} {:<9} {name}{note}", kind.word(), rule.id());
        };
        for it in &self.safety {
            line(Kind::Safety, it.rule, it.name, "");
        }
        for it in &self.goals {
            let note = it
                .unreachable_because(scope)
                .map(|why| format!("  (not here: {why})"))
                .unwrap_or_default();
            line(Kind::Reachability, it.rule(), &it.to_string(), &note);
        }
        for it in &self.liveness {
            line(Kind::Liveness, it.rule, it.name, "");
        }
        line(
            Kind::Liveness,
            Rule::Node2,
            TOGGLING,
            "  (false on purpose; asked by name only: --property toggling)",
        );
        if self.recovery {
            line(Kind::Recovery, Rule::Proc4, RECOVERY, "");
        }
        for it in &self.clauses {
            line(Kind::Procedure, it.rule, it.name, "");
        }
        for it in &self.rotation {
            line(Kind::Procedure, Rule::Lb6, it.name, "");
        }
        for (name, rule) in &self.vacuity {
            line(Kind::Vacuity, *rule, name, "  (its premise arises)");
        }
        text
    }
}
