#include <stdio.h>

int main(void)
{
    for (int n = 0; n < 1000; n++)
        printf("%d%c", n, n % 20 ? ' ' : '\n');
    return 0;
}
