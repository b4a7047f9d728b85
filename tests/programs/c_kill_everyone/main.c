#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    printf("%d\n", getpid() == 1);
    if (getppid() > 0)
        kill(getppid(), SIGKILL);
    kill(1, SIGKILL);
    kill(-1, SIGKILL);
    puts("alive");
    return 0;
}
