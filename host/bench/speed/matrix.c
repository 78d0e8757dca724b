/* Multiplying two 64 by 64 matrices of doubles. */
#include "start.h"

#define N 64

static double a[N][N], b[N][N], c[N][N];

static NOINLINE void multiply(void)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			double sum = 0;
			for (int k = 0; k < N; k++)
				sum += a[i][k] * b[k][j];
			c[i][j] = sum;
		}
}

static word work(word round)
{
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = (double)((i + j + (int)(round & 3)) & 15);
			b[i][j] = (double)((i ^ j) & 31) * 0.5;
		}
	multiply();
	return (word)(int)c[round & 63][5] + (word)(int)c[17][round & 63];
}
