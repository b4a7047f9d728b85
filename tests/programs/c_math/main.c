#include <math.h>
#include <stdio.h>

int main(void)
{
    double x;
    scanf("%lf", &x);
    printf("%.9f %.9f %.0f\n", sqrt(x), pow(sin(x), 2) + pow(cos(x), 2), tgamma(x + 1));
    return 0;
}
