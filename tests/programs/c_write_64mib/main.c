#include <stdio.h>

int main(void)
{
    int more = getchar() == '+';
    for (int i = 0; i < 1 << 23; i++)
        fputs("7654321\n", stdout);
    if (more)
        putchar('\n');
    return 0;
}
