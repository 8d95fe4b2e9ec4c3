//! How is a scenario written? Step by step, with the author's expectation checked against the model at each.

use std::collections::BTreeSet;

use crate::judge::belief::Request;
use crate::spec::cluster::ClusterStatus;
use crate::spec::node::{NodeId, NodeStatus, Version};
use crate::spec::semantics::Scope;
use crate::spec::transition::Call;
use crate::traces::trace::{Action, Run, Step};

/// A trace being written.
#[derive(Debug)]
pub struct Script {
    name: &'static str,
    scope: Scope,
    run: Run,
    steps: Vec<Step>,
}

impl Script {
    /// An empty trace on a cluster in its initial state.
    #[must_use]
    pub fn new(name: &'static str, scope: Scope) -> Self {
        Self { name, scope, run: Run::new(scope), steps: Vec::new() }
    }

    /// The number of nodes.
    #[must_use]
    pub const fn nodes(&self) -> usize {
        self.scope.nodes
    }

    /// Every node.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.scope.node_ids()
    }

    /// The node with this number, counted from 1.
    #[must_use]
    pub const fn id(&self, number: u8) -> NodeId {
        NodeId::new(number)
    }

    /// The node with the largest number.
    #[must_use]
    pub fn last(&self) -> NodeId {
        NodeId::at(self.scope.nodes - 1)
    }

    /// The steps written.
    #[must_use]
    pub fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Does something and waits until the cluster has settled.
    ///
    /// # Panics
    /// If the model cannot follow.
    pub fn act(&mut self, action: Action) -> &Step {
        self.take(action, true)
    }

    /// Does something and goes on at once.
    ///
    /// # Panics
    /// If the model cannot follow.
    pub fn soon(&mut self, action: Action) -> &Step {
        self.take(action, false)
    }

    fn take(&mut self, action: Action, settle: bool) -> &Step {
        let number = self.steps.len() + 1;
        let step = match self.run.take(action, settle) {
            Ok(step) => step,
            Err(reason) => panic!(
                "scenario {} with {} nodes, step {number} ({action}): {reason}",
                self.name, self.scope.nodes
            ),
        };
        self.steps.push(step);
        &self.steps[number - 1]
    }

    /// A call that must be answered 200.
    ///
    /// # Panics
    /// If the model answers otherwise.
    pub fn accepts(&mut self, call: Call) {
        let answer = self.act(Action::Call(call)).answer.clone();
        assert_eq!(answer, [200], "scenario {}: {call}", self.name);
    }

    /// A call that must be answered 409.
    ///
    /// # Panics
    /// If the model answers otherwise.
    pub fn refuses(&mut self, call: Call) {
        let answer = self.act(Action::Call(call)).answer.clone();
        assert_eq!(answer, [409], "scenario {}: {call}", self.name);
    }

    /// A call that nobody may answer, since no node serves.
    ///
    /// # Panics
    /// If the model answers.
    pub fn unanswered(&mut self, call: Call) {
        let answer = self.act(Action::Call(call)).answer.clone();
        assert!(answer.is_empty(), "scenario {}: {call}", self.name);
    }

    /// Calls that must each be answered 409, one after the other.
    ///
    /// # Panics
    /// If the model answers otherwise.
    pub fn refuses_each(&mut self, calls: &[Call]) {
        for call in calls {
            self.refuses(*call);
        }
    }

    /// A call whose answer nobody can know: the step before it may not have taken effect yet, or a choice is the
    /// cluster's. Both 200 and 409 must be possible.
    ///
    /// # Panics
    /// If the model knows the answer.
    pub fn accepts_or_refuses(&mut self, call: Call) {
        let answer = self.act(Action::Call(call)).answer.clone();
        assert_eq!(answer, [200, 409], "scenario {}: {call}", self.name);
    }

    /// Several of one call at once, of which exactly one must be answered 200.
    ///
    /// # Panics
    /// If the model answers otherwise.
    pub fn races(&mut self, call: Call, times: u8) {
        let answer = self.act(Action::Race(call, times)).answer.clone();
        assert_eq!(answer, [200], "scenario {}: race of {call}", self.name);
    }

    /// Several of one call at once, all of which must be refused.
    ///
    /// # Panics
    /// If the model answers otherwise.
    pub fn races_refused(&mut self, call: Call, times: u8) {
        let answer = self.act(Action::Race(call, times)).answer.clone();
        assert_eq!(answer, [409], "scenario {}: race of {call}", self.name);
    }

    /// Asks for a step on a node and goes on at once, before it has taken effect.
    pub fn ask(&mut self, id: NodeId, request: Request) {
        self.soon(Action::Request(id, request));
    }

    /// The node is stopped gracefully.
    pub fn stop(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::Stop));
    }

    /// The node is shut down altogether.
    pub fn kill(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::Kill));
    }

    /// A version is installed on the node.
    pub fn install(&mut self, id: NodeId, version: u8) {
        self.act(Action::Request(id, Request::Install(Version(version))));
    }

    /// The node is started.
    pub fn boot(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::Boot));
    }

    /// Something goes wrong on the node.
    pub fn breaks(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::Break));
    }

    /// Something goes wrong on the node with upgrade mode on: the cluster is MIXED, and no call can be made.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn breaks_and_blocks(&mut self, id: NodeId) {
        self.breaks(id);
        self.status(ClusterStatus::Mixed);
        self.refuses_each(&[Call::Start, Call::Cancel, Call::Approve]);
    }

    /// The error is fixed in place.
    pub fn repair(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::Repair));
    }

    /// The node's current or next upgrade tasks fail (profile `finalization`).
    pub fn fail_tasks(&mut self, id: NodeId) {
        self.act(Action::Request(id, Request::FailTasks));
    }

    /// The page's way to upgrade one node: stop, install, boot.
    pub fn upgrade(&mut self, id: NodeId, version: u8) {
        self.stop(id);
        self.install(id, version);
        self.boot(id);
    }

    /// The same, but goes on at once while the node starts.
    pub fn upgrade_soon(&mut self, id: NodeId, version: u8) {
        self.stop(id);
        self.install(id, version);
        self.ask(id, Request::Boot);
    }

    /// Every node, one after the other.
    pub fn upgrade_all(&mut self, version: u8) {
        for id in self.ids() {
            self.upgrade(id, version);
        }
    }

    /// Every node but this one, one after the other.
    pub fn upgrade_others(&mut self, left: NodeId, version: u8) {
        for id in self.ids().filter(|id| *id != left) {
            self.upgrade(id, version);
        }
    }

    /// An upgrade by the page of which the first node is done.
    pub fn begun_upgrade(&mut self, version: u8) {
        self.accepts(Call::Start);
        self.upgrade(self.id(1), version);
    }

    /// A whole upgrade by the page.
    pub fn whole_upgrade(&mut self, version: u8) {
        self.accepts(Call::Start);
        self.upgrade_all(version);
        self.accepts(Call::Approve);
    }

    /// Reads everything again.
    pub fn look(&mut self) {
        self.act(Action::Look);
    }

    /// States by hand which status must be seen now.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn status(&self, expected: ClusterStatus) {
        self.status_of(&[expected]);
    }

    /// States by hand which statuses may be seen now, where the choice is the cluster's.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn status_of(&self, expected: &[ClusterStatus]) {
        let statuses: BTreeSet<_> =
            self.run.states().iter().map(|cluster| cluster.status()).collect();
        let expected = expected.iter().copied().collect();
        assert_eq!(statuses, expected, "{}", self.here("status"));
    }

    /// States by hand how a node must be listed now, with the version that is installed on it.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn listed(&self, id: NodeId, status: NodeStatus, version: u8) {
        self.listed_as(id, &[Some((status, version))]);
    }

    /// States by hand that a node must not be listed now.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn unlisted(&self, id: NodeId) {
        self.listed_as(id, &[None]);
    }

    /// States by hand how a node may be listed now, where the choice is the cluster's; `None` when not at all.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn listed_as(&self, id: NodeId, expected: &[Option<(NodeStatus, u8)>]) {
        let listed: BTreeSet<_> = self
            .run
            .states()
            .iter()
            .map(|cluster| cluster.node(id))
            .map(|node| {
                let status = node.phase.listed()?;
                Some((status, node.version.0))
            })
            .collect();
        let expected = expected.iter().copied().collect();
        assert_eq!(listed, expected, "{}", self.here(&id.to_string()));
    }

    /// States by hand which version is given as the original now; `None` while upgrade mode is off.
    ///
    /// # Panics
    /// If the model says otherwise.
    pub fn origin(&self, expected: Option<u8>) {
        let origins: BTreeSet<_> = self
            .run
            .states()
            .iter()
            .map(|cluster| cluster.origin.map(|version| version.0))
            .collect();
        assert_eq!(origins, BTreeSet::from([expected]), "{}", self.here("origin"));
    }

    fn here(&self, what: &str) -> String {
        format!(
            "scenario {} with {} nodes after step {}: {what}",
            self.name,
            self.scope.nodes,
            self.steps.len()
        )
    }
}
