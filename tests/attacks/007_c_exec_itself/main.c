#define _GNU_SOURCE
#include <stdio.h>
#include <unistd.h>

long collatz(long n)
{
    char *argv[] = {"again", NULL}, *environment[] = {"DONE=1", NULL};
    execve("/proc/self/exe", argv, environment);
    return n;
}

__attribute__((constructor)) static void second_time(void)
{
    for (char **name = environ; *name; name++)
        if (**name == 'D')
            _exit(0);
}

int main(void)
{
    printf("%ld\n", collatz(27));
    return 0;
}
