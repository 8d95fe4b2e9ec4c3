#!/usr/bin/env python3
"""Checks a proof for every number of nodes, written by `zdu check --all-sizes --certificate FILE`.

Shares nothing with zdu: sections 2, 3 and 6 of SPEC.md are written down here once more, and the rules of sections 4 and 6 in the
words of those sections, by counting nodes. A view is upgrade mode, origin and pending tasks with one node or two; the certificate
stands for every cluster, of any size, all of whose views it lists. What is checked: each view is an initial one, or comes from a
cluster that the views before it stand for; the initial ones are there; no transition of a cluster of up to four nodes leads out
of the views; and STATES in each of those clusters, NAMED and EACH over each of its transitions. Four are enough: a transition
changes what two nodes show by itself, its own node and one more, which a guard asks for. A property is judged where its premise
arises. Not judged is API-9: as in section 3 a refused call is no transition.

    python3 certificate.py FILE     exit code 0: accepted, 1: rejected, with the reason
"""

import json
import sys
from itertools import combinations

WINDOW = 4
SERVING = {"Active", "Finalizing", "FinalizeFailed"}
JOINED = SERVING | {"StartingIn", "TerminatingIn"}
DOWN = {"Offline", "Absent"}
STARTING = {"StartingOut", "StartingIn"}
TERMINATING = {"TerminatingOut", "TerminatingIn"}
OUT = {"Stop": "TerminatingOut", "Kill": "Offline"}
UP = {"Stop": "TerminatingIn", "Kill": "Offline", "Break": "Error"}
ALONE = {  # what a node can do and becomes, whatever the others are
    "Active": UP, "StartingOut": OUT | {"Break": "Error"}, "StartingIn": UP | {"Ready": "Active"}, "Error": OUT,
    "TerminatingIn": {"Leave": "TerminatingOut", "Kill": "Offline"}, "TerminatingOut": {"Halt": "Offline", "Kill": "Offline"},
    "Offline": {"Boot": "StartingOut"}, "Absent": {"Boot": "StartingOut"},
    "Finalizing": UP | {"FinalizeOk": "Active", "FinalizeFail": "FinalizeFailed"}, "FinalizeFailed": UP}


class Cluster:
    """What the properties ask of a cluster; `can` are the calls that are let through, and what each node can do."""

    def __init__(self, cluster, steps):
        self.on, self.origin, self.pending, self.nodes = cluster
        phases = self.phases = {phase for phase, _ in self.nodes}
        self.calls = {name for name, node, _ in steps if node is None}
        self.can = {(name, node) for name, node, _ in steps}
        self.status = status(*cluster)
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

# Over the transitions of these names, of the node at i: mode, origin, pending and nodes before, and the same after.
NAMED = {
    "api-2-start-enables-the-mode-and-records-the-version": (
        {"Start"}, lambda i, was, now: now[0] and now[3] == was[3] and joined(was[3]) == {now[1]}),
    "api-5-cancel-disables-the-mode-and-nothing-else": ({"Cancel"}, lambda i, was, now: not now[0] and now[3] == was[3]),
    "api-6-approve-disables-the-mode": (
        {"Approve"}, lambda i, was, now: not now[0] and ("Finalizing" in dict(now[3]) or now[3] == was[3])),
    "mode-6-after-approve-off-and-stable": (
        {"Approve"}, lambda i, was, now: not now[0] and (
            bool({"Error", "Finalizing"} & {phase for phase, _ in now[3]}) or status(*now) == "STABLE")),
    "node-2-starting-becomes-active": (
        {"Join", "Ready"}, lambda i, was, now: was[3][i][0] in STARTING and now[3][i][0] in STARTING | {"Active"}),
    "node-3-terminating-becomes-offline": (
        {"Stop", "Leave", "Halt"}, lambda i, was, now: now[3][i][0] in TERMINATING or (
            was[3][i][0] in TERMINATING and now[3][i][0] in DOWN)),
    "node-4-a-killed-node-is-offline": ({"Kill"}, lambda i, was, now: now[3][i][0] == "Offline"),
    "node-6-only-the-broken-node-is-in-error": (
        {"Break"}, lambda i, was, now: now[3] == was[3][:i] + (("Error", was[3][i][1]),) + was[3][i + 1:]),
    "fin-1-approve-with-tasks-runs-them": (
        {"Approve"}, lambda i, was, now: not now[2] or now[3] == tuple(
            ("Finalizing" if phase == "Active" else phase, version) for phase, version in was[3])),
    "fin-2-done-everywhere-is-not-pending": (
        {"FinalizeOk"}, lambda i, was, now: not now[2] or bool({"Finalizing", "FinalizeFailed"} & {phase for phase, _ in now[3]})),
    "fin-4-retry-runs-again-what-failed": (
        {"Retry"}, lambda i, was, now: all(phase != "FinalizeFailed" for phase, _ in now[3]) and now[3] != was[3])}

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


def status(on, origin, pending, nodes):
    phases = {phase for phase, _ in nodes}
    if "Finalizing" in phases:
        return "RUNNING_UPGRADE_TASKS"
    if not on and (pending or "FinalizeFailed" in phases):
        return "UPGRADE_TASKS_FAILED"
    if "Error" in phases or (on and len(joined(nodes)) > 1):
        return "MIXED"
    if not on:
        return "STABLE"
    return "READY_TO_UPGRADE" if joined(nodes) <= {origin} else "READY_TO_RUN_UPGRADE_TASKS"


