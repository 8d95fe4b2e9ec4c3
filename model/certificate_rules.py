"""What must hold of a cluster: the properties by which `certificate.py` judges, each in the words of its rule.

The rules of sections 4 and 6 of SPEC.md, by counting nodes, a line or three each: a premise and what must then be. Not judged is
API-9: as in section 3 a refused call is no transition.
"""

SERVING = {"Active", "Finalizing", "FinalizeFailed"}
JOINED = SERVING | {"StartingIn", "TerminatingIn"}
DOWN = {"Offline", "Absent"}
STARTING = {"StartingOut", "StartingIn"}
TERMINATING = {"TerminatingOut", "TerminatingIn"}


class Cluster:
    """What the properties ask of a cluster; `can` are the calls that are let through, and what each node can do."""

    def __init__(self, cluster, steps, shown):
        self.on, self.origin, self.pending, self.nodes = cluster
        phases = self.phases = {phase for phase, _ in self.nodes}
        self.calls = {name for name, node, _ in steps if node is None}
        self.can = {(name, node) for name, node, _ in steps}
        self.status = shown
        self.error, self.served = "Error" in phases, bool(phases & SERVING)
        runs = [version for phase, version in self.nodes if phase in JOINED]
        self.old, self.upgraded = runs.count(self.origin), len(runs) - runs.count(self.origin)
        self.two = any(version != runs[0] for version in runs)
        self.running = "Finalizing" in phases
        self.tasks = self.running or not self.on and (self.pending or "FinalizeFailed" in phases)
        self.quiet = not (self.on or self.error or self.tasks)
        self.calm = self.on and not self.error
        self.none_upgraded = self.calm and not self.upgraded
        self.all_upgraded = self.calm and self.upgraded > 0 and not self.old and not self.two
        self.failed = self.tasks and not self.running

    def each_can(self, wanted, step):
        return all((step, i) in self.can for i, (phase, _) in enumerate(self.nodes) if phase == wanted)


STATES = {  # where the first holds, the second must
    "api-1-origin-is-recorded-while-mode-is-on": (lambda c: c.on, lambda c: c.origin is not None),
    "api-1-no-origin-is-recorded-while-mode-is-off": (lambda c: not c.on, lambda c: c.origin is None),
    "node-5-every-offline-node-is-forgotten-while-mode-is-off": (
        lambda c: not c.on and "Offline" in c.phases, lambda c: c.each_can("Offline", "Forget")),
    "node-7-an-errored-node-can-be-stopped": (lambda c: c.error, lambda c: c.each_can("Error", "Stop")),
    "node-8-an-errored-node-can-be-killed": (lambda c: c.error, lambda c: c.each_can("Error", "Kill")),
    "node-9-a-removed-node-can-be-booted": (lambda c: "Absent" in c.phases, lambda c: c.each_can("Absent", "Boot")),
    "status-1-stable-with-mode-off-and-no-error": (lambda c: c.quiet, lambda c: c.status == "STABLE"),
    "status-1-not-stable-while-mode-is-on": (lambda c: c.on, lambda c: c.status != "STABLE"),
    "status-2-ready-to-upgrade-while-nobody-is-upgraded": (lambda c: c.none_upgraded, lambda c: c.status == "READY_TO_UPGRADE"),
    "status-2-not-ready-to-upgrade-with-mode-off-or-nobody-old":
        (lambda c: not c.error and not c.old and not c.none_upgraded, lambda c: c.status != "READY_TO_UPGRADE"),
    "status-3-mixed-once-an-upgraded-node-joins-an-old-one":
        (lambda c: c.calm and c.old and c.upgraded, lambda c: c.status == "MIXED"),
    "status-4-mixed-with-an-error-while-on": (lambda c: c.on and c.error, lambda c: c.status == "MIXED"),
    "status-5-mixed-with-an-error-while-off":
        (lambda c: not c.on and c.error and not c.tasks, lambda c: c.status == "MIXED"),
    "status-6-mixed-with-two-versions-none-of-them-original":
        (lambda c: c.calm and not c.old and c.two, lambda c: c.status == "MIXED"),
    "status-7-ready-to-run-once-everybody-is-upgraded":
        (lambda c: c.all_upgraded, lambda c: c.status == "READY_TO_RUN_UPGRADE_TASKS"),
    "status-7-not-ready-to-run-with-mode-off-or-nobody-upgraded":
        (lambda c: not c.on or c.none_upgraded, lambda c: c.status != "READY_TO_RUN_UPGRADE_TASKS"),
    "mode-1-start-succeeds-in-stable": (lambda c: c.served and c.quiet, lambda c: "Start" in c.calls),
    "mode-2-start-is-refused-with-an-error": (lambda c: c.error, lambda c: "Start" not in c.calls),
    "mode-3-cancel-succeeds-until-an-upgraded-node-joins":
        (lambda c: c.served and c.none_upgraded, lambda c: "Cancel" in c.calls),
    "mode-3-cancel-is-refused-when-mixed":
        (lambda c: c.on and (c.error or c.two), lambda c: "Cancel" not in c.calls),
    "mode-4-cancel-is-refused-once-all-are-upgraded": (lambda c: c.all_upgraded, lambda c: "Cancel" not in c.calls),
    "mode-5-approve-succeeds-once-all-are-upgraded":
        (lambda c: c.served and c.all_upgraded, lambda c: "Approve" in c.calls),
    "mode-5-approve-is-refused-until-all-are-upgraded":
        (lambda c: not (c.served and c.all_upgraded), lambda c: "Approve" not in c.calls),
    "mode-7-start-is-refused-while-on": (lambda c: c.on, lambda c: "Start" not in c.calls),
    "mode-7-cancel-and-approve-are-refused-while-off": (lambda c: not c.on, lambda c: not c.calls & {"Cancel", "Approve"}),
    "mode-8-two-joined-versions-only-while-on": (lambda c: c.two, lambda c: c.on),
    "fin-1-running-while-some-node-finalizes": (lambda c: c.running, lambda c: c.status == "RUNNING_UPGRADE_TASKS"),
    "fin-1-not-running-while-no-node-finalizes": (lambda c: not c.running, lambda c: c.status != "RUNNING_UPGRADE_TASKS"),
    "fin-3-failed-is-shown": (lambda c: c.failed, lambda c: c.status == "UPGRADE_TASKS_FAILED"),
    "fin-3-no-failure-is-shown-without-one": (lambda c: not c.failed, lambda c: c.status != "UPGRADE_TASKS_FAILED"),
    "fin-4-retry-succeeds-after-failure": (lambda c: c.served and c.failed, lambda c: "Retry" in c.calls),
    "fin-4-retry-is-refused-without-failure": (lambda c: not (c.served and c.failed), lambda c: "Retry" not in c.calls),
    "fin-5-start-is-refused-with-tasks": (lambda c: c.tasks, lambda c: "Start" not in c.calls)}

