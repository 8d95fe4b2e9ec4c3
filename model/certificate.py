#!/usr/bin/env python3
"""Checks a proof for every number of nodes, written by `zdu check --all-sizes --certificate FILE`.

Shares nothing with zdu: sections 2, 3 and 6 of SPEC.md are written down here once more. A view is upgrade mode, origin and
pending tasks with one node or two; the certificate stands for every cluster, of any size, all of whose views it lists. What is
checked: each view is an initial one, or comes from a cluster that the views before it stand for; the initial ones are there;
no transition of a cluster of up to four nodes leads out of the views; and HOLDS, in each of those clusters. Four are enough:
a transition changes what two nodes show by itself, its own node and one more, which a guard asks for.

    python3 certificate.py FILE     exit code 0: accepted, 1: rejected, with the reason
"""

import json
import sys
from itertools import combinations

WINDOW = 4
SERVING = {"Active", "Finalizing", "FinalizeFailed"}
JOINED = SERVING | {"StartingIn", "TerminatingIn"}
OUT = {"Stop": "TerminatingOut", "Kill": "Offline"}
UP = {"Stop": "TerminatingIn", "Kill": "Offline", "Break": "Error"}
ALONE = {  # what a node can do and becomes, whatever the others are
    "Active": UP, "StartingOut": OUT | {"Break": "Error"}, "StartingIn": UP | {"Ready": "Active"}, "Error": OUT,
    "TerminatingIn": {"Leave": "TerminatingOut", "Kill": "Offline"}, "TerminatingOut": {"Halt": "Offline", "Kill": "Offline"},
    "Offline": {"Boot": "StartingOut"}, "Absent": {"Boot": "StartingOut"},
    "Finalizing": UP | {"FinalizeOk": "Active", "FinalizeFail": "FinalizeFailed"}, "FinalizeFailed": UP}

HOLDS = {  # the properties that are judged here, of the cluster and of what can be done in it
    "api-1-origin-is-recorded-while-mode-is-on": lambda on, origin, nodes, can: not on or origin is not None,
    "api-1-no-origin-is-recorded-while-mode-is-off": lambda on, origin, nodes, can: on or origin is None,
    "mode-2-start-is-refused-with-an-error":
        lambda on, origin, nodes, can: "Start" not in can or all(phase != "Error" for phase, _ in nodes),
    "mode-7-start-is-refused-while-on": lambda on, origin, nodes, can: not (on and "Start" in can),
    "mode-7-cancel-and-approve-are-refused-while-off": lambda on, origin, nodes, can: on or not can & {"Cancel", "Approve"},
    "mode-8-two-joined-versions-only-while-on": lambda on, origin, nodes, can: on or len(joined(nodes)) <= 1}


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
    """The transitions that are enabled, and what each leads to; in which order the nodes stand does not matter."""
    on, origin, pending, nodes = cluster
    now, phases = status(*cluster), {phase for phase, _ in nodes}

    def finalizing(which):
        return tuple(("Finalizing" if phase == which else phase, version) for phase, version in nodes)

    if phases & SERVING and now == "STABLE":
        yield "Start", (True, min(joined(nodes)), pending, nodes)
    if phases & SERVING and now == "READY_TO_UPGRADE":
        yield "Cancel", (False, None, pending, nodes)
    if phases & SERVING and now == "READY_TO_RUN_UPGRADE_TASKS":
        yield "Approve", (False, None, pending, nodes)
        if tasks:
            yield "Approve", (False, None, True, finalizing("Active"))
    if phases & SERVING and now == "UPGRADE_TASKS_FAILED":
        yield "Retry", (on, origin, pending, finalizing("FinalizeFailed" if "FinalizeFailed" in phases else "Active"))
    for i, (phase, version) in enumerate(nodes):
        rest, can = nodes[:i] + nodes[i + 1:], dict(ALONE[phase])
        joinable = on or joined(rest) <= {version}
        if phase == "StartingOut":
            can |= {"Join": "StartingIn"} if joinable else {"Reject": "Offline"}
        if phase == "Error" and joinable:
            can["Repair"] = "Active"
        if phase == "Offline" and not on:
            can["Forget"] = "Absent"
        for name, becomes in can.items():
            undone = name != "FinalizeOk" or any(other in ("Finalizing", "FinalizeFailed") for other, _ in rest)
            yield name, (on, origin, pending and undone, rest + ((becomes, version),))
        for other in set(range(versions)) - {version} if phase in ("Offline", "Absent") else ():
            yield "Install", (on, origin, pending, rest + ((phase, other),))


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


def check(certificate):
    versions, tasks = certificate["versions"], certificate["profile"] == "finalization"
    initial, listed = views((False, None, False, (("Active", 0),) * 2)), set()
    for it in certificate["views"]:
        before = it["from"] and read(it["from"])
        if before and not views(before) <= listed:
            return f"a view comes from what is not known before it: {it}"
        led_to = (views(after) for _, after in successors(before, versions, tasks)) if before else [initial]
        if read(it) not in set().union(*led_to):
            return f"a view is there without reason: {it}"
        listed.add(read(it))
    if not initial <= listed:
        return "an initial view is missing"
    for cluster in clusters(listed):
        on, origin, _, nodes = cluster
        steps = list(successors(cluster, versions, tasks))
        for name, holds in HOLDS.items():
            if not holds(on, origin, nodes, {step for step, _ in steps}):
                return f"{name} fails: {cluster}"
        for step, after in steps:
            if not views(after) <= listed:
                return f"not closed: {step} of {cluster} leads to {after}"
    return None


def main(file):
    with open(file, encoding="utf-8") as opened:
        certificate = json.load(opened)
    wrong = check(certificate)
    if wrong:
        print(f"rejected: {wrong}")
        return 1
    print(f"accepted: {len(certificate['views'])} views are closed, for every number of nodes")
    for said, there in (("judged here", True), ("not judged here", False)):
        print(f"{said}: {', '.join(name for name in certificate['holds'] if (name in HOLDS) == there)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else "usage: certificate.py FILE")
