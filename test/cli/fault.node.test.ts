/** `--fault` on the command line: what it says, its exit status, and bad values. */
import { expect, test } from "vitest";
import { inkwell } from "../support/inkwell.ts";

test.each([
  [["exec", "--own", "--fault", "kill-server", "echo"], "--fault: expected WHAT@WHEN: kill-server"],
  [
    ["exec", "--own", "--fault", "store:nix=1@call:2", "echo"],
    "--fault: neither the kernel nor the server has a symbol: nix",
  ],
  [["exec", "--bare", "--fault", "kill-server@1", "x"], "--bare has no operating system: --fault"],
  [
    ["exec", "--own", "--trace-calls", "x", "--fault", "kill-server@1", "echo"],
    "--trace-calls: not with --fault",
  ],
  [["boot", "--fault", "kill-server@1"], "--fault: only with --server osf1"],
])("%j", async (args, message) => {
  expect(await inkwell(args)).toEqual({ status: 2, stdout: "", stderr: `inkwell: ${message}\n` });
});

test("the server's end out of the kernel, and a store in it, are told in lines", async () => {
  const session = ["exec", "--own", "--input", "echo one"];
  const dead = await inkwell([...session, "--config", "UNOPTIMIZED", "--fault", "kill-server@call:8", "sh"]); // prettier-ignore
  expect(dead.status).toBe(1);
  expect(dead.stderr).toMatch(/^inkwell: fault kill-server@call:8: at cycle \d+, when 8 Unix calls had come\n.*server's task ended: terminated at cycle \d+\n.*Unix is gone, Mach goes on.*0 tasks/); // prettier-ignore
  const down = await inkwell([...session, "--fault", "store:cpu_data.run_queue=4@call:8", "sh"]);
  expect(down.status).toBe(1);
  expect(down.stderr).toMatch(/kernel data, a kernel variable, cpu_data.run_queue\n.*before 0{8}, after 0{7}4\n.*the system is down\n.*kernel panic: /); // prettier-ignore
});

test("boot says what became of osf1", async () => {
  const { status, stdout } = await inkwell([
    ...["boot", "--server", "osf1", "--script", "/dev/null", "--fault", "kill-server@call:3", "--json"],
  ]); // prettier-ignore
  const { ending, fault, command } = JSON.parse(stdout) as Record<string, object>;
  expect(status).toBe(1);
  expect(ending).toBe("server-died");
  expect(fault).toMatchObject({ fault: "kill-server@call:3", calls: 3 });
  expect(command).toContain("--fault kill-server@call:3");
});
