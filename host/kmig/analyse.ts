/**
 * Statements to an analysed interface: the order of statements matters, as MIG's prefixes and
 * message options act on the routines that follow.
 */
import type { Argument, Direction, Name, NamedType, Statement } from "./ast.ts";
import { type ArgumentContext, type Draft, draft, freeze, makeArguments } from "./arguments.ts";
import { layoutMessage } from "./layout.ts";
import { type Log, type Place, shown } from "./log.ts";
import { MACH_MSG_TYPE, MACH_MSG_OPTION } from "../abi/mach.ts";
import { MACH_MSG_TYPE_POLYMORPHIC, isPortRight } from "./message-names.ts";
import { checkResultType, checkTypes } from "./port-types.ts";
import type { Import, Interface, Routine, Simplicity } from "./routine.ts";
import { whyNotTrappable } from "./trappable.ts";
import { type IpcType, integerType, makeType } from "./ipc-type.ts";
import { TypeTable } from "./types.ts";

/** Settings that statements change as they go by. */
interface Settings {
  subsystem: { name: string; base: number; kernelUser: boolean; kernelServer: boolean } | undefined;
  serverPrefix: string;
  userPrefix: string;
  errorName: string;
  serverDemux: string | undefined;
  waitTime: string | undefined;
  msgOption: string | undefined;
}

/** Most routines of a subsystem: reply ids are request ids + 100, but Mach's own go beyond. */
const MOST_ROUTINES = 10_000;

/** @returns undefined if there were errors; they are in `log`. */
export function analyse(
  statements: readonly Statement[],
  file: string,
  log: Log,
): Interface | undefined {
  const settings: Settings = {
    subsystem: undefined,
    serverPrefix: "",
    userPrefix: "",
    errorName: "MsgError",
    serverDemux: undefined,
    waitTime: undefined,
    msgOption: undefined,
  };
  const types = new TypeTable(log);
  const routines: Routine[] = [];
  const imports: Import[] = [];
  const names = new Set<string>();
  let rcsid = false;
  let number = 0;
  for (const statement of statements) {
    switch (statement.kind) {
      case "subsystem": {
        const old = settings.subsystem;
        if (old !== undefined)
          log.warn(statement.place, `previous subsystem ignored: ${shown(old.name)}`);
        settings.subsystem = statement;
        break;
      }
      case "msgoption":
        settings.msgOption =
          statement.value === "MACH_MSG_OPTION_NONE" ? undefined : statement.value;
        break;
      case "waittime":
        settings.waitTime = statement.value;
        break;
      case "error":
        settings.errorName = statement.name;
        break;
      case "serverprefix":
        settings.serverPrefix = statement.name;
        break;
      case "userprefix":
        settings.userPrefix = statement.name;
        break;
      case "serverdemux":
        settings.serverDemux = statement.name;
        break;
      case "import":
        imports.push({ side: statement.side, file: statement.file });
        break;
      case "rcsid":
        if (rcsid) log.warn(statement.place, "previous rcsid ignored");
        rcsid = true;
        break;
      case "skip":
        number++;
        break;
      case "type":
        types.declare(statement.type, sides(settings));
        break;
      case "routine": {
        const { text, place } = statement.name;
        if (names.has(text)) log.error(place, `routine defined twice: ${shown(text)}`);
        names.add(text);
        const routine = analyseRoutine(statement, number, settings, types, log);
        if (routine !== undefined) routines.push(routine);
        number++;
        break;
      }
    }
    if (number > MOST_ROUTINES) {
      log.error(statement.place, `too many routines: ${number}`);
      return undefined;
    }
  }
  if (settings.subsystem === undefined && log.errors.length === 0)
    log.error({ file, line: 0, column: 0 }, "no subsystem declaration");
  if (settings.subsystem === undefined || log.errors.length > 0) return undefined;
  const { name, base, kernelUser, kernelServer } = settings.subsystem;
  const serverDemux = settings.serverDemux ?? `${name}_server`;
  return {
    subsystem: name,
    base,
    kernelUser,
    kernelServer,
    serverDemux,
    count: number,
    routines,
    imports,
  };
}

