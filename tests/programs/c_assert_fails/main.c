#include <assert.h>
#include <stdio.h>

int main(void)
{
    int n = 0;
    if (scanf("%d", &n) == 1)
        puts("42");
    assert(n == 42);
    return 0;
}