def successors(cluster, versions, tasks):
    """The transitions that are enabled: the name, whose node (of a call none), and what it leads to."""
    on, origin, pending, nodes = cluster
    now, phases = status(*cluster), {phase for phase, _ in nodes}

    def finalizing(which):
        return tuple(("Finalizing" if phase == which else phase, version) for phase, version in nodes)

    if phases & SERVING and now == "STABLE":
        yield "Start", None, (True, min(joined(nodes)), pending, nodes)
    if phases & SERVING and now == "READY_TO_UPGRADE":
        yield "Cancel", None, (False, None, pending, nodes)
    if phases & SERVING and now == "READY_TO_RUN_UPGRADE_TASKS":
        yield "Approve", None, (False, None, pending, nodes)
        if tasks:
            yield "Approve", None, (False, None, True, finalizing("Active"))
    if phases & SERVING and now == "UPGRADE_TASKS_FAILED":
        yield "Retry", None, (on, origin, pending, finalizing("FinalizeFailed" if "FinalizeFailed" in phases else "Active"))
    for i, (phase, version) in enumerate(nodes):
        before, after, can = nodes[:i], nodes[i + 1:], dict(ALONE[phase])
        joinable = on or joined(before + after) <= {version}
        if phase == "StartingOut":
            can |= {"Join": "StartingIn"} if joinable else {"Reject": "Offline"}
        if phase == "Error" and joinable:
            can["Repair"] = "Active"
        if phase == "Offline" and not on:
            can["Forget"] = "Absent"
        for name, becomes in can.items():
            undone = name != "FinalizeOk" or any(other in ("Finalizing", "FinalizeFailed") for other, _ in before + after)
            yield name, i, (on, origin, pending and undone, before + ((becomes, version),) + after)
        for other in set(range(versions)) - {version} if phase in DOWN else ():
            yield "Install", i, (on, origin, pending, before + ((phase, other),) + after)


def views(cluster):
    return {cluster[:3] + (some,) for size in (1, 2) for some in combinations(sorted(cluster[3]), size)}


def read(it):
    nodes = tuple(sorted((node["phase"], node["version"]) for node in it["nodes"]))
    return it["mode"] == "on", it["origin"], it["tasks_pending"], nodes


def clusters(listed):
    """Every cluster of up to four nodes that the views stand for."""
    for plane in {view[:3] for view in listed}:
        alone = sorted(view[3][0] for view in listed if view[:3] == plane and len(view[3]) == 1)
        grown = [()]
        for _ in range(WINDOW):
            grown = [some + (node,) for some in grown for node in alone if not some or node >= some[-1]
                     if all(plane + ((other, node),) in listed for other in some)]
            yield from (plane + (some,) for some in grown)


def judge(cluster, steps):
    """The properties whose premise arises in a cluster and over its transitions, and of these the ones that fail."""
    seen, arise, fail = Cluster(cluster, steps), set(), []
    for name, (when, then) in STATES.items():
        if when(seen):
            arise.add(name)
            if not then(seen):
                fail.append(name)
    for step, i, after in steps:
        for name, (steps_of, then) in NAMED.items():
            if step in steps_of:
                arise.add(name)
                if not then(i, cluster, after):
                    fail.append(name)
        for name, (when, then) in EACH.items():
            for was, now in zip(cluster[3], after[3]):
                if when(was, now):
                    arise.add(name)
                    if not then(was, now, cluster[0]):
                        fail.append(name)
    return arise, fail


def check(certificate):
    """Why it is rejected, if it is, and the properties that were judged."""
    if certificate.get("schema") != "zdu-certificate/1" or certificate.get("profile") not in ("documented", "finalization"):
        return "it is no certificate of this format", set()
    versions, tasks = certificate["versions"], certificate["profile"] == "finalization"
    initial, listed = views((False, None, False, (("Active", 0),) * 2)), set()
    for it in certificate["views"]:
        before = it["from"] and read(it["from"])
        if before and not views(before) <= listed:
            return f"a view comes from what is not known before it: {it}", set()
        led_to = (views(after) for _, _, after in successors(before, versions, tasks)) if before else [initial]
        if read(it) not in set().union(*led_to):
            return f"a view is there without reason: {it}", set()
        listed.add(read(it))
    if not initial <= listed:
        return "an initial view is missing", set()
    judged = set()
    for cluster in clusters(listed):
        steps = list(successors(cluster, versions, tasks))
        arise, fail = judge(cluster, steps)
        judged |= arise
        if fail:
            return f"{fail[0]} fails: {cluster}", judged
        for step, _, after in steps:
            if not views(after) <= listed:
                return f"not closed: {step} of {cluster} leads to {after}", judged
    if not judged & set(certificate["holds"]):
        return "none of the properties that it names is judged here", judged
    return None, judged


def main(file):
    with open(file, encoding="utf-8") as opened:
        certificate = json.load(opened)
    wrong, judged = check(certificate)
    if wrong:
        print(f"rejected: {wrong}")
        return 1
    print(f"accepted: {len(certificate['views'])} views are closed, for every number of nodes")
    for said, there in (("judged here", True), ("not judged here", False)):
        names = [name for name in certificate["holds"] if (name in judged) == there]
        print(f"{said}: {len(names)}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else "usage: certificate.py FILE")
