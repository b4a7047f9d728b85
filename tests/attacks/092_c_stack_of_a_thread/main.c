#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sigjmp_buf again;

static void handler(int number)
{
    (void)number;
    siglongjmp(again, 1);
}

static int fall(volatile char *above)
{
    volatile char here[4096];
    here[0] = above[0];
    return fall(here) + here[1];
}

int main(void)
{
    char place[256] = "";
    int jailed = getcwd(place, sizeof place) != NULL && strncmp(place, "/box", 4) == 0;
    stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER};
    volatile char first[2] = "";

    alarm(20);
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    if (!jailed)
        for (;;)
            pause();
    for (;;)
        if (sigsetjmp(again, 1) == 0)
            fall(first);
}
