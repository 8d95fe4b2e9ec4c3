#!/usr/bin/env python3
"""Checks a proof for every number of nodes, written by `zdu check --all-sizes --certificate FILE`.

Shares nothing with zdu: sections 2, 3 and 6 of SPEC.md are written down here once more, what must hold in certificate_rules.py.
A view is upgrade mode, origin and pending tasks with one node or two; the certificate stands for every cluster, of any size, all
of whose views it lists. What is checked: each view is an initial one, or comes, by a transition of the name that is given, from a
cluster that the views before it stand for; the initial ones are there; no transition of a cluster of up to four nodes leads out
of the views; and the rules hold in each of those clusters and over each of its transitions. Four are enough: a transition changes
what two nodes show by itself, its own node and one more, which a guard asks for. A property is judged where its premise arises.

    python3 certificate.py FILE     exit code 0: accepted, 1: rejected, with the reason, 2: it cannot be read
"""

import json
import sys
from itertools import combinations

sys.dont_write_bytecode = True
from certificate_rules import DOWN, JUDGED, SERVING, joined, judge  # noqa: E402: nothing is left behind

WINDOW = 4
OUT = {"Stop": "TerminatingOut", "Kill": "Offline"}
UP = {"Stop": "TerminatingIn", "Kill": "Offline", "Break": "Error"}
ALONE = {  # what a node can do and becomes, whatever the others are
    "Active": UP, "StartingOut": OUT | {"Break": "Error"}, "StartingIn": UP | {"Ready": "Active"}, "Error": OUT,
    "TerminatingIn": {"Leave": "TerminatingOut", "Kill": "Offline"}, "TerminatingOut": {"Halt": "Offline", "Kill": "Offline"},
    "Offline": {"Boot": "StartingOut"}, "Absent": {"Boot": "StartingOut"},
    "Finalizing": UP | {"FinalizeOk": "Active", "FinalizeFail": "FinalizeFailed"}, "FinalizeFailed": UP}


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


def check(certificate):
    """Why it is rejected, if it is, and the properties that were judged."""
    if certificate.get("schema") != "zdu-certificate/1" or certificate.get("profile") not in ("documented", "finalization"):
        return "it is no certificate of this format", set()
    if certificate["window"] != WINDOW:
        return f"its argument is about clusters of {certificate['window']} nodes, and here {WINDOW} are looked at", set()
    unknown = set(certificate["holds"]) - JUDGED - {"api-9-refused-calls-change-nothing"}
    if unknown:
        return f"no rule here is named so: {', '.join(sorted(unknown))}", set()
    versions, tasks = certificate["versions"], certificate["profile"] == "finalization"
    initial, listed = views((False, None, False, (("Active", 0),) * 2)), set()
    for it in certificate["views"]:
        before = it["from"] and read(it["from"])
        if before and not views(before) <= listed:
            return f"a view comes from what is not known before it: {it}", set()
        by = (it["step"] or "").split("(")[0].split(" ")[0]
        steps = successors(before, versions, tasks) if before else ()
        led_to = [views(after) for name, _, after in steps if name == by] if before else [initial]
        if read(it) not in set().union(*led_to):
            return f"a view is there without reason: {it}", set()
        listed.add(read(it))
    if not initial <= listed:
        return "an initial view is missing", set()
    judged = set()
    for cluster in clusters(listed):
        steps = list(successors(cluster, versions, tasks))
        arise, fail = judge(cluster, steps, status)
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
    try:
        with open(file, encoding="utf-8") as opened:
            certificate = json.load(opened)
        wrong, judged = check(certificate)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"it cannot be read: {type(error).__name__}: {error}; write one with: zdu check --all-sizes --certificate FILE")
        return 2
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
