/*
 * A conformant server in C (paper §2.2): work functions behind KMIG's stubs of rpc.defs, with no system
 * call of its own and no thought of where it runs. What it needs besides is between the two marks.
 */
typedef int kern_return_t;
typedef unsigned mach_port_t;

kern_return_t server_rpc_null(mach_port_t server) { return 0; }
kern_return_t server_rpc_in64(mach_port_t server, int *data) { return 0; }
kern_return_t server_rpc_in1024(mach_port_t server, int *data) { return 0; }
#ifdef OWN_COPIES
/* What takes its Out argument's address for the user's, and copies to it. */
extern kern_return_t (*inks_copyout)(void *from, void *to, int bytes);
kern_return_t server_rpc_out1024(mach_port_t server, int *data) {
  int own[256];
  for (int i = 0; i < 256; i++) own[i] = 7 * i;
  return inks_copyout(own, data, sizeof own);
}
#else
/* What thinks that its Out argument is the server's own memory. */
kern_return_t server_rpc_out1024(mach_port_t server, int *data) {
  for (int i = 0; i < 256; i++) data[i] = 7 * i;
  return 0;
}
#endif
kern_return_t server_rpc_inout128(mach_port_t server, int *data) {
  for (int i = 0; i < 32; i++) data[i] = 2 * data[i] + 1;
  return 0;
}
kern_return_t server_rpc_add(mach_port_t server, int a, int b, int *sum) {
  *sum = a + b;
  return 0;
}
kern_return_t server_rpc_ints(mach_port_t server, int a, int b, int c, int d, int e, int f, int *total) {
  *total = a + b + c + d + e + f;
  return 0;
}
kern_return_t server_rpc_echo(mach_port_t server, int *value) { return 0; }
kern_return_t server_rpc_notify(mach_port_t server, int value) { return 0; }
kern_return_t server_rpc_give_port(mach_port_t server, mach_port_t port, int *accepted) {
  *accepted = 1;
  return 0;
}
kern_return_t server_rpc_fail(mach_port_t server, int code, int *data) { return code; }

extern int rpc_server(void *, void *);
extern void mach_msg_server(int (*)(void *, void *), int, mach_port_t);

/* boilerplate */
extern int rpc_inks_table[];
extern kern_return_t inks_register(int *, int, void *, void *, int, int, void *);
char service_stacks[4 * 16384] __attribute__((aligned(16384)));
struct { unsigned in, out; } inks_copyin;
asm("inks_copyout = inks_copyin + 4\n\t.globl inks_copyout");
static void be_called_by_trap(void *dp) {
  inks_register(rpc_inks_table, 1, dp, service_stacks, 16384, 4, &inks_copyin);
}
/* end */

void serve(mach_port_t port, void *dp) {
  be_called_by_trap(dp);
  mach_msg_server(rpc_server, 2048, port);
}
