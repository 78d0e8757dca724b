/* Prints numbers with system calls of its own: data of all kinds, calls through pointers, millicode. */
extern int shared[4], sum(const int *, int);
extern int absent(void) __attribute__((weak));
extern char end, etext;

static long call(long number, long a, long b, long c) {
  register long r20 asm("r20") = number, r26 asm("r26") = a, r25 asm("r25") = b, r24 asm("r24") = c;
  register long r28 asm("r28");
  asm volatile("ble 0x100(%%sr2,%%r0)\n\tnop"
               : "=r"(r28), "+r"(r20), "+r"(r26), "+r"(r25), "+r"(r24)
               :
               : "r1", "r2", "r21", "r22", "r23", "r29", "r31", "memory");
  return r28;
}

static void put(const char *text) {
  int length = 0;
  while (text[length]) length++;
  call(4, 1, (long)text, length);
}

void number(int value) {
  char digits[16];
  int at = 15;
  unsigned rest = value < 0 ? -value : value;
  digits[at] = 0;
  do digits[--at] = '0' + rest % 10;
  while (rest /= 10);
  if (value < 0) digits[--at] = '-';
  put(digits + at);
  put("\n");
}

static int zeros[100], initial = 7;
int block[5] __attribute__((common));
static int add(int a, int b) { return a + b; }
int (*volatile operation)(int, int) = add;

static int work(int n) {
  switch (n % 7) {
    case 0: return n * 3;
    case 1: return n / 3;
    case 2: return operation(n, initial);
    case 3: return zeros[n] += n;
    case 4: return block[n % 5] += n;
    case 5: return -n;
    default: return n * n;
  }
}

int main(void) {
  for (int n = 0; n < 30; n++) number(work(n));
  number(sum(shared, 4));
  number(absent ? absent() : -1);
  number(&end > &etext);
  return initial;
}
