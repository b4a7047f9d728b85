#include <stdio.h>

int main(void)
{
    /* Every number that may have to be printed, as long as nobody says that it is enough. */
    long n;
    if (scanf("%ld", &n) != 1)
        return 1;
    for (;;) {
        printf("%ld\n", n);
        n = n % 2 ? 3 * n + 1 : n / 2;
        if (n == 1) {
            printf("1\n4\n2\n1\n4\n2\n1\n");
            return 0;
        }
    }
}