function sides(settings: Settings): { kernelUser: boolean; kernelServer: boolean } {
  const { kernelUser = false, kernelServer = false } = settings.subsystem ?? {};
  return { kernelUser, kernelServer };
}

type RoutineStatement = Extract<Statement, { kind: "routine" }>;

function analyseRoutine(
  statement: RoutineStatement,
  number: number,
  settings: Settings,
  types: TypeTable,
  log: Log,
): Routine | undefined {
  const before = log.errors.length;
  const { name, routine: kind } = statement;
  const { place } = name;
  const context: ArgumentContext = { types, log, ...sides(settings) };
  const oneWay = kind === "simpleroutine" || kind === "simpleprocedure";
  const procedure = kind === "procedure" || kind === "simpleprocedure";
  if (procedure || kind === "function") log.warn(place, `obsolete routine kind: ${kind}`);

  const returnCode = draft("RetCode", place, "return code", integerType("kern_return_t"), {
    reply: true,
  });
  const all: Draft[] = [returnCode];
  let result: Draft | undefined = procedure ? undefined : returnCode;
  if (statement.result !== undefined) {
    const type = resolve(statement.result, context);
    if (type === undefined) return undefined;
    result = draft(name.text, place, "return", type, { reply: true, replyInit: true });
    result.replyQuick =
      !result.longForm && type.outName !== MACH_MSG_TYPE_POLYMORPHIC && !type.varying;
    checkResultType(result, log);
    all.push(result);
  }
  const special = new Map<string, Draft>();
  const seen = new Set<string>();
  let first: Argument | undefined;
  for (const written of statement.arguments) {
    const direction: Direction =
      written.direction ?? (special.has("request port") ? "in" : "requestport");
    first ??= written;
    const type = resolve(written.type, context);
    if (seen.has(written.name.text))
      log.error(written.name.place, `argument defined twice: ${shown(written.name.text)}`);
    seen.add(written.name.text);
    if (type === undefined) {
      if (direction === "requestport") special.set("request port", returnCode);
      continue;
    }
    const made = makeArguments(written, direction, type, context);
    const [argument] = made as [Draft];
    if (argument.identity !== "normal") {
      const old = special.get(argument.identity);
      if (old !== undefined)
        log.warn(argument.place, `several ${argument.identity} arguments, unused: ${old.name}`);
      special.set(argument.identity, argument);
    }
    all.push(...made);
  }
  const requestPort = special.get("request port");
  if (requestPort === undefined) log.error(place, `no server port argument: ${shown(name.text)}`);
  addDummies(all, special, settings, oneWay, place);
  checkTypes(special, log);
  warnTranslations(all, log);
  if (oneWay)
    for (const argument of all)
      if (argument.return && argument.parent === undefined)
        log.error(argument.place, `one-way routine has an Out argument: ${argument.name}`);
  if (log.errors.length > before || requestPort === undefined) return undefined;

  positions(all);
  for (const a of all) {
    a.destroy =
      a.sendRcv && !a.returnSnd && (a.type.destructor !== "" || (a.indefinite && !a.serverCopy));
    const value = a.type.isStruct || a.type.indefinite;
    if (a.returnRcv && value) {
      a.byReferenceUser = true;
      if (a.countInOutArgument !== undefined) a.countInOutArgument.byReferenceUser = true;
    }
    if (a.returnSnd && value) a.byReferenceServer = true;
  }
  const list = freeze(all);
  const find = (one: Draft): (typeof list)[number] => list[all.indexOf(one)]!;
  const base = settings.subsystem?.base ?? 0;
  const { kernelServer } = context;
  const routine: Omit<Routine, "trappable" | "whyNot"> = {
    name,
    kind,
    number,
    requestId: base + number,
    replyId: base + number + 100,
    userName: settings.userPrefix + name.text,
    serverName: settings.serverPrefix + name.text,
    errorName: settings.errorName,
    oneWay,
    procedure,
    arguments: list,
    requestPort: find(requestPort),
    replyPort: find(special.get("reply port")!),
    waitTime: special.has("wait time") ? find(special.get("wait time")!) : undefined,
    msgOption: find(special.get("msg option")!),
    returnCode: find(returnCode),
    result: result === undefined ? undefined : find(result),
    sendRequest: simplicity(all, "request", "inName"),
    receiveRequest: simplicity(all, "request", "outName"),
    sendReply: simplicity(all, "reply", kernelServer ? "outName" : "inName"),
    receiveReply: simplicity(all, "reply", "outName"),
    requestVaryings: all.filter((a) => a.request && a.variable).length,
    replyVaryings: all.filter((a) => a.reply && a.variable).length,
    noReplyArguments: kind !== "function" && !all.some((a) => a.returnSnd),
    request: layoutMessage(list, (a) => a.request),
    reply: oneWay ? undefined : layoutMessage(list, (a) => a.reply),
  };
  const whyNot = whyNotTrappable(routine, first?.name.text);
  return { ...routine, trappable: whyNot === "", whyNot };
}

