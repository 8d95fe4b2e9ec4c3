//! How was a cluster left, and what would a person type to bring it back?

use zdu_model::judge::belief::Belief;
use zdu_model::judge::event::{Source, View};
use zdu_model::judge::seen::{Overview, Request};
use zdu_model::judge::text::{self, Text};
use zdu_model::spec::node::{NodeId, NodeStatus, Version};
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::Action;
use zdu_model::ways::plan;

use crate::client::Exchange;
use crate::driver::Driver;
use crate::replay::{Site, initial};
use crate::report::curl;
use crate::target::Target;
use crate::verdict::LeftAs;
use crate::words::Words;

/// Looks once more: how the cluster is left, and the lines for a shell that bring it back, one after the other; none where
/// nothing is to be done or known.
pub async fn left(site: &Site, target: &Target, driver: &dyn Driver) -> (LeftAs, Vec<String>) {
    let look = site.look(Source::Cluster, View::Overview).await;
    let exchange = look.exchange.clone();
    let left = look.left_as();
    let lines: Vec<String> = match &left {
        LeftAs::Seen(overview) if initial(overview) => Vec::new(),
        LeftAs::Seen(overview) => Leaving { site, target, driver, exchange }.back(overview),
        LeftAs::Silent(_) => {
            let boots = site.scope().node_ids().map(|id| (id, Request::Boot));
            let boots = boots.filter_map(|(id, boot)| driver.told(id, boot));
            boots.chain(driver.reset_told()).collect()
        }
        LeftAs::Unreadable | LeftAs::Gone => Vec::new(),
    };
    (left, lines.iter().map(|line| text::line(line)).collect())
}

struct Leaving<'a> {
    site: &'a Site,
    target: &'a Target,
    driver: &'a dyn Driver,
    /// The last read: calls are sent as it was.
    exchange: Exchange,
}

impl Leaving<'_> {
    /// The way that the model knows; where it knows none, what a person would try.
    fn back(&self, overview: &Overview) -> Vec<String> {
        let driver = self.driver;
        if let Some(reset) = driver.reset_told() {
            return vec![reset];
        }
        let scope = self.site.scope();
        let mut belief = Belief::from_overview(scope, overview);
        belief.settle();
        let states = belief.states();
        let way = states.first().and_then(|from| {
            (0..scope.versions).map(Version).find_map(|version| {
                let home = plan::Home { version, downgrades: self.site.downgrades };
                plan::back(scope, from, home, |id, request| driver.can(id, request))
            })
        });
        let told = |action: Action| match action {
            // What is no command is told in words, lest the rest be taken for the whole way.
            Action::Request(id, request) => Some(driver.told(id, request).unwrap_or_else(|| {
                let names = self.site.dictionary.names();
                format!("# {}", Words::new(&names).hand_step(id, request))
            })),
            Action::Call(call) | Action::Race(call, _) => Some(self.call(call)),
            Action::Look | Action::UnknownNode | Action::Anonymous | Action::Plain => None,
        };
        way.map_or_else(
            || {
                let ill = overview.nodes.iter().enumerate().filter(|(_, node)| {
                    node.and_then(|node| node.status) != Some(NodeStatus::Active)
                });
                let restart = |(index, _)| {
                    let id = NodeId::at(index);
                    [Request::Kill, Request::Boot]
                        .into_iter()
                        .filter_map(move |request| driver.told(id, request))
                };
                ill.flat_map(restart).collect()
            },
            |way| way.into_iter().filter_map(told).collect(),
        )
    }

    fn call(&self, call: Call) -> String {
        let url = Text::from(self.site.call_url(call));
        let exchange = Exchange { method: "POST".to_owned(), url, ..self.exchange.clone() };
        curl::sending(&exchange, &self.target.trust())
    }
}
