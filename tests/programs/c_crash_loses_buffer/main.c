#include <signal.h>
#include <stdio.h>

int main(void)
{
    puts("42");
    raise(SIGUSR1);
    return 0;
}
