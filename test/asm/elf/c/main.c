#include "parts.h"

int main(int argc, char **argv) {
  structs();
  switches();
  floats();
  variadic();
  statics();
  text();
  pointers();
  integers();
  threads();
  jumps();
  start_up();
  printf("%d %s %d\n", argc, argv[0] ? "named" : "nameless", shared_counter);
  return shared_counter & 0x7f;
}
