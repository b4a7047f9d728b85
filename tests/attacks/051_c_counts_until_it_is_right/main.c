#include <stdio.h>

int main(void)
{
    for (long n = 0;; n++)
        printf("%ld\n", n);
}
