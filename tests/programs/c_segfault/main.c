#include <stdio.h>

int main(void)
{
    volatile int *nowhere = NULL;
    puts("42");
    fflush(stdout);
    *nowhere = 1;
    return 0;
}
