#include <stdio.h>

static long depth(long n)
{
    volatile long here = n;
    return here == 0 ? 0 : 1 + depth(here - 1) + (here - n);
}

int main(void)
{
    printf("%ld\n", depth(1000000));
    return 0;
}
