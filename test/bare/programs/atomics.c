/* Compare-and-swap of every size by the kernel's light-weight calls, and locks of the library. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

static signed char byte = -5;
static short half = 1000;
static int word = 70000;
static long long twice = 1LL << 40;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int main(void)
{
  printf("%d %d\n", __sync_fetch_and_add(&byte, 7), byte);
  printf("%d %d\n", __sync_fetch_and_sub(&half, 1), half);
  printf("%d %d\n", __sync_add_and_fetch(&word, 30000), word);
  printf("%lld %lld\n", __sync_fetch_and_add(&twice, 5LL), twice);
  printf("%d %d\n", __sync_bool_compare_and_swap(&word, 1, 2), word);
  printf("%d %d\n", __sync_bool_compare_and_swap(&word, 100000, 2), word);
  printf("%d %d\n", __sync_val_compare_and_swap(&half, 999, -1), half);
  printf("%d\n", __sync_bool_compare_and_swap(&twice, 5LL, 6LL));
  printf("%d\n", __sync_bool_compare_and_swap(&byte, 3, 4));
  printf("%d ", __atomic_exchange_n(&word, 9, __ATOMIC_SEQ_CST));
  printf("%d\n", __atomic_load_n(&word, __ATOMIC_SEQ_CST));
  printf("%d %d\n", pthread_mutex_lock(&lock), pthread_mutex_trylock(&lock) == EBUSY);
  printf("%d\n", pthread_mutex_unlock(&lock));
  return 0;
}