# Over the transitions of these names, of the node at i: mode, origin, pending and nodes before, the same after, the status then.
NAMED = {
    "api-2-start-enables-the-mode-and-records-the-version": (
        {"Start"}, lambda i, was, now, shown: now[0] and now[3] == was[3] and joined(was[3]) == {now[1]}),
    "api-5-cancel-disables-the-mode-and-nothing-else": ({"Cancel"}, lambda i, was, now, shown: not now[0] and now[3] == was[3]),
    "api-6-approve-disables-the-mode": (
        {"Approve"}, lambda i, was, now, shown: not now[0] and ("Finalizing" in dict(now[3]) or now[3] == was[3])),
    "mode-6-after-approve-off-and-stable": (
        {"Approve"}, lambda i, was, now, shown: not now[0] and (
            bool({"Error", "Finalizing"} & {phase for phase, _ in now[3]}) or shown == "STABLE")),
    "node-2-starting-becomes-active": (
        {"Join", "Ready"}, lambda i, was, now, shown: was[3][i][0] in STARTING and now[3][i][0] in STARTING | {"Active"}),
    "node-3-terminating-becomes-offline": (
        {"Stop", "Leave", "Halt"}, lambda i, was, now, shown: now[3][i][0] in TERMINATING or (
            was[3][i][0] in TERMINATING and now[3][i][0] in DOWN)),
    "node-4-a-killed-node-is-offline": ({"Kill"}, lambda i, was, now, shown: now[3][i][0] == "Offline"),
    "node-6-only-the-broken-node-is-in-error": (
        {"Break"}, lambda i, was, now, shown: now[3] == was[3][:i] + (("Error", was[3][i][1]),) + was[3][i + 1:]),
    "fin-1-approve-with-tasks-runs-them": (
        {"Approve"}, lambda i, was, now, shown: not now[2] or now[3] == tuple(
            ("Finalizing" if phase == "Active" else phase, version) for phase, version in was[3])),
    "fin-2-done-everywhere-is-not-pending": (
        {"FinalizeOk"}, lambda i, was, now, shown: not now[2] or bool(
            {"Finalizing", "FinalizeFailed"} & {phase for phase, _ in now[3]})),
    "fin-4-retry-runs-again-what-failed": (
        {"Retry"}, lambda i, was, now, shown: all(phase != "FinalizeFailed" for phase, _ in now[3]) and now[3] != was[3])}

# The same over each transition that changes a node so.
EACH = {
    "node-5-no-other-node-is-forgotten": (
        lambda before, after: before[0] != "Absent" and after[0] == "Absent",
        lambda before, after, on: before[0] == "Offline" and not on),
    "node-10-version-changes-only-while-down": (
        lambda before, after: before[1] != after[1],
        lambda before, after, on: before[0] in DOWN and before[0] == after[0])}
JUDGED = STATES.keys() | NAMED.keys() | EACH.keys()


def joined(nodes):
    return {version for phase, version in nodes if phase in JOINED}


def judge(cluster, steps, status):
    """The properties whose premise arises in a cluster and over its transitions, and of these the ones that fail."""
    seen, arise, fail = Cluster(cluster, steps, status(*cluster)), set(), []
    for name, (when, then) in STATES.items():
        if when(seen):
            arise.add(name)
            if not then(seen):
                fail.append(name)
    for step, i, after in steps:
        for name, (steps_of, then) in NAMED.items():
            if step in steps_of:
                arise.add(name)
                if not then(i, cluster, after, status(*after)):
                    fail.append(name)
        for name, (when, then) in EACH.items():
            for was, now in zip(cluster[3], after[3]):
                if when(was, now):
                    arise.add(name)
                    if not then(was, now, cluster[0]):
                        fail.append(name)
    return arise, fail
