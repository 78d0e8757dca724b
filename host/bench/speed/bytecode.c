/* An interpreter of a stack machine's bytecode: an indirect jump for about a dozen instructions. */
#include "start.h"

enum { PUSH, LOAD, STORE, ADD, SUB, XOR, SHIFT, LESS, JUMP_IF, JUMP, DUP, HALT };

/* a = 0; b = seed; for (i = 0; i < 4000; i++) { b ^= b << 3; a += b - i; if (a < b) a ^= 90; } */
static const byte program[] = {
	PUSH, 0, STORE, 0, PUSH, 0, STORE, 2,
	/* 8 */ LOAD, 2, LOAD, 3, LESS, JUMP_IF, 17, JUMP, 56,
	/* 17 */ LOAD, 1, LOAD, 1, SHIFT, 3, XOR, STORE, 1,
	/* 26 */ LOAD, 0, LOAD, 1, LOAD, 2, SUB, ADD, DUP, STORE, 0,
	/* 37 */ LOAD, 1, LESS, JUMP_IF, 44, JUMP, 51,
	/* 44 */ LOAD, 0, PUSH, 90, XOR, STORE, 0,
	/* 51 */ PUSH, 1, JUMP, 57, HALT,
	/* 56 */ HALT,
	/* 57 */ LOAD, 2, ADD, STORE, 2, JUMP, 8,
};

static NOINLINE int run(const byte *code, int *variables)
{
	int stack[32], *top = stack;
	const byte *pc = code;
	for (;;) {
		switch (*pc++) {
		case PUSH: *++top = *pc++; break;
		case LOAD: *++top = variables[*pc++]; break;
		case STORE: variables[*pc++] = *top--; break;
		case ADD: top--; top[0] += top[1]; break;
		case SUB: top--; top[0] -= top[1]; break;
		case XOR: top--; top[0] ^= top[1]; break;
		case SHIFT: *top = (int)((word)*top << *pc++); break;
		case LESS: top--; top[0] = top[0] < top[1]; break;
		case JUMP_IF: pc = *top-- ? code + *pc : pc + 1; break;
		case JUMP: pc = code + *pc; break;
		case DUP: top++; top[0] = top[-1]; break;
		default: return variables[0];
		}
	}
}

static word work(word round)
{
	int variables[4] = { 0, (int)(round * 77 + 5), 0, 4000 };
	return (word)run(program, variables);
}
