/* Programs of the kinds that benchmarks are made of; each prints what it computed. */
#include <stdio.h>
#include "suite.h"

int main(void)
{
  core();
  compress();
  interpreter();
  bignum();
  digest();
  bodies();
  calculator();
  sorts();
  printf("done\n");
  return 9;
}
