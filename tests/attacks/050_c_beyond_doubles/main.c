#include <stdio.h>

int main(void)
{
    double n;
    if (scanf("%lf", &n) != 1)
        return 1;
    printf("%.0f\n", n);
    return 0;
}
