#include <stdio.h>

helper(int n)
{
    int unused;
    return n + 1;
}

main()
{
    char *text = 42;
    printf("%d\n", helper(abs(-41)));
    return 0;
}
