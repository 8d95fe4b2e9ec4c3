//! An answer that nothing explains: which rule it breaks, and how to go on from it.

use zdu_model::judge::belief::{Hypothesis, Observation, WrongStatus, words_missing};
use zdu_model::judge::blame::{self, Views};
use zdu_model::spec::rule::Rule;

use super::super::site::{Read, View};
use super::{Finding, Session};
use crate::client::Exchange;
use crate::told::Kind;

impl Session<'_> {
    /// Names the rule that an inexplicable answer breaks, and goes on from what was seen.
    pub(super) async fn judge(&mut self, view: View, seen: &Observation, exchange: &Exchange) {
        let again = self.read_again().await;
        let rule = blame::unexplained(&self.belief, &self.context(), seen, &again);
        if !self.forgiving {
            let name = self.site.view_name(view);
            self.found_unexplained(rule, &name, view, seen, exchange);
        }
        self.forgiving = false;
        self.adopt(view, seen, &again);
    }

    pub(super) fn found_unexplained(
        &mut self,
        rule: Rule,
        name: &str,
        view: View,
        seen: &Observation,
        exchange: &Exchange,
    ) {
        let allowed = self.site.allowed(&self.belief, view);
        let nearest = match seen {
            Observation::Overview(overview) => self.site.nearest(&self.belief, overview),
            Observation::State(..) | Observation::Node(..) => None,
        };
        let words = self.site.seen_words(seen);
        self.find(Finding {
            kind: Kind::WrongAnswer,
            rule,
            view: name.to_owned(),
            allowed,
            seen: words,
            nearest,
            exchange: Some(exchange),
        });
    }

    /// Reads every view once more, without believing anything. Of a cluster that changes meanwhile only the last overview
    /// is told: its views were read at different moments, and need not agree.
    pub(super) async fn read_again(&mut self) -> Views {
        let views = self.read_views(self.site.views()).await;
        let last = self.read_views([View::Overview]).await;
        if last.overview.is_none() || last.overview == views.overview { views } else { last }
    }

    async fn read_views(&mut self, which: impl IntoIterator<Item = View>) -> Views {
        let mut views = Views {
            overview: None,
            state: None,
            nodes: vec![None; self.site.dictionary.ids.len()],
        };
        for view in which {
            let read = self.site.read(view).await;
            if let Read::Seen(answer, exchange) = read {
                self.keep(&exchange);
                if !words_missing(self.site.dictionary.profile, &answer.seen).is_empty() {
                    continue;
                }
                match answer.seen {
                    Observation::Overview(overview) => views.overview = Some(overview),
                    Observation::State(status, id, node) => views.state = Some((status, id, node)),
                    Observation::Node(id, node) => views.nodes[id.index()] = Some(node),
                }
            }
        }
        views
    }

    /// Goes on from what was seen.
    pub(super) fn adopt(&mut self, view: View, seen: &Observation, again: &Views) {
        if self.belief.explains_but_for_service(seen) {
            self.belief.tolerate_unserved();
            let explained = self.belief.observe(seen);
            debug_assert!(explained, "tolerated-is-explained");
            return;
        }
        let latest = match (&again.overview, seen) {
            (Some(overview), _) => overview,
            (None, Observation::Overview(overview)) => overview,
            (None, Observation::State(..) | Observation::Node(..)) => {
                self.muted.insert(view);
                return;
            }
        };
        if view == View::Overview && blame::odd_overview(&self.belief, again).is_some() {
            // The other views are right, and the overview is no longer listened to.
            self.muted.insert(view);
            return;
        }
        if self.belief.clone().observe(&Observation::Overview(latest.clone())) {
            // The overview is right: the view that is not is no longer listened to.
            if view != View::Overview {
                self.muted.insert(view);
            }
            return;
        }
        let fits = |hypothesis: &Hypothesis| {
            hypothesis.cluster.served()
                && hypothesis.shows_mode(latest.mode, latest.origin)
                && hypothesis.lists_nodes(&latest.nodes)
        };
        if self.belief.hypotheses().any(fits) {
            self.belief.narrow(fits);
        } else {
            self.belief.adopt(latest);
        }
        let wrong: Vec<WrongStatus> = self
            .belief
            .hypotheses()
            .map(|hypothesis| WrongStatus {
                expected: hypothesis.cluster.status(),
                shown: latest.status,
            })
            .collect();
        for wrong in wrong {
            self.belief.tolerate(wrong);
        }
        let tasks = latest.tasks_pending;
        if self
            .belief
            .hypotheses()
            .any(|hypothesis| tasks.is_some_and(|seen| seen != hypothesis.cluster.tasks_pending))
        {
            self.belief.tolerate_tasks();
        }
        if latest.mode == zdu_model::spec::cluster::Mode::Off
            && latest.origin != zdu_model::judge::belief::SeenVersion::Nothing
        {
            self.belief.tolerate_origin();
        }
    }
}
