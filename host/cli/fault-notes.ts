/** What `--fault` takes, for the help of the commands that have it. */
export const FAULT_NOTES = `

A fault is WHAT@WHEN. WHEN is a cycle since boot, or call:N, the server's N-th Unix call. WHAT is
  kill-server                   the server's task is terminated
  store:0x120040=0xdeadbeef     the server's text stores a word where it has no business
  store:mach_msg_trap+8=0       at a symbol of the kernel's or its own, and bytes from there
  store:cpu_data.run_queue=4    at a field of a kernel variable
  store:thread[2].state=0       at an element in use of a zone of the kernel's (ipc_port, ipc_space, task,
                                thread, pcb, vm_map, pmap, mapping, ipc_pset), at a field or +bytes
A store happens in the first call at or after WHEN. At the end it is said on stderr what was there, and what
came of it: how the system went down, or how output, status and files differ from a run without the fault.
Without --max-cycles a run ends 500 million cycles after its fault.`;
