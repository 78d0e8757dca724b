/*
 * Beside round-trip.c: serves requests from standard input, and writes the replies. A request is its
 * size, then its bytes; a reply takes 16384 bytes. Both pass through `carry`, as through the kernel.
 */
#define main round_trip_main
#include "round-trip.c"
#undef main

int main(void)
{
  static unsigned in_space[4096], out_space[4096];
  unsigned size;
  state = SEED;
  while (fread(&size, 4, 1, stdin) == 1 && fread(in_space, size, 1, stdin) == 1) {
    struct header *in = (struct header *)in_space, *out = (struct header *)out_space;
    unsigned ports = in->remote;
    memset(out_space, 0, sizeof out_space);
    obtained = 0;
    in->remote = in->local;
    in->local = ports;
    in->bits = in->bits & 0x80000000 | received(in->bits & 255) << 8 | received(in->bits >> 8 & 255);
    carry((unsigned char *)in_space, size);
    DEMUX(in, out);
    carry((unsigned char *)out_space, out->size);
    fwrite(out_space, sizeof out_space, 1, stdout);
  }
  return failures != 0;
}
