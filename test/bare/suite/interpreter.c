/* A stack machine with an indirect jump for each instruction runs a sieve, and a recursive function. */
#include <stdio.h>
#include <string.h>

enum op { PUSH, LOAD, STORE, LOADX, STOREX, ADD, SUB, MUL, MOD, LESS, JUMP, JUMPZ, CALL, RETURN, DUP, PRINT, HALT };

static const int sieve[] = {
  PUSH, 2, STORE, 0,
  /* 4: while i < 700 */ LOAD, 0, PUSH, 700, LESS, JUMPZ, 63,
  LOAD, 0, LOADX, JUMPZ, 19, JUMP, 54, HALT,
  /* 19: a prime */ LOAD, 1, PUSH, 1, ADD, STORE, 1,
  LOAD, 0, LOAD, 0, ADD, STORE, 2,
  /* 33: strike out its multiples */ LOAD, 2, PUSH, 700, LESS, JUMPZ, 54,
  PUSH, 1, LOAD, 2, STOREX,
  LOAD, 2, LOAD, 0, ADD, STORE, 2, JUMP, 33,
  /* 54 */ LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 4,
  /* 63 */ LOAD, 1, PRINT, HALT,
};

static const int fibonacci[] = {
  PUSH, 17, CALL, 6, PRINT, HALT,
  /* 6 */ DUP, PUSH, 2, LESS, JUMPZ, 13, RETURN,
  /* 13 */ DUP, PUSH, 1, SUB, CALL, 6, STORE, 3, PUSH, 2, SUB, LOAD, 3, JUMP, 29,
  HALT,
  /* 29: the other half is kept on the stack below */
  STORE, 4, LOAD, 4, DUP, STORE, 4, JUMP, 39, HALT,
  /* 39 */ STORE, 5, CALL, 45, RETURN, HALT,
  /* 45: f(n - 2) by iteration, plus what was kept */
  STORE, 6, PUSH, 0, PUSH, 1, STORE, 8, STORE, 7,
  /* 55 */ LOAD, 6, JUMPZ, 78,
  LOAD, 8, DUP, LOAD, 7, ADD, STORE, 8, STORE, 7, LOAD, 6, PUSH, 1, SUB, STORE, 6, JUMP, 55,
  /* 78 */ LOAD, 7, LOAD, 5, ADD, RETURN,
};

static long run(const int *program, int *memory)
{
  static void *const labels[] = {&&push, &&load, &&store, &&loadx, &&storex, &&add, &&sub, &&mul, &&mod, &&less, &&jump, &&jumpz, &&call, &&back, &&dup, &&print, &&halt};
  int stack[200], calls[200], *top = stack, *frame = calls, pc = 0;
  long steps = 0;
#define NEXT do { steps++; goto *labels[program[pc++]]; } while (0)
  NEXT;
push: *top++ = program[pc++]; NEXT;
load: *top++ = memory[program[pc++]]; NEXT;
store: memory[program[pc++]] = *--top; NEXT;
loadx: top[-1] = memory[16 + top[-1]]; NEXT;
storex: top -= 2; memory[16 + top[1]] = top[0]; NEXT;
add: top--; top[-1] += top[0]; NEXT;
sub: top--; top[-1] -= top[0]; NEXT;
mul: top--; top[-1] *= top[0]; NEXT;
mod: top--; top[-1] %= top[0]; NEXT;
less: top--; top[-1] = top[-1] < top[0]; NEXT;
jump: pc = program[pc]; NEXT;
jumpz: pc = *--top ? pc + 1 : program[pc]; NEXT;
call: *frame++ = pc + 1; pc = program[pc]; NEXT;
back: pc = *--frame; NEXT;
dup: *top = top[-1]; top++; NEXT;
print: printf("interpreter: %d\n", *--top); NEXT;
halt: return steps;
}

void interpreter(void)
{
  static int memory[800];
  long steps = run(sieve, memory);
  memset(memory, 0, sizeof memory);
  printf("interpreter: %ld steps\n", steps + run(fibonacci, memory));
}
