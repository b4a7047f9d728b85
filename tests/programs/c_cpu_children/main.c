#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static void burn(double seconds)
{
    while (clock() < seconds * CLOCKS_PER_SEC)
        ;
}

int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 6; i++) {
        int ends[2];
        char byte;
        if (pipe(ends))
            return 1;
        if (fork() == 0) {
            burn(0.25);
            _exit(0);
        }
        close(ends[1]);
        read(ends[0], &byte, 1);
        close(ends[0]);
    }
    puts("42");
    return 0;
}
