#include <stdio.h>

static int down(volatile int *previous)
{
    volatile int here[64];
    here[0] = *previous + 1;
    return down(here) + here[0];
}

int main(void)
{
    volatile int start = 0;
    printf("%d\n", down(&start));
    return 0;
}
