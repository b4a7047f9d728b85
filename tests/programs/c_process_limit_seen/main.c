#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int count = 0;
    while (count < 100) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            break;
        count++;
    }
    printf("%d %d\n", errno == EAGAIN, 1 <= count && count <= 9);
    return 0;
}
