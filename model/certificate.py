#!/usr/bin/env python3
"""Checks a proof for every number of nodes, written by `zdu check --all-sizes --certificate FILE`.

Shares nothing with zdu: sections 2, 3 and 6 of SPEC.md are written down here once more. A certificate lists views: upgrade
mode, origin and pending tasks with one or two nodes. It stands for every cluster, of any size, all of whose views are listed.
What is checked: the initial views are there; whatever a transition makes of a cluster of up to four nodes that the views stand
for has listed views only; no view is there without reason; and the properties known here hold in each of those clusters.
Four are enough: a transition changes what two nodes show by itself, its own node and one more, which a guard asks for.

    python3 certificate.py FILE     exit code 0: accepted, 1: rejected, with the reason
"""

import json
import sys
from itertools import combinations

WINDOW = 4
JOINED = {"Active", "StartingIn", "TerminatingIn", "Finalizing", "FinalizeFailed"}
SERVING = {"Active", "Finalizing", "FinalizeFailed"}
DOWN = {"Offline", "Absent"}
RUNNING = SERVING | {"StartingOut", "StartingIn"}


def joined(nodes):
    return {version for phase, version in nodes if phase in JOINED}


def status(on, origin, pending, nodes):
    phases = {phase for phase, _ in nodes}
    if "Finalizing" in phases:
        return "RUNNING_UPGRADE_TASKS"
    if not on and (pending or "FinalizeFailed" in phases):
        return "UPGRADE_TASKS_FAILED"
    if "Error" in phases:
        return "MIXED"
    if not on:
        return "STABLE"
    if len(joined(nodes)) > 1:
        return "MIXED"
    return "READY_TO_UPGRADE" if joined(nodes) <= {origin} else "READY_TO_RUN_UPGRADE_TASKS"


def turned(nodes, old, new):
    return tuple((new if phase == old else phase, version) for phase, version in nodes)


def successors(cluster, versions, tasks):
    """What each transition that is enabled leads to."""
    on, origin, pending, nodes = cluster
    now, phases = status(*cluster), [phase for phase, _ in nodes]
    if SERVING & set(phases):
        if now == "STABLE":
            yield "Start", (True, min(joined(nodes)), pending, nodes)
        if now in ("READY_TO_UPGRADE", "READY_TO_RUN_UPGRADE_TASKS"):
            yield "Cancel" if now == "READY_TO_UPGRADE" else "Approve", (False, None, pending, nodes)
        if tasks and now == "READY_TO_RUN_UPGRADE_TASKS":
            yield "Approve with tasks", (False, None, True, turned(nodes, "Active", "Finalizing"))
        if now == "UPGRADE_TASKS_FAILED":
            old = "FinalizeFailed" if "FinalizeFailed" in phases else "Active"
            yield "Retry", (on, origin, pending, turned(nodes, old, "Finalizing"))
    for i, (phase, version) in enumerate(nodes):
        rest = nodes[:i] + nodes[i + 1:]
        joinable = on or joined(rest) <= {version}

        def to(name, new, pending=pending):
            return f"{name}(n{i + 1})", (on, origin, pending, nodes[:i] + ((new, version),) + nodes[i + 1:])

        if phase in RUNNING | {"Error"}:
            yield to("Stop", "TerminatingIn" if phase in JOINED else "TerminatingOut")
        if phase in RUNNING:
            yield to("Break", "Error")
        if phase not in DOWN:
            yield to("Kill", "Offline")
        else:
            yield to("Boot", "StartingOut")
            for new in set(range(versions)) - {version}:
                yield f"Install(n{i + 1}, v{new})", (on, origin, pending, nodes[:i] + ((phase, new),) + nodes[i + 1:])
        if phase == "Error" and joinable:
            yield to("Repair", "Active")
        if phase == "StartingOut":
            yield to("Join", "StartingIn") if joinable else to("Reject", "Offline")
        if phase == "Offline" and not on:
            yield to("Forget", "Absent")
        if phase == "Finalizing":
            left = any(other in ("Finalizing", "FinalizeFailed") for other, _ in rest)
            yield to("FinalizeOk", "Active", pending and left)
            yield to("FinalizeFail", "FinalizeFailed")
        for old, name, new in (("StartingIn", "Ready", "Active"), ("TerminatingIn", "Leave", "TerminatingOut"),
                               ("TerminatingOut", "Halt", "Offline")):
            if phase == old:
                yield to(name, new)


def broken(cluster):
    """The properties that the cluster breaks, each in other words than the definitions above."""
    on, origin, pending, nodes = cluster
    if on != (origin is not None):
        yield "api-1-origin-is-recorded-while-mode-is-on" if on else "api-1-no-origin-is-recorded-while-mode-is-off"
    if not on and len(joined(nodes)) > 1:
        yield "mode-8-two-joined-versions-only-while-on"


JUDGED = {"api-1-origin-is-recorded-while-mode-is-on", "api-1-no-origin-is-recorded-while-mode-is-off",
          "mode-8-two-joined-versions-only-while-on"}


def views(cluster):
    on, origin, pending, nodes = cluster
    for some in {tuple(sorted(some)) for size in (1, 2) for some in combinations(nodes, size)}:
        yield on, origin, pending, some


def read(it):
    nodes = tuple(sorted((node["phase"], node["version"]) for node in it["nodes"]))
    return it["mode"] == "on", it["origin"], it["tasks_pending"], nodes


def clusters(listed):
    """Every cluster of up to four nodes that the views stand for."""
    for on, origin, pending in {view[:3] for view in listed}:
        alone = sorted(view[3][0] for view in listed if view[:3] == (on, origin, pending) and len(view[3]) == 1)
        grown = [()]
        for _ in range(WINDOW):
            grown = [some + (node,) for some in grown for node in alone if not some or node >= some[-1]
                     if all((on, origin, pending, (other, node)) in listed for other in some)]
            for some in grown:
                yield on, origin, pending, some


def check(certificate):
    versions, tasks = certificate["versions"], certificate["profile"] == "finalization"
    listed = set()
    for it in certificate["views"]:
        if it["from"] is None:
            reached = [(False, None, False, (("Active", 0),) * size) for size in (1, 2)]
        else:
            before = read(it["from"])
            if not all(view in listed for view in views(before)):
                return f"a view comes from what is not known before it: {it}"
            reached = [after for _, after in successors(before, versions, tasks)]
        view = read(it)
        if not any(view in views(cluster) for cluster in reached):
            return f"a view is there without reason: {it}"
        listed.add(view)
    for nodes in (1, 2):
        if (False, None, False, (("Active", 0),) * nodes) not in listed:
            return "an initial view is missing"
    for cluster in clusters(listed):
        for name in broken(cluster):
            return f"{name} fails: {cluster}"
        for step, after in successors(cluster, versions, tasks):
            for view in views(after):
                if view not in listed:
                    return f"not closed: {step} of {cluster} shows {view}"
    return None


def main(file):
    with open(file, encoding="utf-8") as opened:
        certificate = json.load(opened)
    wrong = check(certificate)
    if wrong:
        print(f"rejected: {wrong}")
        return 1
    judged = [name for name in certificate["holds"] if name in JUDGED]
    print(f"accepted: {len(certificate['views'])} views are closed, for every number of nodes; judged: {', '.join(judged)}; "
          f"not judged here: {len(certificate['holds']) - len(judged)} properties")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: certificate.py FILE")
    sys.exit(main(sys.argv[1]))
