/*
 * Proves stubs by running them: calls a routine through its stubs and calls the work function
 * directly, with the same random arguments, and compares everything that a caller can see.
 *
 * Four ways lead to the work function: the message stub (mach_msg here hands the message to the
 * demultiplexer and brings the reply back, as the kernel would), the trap server stub, the trap
 * client stub through a gateway page at the real address, and the same with the trap refused, so
 * that it becomes a message. A work function hashes what it is given and fills what it returns
 * from the hash, so one wrong byte anywhere shows. The generated interface.c has the rest.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

struct header { unsigned bits, size, remote, local, seqno; int id; };

extern unsigned target, violations, trap_refused;
extern unsigned gateway_code[];
extern void checked(void);

static unsigned seen_hash, seen_calls, given_port, state;
static int failures, copies, copy_fails;

static unsigned next(void)
{
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

static unsigned hash(unsigned h, const void *data, unsigned n)
{
  const unsigned char *c = data;
  while (n--) h = (h ^ *c++) * 16777619u;
  return h;
}

static void fill(unsigned h, void *data, unsigned n)
{
  unsigned char *c = data;
  h |= 1;
  while (n--) {
    h ^= h << 13;
    h ^= h >> 17;
    h ^= h << 5;
    *c++ = h;
  }
}

/* A string that fits in n bytes, its end included. */
static void fill_string(unsigned h, void *data, unsigned n)
{
  char *c = data;
  unsigned length = h % n, k;
  fill(h, data, length);
  for (k = 0; k < length; k++) c[k] = 'a' + (unsigned char)c[k] % 26;
  c[length] = 0;
}

static void expect(int holds, const char *way, const char *what)
{
  if (!holds && failures++ < 20) printf("%s: %s\n", way, what);
}

/* What a work function returns for a hash: usually success. */
static int verdict(unsigned h)
{
  seen_hash = h;
  seen_calls++;
  return (h & 7) == 0 ? (int)(h >> 8 & 255) + 1 : 0;
}

/* Type names of rights as a receiver sees them. */
static unsigned received(unsigned name)
{
  return name == 19 || name == 20 ? 17 : name == 21 ? 18 : name;
}

/* A type name for polymorphic data: of a right that arrives as `wanted`, or of anything. */
static unsigned some_name(unsigned h, int wanted)
{
  static const unsigned char names[] = { 2, 2, 8, 15, 16, 17, 18, 19, 20, 21 };
  unsigned name;
  do name = names[h++ % sizeof names];
  while (wanted >= 0 && received(name) != wanted);
  return name;
}

/* Memory that lasts as long as one comparison. */
static unsigned arena[1 << 21], obtained;
static void *obtain(unsigned bytes)
{
  unsigned *fresh = arena + obtained;
  obtained += bytes / 4 + 3;
  expect(obtained < sizeof arena / 4, "memory", "there is enough");
  return fresh;
}

/* A work function returns memory: in the room it is given, if it is given any and likes to. */
static void return_memory(unsigned h, int room, unsigned char **memory, unsigned *count,
                          unsigned element)
{
  if (room && (h & 1)) *count = (h >> 1) % (*count + 1);
  else {
    *count = (h >> 1) % 700;
    *memory = obtain(*count * element);
  }
  fill(h, *memory, *count * element);
}

/*
 * Walks a body as the kernel does: renames rights, moves memory, notes its deallocate flags. The
 * descriptors must add up to the size, and the message be complex if it has to. C aligns 64-bit data
 * in the structure, behind varying items not in the message, so the rest of such a body is not walked.
 */
