#include <stdio.h>

#include "parts/table.h"

int main(void)
{
    int n;
    scanf("%d", &n);
    printf("%s\n", table_name(n));
    return 0;
}
