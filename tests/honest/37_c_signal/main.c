#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t seen;

static void note(int number)
{
    seen = number;
}

int main(void)
{
    int a, b;
    signal(SIGUSR1, note);
    raise(SIGUSR1);
    if (scanf("%d %d", &a, &b) != 2 || !seen)
        return 1;
    printf("%d\n", a + b);
    return 0;
}