static unsigned seen_flags, given_up, not_walked;
static void carry(unsigned char *message, unsigned size)
{
  unsigned at = 24, complex = 0;
  while (at < size) {
    unsigned *word = (unsigned *)(message + at), w = *word, bits, number, length, name;
    if (w & 4) {
      unsigned short *long_name = (unsigned short *)(message + at + 4);
      bits = long_name[1];
      number = *(unsigned *)(message + at + 8);
      name = *long_name;
      *long_name = received(name);
      at += 12;
    } else {
      bits = w >> 16 & 255;
      number = w >> 4 & 4095;
      name = w >> 24;
      *word = (w & 0xffffff) | received(name) << 24;
      at += 4;
    }
    if (name >= 16 && name <= 21) complex = 1;
    length = (number * bits + 7) / 8;
    if (!(w & 8)) {
      complex = 1;
      seen_flags = seen_flags * 4 + 2 + (w >> 1 & 1);
      *word |= 2;
      if (length) {
        void *fresh = obtain(length);
        memcpy(fresh, *(void **)(message + at), length);
        *(void **)(message + at) = fresh;
      }
      length = 4;
    } else expect((w & 2) == 0, "message", "data in line is not deallocated");
    if (bits == 64 && (w & 8)) {
      not_walked = 1;
      return;
    }
    at += (length + 3) & ~3;
  }
  expect(at == size, "message", "descriptors add up to the size");
  expect(*(unsigned *)message >> 31 == complex, "message", "complex bit");
}

extern int DEMUX(struct header *, struct header *);

unsigned mig_get_reply_port(void) { return 0x52505250; }
void mig_dealloc_reply_port(void) { expect(0, "reply port", "dropped"); }

/* As libmach's: copies up to n bytes, returns how many, the end included. */
unsigned mig_strncpy(char *to, const char *from, unsigned n)
{
  unsigned k;
  for (k = 0; k < n; k++)
    if ((to[k] = from[k]) == 0) return k + 1;
  to[n - 1] = 0;
  return n;
}

/* As libmach's. */
void mig_allocate(void **address, unsigned size) { *address = obtain(size); }
void mig_deallocate(void *address, unsigned size)
{
  int ours = (unsigned *)address >= arena && (unsigned *)address < arena + obtained;
  expect(size == 0 || ours, "memory", "given up");
  given_up += size;
}

int mach_msg(struct header *m, int option, unsigned send, unsigned room, unsigned port,
             unsigned timeout, unsigned notify)
{
  static unsigned long long in_space[4096], out_space[4096];
  struct header *in = (struct header *)in_space, *out = (struct header *)out_space;
  unsigned k, complex = m->bits & 0x80000000;
  expect(send <= sizeof in_space && room <= sizeof out_space, "message", "fits");
  memset(out_space, 0x5a, sizeof out_space);
  memcpy(in, m, send);
  expect(m->remote == given_port && m->seqno == 0, "request", "header");
  expect(port == (option == 1 ? 0 : m->local), "mach_msg", "receive port");
  expect(timeout == 0 && notify == 0, "mach_msg", "timeout and notify");
  in->size = send;
  in->remote = m->local;
  in->local = m->remote;
  in->seqno = 77;
  in->bits = complex | received(m->bits & 255) << 8 | received(m->bits >> 8 & 255);
  carry((unsigned char *)in, send);
  expect(DEMUX(in, out) == 1, "demultiplexer", "knows the id");
  for (k = option == 1 ? 32 : room; k < sizeof out_space; k++)
    if (((unsigned char *)out_space)[k] != 0x5a) {
      expect(0, "reply", "overrun");
      break;
    }
  if (option == 1) {
    expect(m->local == 0, "request", "no reply port");
    return 0;
  }
  expect(option == 3, "mach_msg", "option");
  expect((out->bits & 0x7fffffff) == 18 && out->local == 0 && out->seqno == 0, "reply", "header");
  expect(out->remote == m->local && out->id == m->id + 100, "reply", "port and id");
  expect(out->size <= room, "reply", "size");
  memcpy(m, out, out->size);
  m->local = out->remote;
  m->remote = 0;
  m->bits = (out->bits & 0x80000000) | 18 << 8;
  carry((unsigned char *)m, out->size);
  return 0;
}

int c_copyin(const void *from, void *to, unsigned n)
{
  copies++;
  if (copy_fails && --copy_fails == 0) return -1;
  memcpy(to, from, n);
  return 0;
}

int c_copyout(const void *from, void *to, unsigned n)
{
  return c_copyin(from, to, n);
}

static void map_gateway(void)
{
  unsigned *page = mmap((void *)0xc0000000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  expect(page == (unsigned *)0xc0000000, "gateway", "mapped");
  memcpy(page + 1, gateway_code, 12);
}

#include "interface.c"

int main(void)
{
  state = SEED;
  map_gateway();
  run_tests();
  if (failures) printf("%d failures\n", failures);
  return failures != 0;
}
