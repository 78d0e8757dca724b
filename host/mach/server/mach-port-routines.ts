/**
 * Kernel routines on a task's names and rights (`mach_port`). A right that a routine keeps is taken
 * out of the request; otherwise it ends with that.
 * After Mach's ipc/mach_port.c.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Values } from "../../kmig/binding.ts";
import { ipc_object_destroy } from "../ipc/destroy.ts";
import {
  mach_port_allocate_name,
  mach_port_extract_right,
  mach_port_rename,
  mach_port_request_notification,
  mach_port_type,
} from "../ipc/mach-port-names.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_destroy,
  mach_port_get_receive_status,
  mach_port_get_refs,
  mach_port_insert_right,
  mach_port_mod_refs,
  mach_port_set_mscount,
  mach_port_set_qlimit,
  mach_port_set_seqno,
} from "../ipc/mach-port.ts";
import {
  mach_port_get_set_status,
  mach_port_move_member,
  mach_port_names,
} from "../ipc/mach-port-sets.ts";
import { IKOT_TASK, IP_VALID, MACH_MSG_TYPE_PORT_ANY_RIGHT } from "../ipc/names.ts";
import { ipc_object_copyin_type } from "../ipc/object-copy.ts";
import { taskAt } from "../kern/views.ts";
import type { Kernel } from "../kernel.ts";
import { wordLists } from "./lists.ts";
import type { In, Result, RoutineTable, Work } from "./routines.ts";

const { KERN_SUCCESS, KERN_INVALID_TASK, KERN_INVALID_VALUE } = KERN_RETURN;

/** A routine on the name space of the task. */
const onSpace =
  (work: (k: Kernel, space: number, values: In) => Result): Work =>
  (k, task, values) =>
    work(k, taskAt(k, task).itk_space, values);

/** Result words under the names that the interface has for them. */
const told = (answer: object, from: string, to: string): Result => {
  const values = answer as Readonly<Record<string, number>>;
  return values["kr"] ?? ({ [to]: values[from]! } satisfies Values);
};

function receiveStatus(k: Kernel, space: number, values: In): Result {
  const status = mach_port_get_receive_status(k, space, values.word("name"));
  if (typeof status === "number") return status;
  const { pset, seqno, mscount, qlimit, msgcount, sorights, srights, pdrequest, nsrequest } =
    status;
  const flags = [srights, pdrequest, nsrequest].map(Number);
  return { status: [pset, seqno, mscount, qlimit, msgcount, sorights, ...flags] };
}

function requestNotification(k: Kernel, space: number, values: In): Result {
  const answer = mach_port_request_notification(
    k,
    space,
    values.word("name"),
    values.word("id"),
    values.word("sync"),
    values.word("notify"),
  );
  if ("kr" in answer) return answer.kr;
  values.take(k, "notify");
  return { previous: answer.previous };
}

function insertRight(k: Kernel, space: number, values: In): Result {
  const type = values.type("poly");
  if (!MACH_MSG_TYPE_PORT_ANY_RIGHT(type)) return KERN_INVALID_VALUE;
  const right = values.word("poly");
  values.take(k, "poly");
  const kr = mach_port_insert_right(k, space, values.word("name"), right, type);
  if (kr !== KERN_SUCCESS && IP_VALID(right)) ipc_object_destroy(k, right, type);
  return kr;
}

function extractRight(k: Kernel, space: number, values: In): Result {
  const type = values.word("msgt_name");
  const answer = mach_port_extract_right(k, space, values.word("name"), type);
  if ("kr" in answer) return answer.kr;
  return { poly: { name: ipc_object_copyin_type(type), value: answer.object } };
}

function names(k: Kernel, space: number): Result {
  const all = mach_port_names(k, space);
  return "kr" in all ? all.kr : wordLists(k, { names: all.names, types: all.types });
}

function setStatus(k: Kernel, space: number, values: In): Result {
  const status = mach_port_get_set_status(k, space, values.word("name"));
  return "kr" in status ? status.kr : wordLists(k, { members: status.members });
}

/** The form before sequence numbers could be asked for. */
function oldReceiveStatus(k: Kernel, space: number, values: In): Result {
  const result = receiveStatus(k, space, values);
  if (typeof result === "number" || !("status" in result)) return result;
  return { status: (result["status"] as readonly number[]).toSpliced(1, 1) };
}

export const MACH_PORT_ROUTINES: RoutineTable = {
  kind: IKOT_TASK,
  wrongKind: KERN_INVALID_TASK,
  routines: {
    mach_port_names: onSpace(names),
    mach_port_get_set_status: onSpace(setStatus),
    mach_port_move_member: onSpace((k, space, values) =>
      mach_port_move_member(k, space, values.word("member"), values.word("after")),
    ),
    old_mach_port_get_receive_status: onSpace(oldReceiveStatus),
    mach_port_type: onSpace((k, space, values) =>
      told(mach_port_type(k, space, values.word("name")), "type", "ptype"),
    ),
    mach_port_rename: onSpace((k, space, values) =>
      mach_port_rename(k, space, values.word("old_name"), values.word("new_name")),
    ),
    mach_port_allocate_name: onSpace((k, space, values) =>
      mach_port_allocate_name(k, space, values.word("right"), values.word("name")),
    ),
    mach_port_allocate: onSpace((k, space, values) =>
      told(mach_port_allocate(k, space, values.word("right")), "name", "name"),
    ),
    mach_port_destroy: onSpace((k, space, values) =>
      mach_port_destroy(k, space, values.word("name")),
    ),
    mach_port_deallocate: onSpace((k, space, values) =>
      mach_port_deallocate(k, space, values.word("name")),
    ),
    mach_port_get_refs: onSpace((k, space, values) =>
      told(
        mach_port_get_refs(k, space, values.word("name"), values.word("right")),
        "urefs",
        "refs",
      ),
    ),
    mach_port_mod_refs: onSpace((k, space, values) =>
      mach_port_mod_refs(
        k,
        space,
        values.word("name"),
        values.word("right"),
        values.word("delta") | 0,
      ),
    ),
    mach_port_set_qlimit: onSpace((k, space, values) =>
      mach_port_set_qlimit(k, space, values.word("name"), values.word("qlimit")),
    ),
    mach_port_set_mscount: onSpace((k, space, values) =>
      mach_port_set_mscount(k, space, values.word("name"), values.word("mscount")),
    ),
    mach_port_set_seqno: onSpace((k, space, values) =>
      mach_port_set_seqno(k, space, values.word("name"), values.word("seqno")),
    ),
    mach_port_get_receive_status: onSpace(receiveStatus),
    mach_port_request_notification: onSpace(requestNotification),
    mach_port_insert_right: onSpace(insertRight),
    mach_port_extract_right: onSpace(extractRight),
  },
};
