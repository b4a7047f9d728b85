#include <stdio.h>

static int table[40 << 20];

int main(void)
{
    for (int i = 0; i < 40 << 20; i++)
        table[i] = i;
    printf("%d\n", table[(40 << 20) - 1]);
    return 0;
}