function resolve(type: Name | NamedType, context: ArgumentContext): IpcType | undefined {
  if ("spec" in type) return context.types.named(type, context);
  const found = context.types.find(type.text);
  if (found === undefined) context.log.error(type.place, `unknown type: ${shown(type.text)}`);
  return found;
}

/** Arguments that exist though nobody wrote them: reply port, message option, wait time. */
function addDummies(
  all: Draft[],
  special: Map<string, Draft>,
  settings: Settings,
  oneWay: boolean,
  place: Place,
): void {
  const add = (argument: Draft, value: string): void => {
    argument.value = value;
    special.set(argument.identity, argument);
    all.push(argument);
  };
  if (!special.has("reply port")) {
    const { MACH_MSG_TYPE_MAKE_SEND_ONCE: once, MACH_MSG_TYPE_PORT_SEND_ONCE: received } =
      MACH_MSG_TYPE;
    const type = oneWay
      ? makeType("mach_port_t", 0, 0, 32)
      : makeType("mach_port_t", once, received, 32);
    add(draft("dummy ReplyPort", place, "reply port", type, {}), "");
  }
  if (!special.has("msg option"))
    add(
      draft("dummy MsgOption", place, "msg option", integerType("int"), {}),
      settings.msgOption ?? String(MACH_MSG_OPTION.MACH_MSG_OPTION_NONE),
    );
  if (!special.has("wait time") && settings.waitTime !== undefined)
    add(draft("dummy WaitTime", place, "wait time", integerType("int"), {}), settings.waitTime);
}

function warnTranslations(all: readonly Draft[], log: Log): void {
  for (const { type, sendRcv, returnSnd, place, name } of all) {
    if (type.serverType === type.transType) continue;
    if (sendRcv && type.inTrans === "") log.warn(place, `no in-translation function: ${name}`);
    if (returnSnd && type.outTrans === "") log.warn(place, `no out-translation function: ${name}`);
  }
}

/** Counts the varying items before each argument; Out values behind one need a local variable. */
function positions(all: readonly Draft[]): void {
  let request = 0;
  let reply = 0;
  for (const argument of all) {
    const { parent } = argument;
    if (parent === undefined) {
      if (argument.request || argument.send) argument.requestPosition = request;
      if (argument.reply || argument.return) argument.replyPosition = reply;
      if (argument.request && argument.variable) request++;
      if (argument.reply && argument.variable) reply++;
    } else {
      argument.requestPosition = parent.requestPosition;
      argument.replyPosition = parent.replyPosition;
    }
    if (
      argument.returnSnd &&
      !argument.replyCopy &&
      !argument.varNeeded &&
      argument.replyPosition > 0
    )
      argument.varNeeded = true;
  }
}

function simplicity(
  all: readonly Draft[],
  message: "request" | "reply",
  names: "inName" | "outName",
): Simplicity {
  let may = false;
  let must = false;
  for (const argument of all) {
    if (!argument[message]) continue;
    const { type } = argument;
    may ||= type[names] === MACH_MSG_TYPE_POLYMORPHIC || type.indefinite;
    must ||= isPortRight(type[names]) || !type.inLine;
  }
  return { fixed: must || !may, simple: !must };
}
