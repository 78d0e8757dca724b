/*
 * What every speed program begins with: no library, so that the same ELF runs on Inkwell and on
 * qemu-hppa. A program defines `work`, which does one round and returns a checksum; argv[1] is the
 * number of rounds. The sum of all checksums is written in hexadecimal, for the bench to compare.
 * Entry as Linux/hppa's: argc in r25, argv in r24, the stack pointer in r30.
 */
typedef unsigned int word;
typedef unsigned char byte;

#define NOINLINE __attribute__((noinline))

static word work(word round);

static int call(int number, int a, const void *b, int c)
{
	register int r28 __asm__("r28");
	register int r26 __asm__("r26") = a;
	register const void *r25 __asm__("r25") = b;
	register int r24 __asm__("r24") = c;
	register int r20 __asm__("r20") = number;
	__asm__ volatile("ble 0x100(%%sr2,%%r0)\n\tnop"
			 : "=r"(r28), "+r"(r20), "+r"(r26), "+r"(r25), "+r"(r24)
			 :
			 : "r1", "r2", "r19", "r21", "r22", "r23", "r29", "r31", "memory");
	return r28;
}

/* The compiler calls these for copies and fills of its own. */
void *memcpy(void *to, const void *from, word length)
{
	byte *t = to;
	const byte *f = from;
	while (length--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int value, word length)
{
	byte *t = to;
	while (length--)
		*t++ = (byte)value;
	return to;
}

void begin(int count, char **arguments)
{
	word rounds = 0, sum = 0;
	char line[9];
	if (count > 1)
		for (const char *p = arguments[1]; *p; p++)
			rounds = rounds * 10 + (word)(*p - '0');
	for (word round = 0; round < rounds; round++)
		sum += work(round);
	for (int i = 0; i < 8; i++)
		line[i] = "0123456789abcdef"[(sum >> (28 - 4 * i)) & 15];
	line[8] = '\n';
	call(4, 1, line, 9);
	call(1, 0, 0, 0);
}

__asm__(".text\n"
	"\t.globl _start\n"
	"_start:\n"
	"\t.import $global$,data\n"
	"\tldil L%$global$,%r27\n"
	"\tldo R%$global$(%r27),%r27\n"
	"\tcopy %r25,%r26\n"
	"\tcopy %r24,%r25\n"
	"\tldo 63(%r30),%r30\n"
	"\tdepi 0,31,6,%r30\n"
	"\tldo 64(%r30),%r30\n"
	"\tbl begin,%r2\n"
	"\tnop\n"
	"\t.data\n"
	"\t.globl $global$\n"
	"\t.align 8\n"
	"$global$:\n"
	"\t.word 0\n"
	"\t.text\n");
