"""Can each property that certificate_rules.py states fail? By hand: clusters, what can wrongly be done in them, the status that is
wrongly shown. Prints those that hold in all of them: none.

    python3 certificate_cases.py FOLDER     of certificate_rules.py
"""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import certificate_rules as it
off, on = (False, None, False), (True, 0, False)
down, up, new, odd, bad = ("Offline", 0), ("Active", 0), ("Active", 1), ("Active", 2), ("Error", 0)
gone, fails, runs = ("Absent", 0), ("FinalizeFailed", 1), ("Finalizing", 1)
calls = [(call, None, off + ((bad,),)) for call in ("Start", "Cancel", "Approve", "Retry")]
wrong = lambda step, after: [(step, 0, after + ((up, up),))]
cases = [  # a cluster, what can wrongly be done in it, the status that is wrongly shown
    ((True, None, False, (up,)), [], "STABLE"), ((False, 0, False, (up,)), [], "MIXED"),
    (off + ((down, bad, gone),), [], "STABLE"), (off + ((up, new),), calls, "READY_TO_RUN_UPGRADE_TASKS"),
    (off + ((up, bad),), calls, "STABLE"), (on + ((up,),), calls[:1], "READY_TO_RUN_UPGRADE_TASKS"),
    (on + ((up, new),), calls, "STABLE"), (on + ((new, odd),), calls, "READY_TO_UPGRADE"), (on + ((new,),), calls[1:2], "MIXED"),
    (on + ((up, bad),), calls, "STABLE"), (on + ((down,),), calls, "STABLE"), (off + ((down,),), [], "READY_TO_UPGRADE"),
    ((False, None, True, (fails,)), calls[:1], "RUNNING_UPGRADE_TASKS"), (off + ((runs,),), calls, "UPGRADE_TASKS_FAILED"),
    (off + ((up, up),), [(step, 0, off + (((phase, 1), up),)) for step, phase in (
        ("Join", "Offline"), ("Stop", "Active"), ("Kill", "Error"), ("Break", "Active"), ("Forget", "Absent"))], "STABLE"),
    (on + ((new, up),), [("Approve", None, (False, None, True, (fails, up))), ("Cancel", None, on + ((new, up),))], "MIXED"),
    (on + ((new,),), [("Approve", None, on + ((new,),))], "STABLE"),
    ((False, None, True, (runs,)), [("FinalizeOk", 0, (False, None, True, (new,)))], "MIXED"),
    ((False, None, True, (fails,)), [("Retry", None, (False, None, True, (fails,)))], "MIXED")]
found = set()
for cluster, steps, shown in cases:
    found |= set(it.judge(cluster, steps, lambda *_: shown)[1])
print("cannot fail:", sorted(it.JUDGED - found))
