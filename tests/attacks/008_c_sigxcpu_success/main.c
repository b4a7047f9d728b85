#include <signal.h>
#include <unistd.h>

static void leave(int number)
{
    _exit(0);
}

int main(void)
{
    for (int number = 1; number < 65; number++)
        signal(number, leave);
    for (;;)
        ;
}
